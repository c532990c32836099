"""CSV imports from HTTP to rows and events: mapped, previewed, taken in, rejected for repair, released day by day."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest
from starlette.requests import ClientDisconnect

from capture.api.commands import imports
from capture.api.commands.imports import ImportRun
from capture.api.import_files import ImportFile, ImportOptions
from capture.api.intake import SubmissionGatherer
from capture.app import service
from events.contacts import ContactCaptured
from events.runtime.testing import START, ServiceHarness

HEADER = "E-Mail,First name,Company,facts.seats\n"


FIRST_BYTES = 70_000
"""More than what a reader waits for to find out what a file is."""


def row(n: int, seats: Any = 5) -> str:
    return f"p{n}@firm{n}.example,Ada,Firm {n},{seats}\n"


async def send(harness: ServiceHarness, content: Any, **asked: Any) -> httpx.Response:
    params = {name: orjson.dumps(value).decode() if name == "mapping" else value for name, value in asked.items()}
    body = content.encode() if isinstance(content, str) else content
    return await harness.http.post("/v1/imports", content=body, params=params, headers={"Content-Type": "text/csv"})


async def taken(harness: ServiceHarness, content: Any, **asked: Any) -> dict[str, Any]:
    response = await send(harness, content, **asked)
    assert response.status_code == 202, response.text
    found: dict[str, Any] = response.json()
    assert response.headers["location"] == f"/v1/imports/{found['import_id']}"
    return found


def counts(found: dict[str, Any]) -> tuple[int, ...]:
    return tuple(found[name] for name in ("rows", "accepted", "duplicates", "rejected", "waiting"))


async def test_a_file_is_taken_in_row_by_row_through_the_same_door(harness: ServiceHarness) -> None:
    found = await taken(harness, HEADER + row(1) + row(2) + row(1), campaign="fair", engagement="content_download")
    assert (counts(found), found["state"]) == ((3, 2, 1, 0, 0), "done")
    first, _ = sorted(await harness.emitted(ContactCaptured), key=lambda event: str(event.company))
    assert (first.source, first.engagement, first.campaign) == ("import", "content_download", "fair")
    assert (first.company, first.facts, first.email_domain) == ("Firm 1", {"seats": 5}, "firm1.example")
    assert (await harness.http.get(f"/v1/imports/{found['import_id']}")).json() == found
    assert found["mapping"]["email"] == "E-Mail"


async def test_the_same_file_again_is_nothing_new_and_a_repaired_row_is(harness: ServiceHarness) -> None:
    """Repair and send all again: what was taken in is a duplicate, for ever."""
    await taken(harness, HEADER + row(1) + "nobody,Ada,Firm,5\n")
    await harness.advance(timedelta(days=90))
    from_body = await taken(harness, HEADER + row(1) + row(2))
    assert counts(from_body) == (2, 1, 1, 0, 0)


async def test_rejected_rows_come_back_as_a_file_to_repair(harness: ServiceHarness) -> None:
    """B41, B50: harmless in a spreadsheet, and the same again when it is sent back."""
    bad = [
        "nobody,Ada,=1+1,5",
        "b@x.example,Ada,Firm, Inc.,5",
        "\x1b@x.example,@SUM(A1),F,1",
        'c@x.example,"open,F,1',
        "d@x.example,J#rgen," + "x" * 70_000,
    ]
    written = (HEADER + row(1) + "\n".join(bad)).encode().replace(b"J#rgen", b"J\xfcrgen")
    found = await taken(harness, written + b"\ne@x.example,J\xfcrgen,F,1\n")
    assert counts(found) == (7, 3, 0, 4, 0)
    response = await harness.http.get(f"/v1/imports/{found['import_id']}/rejects")
    assert response.headers["content-type"].startswith("text/csv")
    text = response.content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == [
        "E-Mail",
        "First name",
        "Company",
        "facts.seats",
        "more cells 1",
        "row",
        "field",
        "code",
        "reason",
    ]
    assert [each[5:8] for each in rows[1:]] == [
        ["3", "email", "email_invalid"], ["4", "body", "too_many_cells"],
        ["5", "email", "email_invalid"], ["7", "body", "line_too_long"],
    ]  # fmt: skip
    assert rows[1][2] == "'=1+1"
    assert rows[2][:5] == ["b@x.example", "Ada", "Firm", " Inc.", "5"]
    assert rows[3][1] == "'@SUM(A1)"
    assert rows[4][0].startswith("d@x.example,Jürgen,xxx")
    repaired = response.text.replace("nobody", "now@x.example")
    from_body = await taken(harness, repaired, country="GB")
    assert (
        from_body["accepted"] == 2
    )  # the one repaired, and the one whose cells were put under one another in the file
    assert "=1+1" in {event.company for event in await harness.emitted(ContactCaptured)}
    await harness.advance(timedelta(days=31))
    assert await harness.raw.fetch("select from import_rejects") == []


async def test_a_preview_says_what_would_become_of_a_file_and_keeps_nothing(harness: ServiceHarness) -> None:
    content = "Mail,Firm,Extra,Talk\na@x.example,X,1,true\nnobody,X,1,yes\nb@x.example,X,1,perhaps\n"
    mapping = {"company": "Firm", "talk_to_sales": "Talk"}
    response = await send(harness, content, mapping=mapping, preview="true")
    body = response.json()
    assert (response.status_code, body["good"], body["bad"]) == (200, 2, 1)
    assert body["mapping"] == {"email": "Mail", "company": "Firm", "talk_to_sales": "Talk"}
    assert (body["unmapped"], body["rejected"]) == (
        ["Extra"],
        [
            {
                "row": 3,
                "field": "email",
                "code": "email_invalid",
                "reason": "This is not an e-mail address, and the row has no phone",
            }
        ],
    )
    assert body["sample"][0]["values"]["talk_to_sales"] is True
    assert body["columns"][3] == {
        "column": "Talk", "field": "talk_to_sales", "samples": ["true", "yes", "perhaps"], "unfit": 1,
    }  # fmt: skip
    assert body["columns"][2]["field"] is None
    (aside,) = body["put_aside"]
    assert aside == {"field": "talk_to_sales", "code": "bool_type", "cells": 1, "reason": aside["reason"]}
    for table in ("imports", "identities", "engagements", "outbox"):
        assert await harness.raw.fetch(f"select from {table}") == []


@pytest.mark.parametrize(
    ("content", "asked", "status", "code"),
    [
        ("", {}, 400, "body_empty"),
        ("company\nX\n", {}, 422, "mapping_names_nobody"),
        (HEADER, {"mapping": {"score": "E-Mail"}}, 422, "mapping_field_unknown"),
        (HEADER, {"mapping": [1]}, 422, "mapping_invalid"),
        (b"\xff\n", {}, 422, "mapping_names_nobody"),
        ("a@x.example,Ada\nb@x.example,Bo\n", {}, 422, "header_missing"),
        ("email,created at\na@x.example,2/3/2026\n", {}, 422, "date_order_ambiguous"),
        (HEADER, {"time_zone": "Mars/Olympus"}, 422, "time_zone_unknown"),
        (HEADER, {"per_day": 0}, 422, "greater_than_equal"),
        (HEADER, {"event": "expo"}, 422, "mapping_names_no_badge"),
        ("email,Badge,Barcode\n", {"event": "expo"}, 422, "badge_ambiguous"),
        ("email,Badge\n", {"event": "expo", "per_day": 5}, 422, "attendees_at_once"),
        ("email,Badge\n", {"event": "the expo"}, 422, "string_pattern_mismatch"),
    ],
)
async def test_a_file_that_cannot_be_mapped_is_refused_and_leaves_no_row(
    harness: ServiceHarness, content: Any, asked: dict[str, Any], status: int, code: str
) -> None:
    response = await send(harness, content, **asked)
    assert (response.status_code, response.json()["errors"][0]["code"]) == (status, code)
    assert await harness.raw.fetch("select from imports") == []


async def test_an_organisers_list_names_who_was_scanned(harness: ServiceHarness) -> None:
    """C2: a badge that showed no more than its id is the person of its line, before the list comes and after it."""
    scan = {"event": "expo", "scanned_by": "rep-1", "occurred_at": START.isoformat()}
    before = await harness.http.post("/v1/scans", json=scan | {"scan_id": "s1", "badge": "id: 10042"})
    content = (
        "Attendees;;;\nBadge ID;Name;E-Mail;Company\n10042;Ada Lovelace;ada@x.example;Engines\n"
        "10043;Bob Cole;;Cole & Co\n;Cem Kaya;cem@x.example;\n1,0044E+11;Dee Dee;dee@x.example;\n;;;Nobody\n"
    )
    found = await taken(harness, content, event="expo")
    assert counts(found) == (5, 4, 0, 1, 0)
    assert [each["code"] for each in found["put_aside"]] == ["badge_missing", "badge_rounded"]
    after = await harness.http.post("/v1/scans", json=scan | {"scan_id": "s2", "badge": "10043"})
    ids = [answer.json()["items"][0]["contact_id"] for answer in (before, after)]
    ada, bob = [(await harness.http.get(f"/v1/contacts/{contact_id}")).json() for contact_id in ids]
    assert (ada["email"], ada["last_name"], bob["first_name"], bob["company"]) == (
        "ada@x.example", "Lovelace", "Bob", "Cole & Co",
    )  # fmt: skip
    did = [(event.engagement, event.campaign) for event in await harness.emitted(ContactCaptured)]
    assert sorted(did) == [("event_registered", "expo")] * 4 + [("event_scan", "expo")] * 2
    assert await service.audit_now() == []


async def test_a_mapping_is_saved_under_a_name(harness: ServiceHarness) -> None:
    asked = {"mapping": {"email": "Kontakt", "company": "Firma"}, "dates": "mdy", "country": "DE", "campaign": "fair"}
    saved = await harness.http.put("/v1/mappings/fair", json=asked)
    assert (saved.status_code, saved.json()["dates"]) == (200, "mdy")
    content = "Kontakt,Firma,Created at,Tel\na@x.example,Acme,2/3/2026 10:00,030 901820\n"
    found = await taken(harness, content, saved="fair", mapping={"company": None})
    assert counts(found) == (1, 1, 0, 0, 0)
    (event,) = await harness.emitted(ContactCaptured)
    assert (event.campaign, event.company, event.occurred_at.month) == ("fair", None, 2)
    assert [each["name"] for each in (await harness.http.get("/v1/mappings")).json()["items"]] == ["fair"]
    for status in (204, 404):
        assert (await harness.http.delete("/v1/mappings/fair")).status_code == status
    assert (await send(harness, HEADER + row(1), saved="fair")).status_code == 404
    assert (await harness.http.put("/v1/mappings/fair", json={"time_zone": "Mars"})).status_code == 422


async def test_so_many_a_day_are_released_and_the_others_are_marketings(harness: ServiceHarness) -> None:
    """Build 5: an import that sales cannot follow up in a day comes in portions."""
    found = await taken(harness, HEADER + "".join(row(n) for n in range(7)) + "x,Ada,F,1\n", per_day=3)
    assert (counts(found), found["state"]) == ((8, 0, 0, 1, 7), "releasing")
    assert await harness.emitted(ContactCaptured) == []
    for day, released in enumerate([3, 6, 7, 7]):
        await harness.advance(timedelta(hours=1) if day == 0 else timedelta(days=1))
        assert len(await harness.emitted(ContactCaptured)) == released
    done = (await harness.http.get(f"/v1/imports/{found['import_id']}")).json()
    assert (counts(done), done["state"]) == ((8, 7, 0, 1, 0), "done")
    assert {event.company for event in await harness.emitted(ContactCaptured)} == {f"Firm {n}" for n in range(7)}


async def test_a_row_that_is_refused_on_its_day_is_there_to_repair(harness: ServiceHarness) -> None:
    """What was in order when it was sent may meet another playbook when it is released."""
    content = HEADER.strip() + ",occurred_at\n" + row(1).strip() + ",2098-01-01T00:00:00Z\n"
    found = await taken(harness, content, per_day=5)
    await harness.raw.execute(
        "insert into import_rows values ($1, 9, $2, $3::text::jsonb)",
        found["import_id"], uuid4(), '{"email": "nobody", "facts": {"seats": 5}}',
    )  # fmt: skip
    await harness.raw.execute("update imports set waiting = 2")
    await harness.advance(timedelta(minutes=1))
    rejects = await harness.http.get(f"/v1/imports/{found['import_id']}/rejects")
    rows = list(csv.reader(io.StringIO(rejects.text)))[1:]
    assert [(each[0], each[-2]) for each in rows] == [("nobody", "email_invalid")]
    assert rows[0][3] == "5"
    assert found["put_aside"][0]["code"] == "in_the_future"


async def test_every_line_of_a_file_is_accounted_for_and_every_person_kept(harness: ServiceHarness) -> None:
    """A foreign cell costs its cell: the person stays, and the answer says what was put aside."""
    lines = [
        "sep=;", "E-Mail;Name;Country;Company size;Phone;Source;Created at;talk_to_sales;Event ID;Budget", "",
        "a@x1.example;Ada Lovelace;United Kingdom;51-200 staff;+44 20 7946 0958 ext 7;Facebook Ads;2026-02-01;TRUE;7;9",
        "b@x2.example;Bo;Narnia;plenty;123;import;31.12.2099;perhaps;7;", ";;;;;;;;;",
        '"c@x3.example";"Cy\nDo";DE;1.200;0171 2345678;;28.02.2026 10:00;FALSE;7;', "nobody;;;;;;;;;",
    ]  # fmt: skip
    found = await taken(harness, "\r\n".join(lines).encode("cp1252"), time_zone="Europe/Berlin")
    assert counts(found) == (4, 3, 0, 1, 0)
    file = found["file"]
    assert file["lines"] == file["lines_above"] + file["lines_blank"] + file["lines_joined"] + found["rows"]
    assert (file["separator"], file["unmapped"]) == (";", ["Event ID", "Budget"])
    assert {(each["field"], each["code"]) for each in found["put_aside"]} == {
        ("source", "string_pattern_mismatch"), ("country", "country_unknown"), ("employees", "int_type"),
        ("phone", "phone_needs_country"), ("occurred_at", "in_the_future"), ("talk_to_sales", "bool_type"),
    }  # fmt: skip
    ada, bo, cy = sorted(await harness.emitted(ContactCaptured), key=lambda event: str(event.email_domain))
    assert (ada.country, ada.employees, ada.talk_to_sales, ada.source) == ("GB", 51, True, "import")
    assert (bo.country, bo.employees, bo.talk_to_sales) == (None, None, False)
    assert (bo.facts["country_given"], bo.facts["employees_given"]) == ("Narnia", "plenty")
    assert (cy.country, cy.employees, cy.occurred_at.isoformat()) == ("DE", 1200, "2026-02-28T09:00:00+00:00")


async def test_tables_below_one_another_are_read_each_under_its_header(harness: ServiceHarness) -> None:
    """A webinar's report lists its hosts, then its attendees: whoever stands in the second table is taken too."""
    content = (
        "Name,Email,Joined,Country\nMia Host,mia@x1.example,10:00,Spain\nAttendees,,,\n"
        "Attended,Email,First name,Name,Joined,Country\nYes,ada@x2.example,Ada,Ada King,10:01,UK\n"
        "No,nobody,Bo,Bo,--,UK\n"
    )
    preview = (await send(harness, content, preview="true")).json()
    assert (preview["good"], preview["bad"]) == (2, 2)
    found = await taken(harness, content)
    assert counts(found) == (4, 2, 0, 2, 0)
    file = found["file"]
    assert (file["lines"], file["lines_above"]) == (6, 2)
    assert file["lines"] == file["lines_above"] + file["lines_blank"] + file["lines_joined"] + found["rows"]
    countries = {str(event.email_domain): event.country for event in await harness.emitted(ContactCaptured)}
    assert countries == {"x1.example": "ES", "x2.example": "GB"}
    rejects = (await harness.http.get(f"/v1/imports/{found['import_id']}/rejects")).text
    assert "No,nobody,Bo,Bo" in rejects


async def test_whoever_is_forgotten_is_not_released(harness: ServiceHarness) -> None:
    """Access shows what waits, erasure deletes it."""
    contact = (await harness.http.post("/v1/contacts", json={"email": "p1@firm1.example"})).json()["contact_id"]
    await taken(harness, HEADER + row(1) + row(2), per_day=1)
    shown = (await harness.http.get(f"/v1/contacts/{contact}")).json()
    assert [each["told"]["email"] for each in shown["waiting_imports"]] == ["p1@firm1.example"]
    await harness.http.delete(f"/v1/contacts/{contact}")
    await harness.advance(timedelta(days=3))
    assert [event.company for event in await harness.emitted(ContactCaptured)] == ["Firm 2"]
    assert await service.audit_now() == []


async def test_a_sender_that_goes_away_may_send_again(harness: ServiceHarness) -> None:
    """The rows that arrived are kept; the file is known by its `import_id`."""

    class Gone:
        async def stream(self) -> AsyncIterator[bytes]:
            yield (HEADER + row(1) + row(2) + "\n" * FIRST_BYTES).encode()
            raise ClientDisconnect

    import_id = uuid4()
    file: Any = ImportFile(Gone(), 1_000)  # type: ignore[arg-type]  # of a request the file needs its stream alone
    asked = ImportOptions({}, {"source": "import"}, None)
    columns = await file.read_columns(asked)
    with pytest.raises(Exception, match="body_incomplete"):
        await ImportRun(service, SubmissionGatherer(service), import_id, columns, asked).take_file(file, "tests")
    shown = (await harness.http.get(f"/v1/imports/{import_id}")).json()
    assert shown["state"] == "broken_off"
    from_body = await taken(harness, HEADER + row(1) + row(2) + row(3), import_id=str(import_id))
    assert (from_body["import_id"], from_body["rows"], from_body["state"]) == (str(import_id), 3, "done")
    assert from_body["accepted"] + from_body["duplicates"] == 3
    assert len(await harness.emitted(ContactCaptured)) == 3


async def test_there_is_nothing_to_show_of_an_import_that_never_was(harness: ServiceHarness) -> None:
    for path in (f"/v1/imports/{uuid4()}", f"/v1/imports/{uuid4()}/rejects"):
        assert (await harness.http.get(path)).status_code == 404


async def test_a_file_that_is_sent_again_while_it_waits_waits_once(harness: ServiceHarness) -> None:
    content, import_id = HEADER + row(1) + row(2) + row(3), str(uuid4())
    first = await taken(harness, content, per_day=1, import_id=import_id)
    from_body = await taken(harness, content, per_day=1, import_id=import_id)
    assert (first["waiting"], from_body["waiting"]) == (3, 3)
    await harness.advance(timedelta(days=5))
    assert len(await harness.emitted(ContactCaptured)) == 3


async def test_an_erasure_reaches_the_rejected_rows_of_the_person_alone(harness: ServiceHarness) -> None:
    """X43: a reject file is kept for a month, and may hold the address under which somebody was erased since."""
    mapped = "E-Mail,First name,Phone,Country\n"
    rows = ("P1@Firm1.example,Ada,,A, B\n", "p2@firm2.example,Bob,,A, B\n", "x@,Ada,0049 (30) 901820,A, B\n")
    found = await taken(harness, mapped + "".join(rows) + "p1@firm1.example,Ada,+4930901820,DE\n")
    assert counts(found)[1:4] == (1, 0, 3)
    contact = (await harness.http.get("/v1/contacts", params={"email": "p1@firm1.example"})).json()["contact_id"]
    assert (await harness.http.delete(f"/v1/contacts/{contact}")).status_code == 202
    left = await harness.raw.fetch("select cells, code from import_rejects order by row")
    assert [row["cells"] is None for row in left] == [True, False, True]
    assert all(row["code"] for row in left)
    rejects = await harness.http.get(f"/v1/imports/{found['import_id']}/rejects")
    assert "firm1" not in rejects.text.casefold()
    assert "p2@firm2.example" in rejects.text


ONCE_AWAY = """
create sequence away;
create function fail_once() returns trigger language plpgsql as $$ begin
    if nextval('away') = {nth} then raise exception 'away' using errcode = '57P01'; end if; return new;
end $$;
create trigger away before {what} for each row execute function fail_once();
"""
"""The database ends a statement as it does when an operator restarts it, once: sequences are not rolled back."""


@pytest.mark.parametrize("what", ["insert on engagements", "update on imports", "insert on import_rejects"])
@pytest.mark.parametrize("nth", [1, 2])
async def test_a_database_that_is_away_for_a_moment_costs_the_sender_nothing(
    harness: ServiceHarness, what: str, nth: int
) -> None:
    """The part is tried again, and no row is counted twice."""
    await harness.raw.execute(ONCE_AWAY.format(nth=nth, what=what))
    found = await taken(harness, HEADER + row(1) + "nobody,Ada,F,1\n" + row(2) + "nobody,Ada,G,1\n")
    assert (counts(found), found["state"]) == ((4, 2, 0, 2, 0), "done")
    assert (await harness.raw.fetch("select last_value from away"))[0]["last_value"] >= nth
    assert len(await harness.emitted(ContactCaptured)) == 2


async def test_a_database_that_stays_away_is_answered_with_what_to_do(
    harness: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sent again under its id, the list goes on: who was taken in is a duplicate."""
    monkeypatch.setattr(imports, "TRIES", 2)
    await harness.raw.execute(ONCE_AWAY.format(nth=0, what="update on imports").replace("= 0", "< 99"))
    import_id, content = str(uuid4()), HEADER + row(1) + row(2)
    answer = await send(harness, content, import_id=import_id)
    assert (answer.status_code, answer.headers["location"]) == (503, f"/v1/imports/{import_id}")
    (error,) = answer.json()["errors"]
    assert (error["code"], error["import_id"], error["rows"]) == ("import_broken_off", import_id, 2)
    assert "send it again" in answer.json()["title"]
    assert "retry-after" in answer.headers
    await harness.raw.execute("drop trigger away on imports")
    again = await taken(harness, content, import_id=import_id)
    assert (again["rows"], again["accepted"] + again["duplicates"], again["state"]) == (2, 2, "done")
    assert len(await harness.emitted(ContactCaptured)) == 2


async def test_rows_for_later_days_wait_once_where_the_database_was_away(
    harness: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list that broke off shows what waits, and a day's rows are counted beside those of the reading."""
    await harness.raw.execute(ONCE_AWAY.format(nth=2, what="insert on import_rows"))
    import_id, content = str(uuid4()), HEADER + row(1) + "nobody,Ada,F,1\n" + row(2)
    assert counts(await taken(harness, content, per_day=1, import_id=import_id)) == (3, 0, 0, 1, 2)
    await harness.advance(timedelta(minutes=1))
    shown = (await harness.http.get(f"/v1/imports/{import_id}")).json()
    assert (counts(shown), shown["state"]) == ((3, 1, 0, 1, 1), "releasing")
    monkeypatch.setattr(imports, "TRIES", 1)
    await harness.raw.execute("drop trigger away on import_rows; drop sequence away; drop function fail_once")
    await harness.raw.execute(ONCE_AWAY.format(nth=1, what="insert on import_rejects"))
    assert (await send(harness, content, per_day=1, import_id=import_id)).status_code == 503
    shown = (await harness.http.get(f"/v1/imports/{import_id}")).json()
    assert (shown["waiting"], shown["state"]) == (2, "broken_off")


async def test_a_preview_shows_each_table_of_a_file(harness: ServiceHarness) -> None:
    content = (
        "Hosts\nName,Email,Slot\nMia Holt,mia@x.example,Host\nAttendees\nEmail,Name,Country,Company size\n"
        "ada@x.example,Ada King,Spain,Narnia\nbo@x.example,Bo,Narnia,5\n"
    )
    body = (await send(harness, content, preview="true")).json()
    assert (body["mapping"], body["unmapped"]) == ({"email": "Email", "full_name": "Name"}, ["Slot"])
    (further,) = body["further_tables"]
    assert further["mapping"]["country"] == "Country"
    assert [(each["column"], each["samples"], each["unfit"]) for each in further["columns"][2:]] == [
        ("Country", ["Spain", "Narnia"], 1), ("Company size", ["Narnia", "5"], 1),
    ]  # fmt: skip
    assert [each["row"] for each in body["sample"]] == [3, 6, 7]


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"PK\x03\x04\x14\x00\x06\x00", "file_is_workbook"), (b'[{"email":"a@x.example"}]', "file_is_no_list")],
)
async def test_what_is_no_list_is_refused_with_what_to_do(harness: ServiceHarness, content: bytes, code: str) -> None:
    answer = await send(harness, content)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)
    assert "CSV" in answer.json()["title"]


@pytest.mark.parametrize(
    "charset",
    [
        "hex", "zlib", "bz2", "idna", "undefined", "rot13", "base64", "uu", "punycode", "unicode-escape",
        "raw-unicode-escape", "none", "utf-8''x",
    ],
)  # fmt: skip
async def test_a_charset_that_is_no_encoding_of_text_is_refused(harness: ServiceHarness, charset: str) -> None:
    """Python knows codecs of other things by name, which fail or do not end on what a stranger sends."""
    answer = await harness.http.post(
        "/v1/imports", content=HEADER + row(1), headers={"Content-Type": f"text/csv; charset={charset}"}
    )
    assert (answer.status_code, answer.json()["errors"][0]["code"]) in [
        (415, "encoding_unknown"), (415, "content_type_refused"),
    ]  # fmt: skip


@pytest.mark.parametrize(("charset", "written"), [("utf-16", "utf-16-be"), ("UTF-16", "utf-16"), ("latin1", "latin1")])
async def test_a_charset_is_heeded_with_and_without_a_mark(harness: ServiceHarness, charset: str, written: str) -> None:
    content = (HEADER + row(1).replace("Ada", "Zo\u00eb")).encode(written)
    answer = await harness.http.post(
        "/v1/imports", content=content, headers={"Content-Type": f"text/csv; charset={charset}"}
    )
    assert (answer.status_code, answer.json()["accepted"]) == (202, 1), answer.text
