"""From files to a report: what was read, the figures, and for each figure the rows that it counts."""

import json
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from events.business_time import Calendar
from leaks.fields import FIELDS, KINDS, Kind
from leaks.figures import Figure, duplicates, leak_figures
from leaks.mapping import Choices
from leaks.meanings import find_value_meanings
from leaks.moments import Order
from leaks.page import page
from leaks.people import People, put_together
from leaks.reading import Export, Progress, read_export
from leaks.sources import by_source, over_their_share, worth
from leaks.speed import WEEKDAYS, Speed, by_group, distribution, measure

LISTED = ("line", "lead_id", "created_at", "source", "owner", "outcome", "reason", "first_touch", "last_touch")
LEAKED = ("never-touched", "returned-never-woken", "woken-never-called")
"""The figures whose leads are counted as lost to nobody's call."""
OFFICE = {day: ["09:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
"""When a team works that says nothing else."""


@dataclass(frozen=True)
class Files:
    """The files to read, and how."""

    leads: Path
    activities: Path | None = None
    deals: Path | None = None
    _: KW_ONLY
    choices: Choices = field(default_factory=Choices)
    calendar: Calendar = field(default_factory=lambda: Calendar.model_validate({"zone": "UTC", **OFFICE}))
    order: Order | None = None
    as_of: datetime | None = None


@dataclass
class Report:
    """All that is known after reading: the leads, the figures, what the files could not say."""

    exports: dict[Kind, Export]
    meanings: Choices
    """The mapping as it was used: columns, and what each value means."""
    people: People
    speed: Speed
    figures: list[Figure]
    reps: list[dict[str, Any]]
    leaked: pl.Expr
    document: dict[str, Any]


def examine(files: Files, progress: Progress | None = None) -> Report:
    """Read the files and compute the figures. Raises `ExportUnreadable` where a file cannot be read as what it is."""
    zone = files.calendar.zone
    paths: dict[Kind, Path | None] = {"leads": files.leads, "activities": files.activities, "deals": files.deals}
    exports: dict[Kind, Export] = {
        kind: read_export(
            path, kind, files.choices.columns.get(kind, {}), zone=zone, order=files.order, progress=progress
        )
        for kind, path in paths.items()
        if path is not None
    }
    leads, activities, deals = (exports.get(kind) for kind in KINDS)
    assert leads is not None  # noqa: S101 - always given
    calls, sales = (None if each is None else each.table for each in (activities, deals))
    meanings = find_value_meanings(leads.table, calls, sales, files.choices)
    meanings.columns = {kind: dict(export.mapping.columns) for kind, export in exports.items()}
    people = put_together(leads, activities, deals, meanings, as_of=files.as_of)
    speed = measure(people, files.calendar)
    over, reps = over_their_share(people)
    figures = [*leak_figures(people), over]
    rows = [each.rows for each in figures if each.name in LEAKED and each.rows is not None]
    leaked = pl.any_horizontal(*(each.fill_null(value=False) for each in rows)) if rows else pl.lit(value=False)
    found = Report(exports, meanings, people, speed, figures, reps, leaked, {})
    found.document = _document(found, files)
    return found


def _document(report: Report, files: Files) -> dict[str, Any]:
    zone = files.calendar.zone
    people, known = report.people, report.people.known
    soon: dict[str, Any] = {
        "cannot_say": True,
        "would_say": "when leads came in, and a file of activities or a column “First Activity Date”",
    }
    if "first_touch" in known:
        soon = {
            "has_minutes": report.speed.has_minutes,
            "by_the_clock": distribution(report.speed, "bucket"),
            "in_working_time": distribution(report.speed, "work_bucket"),
            "list": "first-touch.csv",
            **{f"by_{name}": by_group(report.speed, column) for name, column in _groups(known).items()},
        }
    sources: Any = (
        by_source(people) if "source" in known else {"cannot_say": True, "would_say": "a column “Lead Source”"}
    )
    return {
        "as_of": people.as_of.isoformat(),
        "leads": people.table.height,
        "first_lead": _text(people.table["created_at"].min()),
        "last_lead": _text(people.table["created_at"].max()),
        "working_hours": {"zone": zone, **files.calendar.model_dump(mode="json", exclude_defaults=True)},
        "files": {kind: _file(export) for kind, export in report.exports.items()},
        "notes": people.notes,
        "figures": [each.document() for each in report.figures],
        "first_touch": soon,
        "sources": sources,
        "reps": report.reps,
        "outcomes": {str(name): count for name, count in sorted(people.table.group_by("outcome").len().iter_rows())},
        "worth": worth(people, report.leaked),
    }


def _groups(known: frozenset[str]) -> dict[str, str]:
    found = {"hour": "hour", "weekday": "weekday"}
    return found | {name: each for name, each in (("source", "source"), ("rep", "owner")) if each in known}


def _text(at: Any) -> str | None:
    return at.isoformat() if isinstance(at, datetime) else None


def _file(export: Export) -> dict[str, Any]:
    mapping = export.mapping
    return {
        "file": export.file, "layout": mapping.tool or None, "rows": export.rows, "encoding": export.encoding,
        "columns": mapping.columns, "not_read": mapping.unused, "faults": export.faults,
        "missing": {name: FIELDS[mapping.kind][name] for name in mapping.missing},
    }  # fmt: skip


def write(report: Report, folder: Path) -> Mapping[str, Any]:
    """Write `leaks.json`, `index.html` and a CSV file of rows for each figure; return the JSON document."""
    lists = folder / "lists"
    lists.mkdir(parents=True, exist_ok=True)
    for figure in report.figures:
        if figure.rows is not None:
            _list(report.people.table.filter(figure.rows.fill_null(value=False))).write_csv(
                lists / f"{figure.name}.csv"
            )
    _list(report.people.table.filter(report.leaked)).write_csv(lists / "leaked.csv")
    if "person" in report.people.known:
        same = duplicates(report.people).with_columns(person=pl.col("person").rank("dense")).sort("person", "line")
        own = same.select("person", *LISTED, "rank", "hands")
        own.filter(pl.col("rank") > 1).drop("rank", "hands").write_csv(lists / "duplicates.csv")
        own.filter(pl.col("hands") > 1).drop("rank", "hands").write_csv(lists / "in-two-hands.csv")
    waits = ("wait", "work_wait", "bucket", "work_bucket", "hour", "weekday")
    report.speed.table.select(*LISTED, *waits).write_csv(lists / "first-touch.csv")
    document = report.document
    (folder / "leaks.json").write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / "index.html").write_text(page(document, WEEKDAYS), encoding="utf-8")
    return document


def _list(table: pl.DataFrame) -> pl.DataFrame:
    return table.select(*LISTED)
