"""The figures: how many leads leaked where, each with the condition that lists its rows.

A figure whose columns are not in the files is not guessed: it says which column would answer it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import polars as pl

from events.intervals import compute_wilson_interval
from leaks.lead_table import LISTED, LeadTable
from leaks.parts import collect_table

DECIDED_BY = timedelta(days=90)
"""After so long a lead has an outcome, or it is a leak."""
YES = pl.lit(value=True)


@dataclass(frozen=True)
class FigureDefinition:
    """One question to the leads: of `whole`, how many are `part`?"""

    name: str
    title: str
    needs: tuple[str, ...]
    whole: pl.Expr
    part: pl.Expr
    of: str
    """What `whole` is, in words."""
    would: str = ""
    """Which column would answer it, where one of `needs` is missing."""


@dataclass
class Figure:
    """The answer: a count with its share and interval, or why there is none."""

    name: str
    title: str
    of: str
    count: int | None = None
    whole: int | None = None
    rows: pl.Expr | None = None
    would: str = ""

    def as_document(self) -> dict[str, Any]:
        """Return it as JSON: `share`, `low` and `high` are from 0 to 1."""
        if self.count is None or self.whole is None:
            return {"name": self.name, "title": self.title, "cannot_say": True, "would_say": self.would}
        low, high = compute_wilson_interval(self.count, self.whole) or (None, None)
        return {
            "name": self.name,
            "title": self.title,
            "count": self.count,
            "of": self.whole,
            "of_what": self.of,
            "share": self.count / self.whole if self.whole else None,
            "low": low,
            "high": high,
            "list": f"{self.name}.csv",
        }


def list_figure_definitions(leads: LeadTable) -> Iterator[FigureDefinition]:
    """Yield the questions in the order of the page."""
    old = pl.col("created_at") <= pl.lit(leads.as_of - DECIDED_BY)
    is_open, returned, lost = (pl.col("outcome") == each for each in ("open", "returned", "lost"))
    raised = pl.col("hand_raised").fill_null(value=False)
    untouched = ~pl.col("touched")
    touches = (
        "a file of activities, or a column such as “First Activity Date”, “Last Contacted”, “Number of times contacted”"
    )
    yield FigureDefinition(
        "raised-a-hand-never-touched", "Raised a hand and were never called", ("request", "touches"), raised,
        raised & untouched, "leads who asked to talk",
        "a column with what they asked for (“First Conversion”, “Form”) or sources that say it (“Contact form”), "
        f"and {touches}",
    )  # fmt: skip
    yield FigureDefinition("never-touched", "Were never called", ("touches",), YES, untouched, "leads", touches)
    twice = pl.col("touched") & ~pl.col("touched_twice")
    yield FigureDefinition(
        "no-second-touch", "Were called once and never again", ("second_touch",), pl.col("touched"), twice,
        "leads who were called", "a file of activities, or the columns “First Activity Date” and “Last Activity Date”",
    )  # fmt: skip
    yield FigureDefinition(
        "without-owner", "Belong to nobody", ("owner",), YES, pl.col("owner").is_null(), "leads",
        "a column with who has the lead, such as “Lead Owner”",
    )  # fmt: skip
    yield FigureDefinition(
        "without-outcome", "Have no outcome after 90 days", ("outcome", "created_at"), old, old & is_open,
        "leads that came in 90 days before the end of the file or earlier",
        "a column with when they came in, and “Lead Status”, “Stage” or “Closed Date”, or a file of deals",
    )  # fmt: skip
    closed = lost | returned
    yield FigureDefinition(
        "closed-without-reason", "Closed or returned without a reason", ("outcome", "reason"), closed,
        closed & pl.col("reason").is_null(), "leads that were closed or returned",
        "a column with the reason, such as “Lost Reason”",
    )  # fmt: skip
    yield from _questions_about_returned_leads(leads, returned)


def _questions_about_returned_leads(leads: LeadTable, returned: pl.Expr) -> Iterator[FigureDefinition]:
    back = returned | pl.col("returned_at").is_not_null()
    since = pl.coalesce("returned_at", "closed_at", "created_at")
    long_ago = since <= pl.lit(leads.as_of - DECIDED_BY)
    asleep = pl.col("woken_at").is_null() & (pl.col("outcome") == "returned")
    yield FigureDefinition(
        "returned-never-woken", "Went back to marketing 90 days ago or more and never came again",
        ("outcome", "returned", "dated"),
        back & long_ago, back & long_ago & asleep, "leads that went back to marketing 90 days ago or more",
        "a status such as “Nurture” or “Recycled”, or a column “Returned Date”",
    )  # fmt: skip
    woken = pl.col("woken_at").is_not_null()
    no_call = woken & ~(pl.col("last_touch") >= pl.col("woken_at")).fill_null(value=False)
    yield FigureDefinition(
        "woken-never-called", "Came back from nurture and were not called again", ("woken_at", "last_touch"), woken,
        no_call, "leads that came back", "a column with when they came back (“Reopened Date”) and a file of activities",
    )  # fmt: skip


def find_duplicate_people(leads: LeadTable) -> pl.LazyFrame:
    """Return the leads of people who are in the file more than once: `person` is the same for the same person.

    Two rows are the same person where the e-mail or else the phone is the same. Those whose hash lies within the same
    bounds are compared at once.
    """
    folder, pieces, found = leads.folder.create_subfolder("people"), len(leads.blocks), 0
    own = leads.table.with_columns(person=pl.coalesce("email", "phone")).select("person", *LISTED)
    width = -(-(1 << 64) // pieces)
    for piece in range(pieces):
        first, last = (pl.lit(each, dtype=pl.UInt64) for each in (piece * width, min((piece + 1) * width, 1 << 64) - 1))
        same = _group_duplicates(collect_table(own.filter(pl.col("person").is_between(first, last))))
        same = same.with_columns(person=pl.col("person").rank("dense").cast(pl.Int64) + found)
        found += same["person"].n_unique()
        same.sort("person", "line").write_parquet(folder / f"{piece:05}.parquet", compression="lz4")
    return pl.scan_parquet(sorted(folder.iterdir()))


def _group_duplicates(leads: pl.DataFrame) -> pl.DataFrame:
    return leads.filter(pl.len().over("person") > 1).with_columns(
        rank=pl.col("line").rank("ordinal").over("person"),
        hands=pl.col("owner").drop_nulls().n_unique().over("person"),
    )


def compute_leak_figures(leads: LeadTable, twice: pl.LazyFrame | None) -> list[Figure]:
    """Return the answers to all questions, and the duplicates.

    Args:
        leads: The leads.
        twice: Those of people who are in the file more than once; None where no column says who somebody is.
    """
    known = set(leads.known)
    back = (pl.col("outcome") == "returned") | pl.col("returned_at").is_not_null()
    raised, returned = collect_table(
        leads.table.select(pl.col("hand_raised").is_not_null().any(), back=back.any())
    ).row(0)
    known = (known | {"request"}) if raised else (known - {"request"})
    known |= {"returned"} if returned else set()
    asked = list(list_figure_definitions(leads))
    able = [each for each in asked if known.issuperset(each.needs)]
    counted = collect_table(
        leads.table.select(
            pl.len(),
            *(each.part.fill_null(value=False).sum().alias(f"{each.name}|part") for each in able),
            *(_count_expression(each.whole).alias(f"{each.name}|whole") for each in able),
        )
    ).row(0, named=True)
    found = []
    for each in asked:
        figure = Figure(each.name, each.title, each.of, would=each.would)
        if each in able:
            figure.count = int(counted[f"{each.name}|part"])
            figure.whole = int(counted[f"{each.name}|whole"])
            figure.rows = each.part
        found.append(figure)
    return found + _duplicate_figures(leads, twice)


def _count_expression(whole: pl.Expr) -> pl.Expr:
    return pl.len() if whole is YES else whole.fill_null(value=False).sum()


def _duplicate_figures(leads: LeadTable, twice: pl.LazyFrame | None) -> list[Figure]:
    would = "a column with the e-mail or the phone (they are hashed, never shown)"
    again = Figure("duplicates", "Are in the file again", "leads", would=would)
    hands = Figure(
        "in-two-hands", "Are with two people at once", "people who are in the file more than once", would=would
    )
    if twice is not None:
        first = pl.col("rank") == 1
        again.whole = leads.rows
        again.count, people, split = collect_table(
            twice.select((~first).sum(), people=first.sum(), split=(first & (pl.col("hands") > 1)).sum())
        ).row(0)
        if "owner" in leads.known:
            hands.count, hands.whole = split, people
    if "owner" not in leads.known:
        hands.would = "a column with who has the lead, and one with the e-mail or the phone"
    return [again, hands]
