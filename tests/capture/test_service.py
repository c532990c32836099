"""The way in, end to end inside capture: HTTP to rows and events, on a real PostgreSQL."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from capture.api.intake import CONTACTS, SubmissionGatherer
from capture.api.stream import StreamedAnswersResponse
from capture.app import service
from capture.models import KeyOwners
from events.contacts import (
    AccountChanged,
    CampaignAnnounced,
    ConsentChanged,
    ContactCaptured,
    ContactErased,
    ContactProfile,
    ErasureReceipt,
)
from events.runtime.testing import ServiceHarness
from events.topics import SERVICES
from tests.capture.builders import submission_body


async def count(harness: ServiceHarness, *tables: str) -> int:
    total = 0
    for table in tables:
        total += (await harness.raw.fetch(f"select count(*) as n from {table}"))[0]["n"]  # noqa: S608 - own names
    return total


async def rows_written(harness: ServiceHarness) -> int:
    return await count(
        harness, "identities", "profiles", "engagements", "consents", "contacts", "idempotency", "outbox"
    )


def codes(response: httpx.Response) -> list[tuple[str, str]]:
    assert response.headers["content-type"] == "application/problem+json"
    return [(error["field"], error["code"]) for error in response.json()["errors"]]


async def post(harness: ServiceHarness, key: str | None = None, **changes: Any) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return await harness.http.post("/v1/contacts", json=submission_body(**changes), headers=headers)


class TestASingleContact:
    async def test_a_form_post_becomes_a_contact_and_two_events(self, harness: ServiceHarness) -> None:
        """C1, I1: a 202 has exactly one submission and one `ContactCaptured`."""
        response = await post(harness, facts={"seats": 25}, consent=consent())
        assert response.status_code == 202
        body = response.json()
        assert set(body) == {"contact_id", "engagement_id", "status"}
        assert body["status"] == "accepted"
        (captured,) = await harness.emitted(ContactCaptured)
        (profile,) = await harness.emitted(ContactProfile)
        assert str(captured.contact_id) == body["contact_id"] == str(profile.contact_id)
        assert str(captured.engagement_id) == body["engagement_id"]
        assert (captured.email_domain, captured.email_kind) == ("lovelace.example", "corporate")
        assert (captured.facts, captured.received_at) == ({"seats": 25}, await harness.now)
        assert captured.consents == profile.consents
        assert (profile.email, profile.revision, profile.engagements) == ("ada@lovelace.example", 1, 1)

    async def test_the_next_engagement_meets_the_same_contact(self, harness: ServiceHarness) -> None:
        first = (await post(harness)).json()
        await harness.advance(timedelta(days=3))
        second = (await post(harness, email="ADA@lovelace.example", engagement="pricing_view", region="Kent")).json()
        assert second["contact_id"] == first["contact_id"]
        assert second["engagement_id"] != first["engagement_id"]
        last = (await harness.emitted(ContactProfile))[-1]
        assert (last.revision, last.engagements, last.region) == (2, 2, "Kent")
        assert await count(harness, "identities") == 1

    async def test_an_address_added_to_a_phone_stays_the_same_contact(self, harness: ServiceHarness) -> None:
        first = (await post(harness, email=None, phone="+442079460958")).json()
        second = (await post(harness, phone="+442079460958", engagement="contact_sales")).json()
        third = (await post(harness, engagement="pricing_view")).json()
        assert {second["contact_id"], third["contact_id"]} == {first["contact_id"]}
        # The mailbox, the phone, and their name on that phone: whole, and as its first letter beside the last name.
        assert await count(harness, "identities") == 4

    async def test_another_name_on_a_phone_is_another_person(self, harness: ServiceHarness) -> None:
        first = (await post(harness, phone="+442079460958")).json()
        cem = {"email": None, "phone": "+442079460958", "first_name": "Cem", "last_name": "Yilmaz"}
        second, from_body = (await post(harness, **cem)).json(), (await post(harness, **cem, content="paper")).json()
        assert second["contact_id"] == from_body["contact_id"] != first["contact_id"]
        shown = (await harness.http.get(f"/v1/contacts/{first['contact_id']}")).json()
        assert (shown["first_name"], shown["last_name"]) == ("Ada", "Lovelace")
        assert await service.audit_now() == []

    async def test_a_shared_phone_does_not_make_two_people_one(self, harness: ServiceHarness) -> None:
        first = (await post(harness, phone="+442079460958")).json()
        second = (await post(harness, email="bob@lovelace.example", phone="+442079460958")).json()
        assert first["contact_id"] != second["contact_id"]
        assert await service.audit_now() == []


def consent(**changes: Any) -> dict[str, Any]:
    return {"purpose": "newsletter", "granted": True, "wording_version": "2026-01", **changes}


class TestRepeats:
    async def test_the_same_event_twice_is_one_engagement_for_ever(self, harness: ServiceHarness) -> None:
        """B66."""
        first = (await post(harness, event_id="f-1")).json()
        await harness.advance(timedelta(days=300))
        written = await rows_written(harness)
        from_body = (await post(harness, event_id="f-1", job_title="Director")).json()
        assert from_body == first | {"status": "duplicate"}
        assert len(await harness.emitted(ContactCaptured)) == 1
        assert await count(harness, "identities", "profiles", "engagements") == 3
        assert await rows_written(harness) <= written + 1  # the lock row of whom it might have been about
        assert await service.audit_now() == []

    async def test_an_event_of_somebody_else_is_refused_and_nothing_of_it_is_kept(
        self, harness: ServiceHarness
    ) -> None:
        await post(harness, event_id="f-1")
        written = await rows_written(harness)
        answer = await post(harness, event_id="f-1", email="other@x.example")
        assert answer.status_code == 422
        assert answer.json()["errors"] == [{"field": "event_id", "code": "event_id_reused"}]
        assert await count(harness, "identities", "profiles", "engagements") == 3
        assert await rows_written(harness) <= written + 1  # the lock row of whom it might have been about
        assert await service.audit_now() == []

    async def test_the_same_words_are_one_engagement_within_the_window(self, harness: ServiceHarness) -> None:
        first = (await post(harness)).json()
        await harness.advance(timedelta(minutes=9))
        assert (await post(harness)).json() == first | {"status": "duplicate"}
        await harness.advance(timedelta(minutes=2))
        later = (await post(harness)).json()
        assert (later["status"], later["contact_id"]) == ("accepted", first["contact_id"])

    async def test_the_same_key_gives_the_same_answer(self, harness: ServiceHarness) -> None:
        """B69, X31."""
        first = await post(harness, key="k-1")
        from_body = await post(harness, key="k-1")
        assert (from_body.status_code, from_body.content) == (first.status_code, first.content)
        assert from_body.headers["Idempotent-Replayed"] == "true"
        assert "Idempotent-Replayed" not in first.headers
        assert len(await harness.emitted(ContactCaptured)) == 1

    async def test_the_same_key_with_another_body_is_refused(self, harness: ServiceHarness) -> None:
        """B70, X32: the first contact is untouched."""
        await post(harness, key="k-1")
        written = await rows_written(harness)
        other = await post(harness, key="k-1", email="bob@x.example")
        assert (other.status_code, codes(other)) == (422, [("", "idempotency_key_reused")])
        assert await rows_written(harness) == written

    async def test_a_key_is_printable_and_short(self, harness: ServiceHarness) -> None:
        response = await post(harness, key="k" * 256)
        assert codes(response) == [("Idempotency-Key", "idempotency_key_invalid")]


class TestRefusals:
    @pytest.mark.parametrize(
        ("body", "status"),
        [
            (b"", 400),
            (b"{", 400),
            (b"[]", 422),
            (b"null", 422),
            (b'"x"', 422),
            (b"1", 422),
            (b'{"email":"ada@x.org"} x', 400),
            ('{"email":"ada@x.org"}'.encode("utf-16"), 400),
            ('{"email":"ada@x.org","last_name":"Lovelac\u00e9"}'.encode("latin-1"), 400),
            (b'{"email":"ada@x.org","employees":NaN}', 400),
            (b'{"email":"ada@x.org","employees":-Infinity}', 400),
            (b'{"email":"ada@x.org","facts":{"n":1e400}}', 400),
            (b'{"email":"ada@x.org","last_name":"\\ud800"}', 400),
            (b'{"email":"ada@x.org","employees":' + b"9" * 5_000 + b"}", 400),
            (b"[" * 30_000, 400),
            (b'{"email":"ada@x.org","last_name":"' + b"x" * 65_536 + b'"}', 413),
        ],
    )
    async def test_what_is_no_json_or_too_much_is_refused_and_leaves_no_row(
        self, harness: ServiceHarness, body: bytes, status: int
    ) -> None:
        """B1-B20."""
        response = await harness.http.post("/v1/contacts", content=body, headers={"Content-Type": "application/json"})
        assert response.status_code == status
        assert codes(response)[0][0] == "body"
        assert b"ada@x.org" not in response.content
        assert await rows_written(harness) == 0

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Content-Type": "text/plain"},
            {"Content-Type": "multipart/form-data; boundary=x"},
            {"Content-Type": "application/json; charset=utf-16"},
            {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        ],
    )
    async def test_only_plain_json_is_taken(self, harness: ServiceHarness, headers: dict[str, str]) -> None:
        """B8, B23, B25-B27."""
        response = await harness.http.post("/v1/contacts", content=b'{"email":"ada@x.org"}', headers=headers)
        assert response.status_code == 415
        assert await rows_written(harness) == 0

    async def test_a_charset_of_utf_8_may_be_named(self, harness: ServiceHarness) -> None:
        headers = {"Content-Type": "Application/JSON; Charset=UTF-8"}
        response = await harness.http.post("/v1/contacts", content=b'{"email":"ada@x.org"}', headers=headers)
        assert response.status_code == 202

    async def test_a_fault_names_the_field_and_nothing_that_was_sent(self, harness: ServiceHarness) -> None:
        """B30, B35, I10."""
        response = await post(harness, email="ada@@secret.example", ada_secret="x", facts={"secret key": 1})  # noqa: S106
        assert response.status_code == 422
        assert codes(response) == [
            ("email", "email_invalid"),
            ("facts", "fact_key_invalid"),
            ("?", "extra_forbidden"),
        ]
        assert b"secret" not in response.content
        assert await rows_written(harness) == 0

    async def test_what_the_playbook_or_the_clock_refuses_leaves_no_row(self, harness: ServiceHarness) -> None:
        """B52, B53, B55: decided inside the transaction, with the playbook in force."""
        late = (await harness.now + timedelta(hours=1)).isoformat()
        for field, value, code in (
            ("engagement", "telepathy", "unknown_engagement"),
            ("source", "pigeon", "unknown_source"),
            ("occurred_at", late, "in_the_future"),
        ):
            response = await post(harness, key=f"k-{field}", **{field: value})
            assert (response.status_code, codes(response)) == (422, [(field, code)])
        assert await rows_written(harness) == 0

    async def test_a_key_and_its_scope_are_needed(self, harness: ServiceHarness) -> None:
        """B61, B62."""
        for headers in ({"Authorization": ""}, {"Authorization": "Bearer bk_nobody_xyz"}):
            response = await harness.http.post("/v1/contacts", json=submission_body(), headers=headers)
            assert response.status_code == 401
            assert "WWW-Authenticate" in response.headers
        assert await rows_written(harness) == 0


class TestBatches:
    async def test_every_item_has_its_own_answer(self, harness: ServiceHarness) -> None:
        """B80: good and bad mixed, duplicates inside."""
        items = [
            submission_body(event_id="1"),
            submission_body(email="x"),
            submission_body(event_id="1"),
            7,
            submission_body(email="bob@x.example"),
            submission_body(source="no"),
        ]
        response = await harness.http.post("/v1/contacts/batch", json=items)
        assert response.status_code == 200
        body = response.json()
        assert (body["accepted"], body["duplicates"], body["rejected"]) == (2, 1, 3)
        assert [item["status"] for item in body["items"]] == [
            "accepted", "rejected", "duplicate", "rejected", "accepted", "rejected",
        ]  # fmt: skip
        assert [item["index"] for item in body["items"]] == list(range(6))
        assert body["items"][2]["contact_id"] == body["items"][0]["contact_id"]
        assert body["items"][1]["problem"]["errors"] == [{"field": "email", "code": "email_invalid"}]
        assert body["items"][5]["problem"]["status"] == 422
        assert len(await harness.emitted(ContactCaptured)) == 2

    @pytest.mark.parametrize(
        ("content", "status", "code"),
        [
            (b"[]", 422, "too_few_items"),
            (b"[" + b",".join([b"1"] * 1_001) + b"]", 422, "too_many_items"),
            (b"{}", 422, "list_type"),
            (b"[1", 400, "json_invalid"),
            (b"[" + b" " * 4_194_304 + b"]", 413, "body_too_large"),
        ],
    )
    async def test_an_array_has_one_to_a_thousand_items(
        self, harness: ServiceHarness, content: bytes, status: int, code: str
    ) -> None:
        """B20, B80."""
        response = await harness.http.post(
            "/v1/contacts/batch", content=content, headers={"Content-Type": "application/json"}
        )
        assert (response.status_code, codes(response)) == (status, [("body", code)])

    async def test_the_number_of_statements_does_not_grow_with_the_batch(self, harness: ServiceHarness) -> None:
        async def statements(number: int) -> int:
            before = await executed(harness)
            items = [
                submission_body(
                    email=f"{uuid4()}@x.example",
                    phone=f"+4930{901000 + number + n}",
                    consent=consent(),
                    event_id=str(uuid4()),
                )
                for n in range(number)
            ]
            response = await harness.http.post("/v1/contacts/batch", json=items)
            assert response.json()["accepted"] == number
            return await executed(harness) - before

        await statements(1)
        assert 8 < await statements(2) == await statements(400) < 20

    async def test_a_stream_is_answered_line_by_line(self, harness: ServiceHarness) -> None:
        """B80: no limit of lines, the counts last."""

        async def lines() -> Any:
            for n in range(2_500):
                yield b'{"email":"p%d@x.example","event_id":"%d"}\n' % (n % 2_000, n % 2_000)
                if n % 1_000 == 0:
                    yield b'\n{"email":\n'
            yield b'{"email":"last@x.example"}'

        response = await harness.http.post(
            "/v1/contacts/batch", content=lines(), headers={"Content-Type": "application/x-ndjson"}
        )
        answers = [parse(line) for line in response.text.splitlines()]
        assert answers[-1] == {"accepted": 2_001, "duplicates": 500, "rejected": 3}
        assert [answer["index"] for answer in answers[:-1]] == list(range(2_504))
        refused = [answer for answer in answers[:-1] if answer["status"] == "rejected"]
        assert {answer["problem"]["errors"][0]["code"] for answer in refused} == {"json_invalid"}
        assert await count(harness, "profiles") == 2_001

    async def test_who_hangs_up_in_the_middle_loses_nothing_that_was_read(self, harness: ServiceHarness) -> None:
        """X1: the lines before the cut are taken in; the half line is nobody's."""
        sent: list[dict[str, Any]] = []
        left: Iterator[dict[str, Any]] = iter(
            [
                {"type": "http.request", "body": b'{"email":"p@x.example"}\n{"email":"q@', "more_body": True},
                {"type": "http.disconnect"},
            ]
        )

        async def receive() -> dict[str, Any]:
            return next(left)

        async def send(message: Any) -> None:
            sent.append(message)

        await StreamedAnswersResponse(SubmissionGatherer(service), CONTACTS, 1_000, 1_000)(
            {"type": "http"}, receive, send
        )
        assert sent[0]["type"] == "http.response.start"
        (captured,) = await harness.emitted(ContactCaptured)
        assert captured.email_domain == "x.example"

    async def test_a_line_too_long_is_passed_over(self, harness: ServiceHarness) -> None:
        """B20: per line; the lines around it are taken in."""
        good = b'{"email":"p@x.example"}\n'
        content = good + b'{"email":"' + b"x" * 200_000 + b'"}\n' + good
        response = await harness.http.post(
            "/v1/contacts/batch", content=content, headers={"Content-Type": "application/x-ndjson"}
        )
        *answers, counts = [parse(line) for line in response.text.splitlines()]
        assert counts == {"accepted": 1, "duplicates": 1, "rejected": 1}
        assert answers[1]["problem"]["status"] == 413


def parse(line: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx.Response(200, text=line).json()
    return found


async def executed(harness: ServiceHarness) -> int:
    """How many prepared statements this connection has run."""
    rows = await harness.raw.fetch(
        "select coalesce(sum(generic_plans + custom_plans), 0)::int as n from pg_prepared_statements"
    )
    found: int = rows[0]["n"]
    return found


class TestPeople:
    async def test_everything_held_is_shown(self, harness: ServiceHarness) -> None:
        ids = (await post(harness, consent=consent(), facts={"seats": 5, "message": "hello"})).json()
        shown = (await harness.http.get(f"/v1/contacts/{ids['contact_id']}")).json()
        assert (shown["email"], shown["first_name"], shown["engagement_count"]) == ("ada@lovelace.example", "Ada", 1)
        assert shown["engagements"][0]["engagement_id"] == ids["engagement_id"]
        assert shown["engagements"][0]["facts"] == {"seats": 5, "message": "hello"}
        assert shown["consents"][0]["granted"] is True
        found = await harness.http.get("/v1/contacts", params={"email": " ADA@Lovelace.example"})
        assert found.json() == shown

    async def test_who_is_not_known_is_not_found(self, harness: ServiceHarness) -> None:
        assert (await harness.http.get(f"/v1/contacts/{uuid4()}")).status_code == 404
        assert (await harness.http.get("/v1/contacts", params={"email": "no@x.example"})).status_code == 404
        assert codes(await harness.http.get("/v1/contacts", params={"email": "no"})) == [("email", "email_invalid")]
        assert codes(await harness.http.get("/v1/contacts/7")) == [("contact_id", "uuid_parsing")]

    async def test_consent_is_withdrawn_as_easily_as_given(self, harness: ServiceHarness) -> None:
        """C4."""
        contact_id = (await post(harness, consent=consent())).json()["contact_id"]
        await harness.advance(timedelta(days=1))
        url = f"/v1/contacts/{contact_id}/consents"
        for _ in range(2):
            answer = await harness.http.post(url, json=consent(granted=False))
            assert answer.status_code == 200
            assert [each["granted"] for each in answer.json()["consents"]] == [False]
        assert [profile.revision for profile in await harness.emitted(ContactProfile)] == [1, 2]
        assert await count(harness, "consents") == 2
        (event,) = await harness.emitted(ConsentChanged)
        assert ([each.state for each in event.consents], event.revision) == (["withdrawn"], 2)
        assert (await harness.http.post(url, json=[])).status_code == 422
        assert (await harness.http.post(f"/v1/contacts/{uuid4()}/consents", json=consent())).status_code == 404


class TestErasure:
    async def test_a_person_is_forgotten_and_each_service_answers(self, harness: ServiceHarness) -> None:
        """I10: no row and no record of ours tells of them; a later submission is a new subject."""
        first = (await post(harness, phone="+442079460958", consent=consent(), event_id="1")).json()
        asked = await harness.http.delete(f"/v1/contacts/{first['contact_id']}")
        assert asked.status_code == 202
        erasure_id = asked.json()["erasure_id"]
        (erased,) = await harness.emitted(ContactErased)
        assert (str(erased.contact_id), str(erased.erasure_id)) == (first["contact_id"], erasure_id)
        assert await count(harness, "profiles", "engagements", "consents") == 0
        assert await harness.emitted(ContactCaptured) == []
        assert await harness.emitted(ContactProfile) == []
        tombstones = await harness.raw.fetch("select key from journal where value is null")
        assert [row["key"] for row in tombstones] == [first["contact_id"]]
        shown = (await harness.http.get(f"/v1/erasures/{erasure_id}")).json()
        assert [each["service"] for each in shown["receipts"]] == ["capture"]
        assert (shown["complete"], shown["waiting_for"]) == (False, [name for name in SERVICES if name != "capture"])
        from_body = (await post(harness, phone="+442079460958", event_id="1")).json()
        assert from_body["status"] == "accepted"
        assert {from_body["contact_id"], from_body["engagement_id"]}.isdisjoint(
            {first["contact_id"], first["engagement_id"]}
        )
        assert await service.audit_now() == []

    async def test_receipts_come_in_any_order_and_twice(self, harness: ServiceHarness) -> None:
        contact_id = (await post(harness)).json()["contact_id"]
        erasure_id = (await harness.http.delete(f"/v1/contacts/{contact_id}")).json()["erasure_id"]
        receipts = [
            ErasureReceipt(
                occurred_at=await harness.now,
                contact_id=UUID(contact_id),
                erasure_id=UUID(erasure_id),
                service=name,
                rows=3,
            )
            for name in ("feedback", *reversed(SERVICES))
        ]
        await harness.deliver(*receipts)
        await harness.deliver(*reversed(receipts))
        shown = (await harness.http.get(f"/v1/erasures/{erasure_id}")).json()
        assert (shown["complete"], shown["waiting_for"], len(shown["receipts"])) == (True, [], len(SERVICES))

    async def test_asking_twice_is_asking_once(self, harness: ServiceHarness) -> None:
        contact_id = (await post(harness)).json()["contact_id"]
        first, from_body = [(await harness.http.delete(f"/v1/contacts/{contact_id}")).json() for _ in range(2)]
        assert first == from_body
        assert len(await harness.emitted(ContactErased)) == 1
        assert (await harness.http.delete(f"/v1/contacts/{uuid4()}")).status_code == 404
        assert (await harness.http.get(f"/v1/erasures/{uuid4()}")).status_code == 404
        assert (await harness.http.get(f"/v1/contacts/{contact_id}")).status_code == 404


class TestRegisters:
    async def test_a_company_is_announced_when_it_changes(self, harness: ServiceHarness) -> None:
        body = {"name": "Lovelace", "kind": "customer", "owner": "rep-1", "aliases": ["WWW.Engines.example"]}
        for _ in range(2):
            answer = await harness.http.put("/v1/accounts/www.Lovelace.co.uk", json=body)
            assert answer.status_code == 200
        (changed,) = await harness.emitted(AccountChanged)
        assert (changed.domain, changed.revision, changed.kind) == ("lovelace.co.uk", 1, "customer")
        assert changed.aliases == ["engines.example"]
        await harness.http.put("/v1/accounts/lovelace.co.uk", json={})
        assert [(each.revision, each.kind) for each in await harness.emitted(AccountChanged)] == [
            (1, "customer"),
            (2, "prospect"),
        ]

    async def test_a_campaign_is_announced_before_it_runs(self, harness: ServiceHarness) -> None:
        """C14, A8."""
        body = {"name": "Summit", "starts_at": "2026-04-01T00:00:00+02:00", "spend": 12_000, "content": ["paper-7"]}
        assert (await harness.http.put("/v1/campaigns/summit-26", json=body)).status_code == 200
        (announced,) = await harness.emitted(CampaignAnnounced)
        assert (announced.campaign, announced.revision, announced.spend) == ("summit-26", 1, 12_000)

    async def test_content_is_kept_for_the_opener(self, harness: ServiceHarness) -> None:
        """C9, Q13."""
        body = {"title": "On looms", "url": "https://x.example/looms.pdf", "stage": "awareness", "topic": "weaving"}
        answer = await harness.http.put("/v1/content/paper-7", json=body)
        assert answer.json() == {"content": "paper-7", "persona": None, **body}
        values = {"email": "ada@lovelace.co.uk", "source": "web_form", "engagement": "content_download"}
        assert (await harness.http.post("/v1/contacts", json={**values, "content": "paper-7"})).status_code == 202
        (captured,) = await harness.emitted(ContactCaptured)
        assert (captured.content_stage, captured.content_title) == ("awareness", "On looms")

    async def test_a_campaign_brings_the_titles_of_its_content_and_again_as_they_change(
        self, harness: ServiceHarness
    ) -> None:
        body = {"name": "Summit", "content": ["paper-7", "paper-8"]}
        assert (await harness.http.put("/v1/campaigns/summit-26", json=body)).status_code == 200
        for title in ("On looms", "On looms", "Looms"):
            assert (await harness.http.put("/v1/content/paper-7", json={"title": title})).status_code == 200
        assert (await harness.http.put("/v1/content/paper-9", json={"title": "Elsewhere"})).status_code == 200
        announced = [(event.revision, event.content_titles) for event in await harness.emitted(CampaignAnnounced)]
        assert announced == [(1, {}), (2, {"paper-7": "On looms"}), (3, {"paper-7": "Looms"})]

    @pytest.mark.parametrize(
        ("path", "body", "fault"),
        [
            ("accounts/localhost", {}, ("domain", "domain_invalid")),
            ("accounts/x.example", {"kind": "enemy"}, ("kind", "literal_error")),
            ("accounts/x.example", {"parent": "a b"}, ("parent", "domain_invalid")),
            ("accounts/x.example", {"contacts": 5}, ("?", "extra_forbidden")),
            ("campaigns/a%20b", {"name": "x"}, ("campaign", "string_pattern_mismatch")),
            ("campaigns/a", {}, ("name", "missing")),
            (
                "campaigns/a",
                {"name": "x", "starts_at": "2026-04-02T00:00:00Z", "ends_at": "2026-04-01T00:00:00Z"},
                ("ends_at", "ends_before_start"),
            ),
            ("content/a", {"title": "x", "url": "javascript:alert(1)"}, ("url", "url_refused")),
        ],
    )
    async def test_bad_entries_are_refused(
        self, harness: ServiceHarness, path: str, body: dict[str, Any], fault: tuple[str, str]
    ) -> None:
        response = await harness.http.put(f"/v1/{path}", json=body)
        assert (response.status_code, codes(response)) == (422, [fault])
        assert await count(harness, "accounts", "campaigns", "content_pieces") == 0


class TestAudit:
    async def test_rows_that_break_an_invariant_are_listed(self, harness: ServiceHarness) -> None:
        contact_id = (await post(harness)).json()["contact_id"]
        assert await service.audit_now() == []
        async with harness.transaction() as tx:
            await tx.insert(KeyOwners, [{"key": uuid4(), "contact_id": uuid4()}])
            await tx.raw.execute("delete from profiles")
        rules = {(row["rule"], str(row["contact_id"]) == contact_id) for row in await service.audit_now()}
        assert rules == {
            ("engagement_without_contact", True),
            ("identity_without_contact", True),
            ("identity_without_contact", False),
        }


async def test_the_openapi_document_describes_the_bodies(harness: ServiceHarness) -> None:
    document = (await harness.http.get("/openapi.json")).json()
    paths = document["paths"]
    body = paths["/v1/contacts"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert "email" in document["components"]["schemas"][body["$ref"].rsplit("/", 1)[1]]["properties"]
    assert "application/x-ndjson" in paths["/v1/contacts/batch"]["post"]["requestBody"]["content"]
