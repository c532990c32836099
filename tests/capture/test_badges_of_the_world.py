"""Badges that hold their fields in ways nobody agreed on: the wearer, and none of those who stand beside them."""

import base64

import pytest

from tests.capture.test_odd_badges import ADA, MAIL, card, shown_by

PHONE = "+442079460958"
JSON = f'{{"email": "{MAIL}", "name": "Ada Lovelace"}}'


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize("sign", ["^", "|", "~", "$", "*", "#", "::", "/", "&", "\t"])
def test_named_fields_are_read_between_any_signs(sign: str) -> None:
    text = sign.join(["ID=104233", "NAME=Ada Lovelace", f"EMAIL={MAIL}"])
    assert shown_by(text) == ADA | {"reference": "104233"}


@pytest.mark.parametrize("key", ["organizer", "Host", "exhibitor", "scanned_by", "Veranstalter"])
def test_an_address_of_the_organiser_is_not_the_wearers(key: str) -> None:
    """Whoever wore such a badge became the organiser."""
    text = f'{{"data": {{"email": "{MAIL}"}}, "{key}": {{"email": "help@expo.example", "name": "Expo"}}}}'
    assert shown_by(text) == {"email": MAIL}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (PHONE, {"phone": PHONE}),
        ("+44 20 7946 0958", {"phone": PHONE}),
        (f"Ada|Lovelace|{PHONE}", {"first_name": "Ada", "last_name": "Lovelace", "phone": PHONE}),
        (f"Ada Lovelace;Engines;{PHONE};104233",
         {"first_name": "Ada", "last_name": "Lovelace", "company": "Engines", "phone": PHONE, "reference": "104233"}),
        (f"{MAIL}|{MAIL}|104233", {"email": MAIL, "reference": "104233"}),
        (f"Name:\tAda Lovelace\r\nMail:\t{MAIL}\r\nTel.:\t{PHONE}", ADA | {"phone": PHONE}),
        (f"Nom: Lovelace\nPr\u00e9nom: Ada\nSoci\u00e9t\u00e9: Engines\nCourriel: {MAIL}\nPays: France",
         ADA | {"company": "Engines", "country": "FR"}),
        (encoded(JSON), ADA),
        (f"{encoded('{}')}.{encoded(JSON)}.c2lnbmF0dXJl", ADA),
        (encoded(card("N:Lovelace;Ada", f"EMAIL:{MAIL}")), ADA),
        ((f"BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=4C=6F=76=65=6C=61=63=65;=41=64=\n=61;;;\n"
         f"EMAIL;INTERNET:{MAIL}\nEND:VCARD"), ADA),
        ((f"BEGIN:VCARD\nVERSION:2.1\nN:Lovelace;Ada\nADR;WORK;PREF;ENCODING=QUOTED-PRINTABLE:;;1 Road=0D=0A=\nBox 2;"
         f"washington;dc;20001;United States of America\nEMAIL:{MAIL}\nEND:VCARD"), ADA | {"country": "US"}),
        ((f"BEGIN:VCARD\nVERSION:4.0\nFN:Ada Lovelace\nEMAIL;TYPE=work:mailto:{MAIL}\n"
         'TEL;VALUE=uri;TYPE="voice,work":tel:+44-20-7946-0958;ext=12\nEND:VCARD'), ADA | {"phone": PHONE}),
    ],
)  # fmt: skip
def test_a_badge_gives_whom_it_shows(text: str, shown: dict[str, str]) -> None:
    assert shown_by(text) == shown


@pytest.mark.parametrize(
    "text",
    ["AAAAAAAAAAAAAAAAAAAAAA", encoded("no address in this text"), encoded("\0\1 ada@x.example \2"), "a" * 17,
     "/////////////////////w"],
)  # fmt: skip
def test_an_id_that_looks_encoded_is_an_id(text: str) -> None:
    assert shown_by(text).keys() == {"reference"}


@pytest.mark.parametrize("text", [f"{PHONE}|+442079460959|7", "+12", f"{MAIL};bo@geir.example;7"])
def test_several_people_or_half_a_number_are_nobody(text: str) -> None:
    assert shown_by(text).keys() == {"reference"}
