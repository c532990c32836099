"""CSV files as people export them: cut while they arrive, mapped by their header, harmless when we write them."""

import csv
import io
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from capture.domain.cells import TimeStyle
from capture.domain.headings import find_field_of_heading
from capture.domain.sheet import ColumnMapping, MappingRefused, write_csv
from events.spreadsheets import neutralize_cell


def mapped(header: list[str], cells: list[str], asked: dict[str, str | None] | None = None, **defaults: str) -> Any:
    found = ColumnMapping.map_header(header, asked or {}, defaults).read_row(cells)
    assert found.pop("event_id")
    return found


class TestColumns:
    def test_a_header_maps_itself(self) -> None:
        header = ["E-Mail Address", "Firstname", "Company Size", "facts.seats", "Utm.Source", "What else"]
        cells = ["a@x.example", "Ada", "250", "5", "mail", "no"]
        assert mapped(header, cells, source="import") == {
            "source": "import", "email": "a@x.example", "first_name": "Ada", "employees": 250,
            "facts": {"seats": 5}, "utm": {"source": "mail"},
        }  # fmt: skip

    def test_what_is_asked_for_comes_before_what_the_header_says(self) -> None:
        asked = {"email": "Private", "company": None, "facts.note": "email"}
        assert mapped(["email", "Private", "company"], ["a@x.example", "b@x.example", "c"], asked) == {
            "email": "b@x.example", "facts": {"note": "a@x.example"},
        }  # fmt: skip

    def test_only_true_is_a_consent(self) -> None:
        """B51: a cell that says yes, on or 1 is left for the field's own rule to put aside."""
        header = ["email", "talk_to_sales", "consent.granted", "consent.purpose", "employees"]
        assert mapped(header, ["a@x.example", "true", "yes", "calls", "many"]) == {
            "email": "a@x.example", "talk_to_sales": True, "consent": {"granted": "yes", "purpose": "calls"},
            "employees": "many",
        }  # fmt: skip

    def test_facts_are_numbers_where_they_read_as_such_and_keep_their_zeros(self) -> None:
        header = ["email", "facts.a", "facts.b", "facts.c", "facts.d"]
        assert mapped(header, ["a@x.example", "-12", "2.5", "0049", "false"])["facts"] == {
            "a": -12, "b": 2.5, "c": "0049", "d": False,
        }  # fmt: skip

    def test_a_short_row_leaves_its_last_fields_open(self) -> None:
        assert mapped(["email", "company"], ["a@x.example"]) == {"email": "a@x.example"}

    def test_the_same_row_is_one_event_in_whatever_file(self) -> None:
        """A repaired file may be sent again whole: what was taken in before is a duplicate."""
        columns = ColumnMapping.map_header(["email", "company"], {}, {}).read_row(["a@x.example", "X"])
        two = ColumnMapping.map_header(["company", "email", "other"], {}, {}).read_row(["X", " a@x.example", "y"])
        assert columns["event_id"] == two["event_id"]
        assert (
            ColumnMapping.map_header(["email", "id"], {"event_id": "id"}, {}).read_row(["a@x.example", "7"])["event_id"]
            == "7"
        )

    @pytest.mark.parametrize(
        ("header", "asked", "code"),
        [
            (["company"], {}, "mapping_names_nobody"),
            ([], {}, "header_invalid"),
            ([str(n) for n in range(2_001)], {}, "header_invalid"),
            (["email"], {"score": "email"}, "mapping_field_unknown"),
            (["email"], {"company": "Firm"}, "mapping_column_unknown"),
            (["email", *(f"facts.f{n}" for n in range(51))], {}, "too_many_facts"),
        ],
    )
    def test_a_mapping_that_cannot_be_is_refused(
        self, header: list[str], asked: dict[str, str | None], code: str
    ) -> None:
        """B57: nobody maps a column to a field that is not theirs to set."""
        with pytest.raises(MappingRefused) as caught:
            ColumnMapping.map_header(header, asked, {})
        assert caught.value.code == code


class TestHeadersOfTools:
    @pytest.mark.parametrize(
        "header",
        ["Event ID", "event_id", "Event_Id"],
    )
    def test_the_id_of_an_event_is_no_id_of_a_submission(self, header: str) -> None:
        columns = ColumnMapping.map_header(["Email", header], {}, {})
        assert columns.unmapped_columns() == [header]
        assert columns.read_row(["a@x.example", "7"])["event_id"] != columns.read_row(["b@x.example", "7"])["event_id"]

    @pytest.mark.parametrize(
        ("header", "field"),
        [
            ("Adresse e-mail", "email"), ("Correo electrónico *", "email"), ("Email (required)", "email"),
            ("What is your work e-mail address?", "email"), ("Ihre E-Mail-Adresse", "email"),
            ("Courriel professionnel", "email"),
            ("Téléphone", "phone"), ("Telefon geschäftlich", "phone"), ("Celular", "phone"),
            ("Business Phone", "phone"),
            ("Prénom", "first_name"), ("Nome", "first_name"), ("Sobrenome", "last_name"), ("Société", "company"),
            ("Your company:", "company"), ("Business name", "company"), ("País", "country"), ("Fonction", "job_title"),
            ("Mitarbeiterzahl", "employees"), ("Unternehmensgröße", "employees"), ("Código postal", "postal_code"),
            ("Owner email", None), ("Account Manager E-mail", None), ("Referred by (email)", None), ("Lead ID", None),
            ("Company", "company"), ("Your", None), ("(required)", None), ("User name", None), ("Lead owner", None),
            ("Person - Email - Work", "email"), ("E-mail 1 - Value", "email"), ("Email 2", "email"),
            ("Email ID", "email"),
            ("What's your *email* address?", "email"), ("E-mail corporativo", "email"), ("Indirizzo e-mail", "email"),
            ("Mobile No.", "phone"), ("Phone 1 - Value", "phone"), ("Numéro de portable", "phone"),
            ("WhatsApp", "phone"),
            ("Person - Phone - Mobile", "phone"), ("Telefoonnummer", "phone"), ("Phone 1 - Label", None),
            ("And your last name?", "last_name"), ("Cognome", "last_name"),
            ("Which company do you work for?", "company"), ("Organization Name", "company"), ("Name 2", None),
            ("Nº de empleados", "employees"), ("No. of Employees", "employees"), ("Zip/Postal Code", "postal_code"),
            ("Submit Date (UTC)", "occurred_at"), ("Marca temporal", "occurred_at"), ("Horodateur", "occurred_at"),
            ("Carimbo de data/hora", "occurred_at"), ("Created Date", "occurred_at"), ("Owner 2 email", None),
        ],
    )  # fmt: skip
    def test_a_heading_is_read_in_any_of_seven_languages_and_with_what_a_form_puts_around_it(
        self, header: str, field: str | None
    ) -> None:
        """A column that names another person is none of these."""
        assert find_field_of_heading(header) == field

    def test_the_first_filled_column_of_a_field_counts(self) -> None:
        columns = ["Email", "Phone", "Mobile"]
        assert mapped(columns, ["a@x.example", "", "p:+491712345678"])["phone"] == "p:+491712345678"
        assert mapped(columns, ["a@x.example", "1", "2"])["phone"] == "1"

    def test_a_clearer_heading_of_a_field_counts_first(self) -> None:
        """A `Title` beside a `Job title` is Dr; whoever joined had registered before."""
        assert mapped(["Title", "Job Title", "Email"], ["Ms", "CTO", "a@x.example"])["job_title"] == "CTO"
        assert mapped(["Title", "Email"], ["CTO", "a@x.example"])["job_title"] == "CTO"
        times = ["2026-02-01 10:00", "2026-03-01 10:00", "a@x.example"]
        joined = mapped(["Registration Time", "Join Time", "Email"], times)
        assert joined["occurred_at"] == "2026-03-01T10:00:00+00:00"

    def test_a_column_may_name_its_zone(self) -> None:
        style = TimeStyle(zone=ZoneInfo("Europe/Madrid"))
        for name, hour in (("Submit date (UTC)", 10), ("Submit date", 9)):
            columns = ColumnMapping.map_header([name, "email"], {}, {}, style)
            found = columns.read_row(["2026-02-01 10:00", "a@x.example"])["occurred_at"]
            assert found == f"2026-02-01T{hour:02}:00:00+00:00"

    @pytest.mark.parametrize("cell", ["-", "--", "n/a", "#N/A", "NULL", "k. A.", "(blank)", "\\N", " - "])
    def test_a_cell_that_says_nothing_is_empty(self, cell: str) -> None:
        assert mapped(["email", "Last name", "facts.a"], ["a@x.example", cell, cell]) == {"email": "a@x.example"}
        assert mapped(["email", "Last name"], ["a@x.example", "Null"])["last_name"] == "Null"

    def test_a_further_table_has_columns_of_its_own(self) -> None:
        """Webinar tools write hosts and attendees below one another, each under another header."""
        first = ColumnMapping.map_header(
            ["Name", "Email", "Role"], {"facts.role": "Role", "company": None}, {"source": "import"}
        )
        second = first.for_further_table(["Email", "Name", "Country"])
        cells = ["a@x.example", "Ada King", "Spain"]
        assert second.read_row(cells)["country"] == "ES"
        assert second.defaults == first.defaults
        nobody = first.for_further_table(["Name", "Role"])
        assert (nobody.places, nobody.header) == ((), ("Name", "Role"))

    def test_a_whole_name_is_parted_where_there_are_no_parts(self) -> None:
        assert mapped(["full_name", "email"], ["Ada Lovelace", "a@x.example"]) == {
            "email": "a@x.example", "first_name": "Ada", "last_name": "Lovelace",
        }  # fmt: skip
        for first, last, name in (("Name", "Last name", "Ada"), ("Vorname", "Name", "Ada"), ("Vorname", "Name", "")):
            named = mapped([first, last, "email"], [name, "King", "a@x.example"])
            assert (named.get("first_name"), named["last_name"]) == (name or None, "King")
        assert mapped(["Name", "Surname", "email"], ["King, Ada", "King", "a@x.example"])["first_name"] == "Ada"
        assert mapped(["Name", "First name", "email"], ["Ada King", "Ada", "a@x.example"])["last_name"] == "King"
        assert mapped(["Name", "First name", "email"], ["King, ADA", "Ada", "a@x.example"])["last_name"] == "King"
        whole = mapped(
            ["Full name", "First name", "Last name", "email"], ["Ada M. King", "Augusta", "Byron", "a@x.example"]
        )
        assert (whole["first_name"], whole["last_name"]) == ("Augusta", "Byron"), "parts that are given stay"
        assert mapped(["Who", "email"], ["Lovelace, Ada", "a@x.example"], {"full_name": "Who"})["first_name"] == "Ada"

    @pytest.mark.parametrize(("known", "name"), [("Jo", "Johnson"), ("Karl", "Karlsson"), ("Ada", "Lovelace")])
    def test_a_name_that_only_begins_like_the_other_stays_whole(self, known: str, name: str) -> None:
        for columns in (["Vorname", "Name", "email"], ["Nachname", "Name", "email"]):
            found = mapped(columns, [known, name, "a@x.example"])
            assert {found["first_name"], found["last_name"]} == {known, name}
        assert mapped(["Nachname", "Name", "email"], ["son", "Anderson", "a@x.example"])["first_name"] == "Anderson"

    def test_cells_are_translated(self) -> None:
        header = ["Email", "Country", "Company size", "talk_to_sales", "consent.granted", "Created at"]
        found = mapped(header, ["Ada <a@x.example>", "Deutschland", "51-200", "Ja", "WAHR", "28.02.2026 10:00"])
        assert found == {
            "email": "a@x.example", "country": "DE", "employees": 51, "talk_to_sales": True,
            "consent": {"granted": True}, "occurred_at": "2026-02-28T10:00:00+00:00",
        }  # fmt: skip

    def test_the_order_of_day_and_month_is_that_of_the_file(self) -> None:
        columns = ColumnMapping.map_header(["email", "Created at"], {}, {})
        unclear, clear = ["a@x.example", "2/3/2026"], ["b@x.example", "2/28/2026"]
        assert columns.find_ambiguous_time_column([unclear]) == 2
        assert columns.find_ambiguous_time_column([unclear, clear]) is None
        asked = ColumnMapping.map_header(["email", "Created at"], {}, {}, TimeStyle(order="dmy"))
        assert asked.find_ambiguous_time_column([unclear]) is None
        assert asked.with_date_order([clear]) is asked
        assert asked.read_row(unclear)["occurred_at"] == "2026-03-02T00:00:00+00:00"
        assert columns.with_date_order([clear]).read_row(unclear)["occurred_at"] == "2026-02-03T00:00:00+00:00"
        assert columns.with_date_order([unclear]).read_row(unclear)["occurred_at"] == "2/3/2026"


class TestFormulas:
    @pytest.mark.parametrize("cell", ["=cmd|calc@example.org", "=1+1", "@SUM(A1)", "-2+3", "+1", "\tx", "\rx"])
    def test_no_cell_that_we_write_is_run_by_a_spreadsheet_and_it_comes_back_as_it_was(self, cell: str) -> None:
        """B41, B50."""
        written = write_csv([["a@x.example", cell]])
        (row,) = csv.reader(io.StringIO(written.decode(), newline=""))
        assert row == ["a@x.example", "'" + cell]
        found = ColumnMapping.map_header(["email", "company"], {}, {}).read_row(row)
        assert found.get("company") == cell.strip()
        assert neutralize_cell("harmless") == "harmless"


class TestAnOrganisersList:
    @pytest.mark.parametrize("name", ["Badge ID", "BARCODE", "Registration Number", "Ticket-Code"])
    def test_its_badge_is_found_by_name(self, name: str) -> None:
        columns = ColumnMapping.map_header([name, "Full name"], {}, {}, lists_badges=True)
        assert columns.read_row(["0042", "Ada Falk"])["badge"] == "0042"

    def test_a_list_that_is_none_has_no_badge(self) -> None:
        assert "Badge ID" in ColumnMapping.map_header(["email", "Badge ID"], {}, {}).unmapped_columns()
        with pytest.raises(MappingRefused, match="mapping_field_unknown"):
            ColumnMapping.map_header(["email", "Badge ID"], {"badge": "Badge ID"}, {})

    def test_the_column_may_be_named(self) -> None:
        columns = ColumnMapping.map_header(["Badge", "Barcode", "Who"], {"badge": "Barcode"}, {}, lists_badges=True)
        assert dict(columns.places)["badge"] == (1,)
