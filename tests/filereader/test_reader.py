"""Lists as people export them: read whole, and every line accounted for."""

import codecs
import csv
import io
from typing import Any, Literal, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filereader import FileFacts, FileRow, HeaderMissing, TableReader

HEADER = ["Email", "Name", "Note"]


def read(data: bytes, size: int = 0, **options: Any) -> tuple[list[FileRow], FileFacts]:
    """Read a file at once, or in chunks of `size` bytes; checks that its lines are accounted for."""
    reader = TableReader(**options)
    chunks = [data[at : at + size] for at in range(0, len(data), size)] if size else [data]
    rows = [row for chunk in chunks for row in reader.feed(chunk)] + reader.end()
    facts = reader.facts
    assert facts.lines == facts.above + facts.blank + facts.continued + facts.rows
    assert facts.rows == len(rows)
    assert [row.line for row in rows] == sorted({row.line for row in rows})
    return rows, facts


def cells(data: str | bytes) -> list[list[str] | None]:
    return [row.cells for row in read(data.encode() if isinstance(data, str) else data)[0]]


ADA = ["ada@x.example", "Ada", ""]


class TestWhatAFileIs:
    @pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
    def test_its_separator(self, separator: str) -> None:
        rows, facts = read(separator.join(HEADER).encode() + b"\n" + separator.join(ADA).encode())
        assert (facts.separator, facts.header, rows[0].cells) == (separator, HEADER, ADA)

    @pytest.mark.parametrize("first", ["sep=;", "SEP=;\r", '"sep=;"', "\ufeffsep=;"])
    def test_a_hint_in_its_first_line(self, first: str) -> None:
        rows, facts = read(f"{first}\nEmail;Name\nada@x.example;Ada, of Kent\n".encode())
        assert (facts.separator, facts.header_line, rows[0].line) == (";", 2, 3)
        assert rows[0].cells == ["ada@x.example", "Ada, of Kent"]

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    @pytest.mark.parametrize(
        "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "mac_roman"]
    )
    def test_its_encoding_and_line_ends(self, encoding: str, end: str) -> None:
        text = end.join(["Email\tName\tNote", "jm@x.example\tJürgen Müller\tSöhne", "é@x.example\tÉlodie\t", ""])
        rows, _ = read(text.encode(encoding), encoding="mac_roman" if encoding == "mac_roman" else None)
        assert [row.cells for row in rows] == [
            ["jm@x.example", "Jürgen Müller", "Söhne"],
            ["é@x.example", "Élodie", ""],
        ]

    def test_a_cyrillic_page(self) -> None:
        lines = [f"u{n}@x.example;Иван Петров;Завод имени Кирова" for n in range(20)]
        rows, facts = read("\n".join(["Email;Имя;Компания", *lines]).encode("cp1251"))
        assert (facts.encoding, facts.header[1], (rows[0].cells or [])[1]) == ("cp1251", "Имя", "Иван Петров")

    @pytest.mark.parametrize(
        ("encoding", "names"),
        [
            ("cp1252", "Zoé Brûlé;Loïc Où;Çelik Ñandú"),
            ("cp1252", "Jürgen Groß;Åsa Öberg;Søren Kjær;João Conceição;Nicolò Forlì"),
            ("cp1252", "JÜRGEN MÜLLER \u2013 „Söhne“ & Cie. ©"),
            ("mac_roman", "Zoé Brûlé;Jürgen Müller;Søren Kjær"),
            ("cp1250", "Zdeněk Dvořák;Lucie Říhová;Plzeň;Třebíč"),
            ("cp1250", "Łukasz Wójcik;Małgorzata Żak;Kraków"),
            ("cp1250", "Ferenc Szőke;Gyűrű Ödön;Győr;Szűcs"),
            ("cp1254", "Ayşe Şahin;Çağla Güneş;Muğla"),
            ("cp1257", "Jānis Bērziņš;Žydrūnas Šimkus;Tõnu Ööbik"),
        ],
    )
    def test_a_latin_code_page_by_the_words_that_it_makes(self, encoding: str, names: str) -> None:
        """A short file tells no guesser anything; whose letters a word is written with does."""
        lines = ["Email;Name;Place", *(f"u{n}@x.example;{name};" for n, name in enumerate(names.split(";")))]
        rows, _ = read("\n".join(lines).encode(encoding, "ignore"))
        assert [(row.cells or [])[1] for row in rows] == names.encode(encoding, "ignore").decode(encoding).split(";")

    def test_one_line_in_another_encoding_costs_nobody(self) -> None:
        data = "Email,Name\nada@x.example,Zoë\n".encode() + "jm@x.example,Jürgen\n".encode("cp1252")
        assert [row.cells for row in read(data, size=7)[0]] == [
            ["ada@x.example", "Zoë"],
            ["jm@x.example", "Jürgen"],
        ]

    def test_an_encoding_that_nobody_knows(self) -> None:
        with pytest.raises(LookupError):
            TableReader(encoding="klingon")


class TestTheHeader:
    def test_titles_and_blank_lines_stand_above_it(self) -> None:
        rows, facts = read(b"Attendee report\n;;\nExported 2026-03-01\n\nEmail;Name;Note\nada@x.example;Ada;\n")
        assert (facts.header_line, facts.above, rows[0].line) == (5, 5, 6)

    def test_the_caller_may_know_it_better(self) -> None:
        rows, facts = read(b"A,B,C\nEmail,Name,Note\nada@x.example,Ada,\n", is_header=lambda row: "Email" in row)
        assert (facts.header_line, len(rows)) == (2, 1)

    def test_unnamed_columns_at_its_end_and_equal_names(self) -> None:
        rows, facts = read(b"Email,Comments,Comments,,\nada@x.example,1,2,,\n,,,,\n")
        assert (facts.header, facts.width, facts.blank) == (["Email", "Comments", "Comments (2)"], 5, 1)
        assert rows[0].cells == ["ada@x.example", "1", "2", "", ""]

    def test_a_separator_and_a_line_break_inside_a_quoted_name(self) -> None:
        rows, facts = read(b'Email,"What, if anything,\nmay we show you?",Note\nada@x.example,All,\n')
        assert facts.header == ["Email", "What, if anything, may we show you?", "Note"]
        assert (facts.above, rows[0].line, rows[0].cells) == (2, 3, ["ada@x.example", "All", ""])

    @pytest.mark.parametrize(
        "row",
        ["Ada,Mobile,+44 20 7946 0958", "Ada,Mobile,020 7946 0958", "Ada,Mobile,ada@x.example ::: ada@y.example"],
    )
    def test_a_row_of_somebody_is_none_though_a_cell_of_it_is_called_like_a_column(self, row: str) -> None:
        """An address book says `Mobile` of what kind a number is; whoever stands above such a header would be lost."""
        rows, facts = read(f"Name,Kind,Value\n{row}\n".encode(), is_header=lambda cells: "Mobile" in cells)
        assert (facts.header_line, len(rows)) == (1, 1)

    def test_its_names_may_show_an_example_and_hold_a_date(self) -> None:
        _, facts = read(b"2026-02-28,Your work e-mail (such as ada@x.example)\nx,bob@x.example\n")
        assert facts.header[0] == "2026-02-28"

    def test_what_nobody_sees_is_no_part_of_its_names(self) -> None:
        _, facts = read("\ufeff\ufeffE-Mail,Vor\u00adname,\u200bFirma\nada@x.example,Ada,X\n".encode())
        assert facts.header == ["E-Mail", "Vorname", "Firma"]

    @pytest.mark.parametrize("data", [b"", b"\n\n", b"ada@x.example,Ada\nbob@x.example,Bob\n", b"1,2\n3,4\n"])
    def test_a_file_that_names_no_columns(self, data: bytes) -> None:
        with pytest.raises(HeaderMissing) as missing:
            read(data)
        assert missing.value.line == 1

    def test_one_column_is_a_list_too(self) -> None:
        assert cells("email\nada@x.example\nbob@x.example\n") == [["ada@x.example"], ["bob@x.example"]]


class TestFurtherTables:
    def test_each_has_its_header_and_its_width(self) -> None:
        data = (
            b"Host Details,\nName,Email,Joined\nMia,mia@x.example,10:00\nAttendees,\n"
            b"Attended,Email,First name,Name,Joined\nYes,ada@x.example,Ada,Ada King,10:01\nNo,bo@x.example,Bo,Bo,--\n"
        )
        for size in (0, 9):
            rows, facts = read(data, size, is_header=lambda row: "Email" in row)
            assert facts.tables == [["Name", "Email", "Joined"], ["Attended", "Email", "First name", "Name", "Joined"]]
            assert [(row.line, row.table, row.fault) for row in rows] == [
                (3, 0, ""), (4, 0, ""), (6, 1, ""), (7, 1, ""),
            ]  # fmt: skip
            assert (facts.above, facts.header_line) == (3, 2)

    def test_files_that_were_put_together_repeat_their_header(self) -> None:
        rows, facts = read(b"email,name,\na@x.example,Ada\nEmail,name,\nb@x.example,Bo\nemail,name\n")
        assert [row.cells for row in rows] == [["a@x.example", "Ada"], ["b@x.example", "Bo"]]
        assert (facts.above, len({row.table for row in rows})) == (3, 2)
        assert cells("email\na@x.example\nemail\nb@x.example\n") == [["a@x.example"], ["b@x.example"]]

    @pytest.mark.parametrize("row", ["Ada,Email,", "Email,,", "Name,Email,ada@x.example", "Name,Email,x,y,z"])
    def test_a_row_that_has_a_word_of_the_header_is_a_row(self, row: str) -> None:
        assert len(cells(f"Name,Email,Joined\n{row}\nBo,bo@x.example,\n")) == 2


class TestWhatASpreadsheetDidTwice:
    """Opened as one column and saved again, a list comes with each line in quotes."""

    def test_lines_in_quotes_are_read_within(self) -> None:
        text = '"email,company"\n"a@x.example,""Acme, Inc."""\n"b@x.example,Bo"\n'
        assert cells(text) == [["a@x.example", "Acme, Inc."], ["b@x.example", "Bo"]]

    def test_lines_in_quotes_below_a_plain_header_are_read_within(self) -> None:
        text = 'email,company\n"a@x.example,""Acme, Inc."""\nb@x.example,Bo\n"c, d"\n"just, one, cell"\n'
        assert cells(text) == [["a@x.example", "Acme, Inc."], ["b@x.example", "Bo"], ["c", " d"], ["just, one, cell"]]

    def test_a_column_that_holds_commas_is_one_column(self) -> None:
        assert cells('"Name, first"\n"King, Ada, Ms"\n"Cole, Bo"\n')[0] == ["King, Ada, Ms"]


class TestLineEnds:
    def test_a_file_may_have_several_kinds(self) -> None:
        """Else a row that ends in CR alone would take the next person into itself."""
        data = b"email,name,note\r\na@x.example,Ada,\nb@x.example,Bo\rc@x.example,Cy\r\n\r\n"
        for size in (0, 1, 7):
            rows, facts = read(data, size)
            assert [(row.cells or [])[0] for row in rows] == ["a@x.example", "b@x.example", "c@x.example"]
            assert (facts.lines, facts.blank, [row.line for row in rows]) == (5, 1, [2, 3, 4])
            assert rows[1].raw == b"b@x.example,Bo"

    def test_a_line_that_is_too_long_ends_in_cr_too(self) -> None:
        data = b"email,note\ra@x.example," + b"x" * 200 + b"\rb@x.example,y\r"
        for size in (0, 1, 7, 150, 223):
            rows, facts = read(data, size, limit=100)
            assert [(row.line, row.fault) for row in rows] == [(2, "line_too_long"), (3, "")]
            assert facts.lines == 3


class TestQuotes:
    def test_an_inch_mark_is_a_letter(self) -> None:
        text = 'email,note,city\na@x.example,55" panels,Rome\nb@x.example,24" and 27",Bonn\nc@x.example,"27"" x",Ulm\n'
        assert cells(text) == [
            ["a@x.example", '55" panels', "Rome"],
            ["b@x.example", '24" and 27"', "Bonn"],
            ["c@x.example", '27" x', "Ulm"],
        ]

    def test_a_quote_that_nothing_closes_costs_nobody(self) -> None:
        rows = cells('email,note\na@x.example,"24 inch\nb@x.example,ok\n' + "c@x.example,ok\n" * 300)
        assert rows[:2] == [["a@x.example", '"24 inch'], ["b@x.example", "ok"]]
        assert len(rows) == 302

    def test_a_quote_that_another_row_seems_to_close_costs_nobody(self) -> None:
        rows = cells('email,note,city\na@x.example,"24 inch,Rome\nb@x.example,"Acme, Inc.",Bonn\nc@x.example,x,Ulm\n')
        assert rows == [
            ["a@x.example", '"24 inch', "Rome"],
            ["b@x.example", "Acme, Inc.", "Bonn"],
            ["c@x.example", "x", "Ulm"],
        ]

    def test_two_marks_that_seem_to_close_each_other_cost_nobody(self) -> None:
        rows = cells('email,note,city\na@x.example,"24 inch,Rome\nb@x.example,55",Bonn\n')
        assert rows == [["a@x.example", '"24 inch', "Rome"], ["b@x.example", '55"', "Bonn"]]

    @pytest.mark.parametrize("between", ["b@x.example,,Bonn", ",,", "b@x.example,short", "b@x.example,a,b,long"])
    def test_a_mark_that_is_closed_lines_later_costs_nobody(self, between: str) -> None:
        rows = cells(f'email,note,city\na@x.example,"24 inch,Rome\n{between}\nc@x.example,5" x 7",Ulm\n')
        assert [(row or [])[0] for row in rows] == [
            "a@x.example", *["b@x.example"] * between.startswith("b"), "c@x.example",
        ]  # fmt: skip

    @pytest.mark.parametrize("second", ['c@x.example,"5,Ulm', 'c@x.example,",Ulm'])
    def test_two_marks_that_both_open_cost_nobody(self, second: str) -> None:
        rows = cells(f'email,note,city\na@x.example,"24 inch,Rome\n{second}\n')
        assert [(row or [])[0] for row in rows] == ["a@x.example", "c@x.example"]

    def test_a_cell_may_begin_with_a_line_break(self) -> None:
        rows = cells('note,email\n"\nhello","a@x.example"\n,"b@x.example"\n"\n\n",c@x.example\n')
        assert [(row or ["", ""])[1] for row in rows] == ["a@x.example", "b@x.example", "c@x.example"]

    def test_a_cell_of_several_lines(self) -> None:
        rows, facts = read(b'email,note,city\na@x.example,"Hello, there\n\nbye",Rome\nb@x.example,,Bonn\n')
        assert [row.cells for row in rows] == [
            ["a@x.example", "Hello, there\n\nbye", "Rome"],
            ["b@x.example", "", "Bonn"],
        ]
        assert ([(row.line, row.lines) for row in rows], facts.continued) == ([(2, 3), (5, 1)], 2)


class TestRowsThatDoNotFit:
    def test_more_cells_than_the_header(self) -> None:
        rows, _ = read(b"email,company,title\na@x.example,Acme, Inc.,COO\nb@x.example,Acme,Buyer,,\n")
        assert [(row.fault, len(row.cells or [])) for row in rows] == [("too_many_cells", 4), ("", 3)]
        assert rows[0].raw == b"a@x.example,Acme, Inc.,COO"

    def test_more_cells_than_the_header_over_several_lines(self) -> None:
        rows, facts = read(
            b'email,remarks\na@x.example,"line 1\nline 2",one more\nb@x.example,"24 inch\nc@x.example,5",x\n'
        )
        assert [(row.line, row.fault, len(row.cells or [])) for row in rows] == [
            (2, "too_many_cells", 3), (4, "", 2), (5, "too_many_cells", 3),
        ]  # fmt: skip
        assert facts.continued == 1

    def test_fewer_cells_than_the_header(self) -> None:
        assert cells("email,company,title\na@x.example\n") == [["a@x.example"]]

    def test_a_line_that_is_too_long(self) -> None:
        data = b"email,note\na@x.example," + b"x" * 5_000 + b"\nb@x.example,y\n"
        for size in (0, 7, 1_000):
            rows, facts = read(data, size, limit=1_000)
            assert [(row.line, row.fault, len(row.raw)) for row in rows] == [(2, "line_too_long", 1_000), (3, "", 13)]
            assert facts.lines == 3

    def test_a_nul_is_no_letter(self) -> None:
        data = b"email,note\na@x.example,a\0b\n" + b"b@x.example,plain text here\n" * 3
        assert cells(data)[0] == [
            "a@x.example",
            "a\ufffdb",
        ]


CELL = st.text(st.characters(codec="cp1252", exclude_categories=("Cc", "Cf", "Zl", "Zp")), max_size=12)
SHORT = st.text("ab ,;|\t\"'\n", max_size=6)


@given(
    rows=st.lists(st.lists(CELL | SHORT, min_size=2, max_size=2), max_size=12),
    separator=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    end=st.sampled_from(["\n", "\r\n"]),
    blanks=st.sets(st.integers(0, 12)),
    size=st.integers(0, 40),
)
def test_what_a_spreadsheet_writes_comes_back(  # noqa: PLR0917 - hypothesis fills them in by name
    rows: list[list[str]], separator: str, encoding: str, end: str, blanks: set[int], size: int
) -> None:
    """Any dialect, encoding and chunking: the same cells, and a count for each line."""
    written = [[f"p{n}@x.example", *(cell.strip() for cell in row)] for n, row in enumerate(rows)]
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, lineterminator=end)
    writer.writerow(HEADER)
    for number, row in enumerate(written):
        writer.writerow(row)
        text.write(end if number in blanks else "")
    found, facts = read(text.getvalue().encode(encoding), size, is_header=lambda row: "Email" in row)
    assert [row.cells for row in found if row.cells] == written
    assert facts.blank == len(blanks & set(range(len(written))))


@given(
    lines=st.lists(st.text("ab@.,\"' ", max_size=20), max_size=40),
    size=st.integers(0, 30),
)
def test_whatever_stands_in_a_file_each_line_is_counted_and_each_byte_is_somewhere(lines: list[str], size: int) -> None:
    """Stray marks of any kind: nobody's line vanishes into another row without being part of it."""
    data = "\n".join(["email,name,note", *lines]).encode()
    rows, facts = read(data, size)
    assert facts.lines == len(data.split(b"\n")) - (data.endswith(b"\n"))
    taken = {number for row in rows for number in range(row.line, row.line + row.lines)}
    for number, line in enumerate(lines, start=2):
        blank = not line.strip(' \t\r",;|')
        assert blank or number in taken
    at = {row.line: row for row in rows}
    for row in at.values():
        assert row.raw.decode() == "\n".join(lines[row.line - 2 : row.line - 2 + row.lines])


@given(
    marks=st.sets(st.integers(0, 399), max_size=30), kind=st.sampled_from(['24" screens', '"24 inch', 'the "best" one'])
)
def test_stray_marks_cost_nobody(marks: set[int], kind: str) -> None:
    """A thousand rows with inch marks anywhere give a thousand rows."""
    lines = [f"p{n}@x.example,Acme {n},{kind if n in marks else 'x'}" for n in range(400)]
    rows, _ = read("\n".join(["email,company,title", *lines]).encode())
    assert [(row.cells or [""])[0] for row in rows] == [f"p{n}@x.example" for n in range(400)]


def test_every_line_may_open_a_quote() -> None:
    rows, facts = read(b"email,note\n" + b'a@x.example,"open\n' * 3_000)
    assert (len(rows), facts.continued) == (3_000, 0)


@given(
    lines=st.lists(st.text("ab@.é\"' ,;\t|", max_size=16), max_size=25),
    separator=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    hint=st.booleans(),
    size=st.integers(0, 40),
)
def test_any_dialect_with_stray_marks_accounts_for_each_line_and_each_byte(  # noqa: PLR0917 - as hypothesis names them
    lines: list[str], separator: str, encoding: str, end: str, hint: bool, size: int
) -> None:
    """Whatever stands in the lines: each is above, blank, or its bytes are those of exactly one row."""
    written = [f"sep={separator}"] * hint + [separator.join(HEADER), *lines]
    data = end.join(written).encode(encoding) + end.encode(encoding.removesuffix("-sig")).removeprefix(BOMS[encoding])
    named = encoding if encoding == "cp1252" else None
    rows, facts = read(data, size, encoding=named, is_header=lambda row: row == HEADER)
    assert (facts.lines, facts.above, facts.separator) == (len(written), 1 + hint, separator)
    at = 1 + hint
    for row in rows:
        while at < row.line - 1:
            assert not written[at].strip(' \t\r",;|')
            at += 1
        assert row.raw.decode() == end.join(written[at : at + row.lines])
        at += row.lines
    assert not "".join(written[at:]).strip(' \t\r",;|')


BOMS = {"utf-16": codecs.BOM_UTF16, "utf-32": codecs.BOM_UTF32, "utf-8-sig": b""} | dict.fromkeys(
    ("utf-8", "utf-16-le", "utf-16-be", "cp1252"), b""
)
"""What Python writes before a text of the encoding, to take it off the last line end."""


class Dialect(NamedTuple):
    """How a made file is written."""

    separator: str
    end: str
    encoding: str
    quoting: Literal["never", "where needed", "always"]
    hint: bool
    titles: tuple[str, ...]
    unnamed: int
    """Columns without a name at the right, and their empty cells."""


MARKED = {"utf-8-sig": codecs.BOM_UTF8, "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
DIALECTS = st.builds(
    Dialect,
    separator=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "cp1252", "latin-1"]),
    quoting=st.sampled_from(["never", "where needed", "always"]),
    hint=st.booleans(),
    titles=st.lists(st.sampled_from(["", "Attendee report", "Exported 2026-03-01", '""']), max_size=3).map(tuple),
    unnamed=st.integers(0, 3),
)
WRITTEN = st.text("abc éüß'.-", max_size=10)
"""What fits every encoding and needs no quotes."""
MARKS = st.sampled_from(
    ['24" screens', '"24 inch', '5" x 7"', 'the "best" one', '27""', '"', "O'Brien", "United States", "51-200", "TRUE"]
)
"""Stray quotes, and cells that are foreign to their field."""
SEVERAL = st.sampled_from(["two\nlines", "a, b; c\td|e", 'said "yes", twice', "\n"])
"""What has to be quoted."""
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["email", "phone", "both", "nobody"]),
        st.lists(WRITTEN | MARKS | SEVERAL, min_size=2, max_size=2),
        st.sampled_from([0, 0, 0, 0, -1, -2, 1, 2]),
        st.booleans(),
    ),
    max_size=14,
)
"""Whom a row names, its other cells, how much longer it is than the header, and whether a blank line follows."""
COLUMNS = ["Email", "Phone", "Name", "Note"]


def quoted(cell: str, dialect: Dialect) -> str:
    """Write a cell as a tool does that quotes never, always, or where the cell needs it."""
    needed = any(sign in cell for sign in (dialect.separator, "\n", "\r"))
    if dialect.quoting == "always" or (dialect.quoting == "where needed" and (needed or '"' in cell)):
        return '"' + cell.replace('"', '""').replace("\n", dialect.end) + '"'
    return " ".join(cell.replace(dialect.separator, " ").split("\n")) if needed else cell


def as_row(number: int, row: tuple[str, list[str], int, bool]) -> list[str]:
    who, (name, note), by, _ = row
    cells = [
        f"p{number}@x.example" if who in {"email", "both"} else "",
        f"+4917123450{number:02}" if who in {"phone", "both"} else "",
        name or "x", note or "y",
    ]  # fmt: skip
    return cells[:by] if by < 0 else [*cells, *["beyond"] * by]


@settings(deadline=None)
@given(dialect=DIALECTS, rows=ROWS, size=st.integers(0, 60))
def test_a_file_of_any_dialect_keeps_everybody_and_accounts_for_each_line_and_byte(
    dialect: Dialect, rows: list[tuple[str, list[str], int, bool]], size: int
) -> None:
    """Whatever wrote it: each person comes in their row, each reject has its bytes, each line its number."""
    written = [f"sep={dialect.separator}"] * dialect.hint + list(dialect.titles)
    header = [quoted(name, dialect) for name in COLUMNS] + [""] * dialect.unnamed
    written.append(dialect.separator.join(header))
    above = len(written)
    expected: list[tuple[int, str, list[str], bool]] = []
    """Line, text, cells, and whether it is longer than the header, of each row."""
    line = above + 1
    for number, row in enumerate(rows):
        cells = as_row(number, row)
        shown = [quoted(cell, dialect) for cell in cells]
        text = dialect.separator.join([*shown, *[""] * (dialect.unnamed if row[2] == 0 else 0)])
        written.append(text)
        if not is_blank_text(text) or text.split(dialect.end)[0].count('"') % 2:
            expected.append((line, text, cells, len(cells) > len(COLUMNS) + dialect.unnamed))
        line += 1 + text.count(dialect.end)
        if row[3]:
            written.append(dialect.separator * 3)
            line += 1
    text = dialect.end.join(written) + dialect.end
    data = MARKED.get(dialect.encoding, b"") + text.encode(dialect.encoding.removesuffix("-sig"))
    named = dialect.encoding if dialect.encoding in {"cp1252", "latin-1"} else None
    found, facts = read(data, size, encoding=named, is_header=lambda each: {"Email", "Phone"} <= {*each})
    assert (facts.lines, facts.above, facts.separator) == (line - 1, above, dialect.separator)
    people = {cell for _, _, cells, _ in expected for cell in cells[:2] if cell}
    kept = {cell for each in found for cell in each.texts()[:2]}
    assert people <= kept
    at = above
    lines = text.split(dialect.end)
    for each in found:
        assert is_blank_text("".join(lines[at : each.line - 1]))
        assert each.raw.decode() == dialect.end.join(lines[each.line - 1 : each.line - 1 + each.lines])
        at = each.line - 1 + each.lines
    assert is_blank_text("".join(lines[at:]))
    if dialect.quoting != "never" and all(who != "nobody" for who, *_ in rows):
        assert [(each.line, each.raw.decode(), bool(each.fault)) for each in found] == [
            (number, text, longer) for number, text, _, longer in expected
        ]
        for each, (_, _, cells, _) in zip(found, expected, strict=True):
            assert each.cells == [*cells, *[""] * (len(each.texts()) - len(cells))]


def is_blank_text(text: str) -> bool:
    return not text.strip(' \t\r\n",;|')
