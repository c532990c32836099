"""From files to a report: what was read, the figures, and for each figure the rows that it counts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from events.business_time import Calendar
from leaks.fields import FIELDS, KINDS, Kind
from leaks.figures import Figure, compute_leak_figures, find_duplicate_people
from leaks.lead_table import LISTED, LeadTable, build_lead_table
from leaks.mapping import MappingChoices
from leaks.meanings import find_value_meanings
from leaks.page import render_report_page
from leaks.parts import PrivateFolder, TableParts, choose_part_count, collect_table
from leaks.reading import ReadExport, ReadingProgress, read_export
from leaks.reps import reps_over_equal_share
from leaks.sources import estimate_worth, summarize_sources
from leaks.speed import WEEKDAYS, FirstCallSpeed, count_by_wait, measure_speed, summarize_by_group
from leaks.time_columns import Order

WAITS = ("wait", "work_wait", "bucket", "work_bucket", "hour", "weekday")
LEAKED = ("never-touched", "returned-never-woken", "woken-never-called")
"""The figures whose leads are counted as lost to nobody's call."""
OFFICE = {day: ["09:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
"""When a team works that says nothing else."""


@dataclass(frozen=True)
class ExportFiles:
    """The files to read, and how."""

    leads: Path
    activities: Path | None = None
    deals: Path | None = None
    _: KW_ONLY
    choices: MappingChoices = field(default_factory=MappingChoices)
    calendar: Calendar = field(default_factory=lambda: Calendar.model_validate({"zone": "UTC", **OFFICE}))
    order: Order | None = None
    as_of: datetime | None = None


@dataclass
class LeaksReport:
    """All that is known after reading: the leads, the figures, what the files could not say."""

    exports: dict[Kind, ReadExport]
    meanings: MappingChoices
    """The mapping as it was used: columns, and what each value means."""
    leads: LeadTable
    speed: FirstCallSpeed
    figures: list[Figure]
    twice: pl.LazyFrame | None
    """The leads of people who are in the file more than once; None where no column says who somebody is."""
    reps: list[dict[str, Any]]
    leaked: pl.Expr
    document: dict[str, Any]


def build_report(files: ExportFiles, progress: ReadingProgress | None = None) -> LeaksReport:
    """Read the files and compute the figures. Raises `ExportUnreadable` where a file cannot be read as what it is."""
    folder = PrivateFolder()
    exports = _read_files(files, folder, progress)
    leads, activities, deals = (exports.get(kind) for kind in KINDS)
    assert leads is not None  # noqa: S101 - always given
    calls, sales = ({} if each is None else each.values for each in (activities, deals))
    meanings = find_value_meanings(leads.values, calls, sales, files.choices)
    meanings.columns = {kind: dict(export.mapping.columns) for kind, export in exports.items()}
    table = build_lead_table(leads, activities, deals, meanings, folder, as_of=files.as_of)
    speed = measure_speed(table, files.calendar)
    over, reps = reps_over_equal_share(table)
    twice = find_duplicate_people(table) if "person" in table.known else None
    figures = [*compute_leak_figures(table, twice), over]
    rows = [each.rows for each in figures if each.name in LEAKED and each.rows is not None]
    leaked = pl.any_horizontal(*(each.fill_null(value=False) for each in rows)) if rows else pl.lit(value=False)
    found = LeaksReport(exports, meanings, table, speed, figures, twice, reps, leaked, {})
    found.document = _build_json_document(found, files)
    return found


def _read_files(files: ExportFiles, folder: PrivateFolder, progress: ReadingProgress | None) -> dict[Kind, ReadExport]:
    paths: dict[Kind, Path | None] = {"leads": files.leads, "activities": files.activities, "deals": files.deals}
    given = {kind: path for kind, path in paths.items() if path is not None}
    count = choose_part_count(given.values())
    return {
        kind: read_export(
            path, kind, files.choices.columns.get(kind, {}), TableParts(folder.create_subfolder(kind), count),
            zone=files.calendar.zone, order=files.order, progress=progress,
        )
        for kind, path in given.items()
    }  # fmt: skip


def _build_json_document(report: LeaksReport, files: ExportFiles) -> dict[str, Any]:
    zone = files.calendar.zone
    leads, known, created = report.leads, report.leads.known, pl.col("created_at")
    first, last = collect_table(leads.table.select(created.min(), last=created.max())).row(0)
    outcomes = collect_table(leads.table.group_by(pl.col("outcome").cast(pl.String)).len()).sort("outcome")
    soon: dict[str, Any] = {
        "cannot_say": True,
        "would_say": "when leads came in, and a file of activities or a column “First Activity Date”",
    }
    if "first_touch" in known:
        soon = {
            "has_minutes": report.speed.has_minutes,
            "by_the_clock": count_by_wait(report.speed, "bucket"),
            "in_working_time": count_by_wait(report.speed, "work_bucket"),
            "list": "first-touch.csv",
            **{
                f"by_{name}": summarize_by_group(report.speed, column)
                for name, column in _list_group_columns(known).items()
            },
        }
    sources: Any = (
        summarize_sources(leads) if "source" in known else {"cannot_say": True, "would_say": "a column “Lead Source”"}
    )
    return {
        "as_of": leads.as_of.isoformat(),
        "leads": leads.rows,
        "first_lead": _isoformat_or_none(first),
        "last_lead": _isoformat_or_none(last),
        "working_hours": {"zone": zone, **files.calendar.model_dump(mode="json", exclude_defaults=True)},
        "files": {kind: _describe_file(export) for kind, export in report.exports.items()},
        "notes": leads.notes,
        "figures": [each.as_document() for each in report.figures],
        "first_touch": soon,
        "sources": sources,
        "reps": report.reps,
        "outcomes": dict(outcomes.iter_rows()),
        "worth": estimate_worth(leads, report.leaked),
    }


def _list_group_columns(known: frozenset[str]) -> dict[str, str]:
    found = {"hour": "hour", "weekday": "weekday"}
    return found | {name: each for name, each in (("source", "source"), ("rep", "owner")) if each in known}


def _isoformat_or_none(at: Any) -> str | None:
    return at.isoformat() if isinstance(at, datetime) else None


def _describe_file(export: ReadExport) -> dict[str, Any]:
    mapping = export.mapping
    return {
        "file": export.file, "layout": mapping.tool or None, "rows": export.rows, "encoding": export.encoding,
        "columns": mapping.columns, "not_read": mapping.unused, "faults": export.faults,
        "missing": {name: FIELDS[mapping.kind][name] for name in mapping.missing},
    }  # fmt: skip


def write_report(report: LeaksReport, folder: Path) -> Mapping[str, Any]:
    """Write `leaks.json`, `index.html` and a CSV file of rows for each figure; return the JSON document."""
    lists = folder / "lists"
    lists.mkdir(parents=True, exist_ok=True)
    for name in (*(each.name for each in report.figures), "leaked", "first-touch"):
        (lists / f"{name}.csv").unlink(missing_ok=True)  # of a run that could say it
    for figure in report.figures:
        if figure.rows is not None:
            _write_csv_list(report.leads.table.filter(figure.rows.fill_null(value=False)), lists / f"{figure.name}.csv")
    _write_csv_list(report.leads.table.filter(report.leaked), lists / "leaked.csv")
    if report.twice is not None:
        _write_csv_list(report.twice.filter(pl.col("rank") > 1), lists / "duplicates.csv", ("person", *LISTED))
        _write_csv_list(report.twice.filter(pl.col("hands") > 1), lists / "in-two-hands.csv", ("person", *LISTED))
    _write_csv_list(report.speed.table, lists / "first-touch.csv", (*LISTED, *WAITS))
    document = report.document
    (folder / "leaks.json").write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / "index.html").write_text(render_report_page(document, WEEKDAYS), encoding="utf-8")
    return document


def _write_csv_list(table: pl.LazyFrame, path: Path, columns: Sequence[str] = LISTED) -> None:
    table.select(*columns).sink_csv(path, engine="streaming")
