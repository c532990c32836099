"""Lists as databases, forms and teams elsewhere write them: whoever shows an e-mail or a phone is taken."""

from typing import Any

import pytest

from capture.domain.cells import add_dial_code, fit_row
from capture.domain.countries import read_country
from capture.domain.headings import find_field_of_heading, may_name_somebody_else
from capture.domain.phones import parse_phone
from capture.domain.sheet import ColumnMapping, find_address_column
from capture.domain.times import find_date_order, read_time
from events.runtime.testing import ServiceHarness
from tests.capture.builders import NOW, RULES
from tests.capture.test_exports_of_tools import ADA, people, rows

MAIL = "ada@engines.example"
BO = {"email": "bo@geir.example", "first_name": "Bo", "last_name": "Geir"}
CSV = {"Content-Type": "text/csv"}
DIALLED = "+442079460958"

FILES: dict[str, tuple[str | bytes, list[dict[str, Any]]]] = {
    "a table of a page in Markdown": (
        f"| Email | Name |\n|---|---|\n| {MAIL} | Ada Lovelace |\n| bo@geir.example | Bo Geir |\n", [ADA, BO],
    ),
    "a database's table in a box": (
        ("+---------------------+--------------+\n| email               | name         |\n"
         "+---------------------+--------------+\n| ada@engines.example | Ada Lovelace |\n"
         "| bo@geir.example     | Bo Geir      |\n+---------------------+--------------+\n2 rows in set (0.00 sec)\n"),
        [ADA, BO],
    ),
    "a database's aligned table": (
        ("        email        |     name     \n---------------------+--------------\n"
         " ada@engines.example | Ada Lovelace\n bo@geir.example     | Bo Geir\n(2 rows)\n"),
        [ADA, BO],
    ),
    "cells filled up with spaces": (
        f'email                , name         , attributes\n{MAIL}  , Ada Lovelace , "{{""a"": true}}"   ,\n', [ADA],
    ),
    "two files in one, each with its mark": (
        f"Email,Name\n{MAIL},Ada Lovelace\n\ufeffEmail,Name\nbo@geir.example,Bo Geir\n", [ADA, BO],
    ),
    "line ends written twice": (f"Email,Name\r\r\n{MAIL},Ada Lovelace\r\r\nbo@geir.example,Bo Geir\r\r\n", [ADA, BO]),
    "line ends the wrong way round": (f"Email,Name\n\r{MAIL},Ada Lovelace\n\rbo@geir.example,Bo Geir\n\r", [ADA, BO]),
    "a mark of the end of a file": (f"Email,Name\r\n{MAIL},Ada Lovelace\r\n\x1a", [ADA]),
    "a program's row numbers": (f",Email,Name\n0,{MAIL},Ada Lovelace\n1,bo@geir.example,Bo Geir\n", [ADA, BO]),
    "quotes with a space before them": (
        f'"Email", "Name", "Company"\n"{MAIL}" ,"Ada Lovelace", "Engines, Ltd" \n', [ADA | {"company": "Engines, Ltd"}],
    ),
    "an anonymous survey": (
        ("ID,Start time,Completion time,Email,Name,Your work e-mail,Your company\n"
         f"1,3/20/26 9:14:02,3/20/26 9:15:02,anonymous,,{MAIL},Engines\n"),
        [{"email": MAIL, "company": "Engines", "at": "03-20 09:15"}],
    ),
    "a number beside the words for the first": (
        "Name,Phone,Mobile\nAda Lovelace,see notes,+44 20 7946 0958\n",
        [{"first_name": "Ada", "last_name": "Lovelace", "phone": DIALLED}],
    ),
    "the country's part of a phone in its own column": (
        "Name,Dial code,Mobile\nAda Lovelace,44,020 7946 0958\nBo Geir,GB +44,2079460959\n",
        [{"first_name": "Ada", "last_name": "Lovelace", "phone": DIALLED},
         {"first_name": "Bo", "last_name": "Geir", "phone": "+442079460959"}],
    ),
    "the same under the name of the country": (
        f"Email,Country code,Phone\n{MAIL},+44,20 7946 0958\n", [{"email": MAIL, "phone": DIALLED}],
    ),
    "a phone that has the country's part already": (
        f"Email,Dial code,Phone\n{MAIL},44,442079460958\n", [{"email": MAIL, "phone": DIALLED}],
    ),
    "an address in the column of the name": (f"Name,Email\n{MAIL},\n", [{"email": MAIL}]),
    "a name and an address in each other's column": (f"Name,Email\n{MAIL},Ada Lovelace\n", [{"email": MAIL}]),
    "a phone in the column of the address": (
        "Last name,Email\nLovelace,+44 20 7946 0958\n", [{"last_name": "Lovelace", "phone": DIALLED}],
    ),
    "an address in the column of the phone": (
        f"Last name,Phone\nLovelace,{MAIL}\n", [{"last_name": "Lovelace", "email": MAIL}],
    ),
    "two numbers on two lines of a cell": (
        'Last name,Phone\nLovelace,"+44 20 7946 0958\n+44 20 7946 0959"\n',
        [{"last_name": "Lovelace", "phone": DIALLED}],
    ),
    "a Polish list": (
        "Imi\u0119;Nazwisko;Adres e-mail;Telefon;Nazwa firmy;Kraj\nAda;Lovelace;ada@engines.example;;Engines;Polska\n",
        [ADA | {"company": "Engines", "country": "PL"}],
    ),
    "a Czech list": (
        ("Jm\u00e9no;P\u0159\u00edjmen\u00ed;E-mailov\u00e1 adresa;Spole\u010dnost\n"
         "Ada;Lovelace;ada@engines.example;Engines\n"),
        [ADA | {"company": "Engines"}],
    ),
    "a Swedish list": (
        "F\u00f6rnamn;Efternamn;E-post;F\u00f6retag;Land\nAda;Lovelace;ada@engines.example;Engines;Sverige\n",
        [ADA | {"company": "Engines", "country": "SE"}],
    ),
    "a Danish list": (
        "Fornavn;Efternavn;E-mailadresse;Virksomhed\nAda;Lovelace;ada@engines.example;Engines\n",
        [ADA | {"company": "Engines"}],
    ),
    "a Russian list": (
        ("\u0418\u043c\u044f;\u0424\u0430\u043c\u0438\u043b\u0438\u044f;\u042d\u043b. \u043f\u043e\u0447\u0442\u0430\n"
         "Ada;Lovelace;ada@engines.example\n"),
        [ADA],
    ),
    "a Japanese list": (
        ("\u59d3,\u540d,\u30e1\u30fc\u30eb\u30a2\u30c9\u30ec\u30b9,\u4f1a\u793e\u540d\nLovelace,Ada,ada@engines.example,Engines\n"
         ).encode("cp932"),
        [ADA | {"company": "Engines"}],
    ),
    "a Korean list": (
        "\uc774\ub984,\uc774\uba54\uc77c,\ud68c\uc0ac\nAda Lovelace,ada@engines.example,Engines\n",
        [ADA | {"company": "Engines"}],
    ),
    "a form's parts of a name": (
        f"Full Name - First Name,Full Name - Last Name,E-mail\nAda,Lovelace,{MAIL}\n", [ADA],
    ),
    "an address to be sure of": (f"First name,Last name,Email,Confirm email\nAda,Lovelace,,{MAIL}\n", [ADA]),
    "a directory": (f"UserPrincipalName,DisplayName\n{MAIL},Ada Lovelace\n", [ADA]),
}  # fmt: skip


@pytest.mark.parametrize("kind", FILES)
def test_whoever_is_shown_is_taken(kind: str) -> None:
    content, expected = FILES[kind]
    assert people(content) == expected


@pytest.mark.parametrize(
    "content",
    [
        "Name,Email\nWrite to help@expo.example,\n",
        "Name,Email\nada@engines.example or bo@geir.example,\n",
        "First name,Company,Email\nada@engines.example,bo@geir.example,Ada\n",
        "Name,Email,Owner email\nAda,,mia@us.example\n",
    ],
)
def test_nobody_is_guessed_where_it_may_be_another(content: str) -> None:
    """A remark, two addresses, and that of the owner: the row is refused with its cells."""
    assert people(content) == []


def test_what_was_passed_over_or_moved_is_kept_and_counted() -> None:
    (anonymous,) = rows(f"Email,Work e-mail\nanonymous,{MAIL}\n")
    assert anonymous.submission is not None
    assert anonymous.submission.facts == {"email_given": "anonymous"}
    assert [note.code for note in anonymous.notes] == ["several_in_cell"]
    (swapped,) = rows(f"Name,Email\n{MAIL},Ada Lovelace\n")
    assert swapped.submission is not None
    assert swapped.submission.facts == {"email_given": "Ada Lovelace"}
    assert [(note.field, note.code) for note in swapped.notes] == [("email", "found_beside")]


def test_a_row_that_is_full_of_facts_keeps_its_person() -> None:
    full = {"email": "Ada", "company": MAIL, "facts": {f"a{number}": 1 for number in range(50)}}
    found = fit_row(full, RULES, NOW).submission
    assert found is not None
    assert found.email is not None
    assert len(found.facts) == 50


@pytest.mark.parametrize(
    ("code", "values", "expected"),
    [
        ("", {"phone": "020 7946 0958"}, {"phone": "020 7946 0958"}),
        ("44", {"country": "DE"}, {"country": "DE"}),
        ("44", {"phone": DIALLED, "country": "+49"}, {"phone": DIALLED, "country": "+49"}),
        ("London", {"phone": "020 7946 0958", "country": "44"}, {"phone": "+44 020 7946 0958"}),
        ("+44", {"phone": "call me"}, {"phone": "call me"}),
    ],
)
def test_a_dial_code_is_put_before_a_national_number_alone(code: str, values: Any, expected: Any) -> None:
    add_dial_code(values, code)
    assert values == expected


@pytest.mark.parametrize(
    ("header", "cells", "column"),
    [
        (["Name", "Contact"], ["Ada", MAIL], 2),
        (["Recipient"], [f"Ada <{MAIL}>"], 1),
        (["Name", "Account owner"], ["Ada", MAIL], None),
        (["Name", "\u62c5\u5f53\u8005\u30e1\u30fc\u30eb"], ["Ada", MAIL], None),
        (["Name", "Website"], ["Ada", "engines.example"], None),
        (["Name", ""], ["Ada", MAIL], None),
        (["Name", "Contact"], ["Ada"], None),
    ],
)
def test_a_column_of_addresses_is_found_by_its_cells_and_not_taken(
    header: list[str], cells: list[str], column: int | None
) -> None:
    assert find_address_column(header, (), [cells]) == column


def test_the_same_address_all_over_is_nobodys_column() -> None:
    header = ["Phone", "Contact"]
    assert find_address_column(header, (0,), [[DIALLED, MAIL]] * 3) is None
    columns = ColumnMapping.map_header(header, {}, {})
    assert columns.find_unmapped_email_column([[DIALLED, MAIL]]) == 2
    assert ColumnMapping.map_header(header, {"email": None}, {}).find_unmapped_email_column([[DIALLED, MAIL]]) is None
    assert (
        ColumnMapping.map_header([*header, "Email"], {}, {}).find_unmapped_email_column([[DIALLED, MAIL, ""]]) is None
    )


async def test_a_list_whose_addresses_have_an_unknown_name_is_asked_about(harness: ServiceHarness) -> None:
    """Taken by their phones alone, the people would lose their addresses without a word."""
    content = f"Name,Phone,Kontaktpunkt\nAda,{DIALLED},{MAIL}\nBo,,bo@geir.example\n".encode()
    refused = await harness.http.post("/v1/imports", content=content, headers=CSV)
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert (error["code"], error["line"], error["column"]) == ("addresses_unmapped", 1, 3)
    assert "mapping=" in refused.json()["title"]
    params = {"mapping": '{"email": "Kontaktpunkt"}'}
    taken = await harness.http.post("/v1/imports", params=params, content=content, headers=CSV)
    assert (taken.status_code, taken.json()["accepted"]) == (202, 2)


async def test_a_list_that_names_nobody_says_which_column_may(harness: ServiceHarness) -> None:
    answer = await harness.http.post("/v1/imports", content=f"Login,Name\n{MAIL},Ada\n".encode(), headers=CSV)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["code"], error["column"]) == (422, "mapping_names_nobody", 1)
    answer = await harness.http.post("/v1/imports", content=b"Login,Name\nada,Ada\n", headers=CSV)
    assert "column" not in answer.json()["errors"][0]


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Elektronick\u00e1 adresa", "email"), ("S\u00e4hk\u00f6posti", "email"), ("E-posta", "email"),
        ("\u90ae\u7bb1", "email"), ("Numer telefonu", "phone"), ("\u624b\u673a\u53f7\u7801", "phone"),
        ("Telefonsz\u00e1m", "phone"), ("Soyad\u0131", "last_name"), ("Imi\u0119 i nazwisko", "full_name"),
        ("\u59d3\u540d", "full_name"), ("\u041a\u043e\u043c\u043f\u0430\u043d\u0438\u044f", "company"),
        ("\u03a7\u03ce\u03c1\u03b1", "country"), ("Phone country code", "dial_code"), ("Owner phone", None),
    ],
)  # fmt: skip
def test_a_heading_is_known_in_further_languages(heading: str, field: str | None) -> None:
    assert find_field_of_heading(heading) == field


def test_a_heading_may_name_others() -> None:
    assert may_name_somebody_else("Referred by")
    assert may_name_somebody_else("\ub2f4\ub2f9\uc790")
    assert not may_name_somebody_else("Contact")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("United States of America (the)", "US"), ("Netherlands, the", "NL"), ("The United Kingdom", "GB"),
        ("Germany,", "DE"), ("[US]", "US"), ("Schweiz/Suisse/Svizzera", "CH"), ("Germany, Berlin", None),
        ("UK/Ireland", None), ("DE/DE/DE/DE/DE", None), ("()", None),
    ],
)  # fmt: skip
def test_a_country_is_read_with_its_article_and_in_several_languages(text: str, code: str | None) -> None:
    assert read_country(text) == code


@pytest.mark.parametrize(
    ("text", "extension"),
    [("+44 20 7946 0958 Ext. No. 204", "204"), ("+45 32 12 34 56 lok. 12", "12"), ("+46 8 123 456 78 ankn 12", "12")],
)
def test_an_extension_is_known_by_further_words(text: str, extension: str) -> None:
    found = parse_phone(text, None)
    assert found is not None
    assert found.extension == extension


def test_a_date_with_the_year_in_front_needs_no_zeros() -> None:
    found = read_time("2026-2-8", None, NOW.tzinfo)  # type: ignore[arg-type]
    assert found is not None
    assert f"{found:%Y-%m-%d}" == "2026-02-08"
    assert find_date_order(["1/2/3"]) is None


@pytest.mark.parametrize(
    "heading",
    ["Comments", "Comment", "Your message", "Nachricht", "Ihre Nachricht", "Anmerkungen", "Commentaires",
     "Votre message", "Mensaje", "Mensagem", "Messaggio", "Opmerkingen", "Wiadomość", "Meddelande", "Комментарий",
     "メッセージ", "How can we help?", "Message (optional)"],
)  # fmt: skip
def test_what_people_wrote_is_their_message(heading: str) -> None:
    assert find_field_of_heading(heading) == "message"
