"""The figures equal an independent script's, whatever the layout, and every figure lists its rows."""

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from events.business_time import Calendar
from leaks import ExportFiles, LeaksReport, build_report, write_report
from tests.leaks import by_hand, worlds

HOURS = {day: ["09:00-12:30", "13:30-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
CALENDAR = Calendar.model_validate({"zone": "Europe/Berlin", "public_holidays": "DE-BY", **HOURS})
BERLIN = ZoneInfo("Europe/Berlin")
LEADS = 3000
OLIST = Path(__file__).parents[2] / "data" / "olist"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return worlds.write(worlds.world(LEADS), "hubspot", tmp_path_factory.mktemp("exports"))


@pytest.fixture(scope="module")
def report(files: list[Path]) -> LeaksReport:
    return build_report(ExportFiles(*files, calendar=CALENDAR))


@pytest.fixture(scope="module")
def document(report: LeaksReport, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("leaks")
    write_report(report, folder)
    return {**json.loads((folder / "leaks.json").read_text()), "folder": folder}


def figure(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in document["figures"] if each["name"] == name)
    return found


def test_each_leak_counts_and_lists_what_plain_python_finds(files: list[Path], document: dict[str, Any]) -> None:
    people, as_of = by_hand.people_of(files, BERLIN)
    assert document["as_of"] == as_of.isoformat()
    for name, ids in by_hand.leaks_of(people, as_of).items():
        found = figure(document, name)
        with (document["folder"] / "lists" / found["list"]).open() as file:
            listed = [row["lead_id"] for row in csv.DictReader(file)]
        assert found["count"] == len(ids) == len(listed) > 0, name
        assert set(listed) == ids, name
        assert (found["low"], found["high"]) == pytest.approx(by_hand.interval(found["count"], found["of"]))
    assert figure(document, "in-two-hands")["count"] == by_hand.hands(people)


def test_how_soon_leads_were_called_is_what_the_promises_clock_says(
    files: list[Path], document: dict[str, Any]
) -> None:
    people, _ = by_hand.people_of(files, BERLIN)
    by_clock, by_work = by_hand.buckets(people, CALENDAR)
    soon = document["first_touch"]
    assert soon["has_minutes"]
    assert {row["bucket"]: row["leads"] for row in soon["by_the_clock"] if row["leads"]} == by_clock
    assert {row["bucket"]: row["leads"] for row in soon["in_working_time"] if row["leads"]} == by_work
    assert by_work != by_clock
    weekdays = Counter(row["created"].astimezone(BERLIN).weekday() for row in people)
    assert {row["group"]: row["leads"] for row in soon["by_weekday"]} == weekdays
    hours = Counter(row["created"].astimezone(BERLIN).hour for row in people)
    assert {row["group"]: row["leads"] for row in soon["by_hour"]} == hours
    for name, key in (("by_source", "source"), ("by_rep", "owner")):
        never = Counter(row[key] for row in people if not row["times"])
        assert {row["group"]: row["never"] for row in soon[name]} == never


def test_sources_and_reps_are_counted_with_what_became_of_them(files: list[Path], document: dict[str, Any]) -> None:
    people, _ = by_hand.people_of(files, BERLIN)
    for row in document["sources"]:
        of_source = [each for each in people if each["source"] == row["group"]]
        won = sum(each["outcome"] == "won" for each in of_source)
        assert (row["leads"], row["won"]) == (len(of_source), won)
        assert (row["low"], row["high"]) == pytest.approx(by_hand.interval(won, len(of_source)))
    owned = Counter(row["owner"] for row in people if row["owner"])
    assert {row["rep"]: row["leads"] for row in document["reps"]} == owned
    over = {rep for rep, count in owned.items() if count / owned.total() > 1.5 / len(owned)}
    assert {row["rep"] for row in document["reps"] if row["over"]} == over == {"Ada"}


def test_the_worth_of_a_quarter_is_the_files_own_rate_and_amounts(files: list[Path], document: dict[str, Any]) -> None:
    people, as_of = by_hand.people_of(files, BERLIN)
    expected = by_hand.worth_of(people, by_hand.leaks_of(people, as_of), as_of)
    assert {name: document["worth"][name] for name in expected} == pytest.approx(expected)
    assert document["worth"]["currency"] == "EUR"


@pytest.mark.parametrize("tool", worlds.TOOLS)
def test_the_same_year_has_the_same_figures_in_every_layout(tool: str, report: LeaksReport, tmp_path: Path) -> None:
    found = build_report(ExportFiles(*worlds.write(worlds.world(LEADS), tool, tmp_path), calendar=CALENDAR)).document
    for part in ("figures", "first_touch", "sources", "reps", "worth", "as_of", "outcomes"):
        assert found[part] == report.document[part], part
    layouts = {kind: file["layout"] for kind, file in found["files"].items()}
    assert {str(layout).lower() for layout in layouts.values() if layout} == {tool}
    assert layouts["leads"]
    assert all(not file["faults"] for file in found["files"].values())


@pytest.mark.parametrize("tool", worlds.TOOLS)
def test_the_examples_of_the_docs_are_the_generators(tool: str, tmp_path: Path) -> None:
    for path in worlds.write(worlds.world(worlds.EXAMPLE_LEADS), tool, tmp_path):
        assert path.read_bytes() == (worlds.EXAMPLES / path.name).read_bytes()


def test_nobodys_name_mail_or_phone_reaches_the_report(files: list[Path], document: dict[str, Any]) -> None:
    written = [path.read_text() for path in document["folder"].rglob("*") if path.is_file()]
    assert len(written) > 10
    for needle in ("@firm", "+49 30", "Person 7"):
        assert any(needle in path.read_text() for path in files)
        assert not any(needle in text for text in written), needle


def test_olist_says_what_the_files_hold_and_no_more() -> None:
    """The funnel's own files: sources and wins, no calls, no reasons; a win before the first contact stays a win."""
    leads, deals = (OLIST / f"olist_{name}_dataset.csv" for name in ("marketing_qualified_leads", "closed_deals"))
    found = build_report(ExportFiles(leads, deals=deals)).document
    with leads.open() as file:
        rows = {row["mql_id"]: row["origin"] or None for row in csv.DictReader(file)}
    with deals.open() as file:
        won = Counter(rows[row["mql_id"]] for row in csv.DictReader(file))
    assert {row["group"]: row["leads"] for row in found["sources"]} == Counter(rows.values())
    assert {row["group"]: row["won"] for row in found["sources"] if row["won"]} == won
    assert found["outcomes"] == {"won": won.total(), "open": len(rows) - won.total()}
    cannot = {each["name"] for each in found["figures"] if each.get("cannot_say")}
    assert {"never-touched", "raised-a-hand-never-touched", "closed-without-reason", "duplicates"} <= cannot
    assert found["worth"]["cannot_say"]
    assert all(each["would_say"] for each in found["figures"] if each.get("cannot_say"))
