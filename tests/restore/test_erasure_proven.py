"""X43, I10: who is erased while things about them are on their way is nowhere afterwards, nor after a replay."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from baton import backups
from baton import stack as stacks
from baton.database import connect
from baton.stack import Stack, StartOptions
from tests.e2e.conftest import A_MONDAY, free_base
from tests.e2e.world import World

pytestmark = pytest.mark.e2e

MARK = "qzxv"
"""In every text that names the person."""
FIRM = "wvyk"
"""In the facts about their company: on topics for 30 days, in no table once they are erased."""
PHONE = "+4930901827"
EMAIL = f"{MARK}.mail@works.example"
PERSON: dict[str, Any] = {
    "email": EMAIL,
    "phone": PHONE,
    "first_name": f"{MARK.title()}ine",
    "last_name": f"Von{MARK}",
    "company": f"{FIRM} works",
    "job_title": f"Head of {MARK.upper()}ine",
    "region": f"von{MARK}",
    "postal_code": f"{MARK}ine",
    "industry": f"von{MARK}",
    "referrer": f"{MARK.title()}ine Von{MARK}",
    "campaign": f"for-{MARK}ine",
    "content": f"von{MARK}",
    "utm": {"source": f"{MARK}ine", "term": f"von{MARK}", "content": f"{MARK}ine%20von{MARK}"},
    "facts": {"answer": f"ask for {MARK}ine", "question": f"a free text of {MARK}", "dial": PHONE, "size": FIRM},
}
TABLES = """
select c.relname as name from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition order by 1
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    data = tmp_path_factory.mktemp("erasure") / "d"
    yield stacks.start_detached(StartOptions(str(data), free_base(), "stepped", A_MONDAY))
    stacks.stop_stack(data)


@pytest.fixture(scope="module")
async def around(place: Stack) -> AsyncIterator[World]:
    async with World(place) as world:
        yield world


def spellings(text: str) -> list[str]:
    """Return how a text stands in a row written as text: as it is, and in bytes, which are written in hex."""
    return [text, *{form.encode().hex() for form in (text, text.upper(), text.title())}]


async def found_in_tables(stack: Stack, *texts: str) -> list[str]:
    """Return `service.table` of all that holds one of the texts in any column."""
    patterns = [f"%{form}%" for text in texts for form in spellings(text)]
    found = []
    for service, url in stack.databases.items():
        connection = await connect(url)
        try:
            for table in [row["name"] for row in await connection.fetch(TABLES)]:
                sql = f'select t::text as row from "{table}" t where t::text ilike any($1) limit 9'  # noqa: S608 - the catalogue's
                found += [f"{service}.{table}: {row['row'][:300]}" for row in await connection.fetch(sql, patterns)]
        finally:
            await connection.close()
    return found


async def import_them(world: World) -> None:
    """Send a file about the person: a row that is taken, one with foreign cells, one that nobody can be known by."""
    header = "E-Mail,First name,Last name,Phone,Country,Employees\n"
    rows = (
        f"{EMAIL},{MARK}ine,Von{MARK},{PHONE},DE,20\n"
        f"{EMAIL},{MARK}ine,Von{MARK},ask {MARK}ine,Von{MARK}land,{MARK}ine knows\n"
        f",{MARK}ine,Von{MARK},,mail {EMAIL},\n"
    )
    url = f"{world.stack.urls['capture']}/v1/imports"
    answer = await world.http.post(url, content=(header + rows).encode(), headers={"Content-Type": "text/csv"})
    assert answer.status_code == 202, answer.text


async def work(world: World, lead: Any, number: int) -> None:
    """Touch the lead, whatever it is answered: it may be forgotten meanwhile."""
    value = lead.value
    url = f"{world.stack.urls['feedback']}/v1/leads/{value['lead_id']}/touches"
    body = {"by": value["rep_id"], "kind": "call", "outcome": "welcomed", "topics": ["pricing"]}
    answer = await world.http.post(url, json=body, headers={"Idempotency-Key": f"touch-{number}"})
    assert answer.status_code < 500, answer.text


async def forget(world: World) -> list[str]:
    """Erase whoever is known by the address, as often as that takes; return their ids."""
    capture, gone = world.stack.urls["capture"], []
    while (answer := await world.http.get(f"{capture}/v1/contacts", params={"email": EMAIL})).is_success:
        gone.append(answer.json()["contact_id"])
        assert (await world.http.delete(f"{capture}/v1/contacts/{gone[-1]}")).status_code == 202
    return gone


async def live_and_be_forgotten(world: World) -> list[str]:
    """Have the person do and suffer all sorts of things, and be erased in the middle of them."""
    contact = await world.somebody_submits("demo_request", **PERSON)
    lead = await world.reads("lead.assigned.v1", contact)
    await world.the_rep_says(lead, "touches", kind="call", outcome="welcomed")
    note = f"{MARK}ine said so"
    await world.the_rep_says(lead, "recycle", reason="not_ready", note=note)
    await world.somebody_publishes("contacts.captured.v1", contact, f"{{{MARK}".encode(), ce_id="x")
    await import_them(world)
    await world.settled()
    kept = {found.partition(":")[0] for found in await found_in_tables(world.stack, MARK)}
    assert kept >= {f"capture.{name}" for name in ("engagements", "import_rejects", "profiles")}
    assert "feedback.notes" in kept
    assert any("_given" in found for found in await found_in_tables(world.stack, MARK))
    busy = [
        *(world.somebody_submits("content_download", **(PERSON | {"content": f"von{MARK}-{n}"})) for n in range(20)),
        *(work(world, lead, n) for n in range(20)),
        import_them(world),
    ]
    await asyncio.gather(world.http.delete(f"{world.stack.urls['capture']}/v1/contacts/{contact}"), *busy)
    await world.somebody_submits("pricing_view", **PERSON)
    await import_them(world)
    gone = await forget(world)
    await world.settled()
    return [contact, *gone]


async def replay(world: World) -> None:
    """Let every service read all topics from the start, with no memory of what it has read."""
    for url in world.stack.databases.values():
        connection = await connect(url)
        try:
            await connection.execute("truncate inbox; update positions set next_offset = 0, last_ce_id = null")
        finally:
            await connection.close()
    parts = world.stack.data_dir.read_state().parts
    for service in world.stack.urls:
        os.kill(parts[service].pid, signal.SIGKILL)
    await world.until(lambda: _all_ready(world), 120.0)
    await world.settled()


async def _all_ready(world: World) -> bool:
    pids = {name: part.pid for name, part in world.stack.state.parts.items()}
    now = {name: part.pid for name, part in world.stack.data_dir.read_state().parts.items()}
    if any(now.get(name) == pids.get(name) for name in world.stack.urls):
        return False
    try:
        answers = [await world.http.get(f"{url}/readyz") for url in world.stack.urls.values()]
    except httpx.HTTPError:
        return False
    return all(answer.is_success for answer in answers)


async def test_an_erased_person_is_nowhere_and_stays_so(around: World, tmp_path: Path) -> None:
    gone = await live_and_be_forgotten(around)
    digits = PHONE[-7:]
    assert await found_in_tables(around.stack, MARK, FIRM, digits) == []

    await around.listen()
    ours = [r for r in around.records if r.headers.get("ce_source", "").startswith("baton/")]
    others = [r for r in ours if r.topic != "contacts.profiles.v1"]
    assert [r for r in others if MARK in f"{r.text}{r.headers}".lower() or digits in r.text] == []
    for topic in ("contacts.profiles.v1", "leads.lifecycle.v1"):
        last = {r.key: r.text for r in ours if r.topic == topic}
        assert {last.get(contact, "") for contact in gone} == {""}, topic

    for log in around.stack.data_dir.log_file_of("x").parent.iterdir():
        text = log.read_text(errors="replace").lower()
        assert MARK not in text, log
        assert digits not in text, log
    backups.make_backup_folder(tmp_path / "backup")
    await backups.back_up(around.stack.databases, tmp_path / "backup")
    assert MARK not in (tmp_path / "backup" / "manifest.json").read_text()

    await replay(around)
    assert await found_in_tables(around.stack, MARK, digits) == []
    assert not (await forget(around))
