"""Cells as people, pages and spreadsheets leave them: read where one reading is possible, else kept and counted."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic_core import PydanticCustomError

from capture.domain.cells import TimeStyle, fit_row, translate_cell
from capture.domain.countries import read_country
from capture.domain.headings import find_field_of_heading, is_badge_heading, is_fallback_heading
from capture.domain.phones import parse_phone
from capture.domain.sheet import ColumnMapping
from capture.domain.sizes import read_company_size
from capture.domain.times import find_date_order, read_time
from tests.capture.builders import NOW, RULES


def values(header: list[str], cells: list[str]) -> dict[str, Any]:
    found = ColumnMapping.map_header(header, {}, {}).read_row(cells)
    del found["event_id"]
    return found


@pytest.mark.parametrize(
    "cell",
    [
        "ada@works.example.", "ada @works.example", "ada @ works.example", "ada\uff20works.example",
        "'ada@works.example", "`ada@works.example`", "\u201cada@works.example\u201d", "ada%40works.example",
        "ada&#64;works.example", "SMTP:ada@works.example", "Mailto: ada@works.example?subject=Hi",
        '="ada@works.example"', '=T("ada@works.example")', "[ada@works.example](mailto:ada@works.example)",
        '<a href="mailto:ada@works.example">ada@works.example</a>', "ada@works.example#mailto:ada@works.example#",
        "Ada King (ada@works.example)", "\xa0ada@works.example\u3000", "* ada@works.example",
        '"King, Ada" <ada@works.example>',
    ],
)  # fmt: skip
def test_an_address_is_taken_out_of_what_stands_around_it(cell: str) -> None:
    assert values(["E-Mail", "Name"], [cell, ""]) == {"email": "ada@works.example"}


@pytest.mark.parametrize(
    "cell",
    ["ada(at)works.example", "ada@works,example", "ada@@works.example", "ada@works", "King @works.example x"],
)
def test_what_may_be_another_address_is_left_as_it_is(cell: str) -> None:
    """Half of an address, or a mended one, is somebody else's."""
    assert translate_cell("email", cell, TimeStyle()) == cell


def test_an_entity_of_a_page_is_its_letter() -> None:
    """`ada&amp;co@` cut at the sign would be `co@`, who is somebody else."""
    found = values(["E-Mail", "Company", "Last name"], ["ada&amp;co@works.example", "M&uuml;ller &amp; Co", "AT&T;"])
    assert found == {"email": "ada&co@works.example", "company": "Müller & Co", "last_name": "AT&T;"}


@pytest.mark.parametrize(
    ("cell", "text"),
    [("MÃ¼ller", "Müller"), ("JosÃ©", "José"), ("Zo\xc3\x81", "ZoÁ"), ("Müller", "Müller"), ("Łódź", "Łódź")],
)
def test_a_text_that_was_read_in_a_wrong_encoding_is_read_again(cell: str, text: str) -> None:
    assert values(["E-Mail", "Last name"], ["a@x.example", cell])["last_name"] == text


def test_a_formula_that_keeps_a_text_is_the_text() -> None:
    found = values(["E-Mail", "Phone", "Company"], ["a@x.example", '="0049171"', '=T("The ""best"" Co")'])
    assert (found["phone"], found["company"]) == ("0049171", 'The "best" Co')
    assert values(["E-Mail", "Company"], ["a@x.example", "=1+1"])["company"] == "=1+1"


@pytest.mark.parametrize(
    "cell",
    ["-- Please select --", "Please choose", "Bitte wählen", "--None--", "Veuillez sélectionner", "Seleccione",
    "- none -",
     "0000-00-00", "0000-00-00 00:00:00", "00.00.0000", "Choose an option...", "- keine -"],
)  # fmt: skip
def test_what_nobody_chose_is_nothing(cell: str) -> None:
    assert values(["E-Mail", "Country", "Last name"], ["a@x.example", cell, cell]) == {"email": "a@x.example"}


@pytest.mark.parametrize(
    "cell", ["Questions? Write to help@tool.example", "Confidential - help@tool.example", "Total for ada@x.example"]
)
def test_a_remark_below_a_list_is_nobody(cell: str) -> None:
    """An address that a tool's own line shows is no address of the list."""
    row = fit_row(values(["E-Mail", "Name"], [cell, ""]), RULES, NOW)
    assert (row.submission, row.fault and row.fault.code) == (None, "email_invalid")
    for somebody in (
        "Ada King <ada@x.example>",
        "ada@x.example; bo@x.example",
        "mail: ada@x.example",
        "Ada King ada@x.example",
        "ada@x.example",
    ):
        assert values(["E-Mail", "Name"], [somebody, ""])["email"] == "ada@x.example"
    assert values(["E-Mail", "Name"], ["write to ada@x.example", "Ada King"])["email"] == "ada@x.example"
    assert values(["E-Mail"], ["write to ada@x.example"])["email"] == "ada@x.example"


@pytest.mark.parametrize(
    ("header", "cells", "field"),
    [
        (["E-Mail", "Name"], ["ada@x.example, bo@x.example", ""], "email"),
        (["E-Mail", "Phone"], ["ada@x.example", "+49 30 901820 / +49 171 2345678"], "phone"),
    ],
)
def test_the_second_of_two_in_one_cell_is_kept_and_counted(header: list[str], cells: list[str], field: str) -> None:
    row = fit_row(values(header, cells), RULES, NOW)
    assert row.submission is not None
    assert row.submission.facts == {f"{field}_given": cells[header.index("E-Mail" if field == "email" else "Phone")]}
    assert [(note.field, note.code) for note in row.notes] == [(field, "several_in_cell")]
    assert fit_row(values(header, ["ada@x.example <ADA@x.example>", "+49 30 901820"]), RULES, NOW).notes == []


@pytest.mark.parametrize(
    ("text", "country", "number", "extension"),
    [
        ("+31 20 123 4567 toestel 12", None, "+31201234567", "12"),
        ("+48 22 123 45 67 wew. 12", None, "+48221234567", "12"),
        ("+1 415 555 0132 extensão 12", None, "+14155550132", "12"),
        ("+55 11 91234-5678 r. 12", None, "+5511912345678", "12"),
        ("+7 (495) 123-45-67 доб. 12", None, "+74951234567", "12"), ("03-1234-5678 内線12", "JP", "+81312345678", "12"),
        ("+49 171/23 45 678 Nst. 4", None, "+491712345678", "4"),
        ("+41 44 668 18 00 / Durchwahl -12", None, "+41446681800", "12"),
        ("+1 415 555 0132,,204#", None, "+14155550132", "204"), ("+1-415-555-0132;204", None, "+14155550132", "204"),
        ("[+49] 171 2345678", None, "+491712345678", ""), ("+49_171_2345678", None, "+491712345678", ""),
        ("https://wa.me/491712345678", None, "+491712345678", ""), ("callto:+491712345678", None, "+491712345678", ""),
        ("+55 (0xx11) 91234-5678", None, "+5511912345678", ""), ("+52 1 55 1234 5678", None, "+525512345678", ""),
        ("491712345678,0", "DE", "+491712345678", ""), ("4.91712345678E+11", "DE", "+491712345678", ""),
    ],
)  # fmt: skip
def test_a_number_is_read_as_switchboards_and_spreadsheets_write_it(
    text: str, country: str | None, number: str, extension: str
) -> None:
    assert parse_phone(text, country) == (number, extension)


@pytest.mark.parametrize("text", ["4,917123E+11", "4.9171E11", "1E9"])
def test_a_number_whose_last_digits_are_gone_is_none(text: str) -> None:
    with pytest.raises(PydanticCustomError, match="Not a phone"):
        parse_phone(text, "DE")


@pytest.mark.parametrize(
    "cell", ["\uff0b49 171 2345678", "+\uff14\uff19 \uff11\uff17\uff11 2345678", "+\u0664\u0669 171 2345678"]
)
def test_a_number_in_other_digits_is_the_same_number_of_a_list(cell: str) -> None:
    """B43: in JSON it stays refused."""
    assert parse_phone(translate_cell("phone", cell, TimeStyle()), None) == ("+491712345678", "")
    with pytest.raises(PydanticCustomError):
        parse_phone(cell, None)


@pytest.mark.parametrize(
    ("cell", "size"),
    [
        ("1.001-5.000", 1_001), ("5 thousand", 5_000), ("5 Tausend", 5_000), ("2 mil", 2_000), ("3 mille", 3_000),
        ("1-5 Tsd.", 1_000), ("1\xb4200", 1_200), ("1`200", 1_200), ("1.5E+03", 1_500), ("1e3", 1_000),
        ("meno di 10", 1), ("minder dan 10", 1), ("10 or fewer", 1), ("10 oder weniger", 1), ("10 et moins", 1),
    ],
)  # fmt: skip
def test_a_size_in_words_and_groups(cell: str, size: int) -> None:
    assert read_company_size(cell) == size


@pytest.mark.parametrize("cell", ["9" * 5_000, "1.10.2025", "2025-10-02 00:00:00"])
def test_what_is_no_size_ends_no_import(cell: str) -> None:
    """Python reads no number of more than 4,300 digits: a cell of such a one costs its field and no more."""
    row = fit_row(values(["E-Mail", "Company size"], ["a@x.example", cell]), RULES, NOW)
    assert row.submission is not None
    assert row.submission.employees is None


@pytest.mark.parametrize(
    ("name", "code"),
    [("GER", "DE"), ("NED", "NL"), ("SUI", "CH"), ("VAE", "AE"), ("de_DE", "DE"), ("en_US.UTF-8", "US"),
    ("Czech Rep.", "CZ"),
     ("\U0001f1e9\U0001f1ea Germany", "DE"), ("Germany \U0001f1e9\U0001f1ea", "DE"), ("Inghilterra", "GB"),
     ("Venezuela (Bolivarian Republic of)", "VE"), ("Ireland (Republic)", "IE"), ("xx_XX", None)],
)  # fmt: skip
def test_a_country_by_what_sports_systems_and_flags_call_it(name: str, code: str | None) -> None:
    assert read_country(name) == code


@pytest.mark.parametrize(
    "text",
    [
        "28/02/2026 - 10:00", "Sa., 28.02.2026 10:00", "Samstag, den 28. Februar 2026, 10:00 Uhr",
        "28. februari 2026 om 10:00",
        "28 feb. 2026 10:00 uur", "Feb-28-2026 10:00", "2026-Feb-28 10:00", "28Feb2026 10:00",
        "28FEB2026:10:00:00",
        "2026年2月28日 10:00", "10:00 AM 2/28/2026", "10:00, 28.02.2026", "28.02.2026 10:00 MEZ",
        "28.02.2026 11:00 MESZ",
        "2026-02-28T10:00:00+01:00[Europe/Berlin]", "28.02.2026 10:00 (UTC+01:00) Berlin",
        "Sat Feb 28 10:00:00 CET 2026",
        "Sat Feb 28 09:00:00 +0000 2026", "Feb 28 10:00:00 2026", "1772269200.0", "1772269200000000",
        "/Date(1772269200000)/",
        "/Date(1772269200000+0100)/", "20260228 1000", "20260228-100000", "28.02.2026 10:00h",
        "28/02/2026 10 h 00",
        "28/02/2026 alle ore 10:00", "28/02/2026 a las 10:00 hs", "2026-02-28 10-00-00", "2026-02-28_10:00:00",
        "2026-02-28T04:00:00\u221205:00", "28\u201102\u20112026 10:00", "'28.02.2026 10:00",
        "28.2.2026 klo 10.00",
        "2/28/2026 4:00 AM EST (GMT-5)",
    ],
)  # fmt: skip
def test_an_instant_is_read_as_programmes_and_people_write_it(text: str) -> None:
    assert read_time(text, "dmy", ZoneInfo("Europe/Berlin")) == datetime(2026, 2, 28, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Feb 2026",
        "28.02.2026 10:00 Pacific Time",
        "2026-02-28-05:00",
        "10:00 hello",
        "1,77227E+09",
    ],
)
def test_what_may_be_several_instants_is_none(text: str) -> None:
    assert read_time(text, "dmy", ZoneInfo("Europe/Berlin")) is None


def test_day_and_month_behind_a_weekday_or_a_clock_are_asked_for_too() -> None:
    assert find_date_order(["Mon 2/3/2026"]) == "ambiguous"
    assert find_date_order(["10:00 AM 2/3/2026", "9:00 AM 2/28/2026"]) == "mdy"


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("EmailAddress", "email"), ("WorkEmail", "email"), ("RecipientEmail", "email"), ("Emails", "email"),
        ("Email1", "email"),
        ("<b>Email</b>", "email"), ("Customer Email", "email"), ("E-mail adres", "email"), ("Email aziendale", "email"),
        ("Zakelijk e-mailadres", "email"), ("Email de contacto", "email"),
        ("What's the best email to reach you?", "email"),
        ("PhoneNumber", "phone"), ("Mob.", "phone"), ("Direct dial", "phone"), ("Handy-Nr.", "phone"),
        ("Tel.nr.", "phone"),
        ("Ligne directe", "phone"), ("Nº de telemóvel", "phone"), ("GSM", "phone"), ("Recapito telefonico", "phone"),
        ("Celular (WhatsApp)", "phone"), ("Name (First)", "first_name"), ("Vorname(n)", "first_name"),
        ("Prénom(s)", "first_name"),
        ("Apellido(s)", "last_name"), ("Zuname", "last_name"), ("Vor- und Nachname", "full_name"),
        ("Naam", "full_name"),
        ("Nome e cognome", "full_name"), ("CompanyName", "company"), ("Org.", "company"), ("Arbeitgeber", "company"),
        ("Razón social", "company"), ("Società", "company"), ("Bedrijfsnaam", "company"),
        ("Company name (if any)", "company"),
        ("Job function", "job_title"), ("Tätigkeit", "job_title"), ("Métier", "job_title"), ("Ruolo", "job_title"),
        ("CompanySize", "employees"), ("How many employees does your company have?", "employees"),
        ("# of employees", "employees"),
        ("N.º de empleados", "employees"), ("Numero di dipendenti", "employees"), ("Aantal medewerkers", "employees"),
        ("PostalCode", "postal_code"), ("CAP", "postal_code"), ("CreatedAt", "occurred_at"),
        ("Data iscrizione", "occurred_at"),
        ("Tijdstempel", "occurred_at"), ("Billing Country", "country"), ("País de residencia", "country"),
        ("EventID", None), ("Buyer email", None), ("Account email", None), ("Assistant phone", None),
        ("Email status", None),
        ("Phone country code", "dial_code"),
        ("Name company", None), ("Date of birth", None), ("Date", None), ("Fax", None),
        ("Last activity", None), ("Company owner", None), ("Mobile app", None), ("Subscribed", None),
    ],
)  # fmt: skip
def test_a_heading_is_known_as_tools_and_seven_languages_write_it(heading: str, field: str | None) -> None:
    """One that may name another person, or another day of theirs, is nobody's."""
    assert find_field_of_heading(heading) == field


def test_a_badge_and_a_weak_heading_are_known_run_together() -> None:
    assert is_badge_heading("BadgeID")
    assert is_fallback_heading("Org")
    assert not is_fallback_heading("Company")
