"""The layouts that `docs/bring-a-list.md` names: each example is read as the page says."""

import re
from pathlib import Path
from typing import Any

import pytest

from capture.domain.cells import FittedRow, fit_row
from capture.domain.headings import has_contact_column
from capture.domain.sheet import ColumnMapping
from filereader import TableReader
from tests.architecture.code import ROOT
from tests.capture.builders import NOW, RULES

PAGE = ROOT / "docs" / "bring-a-list.md"
LISTS = ROOT / "docs" / "lists"
MARCH = NOW.replace(month=4)


def read(path: Path, **asked: str | None) -> list[FittedRow]:
    reader = TableReader(is_header=has_contact_column)
    rows = reader.feed(path.read_bytes()) + reader.end()
    columns = ColumnMapping.map_header(
        reader.facts.header, asked, {"source": "import"}, lists_badges="badges" in path.name
    )
    cells = [row.cells or [] for row in rows]
    assert columns.find_ambiguous_time_column(cells) is None
    assert all(row.fault == "" for row in rows)
    columns = columns.with_date_order(cells)
    tables = [columns, *map(columns.for_further_table, reader.facts.tables[1:])]
    people = [row for row in rows if len(row.texts()) > 1]
    return [fit_row(tables[row.table].read_row(row.texts()), RULES, MARCH, columns.defaults) for row in people]


def first(name: str, **asked: str | None) -> Any:
    return read(LISTS / name, **asked)[0].submission


def test_the_page_names_every_example_and_no_other() -> None:
    named = set(re.findall(r"\(lists/([^)]+)\)", PAGE.read_text(encoding="utf-8")))
    assert named == {path.name for path in LISTS.iterdir()}


@pytest.mark.parametrize("path", sorted(LISTS.iterdir()), ids=lambda path: path.name)
def test_every_person_of_an_example_is_taken(path: Path) -> None:
    found = [each for each in read(path) if "@" in str(each.values)]
    assert found
    assert all(each.submission is not None and each.submission.email is not None for each in found)


@pytest.mark.parametrize(
    ("name", "asked", "expected"),
    [
        ("excel-german.csv", {}, {"first_name": "Jürgen", "country": "DE", "employees": 51}),
        ("excel-unicode-text.txt", {}, {"first_name": "Zoë", "last_name": "O\u2019Brien", "country": "IE"}),
        ("excel-sep-line.csv", {}, {"company": "Lindqvist Pumps, AB"}),
        ("facebook-lead-ads.csv", {}, {"first_name": "Mårten", "last_name": "Öberg", "phone": "+46701234567"}),
        ("google-forms.csv", {"full_name": "What is your name?"}, {"first_name": "Ada", "last_name": "Lovelace"}),
        ("eventbrite-attendees.csv", {}, {"last_name": "Falk"}),
        ("zoom-registrants.csv", {}, {"country": "GB", "first_name": "Ada"}),
        ("linkedin-lead-gen.csv", {}, {"employees": 1001, "phone": "+442079460958"}),
        ("hubspot-contacts.csv", {}, {"phone": "+447911123456", "country": "GB", "source": "import"}),
        ("pipedrive-people.csv", {}, {"last_name": "Lovelace", "phone": "+442079460958"}),
        ("mailchimp.csv", {}, {"first_name": "Ada"}),
        ("typeform.csv", {}, {"company": "Engines"}),
        ("gotowebinar-attendees.csv", {}, {"last_name": "Lovelace"}),
        ("teams-attendance.csv", {}, {"last_name": "Lovelace"}),
        ("database-export.csv", {}, {"last_name": "O'Brien", "company": "Engines, Ltd"}),
        ("salesforce-report.csv", {}, {"job_title": "Head of Sales", "phone": "+442079460958"}),
    ],
)
def test_an_example_says_what_it_says(name: str, asked: dict[str, str | None], expected: dict[str, Any]) -> None:
    found = first(name, **asked)
    assert {field: getattr(found, field) for field in expected} == expected


def test_an_organisers_list_says_who_wore_which_badge() -> None:
    assert [row.badge for row in read(LISTS / "attendees-with-badges.csv")] == ["100042", "0077"]


def test_what_a_survey_tool_writes_below_its_header_is_nobody() -> None:
    """Qualtrics has a line of questions, which is a header too, and one of ids."""
    ids, ada, bo = read(LISTS / "qualtrics.csv")
    assert ids.submission is None
    assert [each.submission and (each.submission.first_name, each.submission.company) for each in (ada, bo)] == [
        ("Ada", "Engines"), ("Bo", "Kern"),
    ]  # fmt: skip


def test_the_attendees_below_the_hosts_are_read_by_their_own_header() -> None:
    found = [row.submission for row in read(LISTS / "zoom-attendees.csv") if row.submission is not None]
    assert [(each.first_name, each.last_name, each.country) for each in found] == [
        ("Mia", "Host", "ES"), ("Ada", "Lovelace", "GB"),
    ]  # fmt: skip


def test_times_are_those_of_the_file() -> None:
    assert first("facebook-lead-ads.csv").occurred_at.isoformat() == "2026-03-20T08:14:02+00:00"
    assert first("google-forms.csv").occurred_at.isoformat() == "2026-03-20T09:14:02+00:00"
    assert first("zoom-registrants.csv").occurred_at.isoformat() == "2026-03-18T09:14:02+00:00"
    assert first("linkedin-lead-gen.csv").occurred_at.isoformat() == "2026-03-20T09:14:02+00:00"
