"""CSV files as people export them: cut while they arrive, mapped by their header, harmless when we write them."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.domain.sheet import Columns, MappingRefused, Records, neutral, write

Rows = list[list[str] | None]
CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=8)
TABLES = st.lists(st.lists(CELLS, min_size=2, max_size=3), max_size=5)


def records(content: bytes, size: int = 7, limit: int = 200) -> Rows:
    found, cut = Records(limit), [content[at : at + size] for at in range(0, len(content), size)]
    rows = [row for chunk in cut for row in found.feed(chunk)]
    return rows + list(found.end())


class TestRecords:
    @pytest.mark.parametrize("size", [1, 3, 1000])
    def test_a_cell_may_hold_quotes_separators_and_line_ends(self, size: int) -> None:
        content = b'email,notes\r\na@x.example,"says ""hi"",\nthen leaves"\r\n\r\nb@x.example,\n'
        assert records(content, size) == [
            ["email", "notes"],
            ["a@x.example", 'says "hi",\nthen leaves'],
            ["b@x.example", ""],
        ]

    @pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
    def test_the_header_tells_the_separator_and_a_byte_order_mark_is_passed_over(self, separator: str) -> None:
        assert records(b"\xef\xbb\xbf" + separator.join(("email", "company")).encode()) == [["email", "company"]]

    def test_bytes_that_are_no_utf_8_spoil_their_own_row(self) -> None:
        """B7."""
        assert records(b"a,b\n\xe9,1\n2,3\n") == [["a", "b"], None, ["2", "3"]]

    def test_a_quote_that_is_never_closed_costs_its_line_alone(self) -> None:
        assert records(b'a,b\n"x,1\n2,3\n4,5') == [["a", "b"], None, ["2", "3"], ["4", "5"]]

    @pytest.mark.parametrize("size", [1, 50, 10_000])
    def test_a_line_too_long_is_passed_over_in_flat_memory(self, size: int) -> None:
        """B20: per line."""
        content = b"a,b\n" + b"x" * 5_000 + b",1\n2,3\n" + b"y" * 900
        assert records(content, size) == [["a", "b"], None, ["2", "3"], None]

    def test_a_record_of_many_lines_is_bounded_too(self) -> None:
        content = b'a,b\n"' + b"x\n" * 300 + b'",1\n2,3\n'
        rows = records(content, 11)
        assert rows[:2] == [["a", "b"], None]
        assert rows[-1] == ["2", "3"]

    def test_a_cell_beyond_what_the_reader_holds_is_refused(self) -> None:
        assert records(b"a,b\n" + b"x" * 140_000 + b",1\n2,3\n", 1_000, limit=200_000)[1:] == [None, ["2", "3"]]

    @given(TABLES, st.integers(1, 40))
    def test_what_a_writer_wrote_is_read_however_it_is_cut(self, rows: list[list[str]], size: int) -> None:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([["email", "b", "c"], *rows])
        read = records(text.getvalue().encode(), size, 10_000)
        assert read[1:] == [row for row in rows if ",".join(row).strip() or any(row)]


def mapped(header: list[str], cells: list[str], asked: dict[str, str | None] | None = None, **defaults: str) -> Any:
    told = Columns.of(header, asked or {}, defaults).told(cells)
    assert told.pop("event_id")
    return told


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

    def test_only_true_is_a_yes(self) -> None:
        """B51: a cell that says yes, on or 1 is left for the field's own rule to refuse."""
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
        one = Columns.of(["email", "company"], {}, {}).told(["a@x.example", "X"])
        two = Columns.of(["company", "email", "other"], {}, {}).told(["X", " a@x.example", "y"])
        assert one["event_id"] == two["event_id"]
        assert Columns.of(["email", "event_id"], {}, {}).told(["a@x.example", "7"])["event_id"] == "7"

    @pytest.mark.parametrize(
        ("header", "asked", "code"),
        [
            (["company"], {}, "mapping_names_nobody"),
            (["email", "email"], {}, "header_invalid"),
            ([str(n) for n in range(301)], {}, "header_invalid"),
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
            Columns.of(header, asked, {})
        assert caught.value.code == code


class TestFormulas:
    @pytest.mark.parametrize("cell", ["=cmd|calc@example.org", "=1+1", "@SUM(A1)", "-2+3", "+1", "\tx", "\rx"])
    def test_no_cell_that_we_write_is_run_by_a_spreadsheet_and_it_comes_back_as_it_was(self, cell: str) -> None:
        """B41, B50."""
        written = write([["a@x.example", cell]])
        (row,) = csv.reader(io.StringIO(written.decode(), newline=""))
        assert row == ["a@x.example", "'" + cell]
        told = Columns.of(["email", "company"], {}, {}).told(row)
        assert told.get("company") == cell.strip()
        assert neutral("harmless") == "harmless"
