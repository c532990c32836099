"""Every route of every service, from its OpenAPI document, asked as every role and compared with one table."""

from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import httpx
import pytest

from events.runtime import security
from events.topics import LEADS_ASSIGNED
from tests.bad_input.conftest import Target
from tests.bad_input.doors import CSV, FORM, JSON, LEAD, NAMES, NDJSON, Door, doors_of, kinds
from tests.rights.table import EXPECTED, ROLES, RUNTIME, TABLE

SCOPES = ["capture:write", "leads:read", "leads:work"]
LETTER = {401: "k", 403: "n"}
THE_LEAD = (str(LEAD.lead_id), str(LEAD.contact_id))


class Holder(NamedTuple):
    """Who has the lead, as this service knows it."""

    rep_id: str = "ann"
    team: str = "development"
    queue: str = "development"


async def holder_of(target: Target) -> Holder:
    if LEADS_ASSIGNED not in target.harness.service.on and target.harness.service.name != "routing":
        return Holder()
    (row,) = await target.harness.raw.fetch("select * from leads where lead_id = $1", LEAD.lead_id)
    assert row["rep_id"], "the story ends with a rep"
    return Holder(row["rep_id"], row["team"], dict(row).get("queue") or row["team"])


async def keys_of(target: Target, holder: Holder) -> dict[str, dict[str, str]]:
    """The headers of each role."""
    roles: dict[str, dict[str, Any]] = {
        "rep own": {"role": "rep", "rep_id": holder.rep_id},
        "rep other": {"role": "rep", "rep_id": "somebody-else"},
        "manager own": {"role": "manager", "team": holder.team},
        "manager other": {"role": "manager", "team": "another-team"},
        "marketing": {"role": "marketing"},
        "admin": {"role": "admin", "scopes": [*SCOPES, "admin"]},
    }
    headers: dict[str, dict[str, str]] = {"nobody": {}}
    for name, more in roles.items():
        key_id, key, digest = security.draw_key()
        await security.insert_key(target.harness.raw, key_id=key_id, digest=digest, **{"scopes": SCOPES, **more})
        headers[name] = {"Authorization": f"Bearer {key}"}
    return headers


def lines_of(name: str) -> dict[str, str]:
    return {**RUNTIME, **TABLE[name]}


@pytest.mark.parametrize("name", NAMES)
def test_every_route_is_in_the_table(name: str) -> None:
    """X49. A new route needs a line, and a line a route."""
    assert {f"{door.method} {door.path}" for door in doors_of(name)} == set(lines_of(name))


async def ask(target: Target, door: Door, holder: Holder, headers: dict[str, str], **wanted: str) -> httpx.Response:
    """Ask as a role, with these filters, and undo what was done."""
    known = {name: value for name, value in holder._asdict().items() if name in door.asked("path")}
    asked = {**dict(parse_qsl(door.needed().removeprefix("?"))), **wanted}
    kind = next((each for each in (JSON, NDJSON, CSV, FORM, "text/calendar") if each in door.bodies), None)
    more = {"Content-Type": kind} if kind else {}
    with target.nobody():
        answer = await target.harness.http.request(
            door.method, target.url(door, **known), params=asked, content=door.content(), headers=headers | more
        )
    await target.harness.raw.execute("rollback to savepoint rights")
    return answer


@pytest.mark.parametrize("target", NAMES, indirect=True)
async def test_every_role_gets_what_the_table_says(target: Target) -> None:
    """X49, and issue 20, 11: what is answered to others names neither the lead nor its contact."""
    holder = await holder_of(target)
    headers = await keys_of(target, holder)
    await target.harness.raw.execute("savepoint rights")
    wrong = []
    for door in target.doors:
        kind = lines_of(door.service)[f"{door.method} {door.path}"]
        answers = {role: await ask(target, door, holder, headers[role]) for role in ROLES}
        if kind == "public":
            statuses = [answer.status_code for answer in answers.values()]
            if len(set(statuses)) != 1:
                wrong.append(f"{door}: a key makes a difference: {statuses}")
            continue
        found = "".join(LETTER.get(answer.status_code, "y") for answer in answers.values())
        if found != EXPECTED[kind]:
            wrong.append(f"{door}: {found} instead of {EXPECTED[kind]} ({kind})")
        for role in ("rep other", "manager other"):
            text = answers[role].text
            sent = f"{target.url(door)} {door.content()!r}"
            if kind != "intake" and any(each in text and each not in sent for each in THE_LEAD):
                wrong.append(f"{door}: {role} is shown the lead")
    assert wrong == []


@pytest.mark.parametrize("target", NAMES, indirect=True)
async def test_no_filter_shows_others_the_lead(target: Target) -> None:
    """X49: each list, asked for the lead, its contact, its rep, its team or its queue; who has it sees it there."""
    holder = await holder_of(target)
    headers = await keys_of(target, holder)
    await target.harness.raw.execute("savepoint rights")
    wrong, shown = [], 0
    values = {**holder._asdict(), "lead_id": str(LEAD.lead_id), "contact_id": str(LEAD.contact_id), "by": holder.rep_id}
    for door in target.doors:
        filters = [name for name in values if name in door.asked("query") and kind_takes(door, name)]
        for name in filters if door.method == "GET" else ():
            answers = {role: await ask(target, door, holder, headers[role], **{name: values[name]}) for role in ROLES}
            seen = {role for role, answer in answers.items() if any(each in answer.text for each in THE_LEAD)}
            shown += "rep own" in seen
            if seen & {"nobody", "rep other", "manager other"}:
                wrong.append(f"{door}?{name}: shown to {sorted(seen)}")
    assert wrong == []
    assert shown or target.harness.service.name not in {"feedback", "sla-monitor"}


def kind_takes(door: Door, name: str) -> bool:
    """Whether a filter of this name takes any text: `by` is mostly a choice."""
    return all("enum" not in kind and "const" not in kind for kind in kinds(door.asked("query")[name]))
