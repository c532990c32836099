"""Badges and cards as booths meet them: the right person, or an id; never somebody else."""

from typing import Any

import pytest

from capture.domain.badge_fields import Badge, parse_phone_or_none
from capture.domain.badges import read_badge
from capture.domain.cards import split_name

MAIL = "ada@lovelace.example"
ADA = {"first_name": "Ada", "last_name": "Lovelace", "email": MAIL}


def shown_by(text: str) -> dict[str, Any]:
    """What a badge says, without what it leaves open."""
    badge = read_badge(text)
    shown = {name: getattr(badge, name) for name in Badge.__slots__}
    shown["email"] = badge.email.address if badge.email else None
    return {name: value for name, value in shown.items() if value is not None}


def card(*lines: str) -> str:
    return "\n".join(["BEGIN:VCARD", "VERSION:3.0", *lines, "END:VCARD"])


@pytest.mark.parametrize(
    "text",
    [
        card("N:Lovelace;Ada;;;", f"item1.EMAIL;type=INTERNET;type=pref:{MAIL}", "item1.X-ABLabel:_$!<Other>!$_"),
        card("N:Lovelace;Ada", "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgABAQEA", " /4QBARXhpZgAATU0AKgAA",
        f"EMAIL:{MAIL}"),
        card("N:;;;;", "FN:Ada Lovelace", f"EMAIL:{MAIL}"), card("N:Ada Lovelace;;;;", f"EMAIL:{MAIL}"),
        card("N:Lovelace;;;;", "FN:Ada Lovelace", f"EMAIL:{MAIL}"),
        card("N;ENCODING=b:TG92ZWxhY2U7QWRh", f"EMAIL:{MAIL}"), card("N:Lovelace;Ada", f"EMAIL:{MAIL};ada2@x.example"),
        card("N:Lovelace;Ada", f"X-EMAIL:{MAIL}", "NOTE:help@expo.example helps"),
        f"BEGIN:VCARDVERSION:3.0N:Lovelace;AdaEMAIL:{MAIL}END:VCARD",
        f"BEGIN:VCARD,VERSION:3.0,N:Lovelace;Ada,EMAIL:{MAIL},END:VCARD",
        f"BEGIN:VCARD|VERSION:3.0|N:Lovelace;Ada|EMAIL:{MAIL}|END:VCARD",
        f"BEGIN:VCARD\\r\\nVERSION:3.0\\r\\nN:Lovelace;Ada\\r\\nEMAIL:{MAIL}\\r\\nEND:VCARD",
        f"BEGIN:VCARD<br>VERSION:3.0<br>N:Lovelace;Ada<br/>EMAIL:{MAIL}<br>END:VCARD",
        f"https://expo.example/v?data=BEGIN%3AVCARD%0AN%3ALovelace%3BAda%0AEMAIL%3A{MAIL}%0AEND%3AVCARD",
        f"MECARD:N:Lovelace,Ada\nEMAIL:{MAIL}\n;", f"{{'email': '{MAIL}', 'name': 'Ada Lovelace'}}",
        f'"{{\\"email\\": \\"{MAIL}\\", \\"name\\": \\"Ada Lovelace\\"}}"', f"Ada Lovelace | Engines <{MAIL}>",
    ],
)  # fmt: skip
def test_a_card_gives_its_person_however_it_was_made(text: str) -> None:
    assert shown_by(text) == ADA


@pytest.mark.parametrize("sign", ["\x1d", "\x1e", "\x1c", "/", "&", "\\", "::", "||", "\t", "\n"])
def test_no_sign_between_fields_becomes_part_of_an_address(sign: str) -> None:
    """`104233/Ada/Lovelace/ada@...` is an address by the standard, and that of nobody."""
    assert shown_by(sign.join(["104233", "Ada", "Lovelace", MAIL])) == ADA | {"reference": "104233"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"Ms|Ada|Lovelace|Engines|Head|{MAIL}", ADA | {"company": "Engines", "job_title": "Head"}),
        (f"EXPO26|VISITOR|104233|Ada|Lovelace|Engines|UK|{MAIL}",
         ADA | {"reference": "104233", "company": "Engines", "country": "GB"}),
        (f"2026|A104233|Ada|Lovelace|Engines|United Kingdom|{MAIL}|VIP",
         ADA | {"reference": "2026", "company": "Engines", "country": "GB"}),
        ("104233|Ada Lovelace|Engines|Head|ada.lovelace@x.example",
         ADA | {"reference": "104233", "company": "Engines", "job_title": "Head", "email": "ada.lovelace@x.example"}),
        (f"Ada Maria|Lovelace|Engines|{MAIL}", ADA | {"first_name": "Ada Maria", "company": "Engines"}),
        (f"Ada Lovelace\nHead of Marketing\nEngines\n+44 20 7946 0958\n{MAIL}\nwww.engines.example",
         ADA | {"company": "Engines", "job_title": "Head of Marketing", "phone": "+442079460958"}),
        ("7|Christopher|Guest|Engines|c.guest@engines.example",
         {"reference": "7", "first_name": "Christopher", "last_name": "Guest", "company": "Engines",
          "email": "c.guest@engines.example"}),
        (f'[{{"email":"{MAIL}","name":"Ada Lovelace","uuid":7}}]', ADA | {"reference": "7"}),
    ],
)  # fmt: skip
def test_what_stands_beside_a_name_is_no_name(text: str, shown: dict[str, str]) -> None:
    """A form of address, a role, a country, the event and the year are none, and the event's id is nobody's."""
    assert shown_by(text) == shown


def test_an_address_in_a_note_is_not_that_of_the_person() -> None:
    """A card without an e-mail shows the organiser's: whoever wears it would become the organiser."""
    shown = shown_by(
        card("N:Lovelace;Ada", "NOTE:questions to help@expo.example", "  or call", "URL:mailto:x@y.example")
    )
    assert len(shown.pop("reference")) == 32
    assert shown == {"first_name": "Ada", "last_name": "Lovelace"}


def test_a_fax_is_no_phone() -> None:
    shown = shown_by(card("N:Lovelace;Ada", "TEL;TYPE=FAX:+442079460950", "TEL;CELL:+442079460958", f"EMAIL:{MAIL}"))
    assert shown["phone"] == "+442079460958"


@pytest.mark.parametrize(
    "text",
    ["sms:+442079460958", "SMSTO:+442079460958:hello", "sms:+442079460958?body=hi", "callto:+442079460958",
     "https://wa.me/442079460958", "https://wa.me/442079460958?text=hi",
     "https://api.whatsapp.com/send?phone=442079460958"],
)  # fmt: skip
def test_a_number_to_write_to_is_a_phone(text: str) -> None:
    assert shown_by(text) == {"phone": "+442079460958"}


@pytest.mark.parametrize(
    "text",
    ["*104233*", "{104233}", "urn:uuid:104233", "\u2116104233", "104233.0", "expo.example/b/104233",
     "https://expo.example/?104233", "https://expo.example/b?uuid=104233&sig=aa"],
)  # fmt: skip
def test_one_id_is_one_in_whatever_it_is_wrapped(text: str) -> None:
    """The organiser's list has the bare one, as a table or a system prints it."""
    assert shown_by(text) == {"reference": "104233"}


@pytest.mark.parametrize("text", [f"SMTP:{MAIL}:Hi:x", f"email={MAIL}"])
def test_an_address_is_no_id(text: str) -> None:
    assert shown_by(text) == {"email": MAIL}


@pytest.mark.parametrize("text", ['{"email"', "[1, 2]", '"{x"', "N;ENCODING=b:TG9", "a::b"])
def test_what_only_begins_like_fields_is_an_id_of_its_own(text: str) -> None:
    assert read_badge(text).reference is not None


def test_a_name_that_is_no_base64_is_left_out() -> None:
    assert shown_by(card("N;ENCODING=b:TG92Z", f"EMAIL:{MAIL}")) == {"email": MAIL}


@pytest.mark.parametrize(
    ("whole", "names"),
    [
        ("Lovelace, Dr. Ada", ("Ada", "Lovelace")), ("Ada Lovelace, Engines Ltd", ("Ada", "Lovelace")),
        ("Ada Lovelace she/her", ("Ada", "Lovelace")), ("Ada\u200b Lovelace \U0001f680", ("Ada", "Lovelace")),
        ("Ada Lovelace - Engines", ("Ada", "Lovelace")), ("Ada Lovelace | Engines", ("Ada", "Lovelace")),
        ("van der Berg", ("", "van der Berg")), ("Anne-Marie Holt", ("Anne-Marie", "Holt")),
        ("Lovelace, Mr", ("Mr", "Lovelace")),
    ],
)  # fmt: skip
def test_a_whole_name_is_parted_from_what_people_write_beside_it(whole: str, names: tuple[str, str]) -> None:
    assert split_name(whole) == names


def test_a_line_of_a_card_that_is_none_is_passed_over() -> None:
    assert shown_by(card(":no name", "N:Lovelace;Ada;;;", ";=:", f"EMAIL:{MAIL}")) == ADA


def test_a_text_that_is_no_phone_is_none_of_a_badge() -> None:
    assert (parse_phone_or_none("call me", "DE"), parse_phone_or_none("030 12345678", "DE")) == (None, "+493012345678")
