"""What operators see of every service and decide about it, under their own names."""

import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from capture.app import service as capture
from desk.domain import orders
from desk.handlers.operating import make_flow_line, merge_key_lists
from events.contacts import ContactCaptured
from events.runtime.testing import ServiceHarness
from tests.capture.browsers import ADA, stamped, submitted
from tests.conftest import Databases
from tests.desk.conftest import LEA, MAX, OLA, Neighbours, signed_in
from tests.sla_monitor.domain_harness import FOLDER

OWN = "bk_0123456789ab_of_the_pages"
KEY: dict[str, Any] = {
    "key_id": "a", "kind": "api", "label": "CRM", "scopes": [], "role": "marketing", "team": None, "rep_id": None,
    "created_at": "2026-03-02T09:00:00Z", "expires_at": None, "revoked_at": None, "last_used_at": None,
}  # fmt: skip


@pytest.fixture
async def intake(neighbours: Neighbours, databases: Databases) -> AsyncIterator[ServiceHarness]:
    async with ServiceHarness.open(capture, await databases("capture")) as opened:
        async with opened.transaction() as tx:
            await capture.playbooks.activate(tx, capture.playbooks.read(FOLDER), by="default", approvals=[])
        neighbours.harnesses["capture.test"] = opened
        yield opened


async def test_services_that_are_away_say_so(harness: ServiceHarness) -> None:
    """The pages' own line stands there all the same."""
    page = (await (await signed_in(harness, OLA)).get("/operator")).text
    assert page.count("does not answer</td>") == 5
    assert "Not read just now: capture, scoring, routing, sla-monitor, feedback." in page
    assert "Capture does not answer just now." in page
    assert "Does not answer in time" in (await (await signed_in(harness, OLA)).get("/operator/audit")).text


async def test_the_rejected_rows_of_a_list_are_a_link_away(harness: ServiceHarness, intake: ServiceHarness) -> None:
    body = b"email\nada@works.example\nnot an address\n"
    await intake.http.post("/v1/imports", content=body, headers={"Content-Type": "text/csv"})
    (found,) = (await intake.http.get("/v1/imports")).json()["items"]
    assert (found["rows"], found["rejected"], found["state"]) == (2, 1, "done")
    operator = await signed_in(harness, OLA)
    path = f"/operator/imports/{found['import_id']}/rejects"
    assert path in (await operator.get("/operator")).text
    file = await operator.get(path)
    assert file.headers["content-disposition"].endswith('.csv"')
    assert "not an address" in file.text
    assert (await (await signed_in(harness, MAX)).get(path)).status_code == 403


async def test_imports_come_page_by_page_the_latest_first(intake: ServiceHarness) -> None:
    for name in ("ada", "bea", "cyd"):
        body = f"email\n{name}@works.example\n".encode()
        await intake.http.post("/v1/imports", content=body, headers={"Content-Type": "text/csv"})
    first = (await intake.http.get("/v1/imports?limit=2")).json()
    rest = (await intake.http.get("/v1/imports", params={"limit": 2, "cursor": first["next"]})).json()
    seen = [item["import_id"] for item in first["items"] + rest["items"]]
    whole = [item["import_id"] for item in (await intake.http.get("/v1/imports")).json()["items"]]
    assert seen == whole
    assert len(set(seen)) == 3
    assert rest["next"] is None


async def test_a_key_that_is_revoked_here_is_worthless_everywhere(
    harness: ServiceHarness, neighbours: Neighbours, intake: ServiceHarness
) -> None:
    """Where a service is away, the key may be in force there, and the operator reads so."""
    made = (await intake.http.post("/v1/keys", json={"label": "CRM", "role": "marketing"})).json()
    operator = await signed_in(harness, OLA)
    assert "CRM" in (await operator.get("/operator")).text
    answer = await operator.post(f"/operator/keys/{made['key_id']}/revoke")
    assert "still%20in%20force" in answer.headers["set-cookie"]
    for host in ("scoring.test", "routing.test", "sla.test", "feedback.test"):
        neighbours.harnesses[host] = harness  # any service that does not know the key
    answer = await operator.post(f"/operator/keys/{made['key_id']}/revoke")
    assert "Revoked%20in%20every%20service" in answer.headers["set-cookie"]
    listed = {key["key_id"]: key for key in (await intake.http.get("/v1/keys")).json()["items"]}
    assert listed[made["key_id"]]["revoked_at"] is not None
    refused = await operator.post("/operator/keys/0123456789ab/revoke")
    assert "These%20pages%20work%20with%20this%20key" in refused.headers["set-cookie"]
    (logged,) = await harness.raw.fetch("select by, subject from audit_log where action = 'key.revoked'")
    assert tuple(logged) == ("ola", made["key_id"])


async def test_only_operators_decide(harness: ServiceHarness, intake: ServiceHarness) -> None:
    made = (await intake.http.post("/v1/keys", json={"label": "CRM", "role": "marketing"})).json()
    some = "5f0c2f0e-7a52-5d0a-9a55-0c2f6f9c1d11"
    for viewer in (LEA, MAX):
        browser = await signed_in(harness, viewer)
        paths = (f"parked/capture/{some}/replay", f"quarantine/{some}/release", f"keys/{made['key_id']}/revoke")
        for path in paths:
            assert (await browser.post(f"/operator/{path}")).status_code == 403, path
    (listed,) = [k for k in (await intake.http.get("/v1/keys")).json()["items"] if k["key_id"] == made["key_id"]]
    assert listed["revoked_at"] is None


def test_a_decision_is_sent_to_the_service_that_has_the_record() -> None:
    some = UUID(int=7)
    sent = [
        orders.build_close_parked_command("scoring", some, "replay"),
        orders.build_close_quarantined_command(some, "release"),
        orders.build_revoke_key_command("routing", "a"),
        orders.build_activate_rules_command("desk", ("x: 1", "y: 2"), "ola", ["sales"]),
    ]
    assert [(each.method, each.target, each.path) for each in sent] == [
        ("POST", "scoring", f"/v1/dead-letters/{some}/replay"), ("POST", "capture", f"/v1/quarantine/{some}/release"),
        ("POST", "routing", "/v1/keys/a/revoke"), ("PUT", "desk", "/v1/playbook"),
    ]  # fmt: skip
    assert sent[3].body == {"definitions": "x: 1", "body": "y: 2", "by": "ola", "approvals": ["sales"]}


def test_a_service_is_as_far_behind_as_its_oldest_record() -> None:
    state = {"lag": {"a": 2, "b": 3}, "lag_seconds": {"a": 70.0, "b": 1.0}}
    found = make_flow_line("capture", state)
    assert (found.lag, found.lag_seconds, found.status) == (5, 70.0, state)
    assert make_flow_line("capture", {"lag": {}, "lag_seconds": {}}).lag_seconds == 0.0
    assert make_flow_line("capture", None).status is None


def test_a_key_of_several_services_is_listed_once() -> None:
    """It counts as revoked where all have revoked it, and the latest use counts."""
    own = {**KEY, "key_id": "0123456789ab", "last_used_at": "2026-03-04T09:00:00Z"}
    first = {**KEY, "revoked_at": "2026-03-03T09:00:00Z"}
    second = {**KEY, "last_used_at": "2026-03-05T09:00:00Z"}
    found = merge_key_lists([[first, own], None, [second]], OWN)
    assert [(each.key["key_id"], each.is_own, each.revoked_at) for each in found] == [
        ("a", False, None), ("0123456789ab", True, None)
    ]  # fmt: skip
    assert found[0].last_used_at == "2026-03-05T09:00:00Z"
    ended = {**KEY, "key_id": "b", "revoked_at": "2026-03-03T09:00:00Z", "last_used_at": "2026-03-09T09:00:00Z"}
    assert [each.key["key_id"] for each in merge_key_lists([[ended, own]], OWN)] == ["0123456789ab", "b"]


async def test_a_parked_record_is_shown_without_its_contents_and_settled_once(harness: ServiceHarness) -> None:
    await harness.raw.execute(
        "insert into parked (id, topic, headers, value, reason, detail, attempts)"
        " values (gen_random_uuid(), 'leads.worked.v1', '[]', 'ada@works.example', 'undecodable', '', 3)"
    )
    operator = await signed_in(harness, OLA)
    page = (await operator.get("/operator")).text
    assert "Undecodable" in page
    assert "3 tries" in page
    assert "ada@works.example" not in page
    (path,) = re.findall(r'action="(/operator/parked/\S+/discard)"', page)
    assert "Discarded" in (await operator.post(path)).headers["set-cookie"]
    assert "Undecodable" not in (await operator.get("/operator")).text
    logged = await harness.raw.fetch("select by from audit_log where action = 'parked.discard'")
    assert [row["by"] for row in logged] == ["ola"]


async def test_what_waits_in_quarantine_is_read_and_released(harness: ServiceHarness, intake: ServiceHarness) -> None:
    await submitted(intake.http, ADA | {"website": "x"} | stamped(nonce="1"))
    operator = await signed_in(harness, OLA)
    page = (await operator.get("/operator")).text
    assert ADA["email"] in page
    (path,) = re.findall(r'action="(/operator/quarantine/\S+/release)"', page)
    assert "Released" in (await operator.post(path)).headers["set-cookie"]
    assert len(await intake.emitted(ContactCaptured)) == 1
    assert ADA["email"] not in (await operator.get("/operator")).text
