"""All SQL of routing, set-based, one function a query."""

from routing.store import leads, reference, timers, views
from routing.store.audit import audit
from routing.store.floor import everybody, free, hold, longing, open_floor, save_floor, seat_of

__all__ = [
    "audit",
    "everybody",
    "free",
    "hold",
    "leads",
    "longing",
    "open_floor",
    "reference",
    "save_floor",
    "seat_of",
    "timers",
    "views",
]
