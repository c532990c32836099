"""A phone becomes a scanner by a link that works once: by HTTP, on a real PostgreSQL."""

from typing import Any

import httpx
import pytest

from capture.domain.pairing import LETTERS, hash_pairing_code, write_pairing_code
from events.contacts import ContactCaptured
from events.runtime import security
from events.runtime.testing import ServiceHarness
from tests.capture.browsers import stranger

WANTED = {"event": "expo-2026", "label": "Booth 1", "by": "ola"}
SCAN = {
    "event": "expo-2026", "scan_id": "1", "scanned_by": "bo", "occurred_at": "2026-03-02T08:59:00Z",
    "badge": "MECARD:N:Long,Ada;EMAIL:ada@works.example;;",
}  # fmt: skip
TABLES = ("idempotency", "api_keys", "key_bindings", "scanner_pairings", "audit_log")
REDEEM = "/v1/scanner-pairings/redeem"


async def invited(harness: ServiceHarness, **more: str) -> dict[str, Any]:
    answer = await harness.http.post("/v1/scanner-pairings", json=WANTED | more)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def opened(http: httpx.AsyncClient, code: str, drawn: tuple[str, str, str]) -> httpx.Response:
    return await http.post(REDEEM, json={"code": code, "key_id": drawn[0], "hash": drawn[2]})


async def listed(harness: ServiceHarness) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await harness.http.get("/v1/scanner-pairings")).json()["items"]
    return items


async def rows(harness: ServiceHarness, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await harness.raw.fetch(sql)]


async def test_a_phone_scans_with_the_key_that_it_drew(harness: ServiceHarness) -> None:
    """C2: neither the link nor its answer holds the key, and the key takes scans alone."""
    link, drawn = await invited(harness), security.draw_key()
    assert link["path"] == f"/scan#pair={link['code']}"
    async with await stranger(harness) as phone:
        answer = await opened(phone, link["code"], drawn)
        assert (answer.status_code, answer.json()) == (200, {"event": "expo-2026", "label": "Booth 1"})
        phone.headers["Authorization"] = f"Bearer {drawn[1]}"
        taken = await phone.post("/v1/scans", json=SCAN)
        assert (taken.status_code, taken.json()["accepted"]) == (200, 1), taken.text
        other = await phone.post("/v1/contacts", json={"email": "bea@works.example"})
        assert other.json().get("status") == "accepted"
        for method, path in (("GET", "/v1/scanner-pairings"), ("GET", "/v1/forms"), ("GET", "/v1/quarantine")):
            assert (await phone.request(method, path)).status_code == 403, path
    assert {event.source for event in await harness.emitted(ContactCaptured)} == {"event_scan"}
    (device,) = await listed(harness)
    assert (device["state"], device["key_id"], device["created_by"]) == ("paired", drawn[0], "ola")
    assert drawn[1] not in str(await rows(harness, "select * from scanner_pairings"))
    assert link["code"] not in str(await rows(harness, "select * from scanner_pairings"))


async def test_a_link_makes_one_device_a_scanner(harness: ServiceHarness) -> None:
    """What one device sends again, since the answer was lost, is answered again; another device gets a sentence."""
    link, drawn = await invited(harness), security.draw_key()
    async with await stranger(harness) as phone:
        typed = link["code"].lower().replace("-", " ").replace("0", "o")
        assert (await opened(phone, typed, drawn)).status_code == 200
        assert (await opened(phone, link["code"], drawn)).status_code == 200
        second = await opened(phone, link["code"], security.draw_key())
    assert second.status_code == 410
    assert second.json()["title"] == "This link was used already, or is too old. Ask for a new one"
    assert await rows(harness, "select count(*) from api_keys where label = 'Booth 1'") == [(1,)]
    logged = await rows(harness, "select by, action, outcome from audit_log order by id")
    assert logged[-2:] == [("key", "scanner.invited", "by ola"), ("ola", "scanner.paired", drawn[0])]


@pytest.mark.parametrize("change", ["expires_at", "ended_at"])
async def test_an_old_link_pairs_nobody(harness: ServiceHarness, change: str) -> None:
    link = await invited(harness)
    await harness.raw.execute(f"update scanner_pairings set {change} = now()")  # noqa: S608 - one of ours
    async with await stranger(harness) as phone:
        answer = await opened(phone, link["code"], security.draw_key())
        made_up = await opened(phone, "0000-0000-0000", security.draw_key())
    assert (answer.status_code, made_up.status_code) == (410, 410)
    assert answer.json() == made_up.json()
    assert await listed(harness) == []


async def test_a_link_holds_for_ten_minutes_and_is_forgotten_where_nobody_came(harness: ServiceHarness) -> None:
    await invited(harness)
    assert await rows(harness, "select expires_at - created_at = interval '10 minutes' from scanner_pairings") == [
        (True,)
    ]
    await harness.raw.execute("update scanner_pairings set expires_at = now() - interval '2 days'")
    link = await invited(harness)
    assert [(each["pairing_id"], each["state"]) for each in await listed(harness)] == [(link["pairing_id"], "open")]


async def test_a_device_that_is_ended_scans_no_more(harness: ServiceHarness) -> None:
    link, drawn = await invited(harness), security.draw_key()
    end = f"/v1/scanner-pairings/{link['pairing_id']}/end"
    async with await stranger(harness) as phone:
        await opened(phone, link["code"], drawn)
        first = await harness.http.post(end, json={"by": "ola"})
        again = await harness.http.post(end, json={"by": "max"})
        assert first.json() == again.json()
        harness.service.keys.forget_keys()
        phone.headers["Authorization"] = f"Bearer {drawn[1]}"
        assert (await phone.post("/v1/scans", json=SCAN)).status_code == 401
        assert (await opened(phone, link["code"], drawn)).status_code == 410
    (device,) = await listed(harness)
    assert (device["state"], device["ended_by"]) == ("ended", "ola")
    unknown = await harness.http.post(f"/v1/scanner-pairings/{drawn[0].ljust(32, '0')}/end", json={"by": "ola"})
    assert unknown.status_code == 404


async def test_a_device_that_is_paired_takes_no_others_key(harness: ServiceHarness) -> None:
    """An id that is taken is refused, and the link still holds."""
    link, drawn = await invited(harness), security.draw_key()
    known = (await harness.http.get("/v1/keys")).json()["items"][0]["key_id"]
    async with await stranger(harness) as phone:
        taken = await opened(phone, link["code"], (known, drawn[1], drawn[2]))
        assert taken.json()["errors"][0]["code"] == "key_id_taken"
        assert (await opened(phone, link["code"], drawn)).status_code == 200


async def test_pages_elsewhere_pair_nobody_and_guessing_is_slowed_down(harness: ServiceHarness) -> None:
    link = await invited(harness)
    async with await stranger(harness, Origin="https://evil.example") as page:
        assert (await opened(page, link["code"], security.draw_key())).status_code == 403
    async with await stranger(harness) as guesser:
        found = [(await opened(guesser, f"{n:012}", security.draw_key())).status_code for n in range(70)]
    assert set(found) == {410, 429}


@pytest.mark.parametrize(
    ("path", "body", "other"),
    [
        ("/v1/scanner-pairings", WANTED, WANTED | {"label": "Booth 2"}),
        ("/v1/sender-keys", {"kind": "webhook", "label": "A"}, {"kind": "webhook", "label": "B"}),
        ("/v1/sender-keys", {"kind": "api", "label": "A", "source": "a"}, {"kind": "api", "label": "A", "source": "b"}),
    ],
)
async def test_what_is_made_under_a_key_is_made_once(
    harness: ServiceHarness, path: str, body: dict[str, str], other: dict[str, str]
) -> None:
    """B69: the same answer with the same secret, though no table has it; another body is refused, no key is another."""
    named = {"Idempotency-Key": "one"}
    first, again = [await harness.http.post(path, json=body, headers=named) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert ("idempotent-replayed" in first.headers, again.headers["idempotent-replayed"]) == (False, "true")
    refused = await harness.http.post(path, json=other, headers=named)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "idempotency_key_reused")
    unnamed = [(await harness.http.post(path, json=body)).json() for _ in range(2)]
    assert unnamed[0] != unnamed[1]
    stored = await rows(harness, "select convert_from(body, 'utf8') from idempotency")
    assert len(stored) == 1
    secrets = [first.json()[name] for name in ("key", "code") if name in first.json()]
    tables = str([await rows(harness, f"select * from {name}") for name in TABLES])  # noqa: S608 - ours
    assert [each for each in secrets if each in tables or each.rpartition("_")[2] in f"{stored}"] == []
    assert len(secrets) == 1


PAIRINGS, KEYS = "/v1/scanner-pairings", "/v1/sender-keys"


@pytest.mark.parametrize(
    ("path", "body", "change"),
    [
        (PAIRINGS, WANTED, "update scanner_pairings set expires_at = now()"),
        (PAIRINGS, WANTED, "update scanner_pairings set ended_at = now()"),
        (PAIRINGS, WANTED, "delete from scanner_pairings"),
        (KEYS, {"kind": "webhook", "label": "A"}, "update api_keys set revoked_at = now() where kind = 'webhook'"),
        (KEYS, {"kind": "webhook", "label": "A"}, "update api_keys set expires_at = now() where kind = 'webhook'"),
    ],
)
async def test_what_holds_no_more_is_not_shown_again(
    harness: ServiceHarness, path: str, body: dict[str, str], change: str
) -> None:
    """A browser that goes back and sends its form again showed a dead link or key as new."""
    named = {"Idempotency-Key": "one"}
    assert (await harness.http.post(path, json=body, headers=named)).status_code == 201
    await harness.raw.execute(change)
    for _ in range(2):
        again = await harness.http.post(path, json=body, headers=named)
        assert (again.status_code, again.json()["errors"][0]["code"]) == (410, "holds_no_more")
        assert again.json()["title"].endswith("Make a new one, with another Idempotency-Key")
    assert (await harness.http.post(path, json=body, headers={"Idempotency-Key": "two"})).status_code == 201


async def test_a_link_that_a_phone_used_is_not_shown_again(harness: ServiceHarness) -> None:
    named = {"Idempotency-Key": "one"}
    link = (await harness.http.post(PAIRINGS, json=WANTED, headers=named)).json()
    async with await stranger(harness) as phone:
        assert (await opened(phone, link["code"], security.draw_key())).status_code == 200
    again = await harness.http.post(PAIRINGS, json=WANTED, headers=named)
    assert (again.status_code, link["code"] in again.text) == (410, False)


def test_a_code_can_be_typed() -> None:
    drawn = bytes(LETTERS.index(letter) + 32 * (nth % 8) for nth, letter in enumerate("7K3MQ8ZD4TXA"))
    assert write_pairing_code(drawn + b"more") == "7K3M-Q8ZD-4TXA"
    assert hash_pairing_code("7k3m q8zd 4txa") == hash_pairing_code("7K3M-Q8ZD-4TXA")
    assert hash_pairing_code("OIL0-1111-1111") == hash_pairing_code("0110-1111-1111")
    assert hash_pairing_code("7K3M") != hash_pairing_code("7K3N")
