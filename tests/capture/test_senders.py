"""Servers that send: keys bound to a source, and signatures (Standard Webhooks) over the very bytes."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from capture.api import gate
from capture.api.gate import derive_signing_secret
from events.contacts import ContactCaptured
from events.runtime import security
from events.runtime.security import KeyRateLimit
from events.runtime.testing import ServiceHarness
from tests.capture.browsers import stranger

SECRET = b"a secret for tests alone"
BODY = {"email": "ada@works.example"}


async def key_of(
    harness: ServiceHarness,
    kind: str = "webhook",
    *,
    source: str | None = None,
    expired: bool = False,
    revoked: bool = False,
) -> tuple[str, str]:
    """Make a key, as `baton keys create` does; gives its id and itself."""
    key_id, key, digest = security.draw_key()
    await security.insert_key(harness.raw, key_id=key_id, digest=digest, scopes=["capture:write"], kind=kind)
    if source:
        await harness.raw.execute(
            "insert into key_bindings (key_id, origins, source) values ($1, '{}', $2)", key_id, source
        )
    if expired or revoked:
        await harness.raw.execute(
            "update api_keys set expires_at = case when $2 then now() end, revoked_at = case when $3 then now() end"
            " where key_id = $1",
            key_id, expired, revoked,
        )  # fmt: skip
    return key_id, key


def signed(key_id: str, body: bytes, *, message: str = "msg_1", at: datetime | None = None) -> dict[str, str]:
    """The headers of a signed request."""
    instant = at or datetime.now(UTC)
    signature = Webhook(derive_signing_secret(SECRET, key_id)).sign(message, instant, body.decode())
    return {
        "webhook-id": message,
        "webhook-timestamp": str(int(instant.timestamp())),
        "webhook-signature": signature,
        "Content-Type": "application/json",
    }


async def sent(harness: ServiceHarness, body: bytes, headers: dict[str, str]) -> httpx.Response:
    async with await stranger(harness) as http:
        return await http.post("/v1/contacts", content=body, headers=headers)


async def test_a_signature_stands_in_the_place_of_a_key(harness: ServiceHarness) -> None:
    """By the standard's own words: HMAC-SHA256 over id, timestamp and body, in base64."""
    key_id, _ = await key_of(harness)
    body = json.dumps(BODY).encode()
    headers = signed(key_id, body)
    text = b"%b.%b.%b" % (headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body)
    digest = hmac.new(derive_signing_secret(SECRET, key_id), text, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
    other = "v1,AAAA v2,AAAA "
    answer = await sent(harness, body, headers | {"webhook-signature": other + headers["webhook-signature"]})
    assert (answer.status_code, answer.json()["status"]) == (202, "accepted")


async def test_a_message_that_comes_again_is_answered_again_and_done_once(harness: ServiceHarness) -> None:
    """B66; another body under the same id is refused (B70)."""
    key_id, _ = await key_of(harness)
    body = json.dumps(BODY).encode()
    answers = [await sent(harness, body, signed(key_id, body)) for _ in range(2)]
    assert answers[0].content == answers[1].content
    assert answers[1].headers["idempotent-replayed"] == "true"
    assert len(await harness.emitted(ContactCaptured)) == 1
    other = json.dumps({"email": "bo@works.example"}).encode()
    refused = await sent(harness, other, signed(key_id, other))
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-timestamp": "now"},
        {"webhook-timestamp": "9" * 30},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "1e400"},
        {"webhook-timestamp": "NaN"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,!"},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": "v1a,AAAA"},
        {"webhook-id": "msg_2"},
        {"webhook-id": ""},
    ],
    ids=str,
)
async def test_a_signature_that_is_not_right_is_none(harness: ServiceHarness, changed: dict[str, str]) -> None:
    """B64."""
    key_id, _ = await key_of(harness)
    body = json.dumps(BODY).encode()
    answer = await sent(harness, body, signed(key_id, body) | changed)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, "signature_invalid")
    assert answer.headers["www-authenticate"]
    assert await harness.emitted(ContactCaptured) == []


@pytest.mark.parametrize("minutes", [-6, 6])
async def test_a_signature_of_another_time_is_none(harness: ServiceHarness, minutes: int) -> None:
    """B64."""
    key_id, _ = await key_of(harness)
    body = json.dumps(BODY).encode()
    headers = signed(key_id, body, at=datetime.now(UTC) + timedelta(minutes=minutes))
    answer = await sent(harness, body, headers)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, "timestamp_out_of_tolerance")
    forged = await sent(harness, body + b" ", headers)
    assert (forged.status_code, forged.json()["errors"][0]["code"]) == (401, "signature_invalid")


@pytest.mark.parametrize("body", [b'{"email": "ada@works.example" }', b'{"email":"ada@works.example"}', b"\xff", b""])
async def test_a_body_that_was_written_anew_on_the_way_is_none(harness: ServiceHarness, body: bytes) -> None:
    """B65: the signature is over bytes, not over what they mean."""
    key_id, _ = await key_of(harness)
    answer = await sent(harness, body, signed(key_id, json.dumps(BODY).encode()))
    assert answer.status_code == 401


@pytest.mark.parametrize("state", [{"expired": True}, {"revoked": True}], ids=str)
@pytest.mark.parametrize("kind", ["api", "webhook"])
async def test_a_key_that_ended_is_worth_nothing(harness: ServiceHarness, kind: str, state: dict[str, Any]) -> None:
    """B62."""
    key_id, key = await key_of(harness, kind, **state)
    body = json.dumps(BODY).encode()
    bearer = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    answer = await sent(harness, body, signed(key_id, body) if kind == "webhook" else bearer)
    assert answer.status_code == 401


@pytest.mark.parametrize("kind", ["api", "webhook"])
async def test_a_key_that_is_bound_to_a_source_speaks_for_no_other(harness: ServiceHarness, kind: str) -> None:
    """B62: it need not name its own."""
    key_id, key = await key_of(harness, kind, source="webinar")
    for number, (source, status) in enumerate({None: 202, "webinar": 202, "web_form": 403}.items()):
        body = json.dumps(BODY | {"source": source, "event_id": str(number)}).encode()
        headers = (
            signed(key_id, body, message=str(number))
            if kind == "webhook"
            else {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        )
        answer = await sent(harness, body, headers)
        assert answer.status_code == status, answer.text
    assert [event.source for event in await harness.emitted(ContactCaptured)] == ["webinar"] * 2
    if kind == "api":
        async with await stranger(harness, Authorization=f"Bearer {key}") as http:
            assert (await http.post("/v1/contacts/batch", json=[BODY])).status_code == 403


@pytest.mark.parametrize("kind", ["api", "webhook"])
async def test_a_key_works_from_the_moment_it_is_made(harness: ServiceHarness, kind: str) -> None:
    """Issue 20, 14: what was read before does not matter, nor who was refused in vain a moment ago."""
    for number in range(5):
        key_id, key, digest = security.draw_key()
        body = json.dumps(BODY | {"event_id": str(number)}).encode()
        headers = signed(key_id, body, message=str(number)) if kind == "webhook" else {
            "Authorization": f"Bearer {key}", "Content-Type": "application/json",
        }  # fmt: skip
        assert (await sent(harness, body, headers)).status_code == 401
        await security.insert_key(harness.raw, key_id=key_id, digest=digest, scopes=["capture:write"], kind=kind)
        assert (await sent(harness, body, headers)).status_code == 202


async def test_a_new_key_is_bound_from_the_moment_it_is_made(harness: ServiceHarness) -> None:
    """What other keys are bound to was read already; this one may not speak for others meanwhile."""
    for _ in range(3):
        _, key = await key_of(harness, "api", source="webinar")
        bearer = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        assert (await sent(harness, json.dumps(BODY | {"source": "web_form"}).encode(), bearer)).status_code == 403


async def test_a_new_form_key_opens_its_form_at_once(harness: ServiceHarness) -> None:
    for _ in range(3):
        key_id, key = await key_of(harness, "form")
        asked = f"/f/contact/embed?key={key}"
        async with await stranger(harness) as http:
            assert (await http.get(asked)).status_code == 403
            await harness.raw.execute(
                "insert into key_bindings (key_id, form, origins) values ($1, 'contact', '{}')", key_id
            )
            assert (await http.get(asked)).status_code == 200


@pytest.mark.parametrize("kind", ["api", "webhook"])
async def test_a_revoked_key_is_worth_nothing_within_a_second(
    harness: ServiceHarness, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A moment after it was used, once what is trusted for so long has gone by."""
    assert security.TRUST_SECONDS <= 1.0
    key_id, key = await key_of(harness, kind)
    statuses = []
    for number in range(2):
        body = json.dumps(BODY | {"event_id": str(number)}).encode()
        headers = signed(key_id, body, message=str(number)) if kind == "webhook" else {
            "Authorization": f"Bearer {key}", "Content-Type": "application/json",
        }  # fmt: skip
        statuses.append((await sent(harness, body, headers)).status_code)
        await harness.raw.execute("update api_keys set revoked_at = now() where key_id = $1", key_id)
        monkeypatch.setattr(security, "TRUST_SECONDS", 0.0)
        monkeypatch.setattr(gate, "TRUST_SECONDS", 0.0)
    assert statuses == [202, 401]


async def test_a_signing_key_opens_nothing_by_itself(harness: ServiceHarness) -> None:
    _, key = await key_of(harness)
    body = json.dumps(BODY).encode()
    answer = await sent(harness, body, {"Authorization": f"Bearer {key}", "Content-Type": "application/json"})
    assert answer.status_code == 403


async def test_the_last_use_of_a_key_is_noted(harness: ServiceHarness) -> None:
    key_id, key = await key_of(harness, "api")
    body = json.dumps(BODY).encode()
    await sent(harness, body, {"Authorization": f"Bearer {key}", "Content-Type": "application/json"})
    await harness.service.keys.save_last_uses()
    rows = await harness.raw.fetch("select last_used_at from api_keys where key_id = $1", key_id)
    assert rows[0]["last_used_at"] is not None


ARRAY = [{"email": "ada@works.example", "event_id": "1"}, {"email": "bo@works.example"}, {"email": "no"}]
LINES = b"".join(json.dumps(each).encode() + b"\n" for each in ARRAY)
SCAN = {
    "scan_id": "1",
    "event": "expo",
    "badge": "MECARD:N:Long,Ada;EMAIL:ada@works.example;;",
    "scanned_by": "rep-1",
    "occurred_at": "2026-03-02T08:00:00Z",
}
LISTED = {"event": "expo", "badge": "7", "email": "bo@works.example"}
MANY = [
    ("/v1/contacts/batch", "application/json", json.dumps(ARRAY).encode(), 2),
    ("/v1/contacts/batch", "application/x-ndjson", LINES, 2),
    ("/v1/scans", "application/json", json.dumps(SCAN).encode(), 1),
    ("/v1/attendees", "application/json", json.dumps([LISTED]).encode(), 1),
    ("/v1/imports", "text/csv", b"email,company\nada@works.example,Works\nbo@works.example,Works\n", 2),
]
every_way_in = pytest.mark.parametrize(("path", "kind", "body", "taken"), MANY, ids=lambda each: str(each)[:24])


async def sent_to(harness: ServiceHarness, path: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
    async with await stranger(harness) as http:
        return await http.post(path, content=body, headers=headers)


@every_way_in
async def test_a_signature_opens_every_way_in(
    harness: ServiceHarness, path: str, kind: str, body: bytes, taken: int
) -> None:
    """B64, B65, B66: the very bytes, once in effect however often and late the message comes again."""
    key_id, _ = await key_of(harness)
    bent = await sent_to(harness, path, body + b" ", signed(key_id, body) | {"Content-Type": kind})
    assert (bent.status_code, bent.json()["errors"][0]["code"]) == (401, "signature_invalid")
    assert await harness.emitted(ContactCaptured) == []
    answers = []
    for _ in range(2):
        answers.append(await sent_to(harness, path, body, signed(key_id, body) | {"Content-Type": kind}))
        assert answers[-1].status_code in {200, 202}, answers[-1].text
        await harness.advance(timedelta(hours=1))  # the same words would be news by now
    assert len(await harness.emitted(ContactCaptured)) == taken
    if path != "/v1/imports":  # a file's rows are known by themselves, and said to be duplicates
        assert answers[0].content == answers[1].content


@every_way_in
async def test_a_signed_body_is_bounded(harness: ServiceHarness, path: str, kind: str, body: bytes, taken: int) -> None:
    """B22: it is held until its signature was checked."""
    key_id, _ = await key_of(harness)
    large = body + b" " * 4_194_304
    answer = await sent_to(harness, path, large, signed(key_id, large) | {"Content-Type": kind})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (413, "body_too_large")
    assert len(await harness.emitted(ContactCaptured)) < taken


async def test_a_key_that_is_bound_to_a_source_imports_no_other(harness: ServiceHarness) -> None:
    """B62."""
    key_id, _ = await key_of(harness, source="webinar")
    file = b"email\nada@works.example\n"
    for source, status in (("", 403), ("?source=web_form", 403), ("?source=webinar", 202)):
        headers = signed(key_id, file, message=source or "none") | {"Content-Type": "text/csv"}
        assert (await sent_to(harness, f"/v1/imports{source}", file, headers)).status_code == status


@pytest.mark.parametrize("kind", ["api", "webhook"])
async def test_a_key_that_asks_too_often_has_to_wait_whatever_it_says_of_itself(
    harness: ServiceHarness, kind: str
) -> None:
    """B72, B73: other keys are not touched."""
    harness.service.key_rate_limit = KeyRateLimit(0.001)
    try:
        statuses = []
        keys = [await key_of(harness, kind), await key_of(harness, kind)]
        for number, (key_id, key) in enumerate([*keys, keys[0]]):
            body = json.dumps(BODY | {"event_id": str(number)}).encode()
            headers_sent = {"X-Forwarded-For": f"192.0.2.{number}", "Forwarded": f"for=192.0.2.{number}"}
            headers_sent |= signed(key_id, body, message=str(number)) if kind == "webhook" else {
                "Authorization": f"Bearer {key}", "Content-Type": "application/json",
            }  # fmt: skip
            answer = await sent(harness, body, headers_sent)
            statuses.append(answer.status_code)
    finally:
        del harness.service.key_rate_limit
    assert statuses == [202, 202, 429]
    assert answer.json()["errors"][0]["code"] == "too_many_requests"
    assert int(answer.headers["retry-after"]) >= 1
    assert len(await harness.emitted(ContactCaptured)) == 2


async def test_a_key_that_nobody_made_leaves_no_trace(harness: ServiceHarness) -> None:
    """A flood of made-up keys costs no memory."""
    before = dict(harness.service.key_rate_limit._next)
    _, key, _ = security.draw_key()
    answer = await sent(harness, b"{}", {"Authorization": f"Bearer {key}", "Content-Type": "application/json"})
    assert answer.status_code == 401
    assert harness.service.key_rate_limit._next == before


@given(st.sampled_from([0.5, 1.0, 3.0, 10.0, 60.0]), st.lists(st.floats(0, 5), max_size=100))
def test_no_key_has_more_than_a_second_of_its_rate_ahead(rate: float, pauses: list[float]) -> None:
    """B72: in no span of time more than what comes back in it and a second's worth; who waits as told may pass."""
    pace, now, passed = KeyRateLimit(rate), 100.0, []
    for pause in pauses:
        now += pause
        wait = pace.seconds_to_wait("ada", now)
        if wait:
            now += wait
            assert pace.seconds_to_wait("ada", now) == 0
        passed.append(now)
    for n, start in enumerate(passed):
        for m, end in enumerate(passed[n:], 1):
            assert m <= max(1.0, rate) + (end - start) * rate + 1e-3
