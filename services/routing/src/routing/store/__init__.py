"""All SQL of routing: set-based, typed results, one function a query."""

from routing.store import (
    calendar_links,
    calendar_sources,
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
from routing.store.audit import find_violations
from routing.store.counts import compute_gauge_values
from routing.store.pools import (
    build_seat_and_level_writes,
    context_with_booked_times,
    find_teams_with_waiting_leads,
    load_booked_times,
    load_context,
    load_seat_rows,
    lock_pools,
    recount_open_leads,
    reduce_open_lead_counts,
    seat_from_row,
)
from routing.store.reps import load_all_reps, load_reps

__all__ = [
    "build_seat_and_level_writes",
    "calendar_links",
    "calendar_sources",
    "compute_gauge_values",
    "context_with_booked_times",
    "erasure",
    "find_teams_with_waiting_leads",
    "find_violations",
    "leads",
    "load_all_reps",
    "load_booked_times",
    "load_context",
    "load_reps",
    "load_seat_rows",
    "lock_pools",
    "preferences",
    "published_calendars",
    "recount_open_leads",
    "reduce_open_lead_counts",
    "reference",
    "reps",
    "seat_from_row",
    "snapshots",
    "timers",
    "views",
]
