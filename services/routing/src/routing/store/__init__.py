"""All SQL of routing: set-based, typed results, one function a query."""

from routing.store import (
    calendar_links,
    erasure,
    leads,
    preferences,
    published_calendars,
    reference,
    reps,
    snapshots,
    timers,
    views,
)
from routing.store.audit import audit
from routing.store.counts import counts
from routing.store.pools import (
    booked,
    context_writes,
    count_open_leads,
    load_context,
    lock_pools,
    release_capacity,
    seat_of,
    seat_rows,
    teams_with_waiting_leads,
)
from routing.store.reps import all_reps

__all__ = [
    "all_reps",
    "audit",
    "booked",
    "calendar_links",
    "context_writes",
    "count_open_leads",
    "counts",
    "erasure",
    "leads",
    "load_context",
    "lock_pools",
    "preferences",
    "published_calendars",
    "reference",
    "release_capacity",
    "reps",
    "seat_of",
    "seat_rows",
    "snapshots",
    "teams_with_waiting_leads",
    "timers",
    "views",
]
