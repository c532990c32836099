"""What operators do leaves a line: who, what, about which id, by which key; and nothing that names a person."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from events.runtime import security
from tests.bad_input.conftest import Target
from tests.bad_input.doors import CSV, FORM, JSON, LEAD, NAMES, NDJSON, Door

SELF_EXPLAINING = {
    "POST /v1/leads/commands", "POST /v1/activities", "POST /v1/activities/retry", "POST /v1/feedback",
    "POST /v1/contacts", "POST /v1/contacts/batch", "POST /v1/scans", "POST /v1/attendees", "POST /v1/imports",
    "POST /f/{form}", "POST /f/{form}/thanks", "POST /v1/contacts/{contact_id}/consents", "POST /v1/suppressions",
    "PUT /v1/accounts/{domain}", "PUT /v1/campaigns/{campaign}", "PUT /v1/content/{content}",
    "POST /v1/contacts/{contact_id}/customer", "POST /v1/proposals", "POST /v1/reviews/{lead_id}/comments",
    "POST /book/{ticket}", "POST /v1/routes",
}  # fmt: skip
"""What people send in the course of their work: it is in the history of its lead or contact, with who did it. A dry run
changes nothing."""


CHANGES_NOTHING = {"POST /v1/routes", "POST /v1/scores", "POST /v1/playbook/check", "POST /v1/comparisons"}
"""Questions about a lead or about rules that are too long for an address."""


def is_work(door: Door) -> bool:
    return f"{door.method} {door.path}" in SELF_EXPLAINING | CHANGES_NOTHING or (
        door.service == "feedback" and door.path.startswith("/v1/leads/{lead_id}/")
    )


async def rows(target: Target) -> list[dict[str, Any]]:
    return [dict(row) for row in await target.harness.raw.fetch("select * from audit_log order by id")]


@pytest.fixture
async def admin(target: Target) -> AsyncIterator[str]:
    """The id of an admin's key, which the requests are sent with."""
    key_id, key, digest = security.draw_key()
    await security.insert_key(
        target.harness.raw, key_id=key_id, digest=digest, scopes=list(security.SCOPES), role="admin"
    )
    before = target.harness.http.headers["Authorization"]
    target.harness.http.headers["Authorization"] = f"Bearer {key}"
    yield key_id
    target.harness.http.headers["Authorization"] = before


@pytest.mark.parametrize("target", NAMES, indirect=True)
async def test_every_operation_that_changes_something_leaves_a_line(target: Target, admin: str) -> None:
    """Asked of every route that is no work on a lead and no intake: carried out, it is in the log."""
    await target.harness.raw.execute("savepoint rights")
    silent, seen = [], 0
    for door in target.doors:
        if door.method == "GET" or is_work(door):
            continue
        kind = next((each for each in (JSON, NDJSON, CSV, FORM, "text/calendar") if each in door.bodies), None)
        before = len(await rows(target))
        answer = await target.harness.http.request(
            door.method, target.url(door) + door.needed(), content=door.content(),
            headers={"Content-Type": kind} if kind else {},
        )  # fmt: skip
        found = (await rows(target))[before:]
        if answer.is_success:
            seen += 1
            if [(row["key_id"], row["by"]) for row in found] != [(admin, "admin")]:
                silent.append(f"{door}: {found}")
        elif found:
            silent.append(f"{door}: refused, and in the log")
        await target.harness.raw.execute("rollback to savepoint rights")
    assert silent == []
    assert seen, "nothing was carried out"


@pytest.mark.parametrize("target", ["capture"], indirect=True)
async def test_an_erasure_is_in_the_log_and_names_nobody(target: Target, admin: str) -> None:
    await target.harness.raw.execute("savepoint rights")
    contact_id = UUID(target.known["contact_id"])
    answer = await target.harness.http.delete(f"/v1/contacts/{contact_id}")
    assert answer.status_code == 202
    log = (await target.harness.http.get("/v1/audit-log?limit=1")).json()
    (line,) = log["items"]
    assert (line["action"], line["subject"], line["key_id"]) == ("contact.erased", str(contact_id), admin)
    assert "ada" not in str(await rows(target))
    assert log["next"]
    following = (await target.harness.http.get(f"/v1/audit-log?cursor={log['next']}")).json()["items"]
    assert [each["action"] for each in following] == ["playbook.activated"]
    latest = await target.harness.http.get("/v1/audit-log", params={"since": line["at"]})
    assert [each["id"] for each in latest.json()["items"]] == [line["id"]]
    await target.harness.raw.execute("rollback to savepoint rights")


@pytest.mark.parametrize("target", ["routing"], indirect=True)
async def test_what_is_refused_is_not_in_the_log(target: Target, admin: str) -> None:
    before = await rows(target)
    body = {"rep_id": "nobody-such", "reason": "leave", "by": "boss"}
    for lead_id in (LEAD.lead_id, uuid4()):
        assert (await target.harness.http.post(f"/v1/leads/{lead_id}/reassign", json=body)).status_code in {404, 422}
    assert await rows(target) == before
    assert admin
