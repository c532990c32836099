"""`baton leaks`: where a company's own leads leaked, from the export of its CRM, without a stack."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter
from pydantic import ValidationError
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn

import leaks as exports
from baton.cli import candidate_files
from baton.cli.output import AsJson, console, errors, print_json, print_notice, print_table
from baton.exit_codes import DONE, WrongUsageError
from events.business_time import Calendar
from leaks import ExportUnreadable, LeaksReport

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAYS = re.compile(r"(mon|tue|wed|thu|fri|sat|sun)(?:-(mon|tue|wed|thu|fri|sat|sun))?")


def leaks(
    leads: Path,
    activities: Path | None = None,
    deals: Path | None = None,
    *,
    out: Path,
    zone: str = "UTC",
    hours: Annotated[list[str] | None, Parameter(negative=())] = None,
    days: str = "mon-fri",
    holidays: str | None = None,
    mapping: Path | None = None,
    save_mapping: Path | None = None,
    playbook: Path | None = None,
    dates: Literal["dmy", "mdy"] | None = None,
    as_of: str | None = None,
    json: AsJson = False,
) -> int:
    """Show from a CRM's export where leads leaked: never called, called late, without owner, outcome or reason.

    Needs no stack, sends nothing anywhere and changes nothing. Export your leads as CSV from HubSpot, Salesforce,
    Pipedrive, Odoo or Zoho, or save a spreadsheet as CSV, and pass the file as it is:

    * `baton leaks leads.csv --out leaks/`
    * `baton leaks leads.csv activities.csv deals.csv --out leaks/ --zone Europe/Berlin --hours 09:00-18:00`
    * `baton leaks leads.csv --deals deals.csv --out leaks/` (no activities)
    * `baton leaks leads.csv --out leaks/ --save-mapping columns.yaml`, correct `columns.yaml`, then
      `baton leaks leads.csv --out leaks/ --mapping columns.yaml`

    * `baton leaks leads.csv activities.csv deals.csv --out leaks/ --playbook candidate/`, then
      `baton up --playbook candidate/`

    Writes `index.html` (open it, print it), `leaks.json` (the same figures), `lists/` (the rows behind each figure). It
    prints which column was taken for what. Names are not read; e-mails and phones are hashed as they are read, to find
    duplicates. What the files cannot say is listed with the column that would.

    Parameters
    ----------
    leads
        The leads, a row each. At least the time they came in.
    activities
        Calls, e-mails and meetings, a row each, with the lead's number: it says who was called when.
    deals
        Deals or opportunities with the lead's number: what was won, and for how much.
    out
        The folder to write to.
    zone
        Where the team works, such as Europe/Berlin; times without an offset are read in it.
    hours
        The team's hours on a working day; repeat for a lunch break.
    days
        The team's working days, such as mon-fri or mon-thu,sat.
    holidays
        A country or a part of it whose public holidays are days off, such as DE-BY.
    mapping
        Which column holds what, and what its values mean: a file that --save-mapping wrote.
    save_mapping
        Write what was guessed there, to be corrected.
    playbook
        Write a playbook there that begins with the default one and has the company's own teams, reps, hours, sources,
        reasons, the promises that the better half of the reps keeps, and points where there are enough wins to learn
        from. Each lead's promise is in its `what-if.csv`. Nothing is put in force.
    dates
        Whether 3/4 has the day or the month first; only needed where the whole file leaves it open.
    as_of
        The day the export was made (2026-01-31); the last time in the files if left out.
    """
    try:
        calendar = _calendar_from_options(zone, hours or ["09:00-18:00"], days, holidays)
        files = exports.ExportFiles(
            leads, activities, deals,
            choices=exports.MappingChoices() if mapping is None else exports.load_mapping(mapping),
            calendar=calendar,
            order=dates,
            as_of=_parse_as_of(as_of),
        )  # fmt: skip
        report = _examine_with_progress_bar(files)
    except ExportUnreadable as error:
        raise WrongUsageError(str(error)) from error
    found = exports.write_report(report, out)
    proposal = None if playbook is None else candidate_files.write_candidate(report, calendar, playbook)
    if save_mapping is not None:
        _save_mapping(save_mapping, report)
    if json:
        print_json(found)
    else:
        _print_leaks(dict(found))
        if proposal is not None and playbook is not None:
            candidate_files.print_proposal(proposal, playbook)
    print_notice(f"the page is {out / 'index.html'}, the rows behind each figure are in {out / 'lists'}")
    return DONE


def _save_mapping(path: Path, report: LeaksReport) -> None:
    exports.save_mapping(path, report.meanings)
    print_notice(f"the mapping is {path}: correct it and pass it as --mapping")


def _examine_with_progress_bar(files: exports.ExportFiles) -> LeaksReport:
    columns = (TextColumn("reading {task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=errors, transient=True) as shown:
        tasks: dict[str, TaskID] = {}

        def progress(file: str, done: int, total: int) -> None:
            if file not in tasks:
                tasks[file] = shown.add_task(file, total=total)
            shown.update(tasks[file], completed=done)

        return exports.build_report(files, progress)


def _calendar_from_options(zone: str, hours: list[str], days: str, holidays: str | None) -> Calendar:
    try:
        return Calendar.model_validate(
            {"zone": zone, **dict.fromkeys(_parse_weekdays(days), hours), "public_holidays": holidays or None}
        )
    except ValidationError as error:
        fault = error.errors()[0]
        where = str(fault["loc"][0]) if fault["loc"] else ""
        field = {"zone": "--zone", "public_holidays": "--holidays"}.get(where, "--hours")
        raise WrongUsageError(f"{field}: {fault['msg'].removeprefix('Value error, ')}") from error


def _parse_weekdays(text: str) -> list[str]:
    """Return the weekdays of `mon-fri,sun`; raises `WrongUsageError` where it names none."""
    found: list[str] = []
    for part in text.lower().split(","):
        named = _DAYS.fullmatch(part.strip())
        if named is None:
            raise WrongUsageError(f"--days: {part!r} is no weekday and no stretch of them, such as mon-fri")
        first = DAYS.index(named[1])
        last = DAYS.index(named[2]) if named[2] else first
        found += DAYS[first : last + 1]
    return found


def _parse_as_of(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise WrongUsageError(f"--as-of is a day such as 2026-01-31, not {text!r}") from None
    return found.replace(tzinfo=found.tzinfo or UTC)


def _print_leaks(found: dict[str, Any]) -> None:
    for kind, file in found["files"].items():
        layout = f", laid out as {file['layout']} does" if file["layout"] else ""
        console.print(f"{kind}: {file['file']}, {file['rows']:,} rows{layout}", highlight=False, markup=False)
        for name, column in file["columns"].items():
            console.print(f"  {name:<16} {column}", highlight=False, markup=False)
        if file["not_read"]:
            console.print(f"  {'not read':<16} {', '.join(file['not_read'])}", highlight=False, markup=False)
        for fault, count in file["faults"].items():
            console.print(f"  {count:,} {fault}", highlight=False, markup=False)
    rows = [
        {"leads that": each["title"][0].lower() + each["title"][1:],
         "count": f"{each['count']:,}", "of": f"{each['of']:,}",
         "share": "-" if each["share"] is None else f"{each['share']:.1%}", "95 %": _format_interval(each)}
        for each in found["figures"] if "count" in each
    ]  # fmt: skip
    print_table(
        f"{found['leads']:,} leads until {found['as_of'][:10]}", ("leads that", "count", "of", "share", "95 %"), rows
    )
    for each in found["figures"]:
        if "count" not in each:
            sentence = f"? {each['title']}: not in these files. It takes {each['would_say']}."
            console.print(sentence, highlight=False, markup=False)


def _format_interval(figure: dict[str, Any]) -> str:
    return "-" if figure["low"] is None else f"{figure['low']:.1%} to {figure['high']:.1%}"
