"""Reading exports: times and amounts as people write them, headings guessed, and sentences that say what to do."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from baton.cli import run
from leaks import ExportFiles, ExportUnreadable, MappingChoices, build_report, load_mapping
from leaks.mapping import guess_mapping
from leaks.meanings import is_touch, outcome_of
from leaks.reading import hash_addresses, parse_amounts
from leaks.time_columns import DateOrderCounts, read_times_in_each_order

NINE = datetime(2026, 3, 20, 8, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["2026-03-20 09:14", "2026-03-20T09:14:00+01:00", "2026-03-20T08:14:00.000Z", "2026/03/20 9:14 am",
     "Mar 20, 2026 9:14 AM", "20-Mar-2026 09:14", "20 March 2026, 9:14", "2026-03-20T09:14:00+0100"],
)  # fmt: skip
def test_times_are_read_as_tools_write_them(text: str) -> None:
    found = read_times_in_each_order(pl.Series([text]), "Europe/Berlin")
    assert found.same.to_list() == [NINE]
    assert found.unread == 0


def test_what_is_no_time_is_counted_and_daylight_saving_loses_nothing() -> None:
    found = read_times_in_each_order(pl.Series(["soon", "", "2026-03-29 02:30", "2026-02-30"]), "Europe/Berlin")
    assert found.unread == 2
    assert found.same.to_list()[2] == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_the_whole_file_says_whether_the_day_comes_first() -> None:
    for texts, order in ((["3/4/2026", "25/4/2026"], "dmy"), (["3/4/2026", "4/25/2026"], "mdy"), (["3/4/2026"], None)):
        orders = DateOrderCounts()
        orders.add(read_times_in_each_order(pl.Series(texts), "UTC"))
        assert orders.best_order == order


def test_amounts_are_read_in_any_grouping() -> None:
    found, wrong = parse_amounts(pl.Series(["1.234,50 €", "$1,234.50", "1 234,50", "1.234", "12,345", "7", "", "much"]))
    assert found.to_list() == [1234.5, 1234.5, 1234.5, 1234.0, 12345.0, 7.0, None, None]
    assert wrong == 1


def test_the_same_address_has_the_same_hash_and_no_address_has_none() -> None:
    mails = hash_addresses(pl.Series(["Ada@X.org ", "ada@x.org", "none", ""]), "email")
    assert mails[0] == mails[1]
    assert mails[2:].null_count() == 2
    phones = hash_addresses(pl.Series(["+49 30 1234567", "030/1234567", "12"]), "phone")
    assert phones[0] != phones[2] is None
    assert phones.null_count() == 1


def test_a_heading_that_is_nearly_known_is_found_and_a_hand_outranks_the_guess() -> None:
    found = guess_mapping(["Created  Date", "Lead Ownr", "Notes", "Lead Source"], "leads", {"source": "Notes"}, "x.csv")
    assert found.columns == {"created_at": "Created  Date", "source": "Notes", "owner": "Lead Ownr"}
    assert found.unused == ["Lead Source"]


def test_statuses_and_activities_are_known_by_whole_terms() -> None:
    texts = ("Closed - Not Converted", "Closed Won", "Nurturing", "Unqualified", "Wonderful", "Kunde", "New")
    assert [outcome_of(each) for each in texts] == ["lost", "won", "returned", "lost", "open", "won", "open"]
    assert [is_touch(each) for each in ("Call", "Outgoing call", "Marketing email", "Note", "E-Mail", "Recall")] == [
        True, True, False, False, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Name,Mail\nAda,a@x.org\n", "no column was found for created_at"),
        ("Created,Source\n", "has no rows below its header"),
        ("Created,Source\n3/4/2026,web\n", "--dates dmy or --dates mdy"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(
    text: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "leads.csv"
    path.write_text(text)
    assert run(["leaks", str(path), "--out", str(tmp_path / "out")]) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("leads: {created: Date}", "the mapping names created"),
        ("leads: {created_at: Day}", "no column 'Day' for created_at"),
        ("statuses: {New: fresh}", "'fresh' is none of open, won, lost, returned"),
        ("touches: {Call: often}", "each value is true or false"),
        ("colums: {}", "no part 'colums'"),
        ("- 1", "a mapping file has the parts"),
    ],
)
def test_a_wrong_mapping_is_refused_with_what_is_wrong(text: str, sentence: str, tmp_path: Path) -> None:
    leads, mapping = tmp_path / "leads.csv", tmp_path / "columns.yaml"
    leads.write_text("Date,Source\n2026-01-01,web\n")
    mapping.write_text(text)
    with pytest.raises(ExportUnreadable, match=sentence):
        build_report(ExportFiles(leads, choices=load_mapping(mapping)))


def test_options_that_make_no_sense_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    leads = tmp_path / "leads.csv"
    leads.write_text("Date,Source\n2026-01-01,web\n")
    wrong = {"--zone": "Mars", "--hours": "9-5", "--days": "someday", "--as-of": "then", "--holidays": "XX"}
    for option, value in wrong.items():
        assert run(["leaks", str(leads), "--out", str(tmp_path / "out"), option, value]) == 2
        assert option in capsys.readouterr().err
    assert run(["leaks", str(tmp_path / "none.csv"), "--out", str(tmp_path)]) == 2


def test_dates_alone_say_nothing_of_minutes(tmp_path: Path) -> None:
    leads = tmp_path / "leads.csv"
    leads.write_text("Date,Who,First call\n2026-01-05,Ada,2026-01-05\n2026-01-06,,2026-02-20\n2026-01-07,Bo,\n")
    found = build_report(ExportFiles(leads, choices=MappingChoices()))
    assert not found.speed.has_minutes
    assert found.speed.table.collect()["bucket"].to_list() == ["48 hours", "later", "never"]


def test_a_row_with_too_many_cells_is_counted(tmp_path: Path) -> None:
    leads = tmp_path / "leads.csv"
    leads.write_text("Date,Source\n2026-01-05,web,more\n2026-01-06,web\n")
    found = build_report(ExportFiles(leads)).document
    assert found["leads"] == 1
    assert found["files"]["leads"]["faults"] == {"rows that do not fit the header": 1}
