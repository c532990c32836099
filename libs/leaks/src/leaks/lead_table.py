"""All that the files know of each lead in one narrow table: what became of it, who touched it when, whose it is."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from leaks.mapping import MappingChoices
from leaks.meanings import YES
from leaks.parts import GROUP, PrivateFolder, collect_table, write_in_line_order
from leaks.reading import ReadExport
from leaks.time_columns import INSTANT

SECOND_AFTER = timedelta(hours=24)
"""A second touch comes at least so long after the first: calls in a row are one attempt."""
_OPTIONAL: dict[str, pl.DataType] = {
    "source": pl.Categorical(), "owner": pl.Categorical(), "team": pl.Categorical(), "status": pl.Categorical(),
    "reason": pl.Categorical(), "request": pl.Categorical(), "currency": pl.Categorical(), "closed_at": INSTANT,
    "won_at": INSTANT, "first_touch_at": INSTANT, "second_touch_at": INSTANT, "last_touch_at": INSTANT,
    "returned_at": INSTANT, "woken_at": INSTANT, "touch_count": pl.Float64(), "amount": pl.Float64(),
    "email": pl.UInt64(), "phone": pl.UInt64(), "lead_id": pl.String(), "created_at": INSTANT,
}  # fmt: skip
_DEAL: dict[str, pl.DataType] = {
    "status": pl.Categorical(), "won": pl.Categorical(), "won_at": INSTANT, "closed_at": INSTANT,
    "amount": pl.Float64(), "currency": pl.Categorical(), "owner": pl.Categorical(), "reason": pl.Categorical(),
}  # fmt: skip
_LAST = ("created_at", "closed_at", "won_at", "last_touch", "woken_at", "returned_at")
LISTED = ("line", "lead_id", "created_at", "source", "owner", "outcome", "reason", "first_touch", "last_touch")
"""What a list of leads says of each."""


@dataclass
class LeadTable:
    """The leads, what is known of them, and the last instant of the files."""

    folder: PrivateFolder
    blocks: list[Path]
    """The table on disk, in the order of the file."""
    known: frozenset[str]
    """`touches`, `first_touch`, `second_touch`, `last_touch`, `outcomes`, `reasons`, `owners` and so on."""
    as_of: datetime
    rows: int
    notes: dict[str, int] = field(default_factory=dict)

    @property
    def table(self) -> pl.LazyFrame:
        """The leads, in the order of the file."""
        return pl.scan_parquet(self.blocks)


@dataclass(frozen=True)
class _LeadTableSources:
    """The files, and what they mean."""

    leads: ReadExport
    activities: ReadExport | None
    deals: ReadExport | None
    meanings: MappingChoices


def build_lead_table(
    leads: ReadExport,
    activities: ReadExport | None,
    deals: ReadExport | None,
    meanings: MappingChoices,
    folder: PrivateFolder,
    *,
    as_of: datetime | None = None,
) -> LeadTable:
    """Write the leads to disk with what activities and deals say of them, and return them.

    A touch before the lead was created proves that it was touched and says nothing of how soon.
    """
    sources = _LeadTableSources(leads, activities, deals, meanings)
    notes: Counter[str] = Counter()
    built, parts = folder.create_subfolder("built"), []
    for number in range(leads.parts.count):
        parts.append(built / f"{number:05}.parquet")
        part = _build_lead_table_part(sources, number, notes)
        part.write_parquet(parts[-1], compression="lz4", row_group_size=GROUP)
    blocks = write_in_line_order(parts, leads.parts.last_line, folder.create_subfolder("leads"))
    ends = collect_table(pl.scan_parquet(blocks).select(pl.col(*_LAST).max())).row(0)
    last = max((each for each in ends if isinstance(each, datetime)), default=datetime.now(UTC))
    known = _list_known_facts(leads, activities, deals)
    return LeadTable(folder, blocks, known, as_of or last, leads.parts.rows, dict(notes))


def _build_lead_table_part(sources: _LeadTableSources, number: int, notes: Counter[str]) -> pl.DataFrame:
    """Return the leads of a part with what is known of them."""
    leads, meanings = sources.leads, sources.meanings
    activities, deals = (None if each is None else each.part(number) for each in (sources.activities, sources.deals))
    own = leads.part(number)
    missing = [name for name in _OPTIONAL if name not in own.columns]
    table = own.with_columns(pl.lit(None, dtype=_OPTIONAL[name]).alias(name) for name in missing)
    if "created_at" not in missing:
        _add_note_count(notes, "leads without the time they came in", int(table["created_at"].null_count()))
    table = table.with_columns(
        outcome=_outcome_expression(meanings), hand_raised=_hand_raised_expression(leads, meanings)
    )
    table = _with_deals(table, deals, meanings, notes)
    return _with_touches(table, None if activities is None else _select_touches(activities, meanings), notes)


def _add_note_count(notes: Counter[str], what: str, many: int) -> None:
    if many:
        notes[what] += many


def _outcome_expression(meanings: MappingChoices) -> pl.Expr:
    by_status = _meaning_expression("status", meanings.statuses, default="open")
    return (
        pl.when(pl.col("won_at").is_not_null())
        .then(pl.lit("won"))
        .when(by_status != "open")
        .then(by_status)
        .when(pl.col("returned_at").is_not_null() & pl.col("woken_at").is_null())
        .then(pl.lit("returned"))
        .when(pl.col("closed_at").is_not_null())
        .then(pl.lit("lost"))
        .otherwise(pl.lit("open"))
        .cast(pl.Categorical)
    )


def _hand_raised_expression(leads: ReadExport, meanings: MappingChoices) -> pl.Expr:
    """Return whether a lead asked to talk; null where no column of the file can say it."""
    name = "request" if "request" in leads.mapping.columns else "source"
    if not any(meanings.requests.values()):
        return pl.lit(None, dtype=pl.Boolean)
    return _meaning_expression(name, meanings.requests, default=False).fill_null(value=False)


def _meaning_expression(column: str, values: Mapping[str, Any], *, default: Any) -> pl.Expr:
    """Return what a column's values mean."""
    kind = pl.Boolean if isinstance(default, bool) else pl.String
    return pl.col(column).cast(pl.String).replace_strict(values, default=default, return_dtype=kind)


def _with_deals(
    table: pl.DataFrame, deals: pl.DataFrame | None, meanings: MappingChoices, notes: Counter[str]
) -> pl.DataFrame:
    """Return the leads with the outcome and the amount of their deals; a won deal counts, whatever the lead says."""
    if deals is None:
        return table
    own = deals.with_columns(
        pl.lit(None, dtype=kind).alias(name) for name, kind in _DEAL.items() if name not in deals.columns
    )
    outcome = _meaning_expression("status", meanings.statuses, default="open")
    marked = pl.col("won").cast(pl.String).str.to_lowercase().is_in(YES)
    won = (outcome == "won").fill_null(value=False) | marked.fill_null(value=False) | pl.col("won_at").is_not_null()
    by_lead = (
        own.with_columns(
            is_won=won,
            is_lost=(outcome == "lost").fill_null(value=False),
            when=pl.coalesce("won_at", "closed_at"),
            worth=pl.col("amount"),
            coin=pl.col("currency").cast(pl.String),
            closer=pl.col("owner").cast(pl.String),
            why=pl.col("reason").cast(pl.String),
        )
        .group_by("lead_id")
        .agg(
            deal_won=pl.col("is_won").any(),
            deal_lost=pl.col("is_lost").all(),
            deal_won_at=pl.col("when").filter(pl.col("is_won")).min(),
            deal_amount=pl.col("worth").filter(pl.col("is_won") & pl.col("worth").is_not_null()).sum(),
            deal_amounts=pl.col("worth").filter(pl.col("is_won")).count(),
            deal_currency=pl.col("coin").filter(pl.col("is_won")).drop_nulls().first(),
            deal_owner=pl.col("closer").drop_nulls().first(),
            deal_reason=pl.col("why").drop_nulls().first(),
        )
    )
    strangers = own.join(table.select("lead_id"), on="lead_id", how="anti").height
    _add_note_count(notes, "deals of leads that are not in the file", strangers)
    return _with_deal_facts(table.join(by_lead, on="lead_id", how="left", maintain_order="left"))


def _with_deal_facts(joined: pl.DataFrame) -> pl.DataFrame:
    outcome = (
        pl.when(pl.col("deal_won")).then(pl.lit("won"))
        .when(pl.col("deal_lost") & (pl.col("outcome") == "open")).then(pl.lit("lost"))
        .otherwise(pl.col("outcome").cast(pl.String))
    )  # fmt: skip
    own_amount = pl.when(pl.col("deal_won").is_null()).then(pl.col("amount"))
    return joined.with_columns(
        outcome=outcome.cast(pl.Categorical),
        won_at=pl.coalesce("deal_won_at", "won_at"),
        amount=pl.when(pl.col("deal_amounts") > 0).then(pl.col("deal_amount")).otherwise(own_amount),
        currency=pl.coalesce("deal_currency", pl.col("currency").cast(pl.String)).cast(pl.Categorical),
        owner=pl.coalesce(pl.col("owner").cast(pl.String), "deal_owner").cast(pl.Categorical),
        reason=pl.coalesce(pl.col("reason").cast(pl.String), "deal_reason").cast(pl.Categorical),
    ).drop(pl.selectors.starts_with("deal_"))


def _select_touches(activities: pl.DataFrame, meanings: MappingChoices) -> pl.DataFrame:
    """Return a person's attempts to reach a lead: a row each, `lead_id` and `at`."""
    table = activities.filter(pl.col("at").is_not_null() & pl.col("lead_id").is_not_null())
    if "kind" in table.columns:
        kind = _meaning_expression("kind", meanings.touches, default=False)
        table = table.filter(kind)
    if "automated" in table.columns:
        table = table.filter(~pl.col("automated").cast(pl.String).str.to_lowercase().is_in(YES).fill_null(value=False))
    return table.select("lead_id", "at")


def _with_touches(table: pl.DataFrame, touches: pl.DataFrame | None, notes: Counter[str]) -> pl.DataFrame:
    """Return the leads with `first_touch`, `second_touch`, `last_touch`, `touched` and `touched_before`."""
    who = ("line", "lead_id", "created_at")
    each = pl.concat(
        table.select(*who, at=pl.col(name), exact=pl.lit(value=name != "last_touch_at" or touches is not None))
        for name in ("first_touch_at", "second_touch_at", "last_touch_at")
    ).drop_nulls("at")
    if touches is not None:
        strangers = touches.join(table.select("lead_id"), on="lead_id", how="anti").height
        _add_note_count(notes, "touches of leads that are not in the file", strangers)
        of_lead = table.select(*who).join(touches, on="lead_id", how="inner")
        each = pl.concat([each, of_lead.with_columns(exact=pl.lit(value=True))])
    sooner = pl.col("at") >= pl.col("created_at")
    firsts = each.filter(sooner & pl.col("exact")).group_by("line").agg(first_touch=pl.col("at").min())
    seconds = (
        each.join(firsts, on="line")
        .filter(pl.col("at") >= pl.col("first_touch") + SECOND_AFTER)
        .group_by("line").agg(second_touch=pl.col("at").min())
    )  # fmt: skip
    others = each.group_by("line").agg(last_touch=pl.col("at").max(), before=(~sooner).fill_null(value=False).any())
    joined = table
    for part in (firsts, seconds, others):
        joined = joined.join(part, on="line", how="left", maintain_order="left")
    counted = pl.col("touch_count").fill_null(0) > 0
    return joined.with_columns(
        touched=pl.col("last_touch").is_not_null() | counted,
        touched_before=pl.col("before").fill_null(value=False) & pl.col("first_touch").is_null(),
        touched_twice=pl.col("second_touch").is_not_null()
        | (pl.lit(touches is None) & (pl.col("touch_count").fill_null(0) > 1)),
    ).drop("before")


def _list_known_facts(leads: ReadExport, activities: ReadExport | None, deals: ReadExport | None) -> frozenset[str]:
    """Return what the files can say, by the columns that they have."""
    own = set(leads.mapping.columns)
    found = own & {"source", "owner", "team", "reason", "status", "woken_at", "created_at", "request", "lead_id"}
    found |= _list_known_touch_facts(own, with_activities=activities is not None)
    if own & {"created_at", "returned_at", "closed_at"}:
        found.add("dated")
    if deals is not None or own & {"status", "closed_at", "won_at"}:
        found.add("outcome")
    if deals is not None and "reason" in deals.mapping.columns:
        found.add("reason")
    if own & {"email", "phone"}:
        found.add("person")
    if "amount" in own or (deals is not None and "amount" in deals.mapping.columns):
        found.add("amount")
    return frozenset(found)


def _list_known_touch_facts(own: set[str], *, with_activities: bool) -> set[str]:
    """Return what the files can say of calls; how soon they came is known only where it is known since when."""
    columns = {
        "touches": {"first_touch_at", "last_touch_at", "touch_count"},
        "first_touch": {"first_touch_at"},
        "second_touch": {"second_touch_at", "last_touch_at", "touch_count"},
        "last_touch": {"last_touch_at"},
    }
    found = {name for name, wanted in columns.items() if with_activities or own & wanted}
    if "created_at" not in own:
        found -= {"first_touch"} | (set() if "touch_count" in own else {"second_touch"})
    return found
