"""Which reps have far more leads than an equal share."""

from typing import Any

import polars as pl

from events.intervals import compute_wilson_interval
from leaks.figures import Figure
from leaks.lead_table import LeadTable
from leaks.parts import collect_table

OVER = 1.5
"""So many times an equal share is much; and it has to be more than chance explains."""


def reps_over_equal_share(leads: LeadTable) -> tuple[Figure, list[dict[str, Any]]]:
    """Return the leads that are with reps who have far more than an equal share, and each rep's share."""
    figure = Figure(
        "reps-over-their-share", "Are with reps who have far more than their share", "leads that somebody has",
        would="a column with who has the lead, such as “Lead Owner”",
    )  # fmt: skip
    if "owner" not in leads.known:
        return figure, []
    owned = leads.table.filter(pl.col("owner").is_not_null())
    rows = collect_table(
        owned.group_by(pl.col("owner").cast(pl.String).alias("rep")).agg(
            leads=pl.len(), open=(pl.col("outcome") == "open").sum()
        )
    )
    whole = int(rows["leads"].sum())
    reps = []
    for row in rows.sort("leads", "rep", descending=[True, False]).iter_rows(named=True):
        low, high = compute_wilson_interval(row["leads"], whole) or (0.0, 0.0)
        share = row["leads"] / whole
        over = share > OVER / rows.height and low > 1 / rows.height
        reps.append({**row, "share": share, "low": low, "high": high, "equal_share": 1 / rows.height, "over": over})
    named = [each["rep"] for each in reps if each["over"]]
    figure.count = sum(each["leads"] for each in reps if each["over"])
    figure.whole = whole
    figure.rows = pl.col("owner").cast(pl.String).is_in(named).fill_null(value=False)
    return figure, reps
