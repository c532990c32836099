"""Nineteen inputs that people reported to tools like this one, made again with invented people: nobody is lost.

Each name begins with the number that the case has where it was collected.
"""

from typing import Any

import httpx
import pytest

from events.runtime.testing import START, ServiceHarness
from tests.capture.browsers import PAGE, SITE, form_key, stranger
from tests.capture.builders import submission_body
from tests.capture.test_imports import taken
from tests.capture.test_scans import post, scan


async def person(harness: ServiceHarness, email: str) -> dict[str, Any] | None:
    """Return who is known under an e-mail, None where nobody is."""
    answer = await harness.http.get("/v1/contacts", params={"email": email})
    found: dict[str, Any] | None = answer.json() if answer.status_code == 200 else None
    return found


async def rejects(harness: ServiceHarness, found: dict[str, Any]) -> str:
    return (await harness.http.get(f"/v1/imports/{found['import_id']}/rejects")).text


LISTS: dict[str, tuple[bytes, int]] = {
    "csv-01 a first line sep=; is a hint": (
        b"sep=;\r\nEmail;First Name;Last Name;Company\r\nnora@pumps.example;Nora;Lind;Lind Pumps AB\r\n", 1,
    ),
    "csv-02 UTF-16 with tabs, as ad networks write it": (
        "id\tfull_name\temail\tphone_number\nl:1\tMårten Öberg\tm@obergs.example\tp:+46701234567\n".encode("utf-16"),
        1,
    ),
    "csv-03 unnamed columns at the end, and a line of separators": (
        b"Email,First Name,Company,,,\r\nto@glass.example,Tom,Glass,,,\r\nina@glass.example,Ina,G,,,\r\n,,,,,\r\n", 2,
    ),
    "csv-04 two unused columns of one name": (
        b"Email,First Name,Comments,Comments\r\npia@kern.example,Pia,first,second\r\n", 1,
    ),
    "csv-05 two inch marks far from each other": (
        b"email,company,job_title\n" + b"".join(
            b"a%d@av.example,AV,%s\n" % (n, b'buys 55" panels' if n in {1, 8} else b"Buyer") for n in range(1, 10)
        ), 9,
    ),
    "csv-05b one inch mark between tabs": (
        b'email\tcompany\tjob_title\nb1@av.example\tAV\tsells 24" screens\nb2@av.example\tAV\tBuyer\n', 2,
    ),
    "csv-06 countries by name": (
        b"Email,Last Name,Country\r\n" + b"".join(
            b"c%d@labs.example,X,%s\r\n" % (n, name)
            for n, name in enumerate([b"United States", b"Germany", b"South Korea", b"USA", b"UK"])
        ), 5,
    ),
    "csv-07 TRUE and FALSE": (
        (b"email,last_name,talk_to_sales,consent.purpose,consent.granted,consent.wording_version\r\n"
        b"t1@it.example,Petersen,TRUE,marketing_email,TRUE,2026-01\r\n"
        b"t2@it.example,Jensen,FALSE,marketing_email,FALSE,2026-01\r\n"), 2,
    ),
    "csv-10 Windows-1252 from a German Excel": (
        "Email;Vorname;Nachname;Straße\r\nk1@ho.example;Jürgen;Müller;\r\nk2@ho.example;Jan;V;\r\n".encode("cp1252"), 2,
    ),
    "csv-15 sizes as brackets": (
        (b'Email,Last Name,Company Size\r\ne1@ink.example,A,51-200 employees\r\ne2@ink.example,B,"1,200"\r\n'
        b"e3@ink.example,C,250.0\r\ne4@ink.example,D,10000+\r\n"), 4,
    ),
    "csv-20 attendees of one event": (
        (b"Order #,Order Date,First Name,Last Name,Email,Event Name,Event ID\r\n"
        b"8801,2026-02-01 10:00:00+01:00,Ada,Falk,ada@falk.example,Pump Days,662018000001\r\n"
        b"8802,2026-02-01 11:00:00+01:00,Bo,Geir,bo@geir.example,Pump Days,662018000001\r\n"
        b"8803,2026-02-02 09:00:00+01:00,Cleo,Hart,cleo@hart.example,Pump Days,662018000001\r\n"), 3,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", LISTS)
async def test_a_list_as_tools_write_it_comes_in_whole(harness: ServiceHarness, case: str) -> None:
    content, people = LISTS[case]
    found = await taken(harness, content)
    assert (found["accepted"], found["rejected"], found["duplicates"]) == (people, 0, 0)
    assert [note for note in found["put_aside"] if note["field"] in {"country", "employees", "consent.granted"}] == []


async def test_csv_07_what_a_spreadsheet_writes_for_yes_is_a_yes_of_a_list_alone(harness: ServiceHarness) -> None:
    """A record says why: the list's sender cannot mend it, the sender of JSON can (B51)."""
    await taken(harness, LISTS["csv-07 TRUE and FALSE"][0])
    yes, no = [await person(harness, f"t{n}@it.example") for n in (1, 2)]
    assert yes is not None
    assert no is not None
    assert [each["consents"][0]["granted"] for each in (yes, no)] == [True, False]
    for value in ("TRUE", "yes", 1):
        answer = await harness.http.post("/v1/contacts", json=submission_body(talk_to_sales=value))
        assert answer.status_code == 422


async def test_csv_07b_rejects_repaired_in_a_spreadsheet_come_in(harness: ServiceHarness) -> None:
    found = await taken(harness, b"email,last_name,talk_to_sales\r\nr1(at)it.example,Petersen,true\r\n")
    repaired = (await rejects(harness, found)).replace("(at)", "@").replace("true", "TRUE")
    assert (await taken(harness, repaired))["accepted"] == 1


async def test_csv_01_what_stands_below_the_hint_is_the_header(harness: ServiceHarness) -> None:
    await taken(harness, LISTS["csv-01 a first line sep=; is a hint"][0])
    assert ((await person(harness, "nora@pumps.example")) or {})["company"] == "Lind Pumps AB"


async def test_csv_02_utf_16_may_be_named(harness: ServiceHarness) -> None:
    content = LISTS["csv-02 UTF-16 with tabs, as ad networks write it"][0]
    headers = {"Content-Type": "text/csv; charset=utf-16"}
    answer = await harness.http.post("/v1/imports", content=content, headers=headers)
    assert (answer.status_code, answer.json()["accepted"]) == (202, 1)
    assert ((await person(harness, "m@obergs.example")) or {})["last_name"] == "Öberg"


async def test_csv_05_everybody_between_two_inch_marks_is_known(harness: ServiceHarness) -> None:
    await taken(harness, LISTS["csv-05 two inch marks far from each other"][0])
    assert all([await person(harness, f"a{number}@av.example") for number in range(1, 10)])


async def test_csv_06_and_15_cells_are_what_they_say(harness: ServiceHarness) -> None:
    for case, prefix, field in (
        ("csv-06 countries by name", "c", "country"),
        ("csv-15 sizes as brackets", "e", "employees"),
    ):
        await taken(harness, LISTS[case][0])
        people = [await person(harness, f"{prefix}{number}@{place}") for number, place in NAMED[prefix]]
        assert [each and each[field] for each in people] == READ_AS[prefix]


NAMED = {"c": [(n, "labs.example") for n in range(5)], "e": [(n, "ink.example") for n in range(1, 5)]}
READ_AS: dict[str, list[Any]] = {"c": ["US", "DE", "KR", "US", "GB"], "e": [51, 1_200, 250, 10_000]}


async def test_csv_10_a_charset_that_is_named_is_used(harness: ServiceHarness) -> None:
    answer = await harness.http.post(
        "/v1/imports", content=LISTS["csv-10 Windows-1252 from a German Excel"][0],
        headers={"Content-Type": "text/csv; charset=windows-1252"},
    )  # fmt: skip
    assert answer.json()["accepted"] == 2
    assert ((await person(harness, "k1@ho.example")) or {})["last_name"] == "Müller"


async def test_csv_22_a_row_longer_than_the_header_is_rejected_with_its_cells(harness: ServiceHarness) -> None:
    content = b"email,company,job_title\nlo@rail.example,Acme, Inc.,COO\nok@rail.example,Acme Rail,Buyer\n"
    found = await taken(harness, content)
    assert (found["accepted"], found["rejected"]) == (1, 1)
    assert await person(harness, "lo@rail.example") is None
    assert "lo@rail.example,Acme, Inc.,COO" in await rejects(harness, found)


async def test_lead_05_an_undated_row_does_not_lift_a_withdrawal(harness: ServiceHarness) -> None:
    email = "un@vagn.example"
    grant = {"purpose": "marketing_email", "granted": True, "wording_version": "2026-01", "at": "2026-02-01T08:00:00Z"}
    sent = await harness.http.post("/v1/contacts", json={"email": email, "consent": grant})
    path = f"/v1/contacts/{sent.json()['contact_id']}/consents"
    withdrawal = grant | {"granted": False, "at": START.isoformat()}
    assert (await harness.http.post(path, json=withdrawal)).status_code == 200
    header = "email,last_name,consent.purpose,consent.granted,consent.wording_version"
    await taken(harness, f"{header}\n{email},Vagn,marketing_email,true,2026-01\n")
    dated = f"{email},Vagn,marketing_email,true,2026-01,2026-01-10T09:00:00Z"
    await taken(harness, f"{header},occurred_at\n{dated}\n")
    (current,) = ((await person(harness, email)) or {})["current_consents"]
    assert current["granted"] is False


async def test_api_01_an_event_id_of_another_person_loses_nobody(harness: ServiceHarness) -> None:
    for number, expected in ((1, 202), (2, 422)):
        body = submission_body(email=f"p{number}@valves.example", last_name=f"No {number}", event_id="order-7")
        assert (await harness.http.post("/v1/contacts", json=body)).status_code == expected
    for number in (3, 4):
        body = submission_body(email=f"p{number}@valves.example", event_id="undefined")
        assert (await harness.http.post("/v1/contacts", json=body)).status_code == 202
        assert await person(harness, f"p{number}@valves.example") is not None


@pytest.mark.parametrize(
    "badge",
    [
        "104233|Jane|Holt|Rail|jim@rail.example|+442079460999",
        "104234^HOLT^JIM^RAIL^jim@rail.example",
        "a1b2c3d4-0000-4000-8000-00000000aa01;Jo;Holt;Rail;jim@rail.example",
        '{"id":"104236","name":"Jed Holt","email":"jim@rail.example","company":"Rail"}',
        "Jess Holt <jim@rail.example>",
    ],
)
async def test_badge_11_the_one_address_that_a_badge_shows_is_read(harness: ServiceHarness, badge: str) -> None:
    (item,) = await post(harness, scan(badge=badge))
    found = (await harness.http.get(f"/v1/contacts/{item['contact_id']}")).json()
    assert (found["email"], "Holt" in str(found["last_name"]).title()) == ("jim@rail.example", True)


async def test_vcard_10_commas_that_nobody_escaped(harness: ServiceHarness) -> None:
    card = "BEGIN:VCARD\nVERSION:3.0\n{}\nORG:Smith, Holt & Sons, Ltd\nTITLE:VP, Sales\nEMAIL:j@sh.example\nEND:VCARD"
    for names in ("N:Holt;Jodie;;;\nFN:Jodie Holt, MBA", "FN:Holt, Jodie"):
        (item,) = await post(harness, scan(badge=card.format(names)))
        found = (await harness.http.get(f"/v1/contacts/{item['contact_id']}")).json()
        shown = [found[field] for field in ("first_name", "last_name", "company", "job_title")]
        assert shown == ["Jodie", "Holt", "Smith, Holt & Sons, Ltd", "VP, Sales"]


@pytest.mark.parametrize(
    ("phone", "country", "number"),
    [
        ("+1 415-555-0132 x204", "US", "+14155550132"),
        ("+49 171 2345678\u202c", None, "+491712345678"),
        ("0049 171 2345678", None, "+491712345678"),
        ("tel:+491712345678", None, "+491712345678"),
        ("+49 (0)171 2345678", None, "+491712345678"),
        ("0171/2345678", "DE", "+491712345678"),
    ],
)
async def test_phone_01_a_hand_raiser_is_not_turned_away_for_how_a_number_is_written(
    harness: ServiceHarness, phone: str, country: str | None, number: str
) -> None:
    """B43, as a record decides it anew."""
    body = submission_body(phone=phone, country=country, engagement="contact_sales")
    answer = await harness.http.post("/v1/contacts", json=body)
    assert answer.status_code == 202
    assert (await harness.http.get(f"/v1/contacts/{answer.json()['contact_id']}")).json()["phone"] == number


@pytest.mark.parametrize(
    ("fields", "last_name"),
    [
        (b"last_name=M%FCller", "Müller"),
        (b"_charset_=windows-1252&last_name=M%FCller", "Müller"),
        (b"last_name=Ray&country=US&phone=%2B1+415-555-0132+x204", "Ray"),
        (b"last_name=%20Ray%20&email=ADA%40Works.example%20%20", "Ray"),
        (b"last_name=Ray%0D%0A", "Ray"),
    ],
)
async def test_form_01_a_plain_page_of_any_age_posts_what_people_typed(
    harness: ServiceHarness, fields: bytes, last_name: str
) -> None:
    key = (await form_key(harness)).encode()
    email = b"" if b"email=" in fields else b"&email=ada%40works.example"
    headers = PAGE | {"Content-Type": "application/x-www-form-urlencoded", "Origin": SITE}
    async with await stranger(harness) as browser:
        answer: httpx.Response = await browser.post(
            "/f/contact", content=b"form_key=" + key + b"&" + fields + email, headers=headers
        )
    assert answer.status_code == 303
    assert ((await person(harness, "ada@works.example")) or {})["last_name"] == last_name
