"""Cells of a list that do not fit are put aside with their text, and times are read in the order that a file has."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from capture.domain.cards import read_mecard, read_vcard
from capture.domain.cells import FittedRow, TimeStyle, fit_row, translate_cell
from capture.domain.submission import MOST_FACTS
from capture.domain.text import LONGEST_LINE
from capture.domain.times import find_date_order, read_time
from tests.capture.builders import NOW, RULES

ADA = {"email": "ada@works.example", "source": "import"}


def fitted(**cells: object) -> FittedRow:
    row = fit_row({**ADA, **cells}, RULES, NOW)
    assert row.submission is not None
    return row


def test_a_text_that_is_too_long_is_cut_and_kept() -> None:
    row = fitted(job_title="Head of " + "x" * LONGEST_LINE)
    assert len(row.values["job_title"]) == LONGEST_LINE
    assert [note.field for note in row.notes] == ["job_title"]


def test_what_is_no_text_is_put_aside_without_one() -> None:
    row = fitted(consent={"purpose": 1})
    assert "consent" not in row.values
    assert row.notes


@pytest.mark.parametrize(
    ("cell", "email"),
    [
        ("o'brien@works.example", "o'brien@works.example"),
        ("Sean <s.o'brien@works.example>", "s.o'brien@works.example"),
        ("'ada@works.example'", "ada@works.example"),
        ("ada@works.example|bob@works.example", "ada@works.example"),
        ("ada@works.example/bob@works.example", "ada@works.example"),
        ("Email:ada@works.example.", "ada@works.example"),
        ("e=ada@works.example(work)", "ada@works.example"),
        ("mailto:ada@works.example", "ada@works.example"),
        ("ada@works.example; bob@works.example", "ada@works.example"),
        ("ada at works", "ada at works"),
        ("mailto:", "mailto:"),
    ],
)
def test_an_address_is_read_as_a_whole_and_else_within_the_cell(cell: str, email: str) -> None:
    """Half of an address would be somebody else's."""
    assert translate_cell("email", cell, TimeStyle()) == email


@pytest.mark.parametrize(
    ("cell", "size"),
    [
        ("2,5k", 2_500), ("1.5 M", 1_500_000), ("10k+", 10_000), ("1.200 k", 1_200_000), ("12.5", 12),
        ("1.5 million", 1_500_000),
        ("1k-5k", 1_000), ("1-5k", 1_000), ("500-1k", 500), (">1000", 1_000), ("10 000", 10_000), ("1.200", 1_200),
        ("1,200.00", 1_200), ("1.000,5", 1_000), ("12,34,567", 1_234_567), ("1\u2019200", 1_200), ("51 à 200", 51),
        ("über 500", 500), ("<50", 1), ("Less than 10", 1), ("bis 10", 1), ("menos de 10", 1), ("Self-employed", 1),
        ("just me", 1), ("Nov-50", 11), ("10-Jan", 1), ("11. Okt", 10), ("01. Nov", 1), ("E (201-500)", 201),
        ("2-10 FTE", 2), ("3 Mio", 3_000_000),
    ],
)  # fmt: skip
def test_a_size_as_lists_write_it(cell: str, size: int) -> None:
    """Of a bracket the lower end, also where a spreadsheet took it for a date."""
    assert translate_cell("employees", cell, TimeStyle()) == size


@pytest.mark.parametrize("cell", ["hundreds", "-5", "2025-01-01", "1.10.2025", "May", "5-May-20", "Enterprise"])
def test_what_is_no_size_is_put_aside(cell: str) -> None:
    assert translate_cell("employees", cell, TimeStyle()) == cell


def test_facts_that_are_full_take_no_more() -> None:
    facts = {f"fact_{number}": "x" for number in range(MOST_FACTS)}
    row = fitted(facts=facts, employees="a few")
    assert len(row.values["facts"]) == MOST_FACTS
    assert [note.field for note in row.notes] == ["employees"]


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["3/3/2026"], None),
        (["3/3/2026", "4/5/2026"], "ambiguous"),
        (["4/5/2026", "28/2/2026"], "dmy"),
        (["4/5/2026", "2/28/2026"], "mdy"),
    ],
)
def test_the_order_of_a_column_is_what_its_dates_show(texts: list[str], order: str | None) -> None:
    assert find_date_order(texts) == order


def test_a_time_that_names_no_instant_is_none() -> None:
    zone = ZoneInfo("Europe/Berlin")
    assert read_time("31.02.2026", "dmy", zone) is None
    assert read_time("2026-03-02 at noon", None, zone) is None
    assert read_time("02.03.2026 10:00", "dmy", zone) == datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "28-Feb-2026 10:00", "28. Februar 2026, 10:00 Uhr", "28 févr. 2026 10h00", "28 février 2026 à 10:00",
        "28 de febrero de 2026 10:00", "28 de fevereiro de 2026 10:00", "Saturday, February 28, 2026 at 10:00 AM",
        "Feb 28th, 2026 10:00 a.m.", "2026-02-28 10.00", "28.02.26 10:00", "2/28/2026 10:00 AM", "28/02/2026 10h",
        "46081.416666667", "46081,416666667", "1772269200", "1772269200000", "2026-02-28T09:00:00Z",
        "Sat Feb 28 2026 10:00:00 GMT+0100 (Central European Standard Time)", "2026-02-28 09:00:00 UTC",
        "2026-02-28 10:00 CET", "Feb 28, 2026 1:00 AM PST", "28.02.2026 10:00:00.123",
        "2026-02-28 10:00:00+01", "20260228T100000", "20260228T090000Z", "28 Feb 26 10:00", "28-FEB-26 10.00.00.000 AM",
        "28/feb/2026 10:00", "Feb 28 2026 10am", "28/02/2026 10:00 a. m.", "28. 2. 2026 10:00",
        "28. februar 2026 kl. 10.00", "2026-02-28 10:00 UTC+1", "2026-02-28 10:00 (GMT+1)", "28.02.2026 10:00 (CET)",
        "2026-02-28 04:00:00 America/New_York",
        "2026. 02. 28. 10:00", "2026. 2. 28. 10:00:00", "2026. 2. 28 오전 10:00:00", "2026. 2. 28. 오전 10:00",
        "2026/2/28 上午10:00", "2026/02/28 午前 10:00:00", "2026年2月28日 10時00分", "2026년 2월 28일 오전 10시",
        "28 lutego 2026 10:00", "28 lutego 2026 r. 10:00", "28 февраля 2026 \u0433., 10:00",
        "28 лютого 2026 \u0440., 10:00",
        "28 февр. 2026 10:00", "28. února 2026 10:00", "2026. február 28. 10:00", "28 februari 2026 10:00",
        "28. helmikuuta 2026 klo 10.00", "28 \u015eubat 2026 10:00", "28 Φεβρουαρίου 2026 10:00",
    ],
)  # fmt: skip
def test_an_instant_is_read_as_tools_write_it(text: str) -> None:
    """In Berlin that is ten in the morning; where only one order of day and month is possible, that is the one."""
    for order in ("dmy", "mdy"):
        assert read_time(text, order, ZoneInfo("Europe/Berlin")) == datetime(2026, 2, 28, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "soon",
        "2026",
        "28.02.2026 ten",
        "12345",
        "99999",
        "123456",
        "28 Foo 2026",
        "2026-02-28 10:00 MARS",
        "2026-02-28 10:00 Mars/Olympus",
        "28.02.2026 10",
        "20261328",
        "28.02.2026 25:00",
        "01.01.0001 00:00",
        "0001-01-01T00:00:00",
        "30.12.1899 00:00",
        "1970-01-01 00:00:00",
        "28 r 2026",
    ],
)
def test_what_is_no_instant_is_none(text: str) -> None:
    assert read_time(text, "dmy", ZoneInfo("Europe/Berlin")) is None


def test_a_mecard_has_its_country_at_the_end_of_the_address() -> None:
    card = read_mecard("MECARD:N:Long,Ada;ADR:1 Main Street,Berlin,Germany;EMAIL:ada@works.example;;")
    assert (card.first_name, card.country) == ("Ada", "Germany")


def test_a_colon_inside_quotes_begins_no_value() -> None:
    text = 'BEGIN:VCARD\nVERSION:3.0\nN:Long;Ada;;;\nTEL;X-LABEL="work: desk":+49301234567\nEND:VCARD'
    assert read_vcard(text).phones == ["+49301234567"]


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026. 2. 28 오후 3:05:00", 15),
        ("2026/2/28 下午3:05", 15),
        ("2026年2月28日 15時5分", 15),
        ("2026/2/28 午後 3:05", 15),
    ],
)
def test_the_half_of_the_day_stands_before_the_hour_in_east_asia(text: str, hour: int) -> None:
    assert read_time(text, None, ZoneInfo("UTC")) == datetime(2026, 2, 28, hour, 5, tzinfo=UTC)


def test_a_month_is_the_one_of_its_whole_word() -> None:
    """`marraskuuta` begins like March."""
    found = [
        read_time(text, None, ZoneInfo("UTC")) for text in ("3 marraskuuta 2026", "3 listopadu 2026", "3 мая 2026")
    ]
    assert [each and each.month for each in found] == [11, 11, 5]
