"""Who would have been called until when, by whom, and which promises were missed: each lead of the export, in turn."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from events.business_time import Calendar
from leaks.lead_table import LISTED, LeadTable
from leaks.parts import read_in_time_order
from leaks.promises import compute_due_times

COLUMNS = ("line", "lead_id", "created_at", "policy", "rep", "due_at", "first_touch", "promise")


def write_what_if(
    leads: LeadTable, reps: Sequence[str], within: Mapping[str, str], calendar: Calendar, path: Path
) -> dict[str, Any]:
    """Write what would have been promised to each lead, and whether it was kept; return the counts by policy.

    Turns go round by the order in which leads came, as the rotation does where nobody is full or away.

    Args:
        leads: The leads; where no file says when they were first called, nothing is written.
        reps: Whose turn it is, in their order.
        within: The first touch that each policy promises, by its name.
        calendar: The team's hours.
        path: The file to write.
    """
    if "first_touch" not in leads.known:
        return {}
    turns = pl.Series(list(reps) or [""])
    counted: Counter[tuple[str, str]] = Counter()
    done = 0
    with path.open("wb") as file:
        for some in read_in_time_order(leads.table.select(*LISTED, "hand_raised", "touched"), "created_at"):
            placed = _with_policy_and_due_times(some, within, calendar, leads.as_of)
            turn = pl.Series(range(done, done + placed.height), dtype=pl.Int64) % len(turns)
            placed.with_columns(rep=turns.gather(turn)).select(COLUMNS).write_csv(file, include_header=not done)
            counts = placed.group_by("policy", "promise").len().rows()
            counted.update({(policy, promise): many for policy, promise, many in counts})
            done += placed.height
    found: dict[str, Any] = {}
    for (policy, promise), many in sorted(counted.items()):
        found.setdefault(policy, {})[promise] = many
    return found


def _with_policy_and_due_times(
    leads: pl.DataFrame, within: Mapping[str, str], calendar: Calendar, as_of: datetime
) -> pl.DataFrame:
    """Return leads with their policy, when they were to be called, and whether they were."""
    raised = pl.col("hand_raised").fill_null(value=False)
    leads = leads.with_columns(policy=pl.when(raised).then(pl.lit("hand_raiser")).otherwise(pl.lit("standard")))
    parts = [leads.filter(pl.col("policy") == policy) for policy in within]
    due = [
        part.with_columns(due_at=compute_due_times(part["created_at"], text, calendar))
        for part, text in zip(parts, within.values(), strict=True)
        if part.height
    ]
    late = pl.col("first_touch").is_null() & ~pl.col("touched") | (pl.col("first_touch") > pl.col("due_at"))
    open_yet = pl.col("due_at") > pl.lit(as_of)
    state = pl.when(late & open_yet).then(pl.lit("not due yet")).when(late).then(pl.lit("missed"))
    state = state.when(pl.col("first_touch").is_null()).then(pl.lit("unknown when"))
    return pl.concat(due).sort("created_at", "line").with_columns(promise=state.otherwise(pl.lit("kept")))
