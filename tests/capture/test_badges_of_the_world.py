"""Badges that hold their fields in ways nobody agreed on: the wearer, and none of those who stand beside them."""

import base64

import pytest

from capture.domain.scan import BadgeScan
from tests.capture.test_odd_badges import ADA, MAIL, card, shown_by

PHONE = "+442079460958"
SCAN = {"event": "expo", "scanned_by": "r", "occurred_at": "2026-03-02T09:00:00Z"}
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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"MATMSG:TO:{MAIL};SUB:Hi;BODY:or write to boss@x.example;;", {"email": MAIL}),
        ("id=104233&firstName=Ada&lastName=Lovelace&email=ada%40lovelace.example", ADA | {"reference": "104233"}),
        (f"<badge><id>104233</id><first>Ada</first><last>Lovelace</last><email>{MAIL}</email></badge>",
         ADA | {"reference": "104233"}),
        ("".join(chr(ord(letter) + 0xFEE0) for letter in MAIL), {"email": MAIL}),
        ('ada"lovelace.example', {"email": MAIL}),
        ('zada"lovelaceßengines.example', {"email": "yada@lovelace-engines.example"}),
        (card("N:LÃ¶velace;Ada", "ORG:MÃ¼ller & Co", f"EMAIL:{MAIL}"),
         ADA | {"last_name": "Lövelace", "company": "Müller & Co"}),
        (f"https://expo.example/lead?email={MAIL}&fn=Ada&ln=Lovelace", ADA),
        (f"https://expo.example/#/lead/{MAIL}", {"email": MAIL}),
        (f"mailto:{MAIL}?cc=rep@expo.example&subject=hi", {"email": MAIL}),
        (f"]Q1{MAIL}\r\n\t", {"email": MAIL}),
        (card("N:Lovelace;Ada", "EMAIL;ENCODING=BASE64:YWRhQGxvdmVsYWNlLmV4YW1wbGU="), ADA),
        ('{"attendee":{"emails":[{"value":"ada@lovelace.example"}],"name":{"first":"Ada","last":"Lovelace"}}}', ADA),
        ("104233;Ada;Lovelace;Engines;+44 20 7946 0958 x12",
         {"reference": "104233", "first_name": "Ada", "last_name": "Lovelace", "company": "Engines", "phone": PHONE}),
    ],
)  # fmt: skip
def test_a_badge_of_another_machine_gives_whom_it_shows(text: str, shown: dict[str, str]) -> None:
    assert shown_by(text) == shown


@pytest.mark.parametrize("text", ["0x" + "ab" * 32, "eyJhbGciOi.JIUzI1NiJ9.abc", 'a"b', "KWXQPZ", "TEST-7", "na-12"])
def test_what_shows_nobody_is_an_id(text: str) -> None:
    assert shown_by(text).keys() == {"reference"}


ON_ALL_BADGES = [
    "VISITOR", "Besucher", "0", "null", "undefined", "000000", "TEST", "BADGE", "-", " - ", "N/A", "n.a.", "{{id}}",
    "ID: null", "Badge No: VISITOR", "VISITOR-VIP", "undefined-undefined", '{"id": "null"}', '{"badge": 0}', "[[]]",
    "00000000-0000-0000-0000-000000000000", "https://expo.example/app", "https://expo.example/",
    "https://expo.example/2026/app", "https://expo.example/besucher2026", "https://expo.example/a?utm_campaign=expo2026",
    "https://expo.example/app?id=null", "https://expo.example/b?id=0", "https://expo.example/app#start",
    "https://expo2026.example/?visitor", "http://[::1", "WIFI:T:WPA;S:Expo 2026;P:secret123;;", "geo:52.5,13.4",
]  # fmt: skip
"""What organisers print for everybody, and what programs print where a variable is empty."""


@pytest.mark.parametrize("text", ON_ALL_BADGES)
def test_what_all_badges_say_is_nobodys_id(text: str) -> None:
    """All visitors became one contact, with the name of who came last."""
    assert shown_by(text) == {}
    scans = [BadgeScan.model_validate(SCAN | {"badge": text, "scan_id": str(number)}) for number in (1, 2, 1)]
    first, second, again = (each.as_submission().badge for each in scans)
    assert first == again
    assert None is not first != second


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"0|Ada|Lovelace|Engines|{MAIL}", ADA | {"company": "Engines"}),
        (f"VISITOR;Ada;Lovelace;Engines;{MAIL}", ADA | {"company": "Engines"}),
        (f'{{"badge": "null", "id": "104233", "email": "{MAIL}"}}', {"email": MAIL, "reference": "104233"}),
        (card("N:Lovelace;Ada", "UID:0", f"EMAIL:{MAIL}"), ADA),
        ("https://expo.example/b/A7-XQ", {"reference": "A7-XQ"}),
        ("https://expo.example/app?id=7", {"reference": "7"}),
        (f"https://expo.example/badge#{MAIL}", {"email": MAIL}),
        (f"https://expo.example/badge#/{MAIL}", {"email": MAIL}),
    ],
)
def test_beside_what_all_badges_say_a_person_is_a_person(text: str, shown: dict[str, str]) -> None:
    assert shown_by(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"Ada Lovelace, VP Sales, Engines, {MAIL}, {PHONE}",
         ADA | {"job_title": "VP Sales", "company": "Engines", "phone": PHONE}),
        ("Ada Lovelace|Buyer|Engines|x@engines.example",
         ADA | {"job_title": "Buyer", "company": "Engines", "email": "x@engines.example"}),
        (f"M.|Ada|Lovelace|Engines|{MAIL}", ADA | {"company": "Engines"}),
        (f"M|Lovelace|Engines|{MAIL}", ADA | {"first_name": "M", "company": "Engines"}),
        (card("N;CHARSET=SHIFT_JIS;ENCODING=QUOTED-PRINTABLE:=8E=52=93=63;=91=BE=98=59", f"EMAIL:{MAIL}"),
         {"first_name": "太郎", "last_name": "山田", "email": MAIL}),
        (card("N;CHARSET=ISO-8859-2;ENCODING=QUOTED-PRINTABLE:Wa=B3=EAsa;Lech", f"EMAIL:{MAIL}"),
         {"first_name": "Lech", "last_name": "Wałęsa", "email": MAIL}),
        (card("N;CHARSET=ISO-NONE;ENCODING=QUOTED-PRINTABLE:M=FCller;Ada", f"EMAIL:{MAIL}"),
         ADA | {"last_name": "Müller"}),
        (card("N;CHARSET=GB2312;ENCODING=QUOTED-PRINTABLE:=FF;Ada", f"EMAIL:{MAIL}"), ADA | {"last_name": "ÿ"}),
        (f"BEGIN:VCARD\nVERSION:3.0\n N:Lovelace;Ada\n ORG:Engines\nEMAIL:{MAIL}\n END:VCARD",
         ADA | {"company": "Engines"}),
        (card("N:Lovelace;Ada", "ORG:Eng", " ines", f"EMAIL:{MAIL}"), ADA | {"company": "Engines"}),
    ],
)  # fmt: skip
def test_fields_in_an_order_a_charset_and_an_indent_of_their_own_are_read(text: str, shown: dict[str, str]) -> None:
    assert shown_by(text) == shown
