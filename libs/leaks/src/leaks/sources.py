"""What became of each source, with intervals; which reps have far more than their share; what leaks are worth."""

from math import sqrt
from typing import Any

import polars as pl

from events.intervals import Z, wilson
from leaks.figures import DECIDED_BY, Figure
from leaks.people import People

OVER = 1.5
"""So many times an equal share is much; and it has to be more than chance explains."""
RECOVERED = 0.25
"""The share of leaked leads that is asked about: a quarter."""


def by_source(people: People, column: str = "source") -> list[dict[str, Any]]:
    """Return each source's volume and what became of it; `low` and `high` are of the share won."""
    outcome = pl.col("outcome")
    rows = (
        people.table.group_by(pl.col(column).cast(pl.String).alias("group"))
        .agg(
            leads=pl.len(),
            never_touched=(~pl.col("touched")).sum(),
            won=(outcome == "won").sum(),
            lost=(outcome == "lost").sum(),
            returned=(outcome == "returned").sum(),
            open=(outcome == "open").sum(),
        )
        .sort("leads", "group", descending=[True, False], nulls_last=True)
    )
    found = []
    for row in rows.iter_rows(named=True):
        low, high = wilson(row["won"], row["leads"]) or (None, None)
        if "touches" not in people.known:
            row["never_touched"] = None
        found.append({**row, "won_share": row["won"] / row["leads"], "low": low, "high": high})
    return found


def over_their_share(people: People) -> tuple[Figure, list[dict[str, Any]]]:
    """Return the leads that are with reps who have far more than an equal share, and each rep's share."""
    figure = Figure(
        "reps-over-their-share", "Are with reps who have far more than their share", "leads that somebody has",
        would="a column with who has the lead, such as “Lead Owner”",
    )  # fmt: skip
    if "owner" not in people.known:
        return figure, []
    owned = people.table.filter(pl.col("owner").is_not_null())
    rows = owned.group_by(pl.col("owner").cast(pl.String).alias("rep")).agg(
        leads=pl.len(), open=(pl.col("outcome") == "open").sum()
    )
    reps = []
    for row in rows.sort("leads", "rep", descending=[True, False]).iter_rows(named=True):
        low, high = wilson(row["leads"], owned.height) or (0.0, 0.0)
        share = row["leads"] / owned.height
        over = share > OVER / rows.height and low > 1 / rows.height
        reps.append({**row, "share": share, "low": low, "high": high, "equal_share": 1 / rows.height, "over": over})
    named = [each["rep"] for each in reps if each["over"]]
    figure.count = sum(each["leads"] for each in reps if each["over"])
    figure.whole = owned.height
    figure.rows = pl.col("owner").cast(pl.String).is_in(named).fill_null(value=False)
    return figure, reps


def worth(people: People, leaked: pl.Expr) -> dict[str, Any]:
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
    lacking = [what for name, what in needed.items() if name not in people.known]
    if lacking:
        return {"cannot_say": True, "would_say": f"a column that says {' and '.join(lacking)}"}
    table = people.table
    old = pl.col("created_at") <= pl.lit(people.as_of - DECIDED_BY)
    base = table.filter(old & pl.col("touched"))
    won = int((base["outcome"] == "won").sum())
    rate = wilson(won, base.height)
    amounts, currency, others = _amounts(table)
    if rate is None or len(amounts) < 2:  # noqa: PLR2004 - no spread of one amount
        return {"cannot_say": True, "would_say": "amounts of at least two won deals"}
    mean = float(amounts.mean())  # type: ignore[arg-type]
    spread = Z * float(amounts.std()) / sqrt(len(amounts))  # type: ignore[arg-type]
    count = int(table.select(leaked.fill_null(value=False).sum()).item())
    quarter = count * RECOVERED
    return {
        "leaked": count, "quarter": quarter, "win_rate": won / base.height, "win_rate_low": rate[0],
        "win_rate_high": rate[1], "won": won, "called": base.height, "mean_amount": mean, "amounts": len(amounts),
        "mean_low": max(mean - spread, 0.0), "mean_high": mean + spread, "currency": currency,
        "amounts_in_other_currencies": others, "value": quarter * won / base.height * mean,
        "value_low": quarter * rate[0] * max(mean - spread, 0.0), "value_high": quarter * rate[1] * (mean + spread),
        "list": "leaked.csv",
    }  # fmt: skip


def _amounts(table: pl.DataFrame) -> tuple[pl.Series, str, int]:
    """Return the amounts of won deals in their usual currency, its name, and how many are in another."""
    won = table.filter((pl.col("outcome") == "won") & (pl.col("amount") > 0))
    won = won.select("amount", pl.col("currency").cast(pl.String).fill_null(""))
    if won.is_empty():
        return won["amount"], "", 0
    currency = str(won.group_by("currency").len().sort("len", "currency", descending=[True, False])["currency"][0])
    usual = won.filter(pl.col("currency") == currency)
    return usual["amount"], currency, won.height - usual.height
