"""Badges as scanners read them: whatever is on them, somebody was met."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.domain.badge_fields import Badge
from capture.domain.badges import read_badge
from capture.domain.cards import split_name
from capture.domain.scan import BadgeScan
from events.runtime.testing import START

VCARD_3 = """BEGIN:VCARD
VERSION:3.0
N:Lovelace;Ada;;;
FN:Ada Lovelace
ORG:Analytical Engines;Research
TITLE:Head of Marketing\\, EMEA
TEL;TYPE=WORK,VOICE:+44 20 7946 0958
EMAIL;TYPE=INTERNET:ada@lovelace.example
ADR;TYPE=WORK:;;1 Engine St;London;;N1;GB
END:VCARD
"""
VCARD_4 = """BEGIN:VCARD\r
VERSION:4.0\r
FN:Ada Lovelace\r
N:Lovelace;Ada;Augusta;;\r
ORG:Analytical\r
  Engines\r
TEL;VALUE=uri;TYPE="voice,work":tel:+44-20-7946-0958;ext=5\r
EMAIL;PREF=1:not an address\r
EMAIL:ada@lovelace.example\r
UID:urn:uuid:8F1B\r
END:VCARD\r
"""
VCARD_21 = """BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=BCrgen
EMAIL;INTERNET:jm@firm.example
END:VCARD
"""
FIELDS_WITHOUT_SPACE = (
    "104234^LOVELACE^ADA^ENGINES^ada@lovelace.example", "104234|Ada|Lovelace|Engines|ada@lovelace.example",
    "104234~Ada~Lovelace~Engines~ada@lovelace.example", "ada@lovelace.example|104234",
)  # fmt: skip
ADA = {"first_name": "Ada", "last_name": "Lovelace", "phone": "+442079460958"}


def shown_by(text: str) -> dict[str, Any]:
    """What a badge says, without what it leaves open."""
    badge = read_badge(text)
    shown = {name: getattr(badge, name) for name in Badge.__slots__}
    shown["email"] = badge.email.address if badge.email else None
    return {name: value for name, value in shown.items() if value is not None}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            VCARD_3,
            ADA
            | {
                "email": "ada@lovelace.example",
                "company": "Analytical Engines",
                "job_title": "Head of Marketing, EMEA",
                "country": "GB",
            },
        ),
        (
            VCARD_4,
            ADA | {"email": "ada@lovelace.example", "company": "Analytical Engines", "reference": "8F1B"},
        ),
        (VCARD_21, {"first_name": "Jürgen", "last_name": "Müller", "email": "jm@firm.example"}),
        (
            "MECARD:N:Lovelace,Ada;TEL:+442079460958;EMAIL:ada@lovelace.example;ORG:Engines\\; Ltd;TITLE:Head;;",
            ADA | {"email": "ada@lovelace.example", "company": "Engines; Ltd", "job_title": "Head"},
        ),
        ("mailto:ada@lovelace.example?subject=x", {"email": "ada@lovelace.example"}),
        ("tel:+442079460958", {"phone": "+442079460958"}),
        (" ada@lovelace.example\r", {"email": "ada@lovelace.example"}),
    ],
)
def test_a_card_names_who_wears_it(text: str, shown: dict[str, Any]) -> None:
    """C2: vCard 2.1, 3 and 4, MeCard, a bare address."""
    assert shown_by(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "10042",
        "ID:10042",
        "REG-10042",
        "Badge No: 10042",
        "registration_id=10042",
        "]Q110042",
        "\x0210042\x03",
        "10042\r\n",
        "\ufeff10042\t",
        "https://expo.example/b/10042",
        "https://expo.example/scan?utm_source=badge&id=10042",
        "http://expo.example/#badge=10042",
    ],
)
def test_one_registration_id_is_one_however_it_is_printed_or_typed(text: str) -> None:
    """C2: a bare id, a prefixed one, a link, and what scanners add on their way through a keyboard."""
    assert shown_by(text) == {"reference": "10042"}


def test_a_card_with_a_name_alone_is_a_person_under_an_id_of_its_own() -> None:
    shown = shown_by("BEGIN:VCARD\nVERSION:4.0\nFN:Ada Lovelace\nEND:VCARD")
    assert len(shown.pop("reference")) == 32
    assert shown == {"first_name": "Ada", "last_name": "Lovelace"}


def test_a_link_may_carry_the_person() -> None:
    text = (
        "https://expo.example/a?attendee=77&email=ada%40lovelace.example&first=Ada&last=Lovelace&org=Engines&title=Head"
    )
    assert shown_by(text) == {
        "reference": "77", "email": "ada@lovelace.example", "first_name": "Ada", "last_name": "Lovelace",
        "company": "Engines", "job_title": "Head",
    }  # fmt: skip


@pytest.mark.parametrize(
    "typed",
    [
        VCARD_3.replace("\n", " "),
        VCARD_3.replace("\n", "\t"),
        VCARD_3.replace("\n", "\\n"),
        VCARD_3.replace("\n", "\r"),
        VCARD_3.replace("END:VCARD\n", ""),
        VCARD_3.swapcase(),
    ],
)
def test_a_card_typed_by_a_scanner_is_read_all_the_same(typed: str) -> None:
    """A keyboard wedge eats line ends, a pressed caps lock turns the letters."""
    shown = shown_by(typed)
    assert (shown["email"], shown["last_name"], shown["phone"]) == ("ada@lovelace.example", "Lovelace", ADA["phone"])


def test_an_american_scanner_at_a_german_keyboard_is_understood() -> None:
    typed = 'MECARDÖNÖLovelace,AdaöEMAILÖada"lovelace.exampleöTELÖ`442079460958öORGÖEngines - Co.öTITLEÖAnalzstöö'
    assert shown_by(typed) == ADA | {
        "email": "ada@lovelace.example",
        "company": "Engines / Co.",
        "job_title": "Analyst",
    }


@pytest.mark.parametrize(
    "text",
    [
        "BEGIN:VCARD\nVERSION:3.0\nN:Lovelace;Ada\nEND:VCARD",
        "BEGIN:VCARD",
        "BEGIN:VCARD\nBEGIN:X\nN:Lovelace\nEND:VCARD",
        "MECARD:;;",
        "日本 " * 60,
        "a^b^c|d",
        "mailto:nobody",
    ],
)
def test_what_names_nobody_is_an_id_of_its_own(text: str) -> None:
    """No scan is lost: the same badge read twice is the same person still."""
    badge = read_badge(text)
    assert badge.reference is not None
    assert badge.reference == read_badge(text + "\r\n").reference


@given(st.text(max_size=300) | st.text(max_size=80).map(lambda text: f"BEGIN:VCARD\nN:{text}\nTEL:{text}\nEND:VCARD"))
def test_nothing_that_can_be_read_breaks_the_reader(text: str) -> None:
    badge = read_badge(text)
    assert badge.reference is None or len(badge.reference) <= 100
    scan = BadgeScan.model_construct(scan_id="1", event="expo", badge=text, scanned_by="r", occurred_at=START)
    scanned = scan.as_submission()
    assert scanned.badge or scanned.submission.email or scanned.submission.phone


MAIL = "jodie.v10@smith-holt.co.uk"


class TestCardsAsGeneratorsWriteThem:
    def card(self, *lines: str) -> str:
        return "\n".join(["BEGIN:VCARD", "VERSION:3.0", *lines, f"EMAIL:{MAIL}", "END:VCARD"])

    def test_an_unescaped_comma_belongs_to_the_company_and_the_title(self) -> None:
        found = shown_by(self.card("N:Holt;Jodie;;;", "ORG:Smith, Holt & Sons, Ltd", "TITLE:VP, Sales"))
        assert (found["company"], found["job_title"]) == ("Smith, Holt & Sons, Ltd", "VP, Sales")

    @pytest.mark.parametrize(
        ("whole", "names"),
        [
            ("Holt, Jude", ("Jude", "Holt")),
            ("Jodie Holt, MBA", ("Jodie", "Holt")),
            ("Ada King Lovelace", ("Ada King", "Lovelace")),
            ("Madonna", (None, "Madonna")),
        ],
    )
    def test_a_whole_name_is_parted(self, whole: str, names: tuple[str | None, str]) -> None:
        found = shown_by(self.card(f"FN:{whole}"))
        assert (found.get("first_name"), found["last_name"]) == names

    @pytest.mark.parametrize(
        "text",
        [
            f"BEGIN:VCARD\r\nN;ENCODING=QUOTED-PRINTABLE:M=FC=\r\nller;J=FCrgen\r\nADR:;;;;;;Germany\r\nEMAIL:{MAIL}\r\nEND:VCARD",
            f"  BEGIN:VCARD\n  VERSION:3.0\n  N:Müller;Jürgen\n  ADR:;;;;;;Deutschland\n  EMAIL:{MAIL}\n  END:VCARD",
            f"BEGIN:VCARD VERSION:3.0 N:Müller;Jürgen ADR:;;;;;;DE EMAIL:{MAIL} END:VCARD",
        ],
        ids=["quoted-printable in Windows-1252, folded", "indented", "on one line"],
    )
    def test_however_it_is_laid_out(self, text: str) -> None:
        found = shown_by(text)
        assert found == {"first_name": "Jürgen", "last_name": "Müller", "email": MAIL, "country": "DE"}

    @given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n;:"), min_size=1, max_size=30))
    def test_no_value_is_ever_a_structure_of_the_program(self, text: str) -> None:
        """Every field of a card is text out of the card itself, never the name of a list or an object."""
        found = read_badge(self.card(f"N:{text};{text}", f"ORG:{text};Unit", f"TITLE:{text}", f"ADR:;;;;;;{text}"))
        for value in (found.first_name, found.last_name, found.company, found.job_title):
            assert value is None or ("[" in value) <= ("[" in text)
            assert value is None or ("<" in value) <= ("<" in text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "104233|Jane|Holt|Acme Rail|jane@acmerail.co.uk|+442079460999",
            {"reference": "104233", "first_name": "Jane", "last_name": "Holt", "company": "Acme Rail",
             "email": "jane@acmerail.co.uk", "phone": "+442079460999"},
        ),
        (
            "104234^HOLT^JIM^ACME RAIL^jim@acmerail.co.uk",
            {"reference": "104234", "first_name": "JIM", "last_name": "HOLT", "company": "ACME RAIL",
             "email": "jim@acmerail.co.uk"},
        ),
        (
            "a1b2c3d4-0000-4000-8000-00000000aa01;Jo;Holt;Acme Rail;jo@acmerail.co.uk",
            {"reference": "a1b2c3d4-0000-4000-8000-00000000aa01", "first_name": "Jo", "last_name": "Holt",
             "company": "Acme Rail", "email": "jo@acmerail.co.uk"},
        ),
        (
            '{"company":"Acme Rail","email":"jed@acmerail.co.uk","id":104236,"name":"Jed Holt","tags":["a"]}',
            {"reference": "104236", "first_name": "Jed", "last_name": "Holt", "company": "Acme Rail",
             "email": "jed@acmerail.co.uk"},
        ),
        (
            "Jess Holt <jess@acmerail.co.uk>",
            {"first_name": "Jess", "last_name": "Holt", "email": "jess@acmerail.co.uk"},
        ),
        (
            "BIZCARD:N:Jo;X:Holt;T:Head of Rail;C:Acme Rail;B:+442079460999;E:jo@acmerail.co.uk;;",
            {"first_name": "Jo", "last_name": "Holt", "job_title": "Head of Rail", "company": "Acme Rail",
             "phone": "+442079460999", "email": "jo@acmerail.co.uk"},
        ),
        (
            "MECARD:N:Jo Holt;EMAIL:jo@acmerail.co.uk;;",
            {"first_name": "Jo", "last_name": "Holt", "email": "jo@acmerail.co.uk"},
        ),
        ("see jo@acmerail.co.uk. thanks", {"email": "jo@acmerail.co.uk"}),
    ],
)  # fmt: skip
def test_whatever_shows_an_address_gives_a_person(text: str, shown: dict[str, str]) -> None:
    assert shown_by(text) == shown


def test_two_addresses_name_nobody() -> None:
    assert shown_by("jo@acmerail.co.uk or jim@acmerail.co.uk").keys() == {"reference"}


@pytest.mark.parametrize("text", FIELDS_WITHOUT_SPACE)
def test_the_signs_between_fields_are_no_part_of_an_address(text: str) -> None:
    """`|`, `^` and `~` may stand in an address, so that a badge without a space could be one as a whole."""
    assert shown_by(text)["email"] == "ada@lovelace.example"


def test_an_address_in_other_text_is_taken_as_a_whole() -> None:
    assert shown_by("Sean o'brien@works.example")["email"] == "o'brien@works.example"


HOLT = {"first_name": "Jo", "last_name": "Holt", "email": "x@holt.example"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"contact": {"email": "x@holt.example", "name": "Jo Holt"}, "id": 5}', HOLT | {"reference": "5"}),
        ('{"Last Name": "Holt", "Email Address": "x@holt.example", "First Name": "Jo"}', HOLT),
        ('[{"email": "x@holt.example"}]', {"email": "x@holt.example"}),
        ('{"a": {"b": {"c": {"d": {"e": {"id": 7}}}}}, "email": "x@holt.example"}', {"email": "x@holt.example"}),
        ("  BEGIN:VCARD\n    VERSION:3.0\n    N:Holt;Jo\n    EMAIL:x@holt.example\n  END:VCARD", HOLT),
        ("BEGIN:VCARD\nVERSION:3.0\nFN:Jo Holt\nEMAIL;TYPE=INTERNET:mailto:x@holt.example\nEND:VCARD", HOLT),
        ("Name: Jo Holt\nCompany: Rail\nEmail: x@holt.example\n", HOLT | {"company": "Rail"}),
        ("id=104233&email=x@holt.example&name=Jo%20Holt", HOLT | {"reference": "104233"}),
        ("Jo Holt, Rail, x@holt.example", HOLT | {"company": "Rail"}),
        ("https://fair.example/b/104233/x%40holt.example", {"email": "x@holt.example"}),
        ("WIFI:S:x;P:a@holt.example,b@holt.example;;", None),
    ],
)
def test_whatever_shows_one_address_gives_a_person(text: str, shown: dict[str, Any] | None) -> None:
    """Of several addresses none is taken: one may be the organiser's."""
    found = shown_by(text)
    if shown is None:
        assert "email" not in found
    else:
        found.pop("reference", None) if "reference" not in shown else None
        assert found == shown


@pytest.mark.parametrize(
    "text",
    [
        "1001$Ada$Lovelace$Engines$ada@lovelace.example", "1001*Ada*Lovelace*Engines*ada@lovelace.example",
        "1001#Ada#Lovelace#Engines#ada@lovelace.example", "FN=Ada;LN=Lovelace;ID=1001;E=ada@lovelace.example;C=Engines",
        "ID:1001;NAME:Ada Lovelace;FIRMA:Engines;MAIL:ada@lovelace.example",
        "Vorname=Ada|Nachname=Lovelace|Firma=Engines|Badge=1001|E-Mail=ada@lovelace.example",
        "Nombre: Ada Lovelace\nEmpresa: Engines\nID: 1001\nCorreo: ada@lovelace.example",
        "1001\nAda Lovelace\nEngines\nada@lovelace.example",
    ],
)  # fmt: skip
def test_no_sign_and_no_label_between_fields_is_part_of_an_address(text: str) -> None:
    """The standard allows `$`, `#` and `=` in a mailbox: `E=ada@...` would be somebody else."""
    assert shown_by(text) == {
        "reference": "1001", "first_name": "Ada", "last_name": "Lovelace", "company": "Engines",
        "email": "ada@lovelace.example",
    }  # fmt: skip


def test_a_sign_alone_is_part_of_an_address() -> None:
    assert shown_by("ada#1@lovelace.example") == {"email": "ada#1@lovelace.example"}


def test_a_field_in_quotes_may_hold_the_sign() -> None:
    shown = shown_by('1001,Ada,Lovelace,"Engines, Inc.",ada@lovelace.example')
    assert (shown["company"], shown["email"]) == ("Engines, Inc.", "ada@lovelace.example")
    assert shown_by('1001\nAda "A" Lovelace\nEngines\nada@lovelace.example')["company"] == "Engines"


def test_an_address_that_is_escaped_is_one_and_not_two() -> None:
    text = "mailto:Ada%20Lovelace%20%3Cada@lovelace.example%3E"
    assert shown_by(text)["email"] == "ada@lovelace.example"


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Dr. Ada Lovelace", ("Ada", "Lovelace")), ("Prof. Dr. Ada Lovelace", ("Ada", "Lovelace")),
        ("Frau Ada Lovelace", ("Ada", "Lovelace")), ("Sr. Juan Pérez", ("Juan", "Pérez")),
        ("Ada Lovelace (she/her)", ("Ada", "Lovelace")), ("Ada Lovelace (Unverified)", ("Ada", "Lovelace")),
        ("Ada L (Ada Lovelace)", ("Ada", "Lovelace")), ("Ada Lovelace Jr.", ("Ada", "Lovelace")),
        ("Lovelace, Ada, PhD", ("Ada", "Lovelace")), ("Ada van der Berg", ("Ada", "van der Berg")),
        ("Ludwig von Beethoven", ("Ludwig", "von Beethoven")), ("Mr. Lovelace", ("", "Lovelace")),
        ("Dr.", ("", "Dr.")), ("Van Morrison", ("Van", "Morrison")), ("Ada Pe", ("Ada", "Pe")), ("", ("", "")),
    ],
)  # fmt: skip
def test_a_whole_name_is_parted_as_people_are_addressed(name: str, parts: tuple[str, str]) -> None:
    assert split_name(name) == parts
