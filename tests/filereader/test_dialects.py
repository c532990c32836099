"""Files as databases, cash desks and old programs write them: read whole, or refused by what they are."""

import codecs

import pytest

from filereader import FileFacts, HeaderMissing, NotAList, TableReader

ADA, BO = "ada@x.example", "bo@x.example"


def read(data: str | bytes) -> tuple[list[list[str]], FileFacts]:
    """Read a file whose header has an `Email` or a `Phone`; checks that its lines are accounted for."""
    reader = TableReader(is_header=lambda cells: any(cell.strip().lower() in {"email", "phone"} for cell in cells))
    rows = [*reader.feed(data.encode() if isinstance(data, str) else data), *reader.end()]
    facts = reader.facts
    assert facts.lines == facts.above + facts.blank + facts.continued + facts.rows
    assert not any(row.fault for row in rows)
    return [row.texts() for row in rows], facts


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (f"'Email','Name'\n'{ADA}','King, Ada'\n'{BO}','O''Brien'\n", [[ADA, "King, Ada"], [BO, "O'Brien"]]),
        (f"Email;Name\n'{ADA}';'King; Ada'\n'{BO}';24\" screens\n", [[ADA, "King; Ada"], [BO, '24" screens']]),
        (f"'Email','Note'\n'{ADA}','two\nlines'\n'{BO}',''\n", [[ADA, "two\nlines"], [BO, ""]]),
        (f"'Email','Name'\n'{ADA}','O\\'Brien, Ada'\n", [[ADA, "O'Brien, Ada"]]),
        ("'Phone','Name'\n'+491712345678','King, Ada'\n", [["+491712345678", "King, Ada"]]),
        (f"Email,Name\n{ADA},'t Hooft\n{BO},O'Brien\n", [[ADA, "'t Hooft"], [BO, "O'Brien"]]),
        (f"Email,Name\n{ADA},'0171\n{BO},'0049\n", [[ADA, "'0171"], [BO, "'0049"]]),
        (f'Email,Name\n{ADA},"The \\"best\\", Ltd"\n{BO},"a\\\\"\n', [[ADA, 'The "best", Ltd'], [BO, "a\\"]]),
        (f'Email,Path\n{ADA},"C:\\"\n{BO},"a ""b"" c"\n', [[ADA, "C:\\"], [BO, 'a "b" c']]),
        (f"“Email”,“Name”\n“{ADA}”,“King, Ada”\n", [[ADA, "King, Ada"]]),
        (f"„Email“;„Name“\n„{ADA}“;„King; Ada“\n", [[ADA, "King; Ada"]]),
    ],
)  # fmt: skip
def test_cells_are_quoted_as_the_file_quotes_them(text: str, rows: list[list[str]]) -> None:
    assert read(text)[0] == rows


@pytest.mark.parametrize("sign", ["^", "~", "\x1f"])
def test_fields_may_stand_between_rarer_signs(sign: str) -> None:
    rows, facts = read(f"Email{sign}Name\n{ADA}{sign}King, Ada\n{sign}\n")
    assert (rows, facts.separator, facts.blank) == ([[ADA, "King, Ada"]], sign, 1)


def test_rows_of_another_tool_below_a_header_keep_their_cells() -> None:
    rows, _ = read(f"Email;Name;City\n{ADA},Ada,Bonn\n{BO};Bo;Ulm\nnobody, of, note\n")
    assert rows == [[ADA, "Ada", "Bonn"], [BO, "Bo", "Ulm"], ["nobody, of, note"]]


def test_a_hint_that_is_wrong_is_none() -> None:
    assert read(f"sep=;\nEmail,Name\n{ADA},Ada\n")[0] == [[ADA, "Ada"]]


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("cp850", "Jürgen Müller Söhne Größe"), ("iso8859_2", "Świętosław Wójcik"), ("cp932", "髙橋 一郎 ㈱能力"),
        ("euc_jp", "山田太郎 表示"), ("big5", "王小明 台灣公司"), ("gb18030", "王小明 北京公司"),
        ("koi8_r", "Иван Петров"), ("cp1251", "Иван Петров"), ("cp1253", "Γιώργος Παπαδόπουλος"),
        ("cp1255", "דוד כהן"), ("cp1256", "محمد علي"),
        ("cp874", "สมชาย ใจดี"), ("euc_kr", "김철수 삼성전자"), ("cp1252", "100 ¤ Jürgen"),
        ("koi8_u", "Олексій Ковальчук Їжакевич"), ("cp866", "Иван Петров"), ("iso8859_7", "Άννα Παπαδοπούλου"),
        ("iso8859_15", "Lefèvre Zoé Cœur"), ("iso8859_15", "Œuvre ŒUVRES Lefèvre"), ("iso8859_15", "Žižek Päivi"),
        ("mac_roman", "Lefèvre Zoé Sœurs"), ("cp1252", "Sœurs Lefèvre"), ("cp1252", "½ Müller 2½"),
        ("iso8859_9", "Ayşe Y\u0131lmaz Çağlar"), ("cp1254", "Gökçe Şahin İnan"), ("cp1257", "Jānis Bērziņš"),
        ("iso8859_13", "Vytautas Šimkus ąžuolas"),
    ],
)  # fmt: skip
def test_a_short_list_in_any_script_is_read(encoding: str, name: str) -> None:
    """Five rows tell no guesser which language they are in; which letters are frequent in it does."""
    text = "Email,Name\n" + "".join(f"u{number}@x.example,{name}\n" for number in range(5))
    assert read(text.encode(encoding))[0][0] == ["u0@x.example", name]


def test_two_files_put_together_keep_no_mark_of_the_second() -> None:
    first = f"Email,Name\n{ADA},Ada\n".encode("utf-8-sig")
    second = f"email,name\n{BO},Bo\n".encode("utf-8-sig")
    assert read(first + second)[0] == [[ADA, "Ada"], [BO, "Bo"]]


@pytest.mark.parametrize("end", ["\x1a", "\x0c\n", ";;\x1a"])
def test_a_mark_of_the_files_end_is_no_row(end: str) -> None:
    assert read(f"Email;Name\n{ADA};Ada\n{end}")[0] == [[ADA, "Ada"]]


def test_names_of_a_programme_below_the_header_are_no_row() -> None:
    rows, facts = read(f"Email,First name,Last name\nemail,first_name,last_name\n{ADA},Ada,King\n")
    assert (rows, facts.above) == ([[ADA, "Ada", "King"]], 2)


@pytest.mark.parametrize("above", ["Email,,,", "Person,Phone,,Company"])
def test_of_two_headers_the_fuller_one_names_the_columns(above: str) -> None:
    """A line of groups above the header may name an e-mail or a phone too."""
    rows, facts = read(f"{above}\nEmail,Name,Phone,Firm\n{ADA},Ada,,X\n")
    assert (rows, facts.header) == ([[ADA, "Ada", "", "X"]], ["Email", "Name", "Phone", "Firm"])


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"PK\x03\x04\x14\x00\x06\x00", "workbook"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "workbook"),
        (b"%PDF-1.7\n", "pdf"), (b"\x1f\x8b\x08\x00", "archive"), (b"{\\rtf1\\ansi Email", "document"),
        (b"\n<!DOCTYPE html><table>", "page"), (b"<?xml version='1.0'?>", "page"),
        (b'[{"email":"a@x.example"}]', "json"),
        (codecs.BOM_UTF8 + b'{"email":"a@x.example"}\n', "json"), (b"BEGIN:VCARD\nN:King;Ada", "cards"),
    ],
)  # fmt: skip
def test_what_is_no_list_is_refused_by_what_it_is(data: bytes, kind: str) -> None:
    """A marketer with a workbook learns more from that than from a header that is missing."""
    with pytest.raises(NotAList) as refused:
        read(data)
    assert refused.value.kind == kind
    assert isinstance(refused.value, HeaderMissing)
    assert "save" in str(refused.value)


def test_one_letter_of_another_page_corrupts_no_name_of_the_file() -> None:
    """A single `œ` of ISO-8859-15 made `Lefčvre` of everybody."""
    text = f"Email;Nom;Prénom;Société\n{ADA};Lefèvre;Zoé;Les Sœurs\n{BO};Bézier;Hélène;Forêt\n"
    assert read(text.encode("iso8859_15"))[0] == [
        [ADA, "Lefèvre", "Zoé", "Les Sœurs"], [BO, "Bézier", "Hélène", "Forêt"],
    ]  # fmt: skip
