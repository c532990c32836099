"""What became of each source, with intervals; what leaks are worth."""

from math import sqrt
from typing import Any, NamedTuple

import polars as pl

from events.intervals import Z, compute_wilson_interval
from leaks.figures import DECIDED_BY
from leaks.lead_table import LeadTable
from leaks.parts import collect_table

RECOVERED = 0.25
"""The share of leaked leads that is asked about: a quarter."""


def summarize_sources(leads: LeadTable, column: str = "source") -> list[dict[str, Any]]:
    """Return each source's volume and what became of it; `low` and `high` are of the share won."""
    outcome = pl.col("outcome")
    rows = collect_table(
        leads.table.group_by(pl.col(column).cast(pl.String).alias("group")).agg(
            leads=pl.len(),
            never_touched=(~pl.col("touched")).sum(),
            won=(outcome == "won").sum(),
            lost=(outcome == "lost").sum(),
            returned=(outcome == "returned").sum(),
            open=(outcome == "open").sum(),
        )
    )
    found = []
    for row in rows.sort("leads", "group", descending=[True, False], nulls_last=True).iter_rows(named=True):
        low, high = compute_wilson_interval(row["won"], row["leads"]) or (None, None)
        if "touches" not in leads.known:
            row["never_touched"] = None
        found.append({**row, "won_share": row["won"] / row["leads"], "low": low, "high": high})
    return found


def estimate_worth(leads: LeadTable, leaked: pl.Expr) -> dict[str, Any]:
    """Return what a quarter of the leaked leads would be worth if they were won as often as those that were called.

    Win rate: of the leads that were called and came in 90 days before the end of the file or earlier, those won. The
    amount is the mean of the won deals in the currency that most of them have. The ends of the interval multiply the
    ends of both, which is wider than 95 %.
    """
    needed = {
        "created_at": "when they came in",
        "touches": "who was called",
        "outcome": "what was won",
        "amount": "what a won deal was worth",
    }
    lacking = [what for name, what in needed.items() if name not in leads.known]
    if lacking:
        return {"cannot_say": True, "would_say": f"a column that says {' and '.join(lacking)}"}
    is_old = (pl.col("created_at") <= pl.lit(leads.as_of - DECIDED_BY)) & pl.col("touched")
    won, called, count = collect_table(
        leads.table.select(
            won=(is_old & (pl.col("outcome") == "won")).sum(),
            called=is_old.sum(),
            leaked=leaked.fill_null(value=False).sum(),
        )
    ).row(0)
    rate, amounts = compute_wilson_interval(won, called), _compute_won_amounts(leads.table)
    if rate is None or amounts.deals < 2:  # noqa: PLR2004 - no spread of one amount
        return {"cannot_say": True, "would_say": "amounts of at least two won deals"}
    mean, spread = amounts.mean, Z * amounts.deviation / sqrt(amounts.deals)
    quarter = count * RECOVERED
    return {
        "leaked": count, "quarter": quarter, "win_rate": won / called, "win_rate_low": rate[0],
        "win_rate_high": rate[1], "won": won, "called": called, "mean_amount": mean, "amounts": amounts.deals,
        "mean_low": max(mean - spread, 0.0), "mean_high": mean + spread, "currency": amounts.currency,
        "amounts_in_other_currencies": amounts.others, "value": quarter * won / called * mean,
        "value_low": quarter * rate[0] * max(mean - spread, 0.0), "value_high": quarter * rate[1] * (mean + spread),
        "list": "leaked.csv",
    }  # fmt: skip


class _WonAmounts(NamedTuple):
    """The amounts of won deals in the currency that most of them have."""

    currency: str
    deals: int
    mean: float
    deviation: float
    others: int
    """How many are in another currency."""


def _compute_won_amounts(table: pl.LazyFrame) -> _WonAmounts:
    won = table.filter((pl.col("outcome") == "won") & (pl.col("amount") > 0))
    amount = pl.col("amount")
    rows = collect_table(
        won.group_by(pl.col("currency").cast(pl.String).fill_null("")).agg(
            count=pl.len(), mean=amount.mean(), deviation=amount.std()
        )
    ).sort("count", "currency", descending=[True, False])
    if rows.is_empty():
        return _WonAmounts("", 0, 0.0, 0.0, 0)
    currency, count, mean, deviation = rows.row(0)
    return _WonAmounts(currency, count, mean, deviation or 0.0, int(rows["count"].sum()) - count)
