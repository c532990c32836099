"""The list of bad inputs, number by number, at the front door: the answer each deserves, and no row of what is refused.

The classes behind the numbers are attacked at every door of every service in `test_bad_input`; here each example stands
alone, so that a number can be looked up. `B20` and its like that need a socket are in `test_on_the_wire`.
"""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, NamedTuple

import httpx
import pytest

from capture.domain.signatures import FormSigner, FormStamp
from events.runtime import security
from tests.bad_input.conftest import Target
from tests.bad_input.doors import FORM, JSON, NDJSON
from tests.bad_input.hostile import LIMIT, MARK

pytestmark = pytest.mark.parametrize("target", ["capture"], indirect=True)

ADA = {"email": "ada@works.example"}
LARGE_ARRAY = 4_194_304


class Case(NamedTuple):
    """One request: what it is an example of, the body, the answer; `says` is the code or a word of the answer."""

    number: str
    body: bytes
    status: int
    says: str = ""
    headers: dict[str, str] = {"Content-Type": JSON}
    url: str = "/v1/contacts"
    method: str = "POST"


def refused(number: str, status: int, says: str = "", /, **fields: Any) -> Case:
    """A submission that is in order but for these fields."""
    return Case(number, json.dumps(ADA | fields).encode(), status, says)


def raw(number: str, body: bytes, status: int, says: str = "", **headers: str) -> Case:
    kind = headers or {"Content-Type": JSON}
    return Case(number, body, status, says, {name.replace("_", "-"): value for name, value in kind.items()})


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


UNREADABLE = [
    raw("B1", b"", 400, "json_invalid"),
    raw("B2", b"{", 400, "json_invalid"),
    raw("B3", b"[]", 422),
    raw("B3", b"null", 422),
    raw("B3", b'"x"', 422),
    raw("B3", b"1", 422),
    raw("B4", b'{"email":"ada@works.example"} {}', 400, "json_invalid"),
    raw("B6", json.dumps(ADA).encode("utf-16"), 400, "json_invalid"),
    raw("B7", b'{"email":"ada@works.example","last_name":"L\xf6ng"}', 400, "json_invalid"),
    raw("B8", json.dumps(ADA).encode(), 415, "content_type_refused", Content_Type=f"{JSON}; charset=utf-16"),
    raw("B9", b'{"email":"ada@works.example","facts":{"a":NaN}}', 400, "json_invalid"),
    raw("B9", b'{"email":"ada@works.example","facts":{"a":-Infinity}}', 400, "json_invalid"),
    raw("B10", b'{"email":"ada@works.example","employees":1e400}', 400, "json_invalid"),
    raw("B12", b'{"email":"ada@works.example","last_name":"\\ud800"}', 400, "json_invalid"),
    raw("B14", b'{"email":"ada@works.example","last_name":"\\u001b[31m"}', 422, "control_character"),
    raw("B15", b'{"email":"eve@works.example","email":"ada@works.example"}', 202, "accepted"),
    raw("B16", nested(30_000), 400, "json_invalid"),
    raw("B18", b'{"email":"ada@works.example","employees":' + b"9" * 5_000 + b"}", 400, "json_invalid"),
    raw("B20", b'{"email":"' + b"a" * LIMIT + b'"}', 413, "body_too_large"),
    Case("B20", b"[" + b" " * LARGE_ARRAY + b"]", 413, "body_too_large", url="/v1/contacts/batch"),
    raw("B22", b'{"email":"' + b"a" * 50_000_000 + b'"}', 413, "body_too_large"),
    raw("B23", b"\x1f\x8b", 415, "content_encoding_refused", Content_Type=JSON, Content_Encoding="gzip"),
    raw("B25", json.dumps(ADA).encode(), 415, "content_type_refused", Accept="*/*"),
    raw("B26", json.dumps(ADA).encode(), 415, "content_type_refused", Content_Type="text/plain"),
    raw("B27", b"--x--", 415, "content_type_refused", Content_Type="multipart/form-data; boundary=x"),
    raw("B28", b"email=ada%40works.example", 415, "content_type_refused", Content_Type=FORM),
]
FIELDS = [
    refused("B30", 422, "extra_forbidden", favourite_colour="blue"),
    refused("B31", 422, "too_many_facts", facts={f"a{n}": 1 for n in range(51)}),
    refused("B32", 422, "fact_key_invalid", facts={"k" * 100: 1}),
    refused("B32", 422, "fact_too_long", facts={"k": "v" * 10_000}),
    refused("B34", 422, "email_or_phone_missing", email=None),
    *(
        refused("B35", 422, "email_invalid", email=email)
        for email in ("a@b", "a@localhost", "a@x.invalid", "a..b@x.org", "a@[127.0.0.1]", '"a b"@x.org')
    ),
    refused("B37", 422, "email_invalid", email="Bob <a@example.org>"),
    refused("B39", 202, "accepted", email="jörg@bücher.example"),
    refused("B40", 202, "accepted", email=" ADA@WORKS.EXAMPLE "),
    refused("B41", 202, "accepted", email="=cmd|calc@works.example"),
    refused("B42", 202, "accepted", email="ada@mailinator.com"),
    *(
        refused("B43", 422, "phone_", phone=phone, country="DE")
        for phone in ("123", "call me", "9" * 40, "+999123456789", "\uff10\uff13\uff10 901820")
    ),
    refused("B44", 422, "phone_needs_country", phone="030 901820"),
    refused("B44", 202, "accepted", phone="030 901820", country="DE"),
    refused("B46", 422, "string_too_long", last_name="x" * 201),
    refused("B46", 422, "string_too_long", last_name="e" + "\u0301" * 10_000),
    refused("B47", 202, "accepted", last_name="e\u0301 \U0001f600 \u6f22\u5b57 \u05e9\u05dc\u05d5\u05dd"),
    *(
        refused("B49", 202, "accepted", company=text)
        for text in ("<script>alert(1)</script>", "{{7*7}}", "'; DROP TABLE contacts;--", "${jndi:ldap://x}")
    ),
    *(refused("B50", 202, "accepted", company=text) for text in ("=1+1", "@SUM(A1)", "-2+3", "\t=1+1")),
    *(
        refused("B51", 422, consent={"purpose": "news", "granted": granted, "wording_version": "1"})
        for granted in ("yes", 1, "on", None)
    ),
    refused("B51", 422, "missing", consent={"purpose": "news", "wording_version": "1"}),
    *(
        refused("B52", 422, consent={"purpose": "news", "granted": True, "wording_version": "1", "at": at})
        for at in ("2027-01-01T00:00:00Z", "1900-01-01T00:00:00Z")
    ),
    *(
        refused("B53", 422, occurred_at=at)
        for at in (
            "2026-03-02T08:00:00", "2099-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "2026-02-30T08:00:00Z",
            "2016-12-31T23:59:60Z",
        )
    ),
    refused("B55", 422, "country_unknown", country="XX"),
    refused("B55", 422, "unknown_engagement", engagement="dancing"),
    refused("B55", 422, "unknown_source", source="fax"),
    refused("B55", 422, "literal_error", preference="maybe"),
    *(
        refused("B56", 422, referrer=url)
        for url in ("javascript:alert(1)", "file:///etc/passwd", f"https://x.example/{'a' * 5_000}", "https://u:p@x.example/")
    ),
    *(refused("B57", 422, "extra_forbidden", **{name: "x"}) for name in ("contact_id", "score", "tenant_id", "status")),
]  # fmt: skip
FROM_A_PAGE = {"Content-Type": JSON, "Origin": "https://evil.example"}
METHODS_AND_BATCHES = [
    *(
        Case("B67", json.dumps([ADA]).encode(), 403, "origin_refused", FROM_A_PAGE, url)
        for url in ("/v1/contacts", "/v1/contacts/batch", "/v1/scans", "/f/contact")
    ),
    Case("B77", b"", 431, "headers_too_large", {"X-Large": "x" * 100_000}),
    *(Case("B78", b"", 405, "", {}, method=method) for method in ("PUT", "DELETE", "PATCH", "TRACE")),
    Case("B78", b"", 204, "", {}, method="OPTIONS"),
    Case("B80", b"[]", 422, "too_few_items", url="/v1/contacts/batch"),
    Case("B80", b"[" + b",".join([b"{}"] * 1_001) + b"]", 422, "too_many_items", url="/v1/contacts/batch"),
    Case("B80", json.dumps([ADA, ADA, {"email": "a@b"}, 1]).encode(), 200, '"accepted":1,"duplicates":1,"rejected":2',
         url="/v1/contacts/batch"),
    Case("B80", b'{"email":"bo@works.example"}\n{\n' * 600, 200, '"accepted":1,"duplicates":599,"rejected":600',
         {"Content-Type": NDJSON}, "/v1/contacts/batch"),
]  # fmt: skip
CASES = [*UNREADABLE, *FIELDS, *METHODS_AND_BATCHES]
WITH_A_STORY = {"B59", "B60", "B61", "B62", "B64", "B65", "B66", "B67", "B69", "B70", "B72", "B73"}
"""Told below, or, where a signature is forged and a measure is full, in `tests/capture`."""
ON_THE_WIRE = {"B21", "B74", "B76"}
NUMBERS = (
    "1 2 3 4 6 7 8 9 10 12 14 15 16 18 20 21 22 23 25 26 27 28 30 31 32 34 35 37 39 40 41 42 43 44"
    " 46 47 49 50 51 52 53 55 56 57 59 60 61 62 64 65 66 67 69 70 72 73 74 76 77 78 80"
)


def ids() -> Iterator[str]:
    seen = count(1)
    yield from (f"{case.number}-{next(seen)}" for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=list(ids()))
async def test_a_bad_input_gets_the_answer_that_it_deserves(target: Target, case: Case) -> None:
    """None a 5xx; a refusal names its code, quotes nothing and writes nothing."""
    answer = await target.send(case.method, case.url, content=case.body, headers=case.headers)
    assert answer.status_code == case.status, answer.text
    assert case.says in answer.text
    if case.status >= 400:
        problem = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert problem["status"] == case.status
        assert all(error["code"] for error in problem["errors"])
        assert MARK not in answer.text
        assert case.status != 405 or answer.headers["allow"]
        assert not [name for name in answer.headers if name.startswith("access-control")]
    if not answer.is_success:
        assert await target.rows() == target.untouched


def test_every_number_has_its_case(target: Target) -> None:  # noqa: ARG001 - the mark of this module is for all
    """A number that falls out of the tables would be tested by nobody."""
    assert {case.number for case in CASES} | WITH_A_STORY | ON_THE_WIRE == {f"B{number}" for number in NUMBERS.split()}


async def test_odd_names_are_kept_as_they_are_and_addresses_in_both_spellings(target: Target) -> None:
    """B39, B40, B47, B49: composed, otherwise verbatim, and found again in any spelling."""
    http = target.harness.http
    name = "e\u0301 <script>{{7*7}}</script> \U0001f600"
    answer = await http.post("/v1/contacts", json={"email": " J\u00f6rg@B\u00fccher.Example ", "last_name": name})
    found = (await http.get("/v1/contacts", params={"email": "j\u00d6rg@xn--bcher-kva.example"})).json()
    await target.harness.raw.execute("rollback to savepoint attack")
    assert answer.json()["contact_id"] == found["contact_id"]
    assert found["last_name"] == "\u00e9 <script>{{7*7}}</script> \U0001f600"
    assert (found["email"], found["email_domain"]) == ("J\u00f6rg@b\u00fccher.example", "xn--bcher-kva.example")


@pytest.fixture
async def browser(target: Target) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody without a key."""
    transport = target.harness.http._transport
    async with httpx.AsyncClient(transport=transport, base_url="http://service", headers={"Accept": JSON}) as http:
        yield http
    await target.harness.raw.execute("rollback to savepoint attack")


def stamped(seconds_ago: float) -> dict[str, str]:
    secret = b"a secret for tests alone"
    stamp = FormStamp(datetime.now(UTC) - timedelta(seconds=seconds_ago), "ab")
    return {"last_name": "Long", "form_token": FormSigner(secret).write_stamp("contact", stamp)}


@pytest.mark.parametrize(
    ("number", "filled", "reason"),
    [("B59", {"website": "x"}, "honeypot"), ("B60", {"form_token": None}, "too_fast"), ("B60", {}, "token_reused")],
)
async def test_what_no_person_sends_is_held(
    target: Target, browser: httpx.AsyncClient, number: str, filled: dict[str, Any], reason: str
) -> None:
    """B59, B60: an answer like any other, nothing emitted, and the reason for whoever looks."""
    copy = stamped(0.2 if reason == "too_fast" else 30)
    if reason == "token_reused":
        await browser.post("/f/contact", data=ADA | copy | {"email": "first@works.example"})
    before = await target.harness.raw.fetch("select count(*) as n from journal")
    answer = await browser.post("/f/contact", data=ADA | copy | {k: v for k, v in filled.items() if v})
    assert (answer.status_code, answer.json()["status"]) == (202, "accepted"), number
    assert await target.harness.raw.fetch("select count(*) as n from journal") == before
    rows = await target.harness.raw.fetch("select reason from quarantined")
    assert [row["reason"] for row in rows] == [reason]


async def test_the_same_key_with_the_same_body_is_answered_the_same_and_with_another_refused(target: Target) -> None:
    """B69, B70."""
    http, key = target.harness.http, {"Idempotency-Key": "one"}
    first, again = [await http.post("/v1/contacts", json=ADA, headers=key) for _ in range(2)]
    other = await http.post("/v1/contacts", json={"email": "bo@works.example"}, headers=key)
    await target.harness.raw.execute("rollback to savepoint attack")
    assert first.content == again.content
    assert again.headers["idempotent-replayed"] == "true"
    assert (other.status_code, other.json()["errors"][0]["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("ended", ["revoked_at", "expires_at", None])
async def test_a_key_that_is_worth_nothing_is_refused_alike_whatever_the_reason(
    target: Target, browser: httpx.AsyncClient, ended: str | None
) -> None:
    """B61, B62: unknown, revoked and expired keys get the same words."""
    key_id, key, digest = security.draw_key()
    if ended:
        await security.insert_key(target.harness.raw, key_id=key_id, digest=digest, scopes=["capture:write"])
        await target.harness.raw.execute(
            "update api_keys set revoked_at = case $2 when 'revoked_at' then now() end,"
            " expires_at = case $2 when 'expires_at' then now() end where key_id = $1",
            key_id, ended,
        )  # fmt: skip
    answer = await browser.post("/v1/contacts", json=ADA, headers={"Authorization": f"Bearer {key}"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, "key_invalid")
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
