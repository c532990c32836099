"""All SQL of routing, set-based, one function a query."""

from routing.store import leads, reference, reps, scenes, timers, views, wishes
from routing.store.audit import audit
from routing.store.floor import free, hold, longing, open_floor, save_floor, seat_of
from routing.store.reps import everybody

__all__ = [
    "audit",
    "everybody",
    "free",
    "hold",
    "leads",
    "longing",
    "open_floor",
    "reference",
    "reps",
    "save_floor",
    "scenes",
    "seat_of",
    "timers",
    "views",
    "wishes",
]
