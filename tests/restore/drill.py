"""A stack with its backup, whom the world knows since, and what must hold after each restore."""

import asyncio
import contextlib
import itertools
import re
import shlex
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from baton.cli import run
from baton.stack import Stack
from tests.e2e.world import World

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
AT_ONCE, PAUSE_SECONDS, RETRY_SECONDS = 10, 2.0, 0.1
"""So many people post, then it is quiet for so long: who waits until all is drained sees that."""
LAST_SECONDS = 2.0
"""Of what is accepted so shortly before the stack stops, some may not have reached Kafka."""
UNSENT = "were never sent to Kafka"


@dataclass
class Drill:
    """A stack, its backup, and whom the world knows since."""

    data: Path
    backup: Path
    known: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)

    @property
    def stack(self) -> Stack:
        return Stack.load(self.data)

    async def command(self, line: str) -> int:
        """Run a command as the page writes it, for this stack."""
        parts = shlex.split(line.replace("/backups/monday", str(self.backup)))
        assert parts.pop(0) == "baton"
        return await asyncio.to_thread(run, [*parts, "--data", str(self.data)])


def commands(section: str) -> list[str]:
    """Return the `baton` commands of a section of the page, in their order."""
    text = PAGE.read_text(encoding="utf-8").partition(f"### {section}\n")[2].partition("\n### ")[0]
    return re.findall(r"^baton .+$", text, re.MULTILINE)


async def live(world: World, drill: Drill, number: int) -> None:
    """Let a day happen: newcomers, somebody who comes back, worked leads, somebody who asks to be forgotten."""
    email = f"back@again-{number}.example"
    first = await world.somebody_submits("content_download", email=email, job_title="Analyst")
    again = await world.somebody_submits("demo_request", email=email, job_title="Head of Growth", phone="+4930901820")
    assert first == again
    worked = await world.somebody_submits("demo_request")
    lead = await world.reads("lead.assigned.v1", worked)
    await world.the_rep_says(lead, "touches", kind="call", outcome="welcomed")
    passed = await world.somebody_submits("demo_request")
    await pass_on(world, await world.reads("lead.assigned.v1", passed))
    gone = await world.somebody_submits("demo_request", email=f"gone@gone-{number}.example", first_name="Zebediah")
    await world.settled()
    await world.http.delete(f"{world.stack.urls['capture']}/v1/contacts/{gone}")
    drill.known |= {
        first,
        worked,
        passed,
        *await asyncio.gather(*(world.somebody_submits("social") for _ in range(20))),
    }
    drill.erased.add(gone)
    await world.settled()


async def pass_on(world: World, lead: Any) -> None:
    """Have the rep of an assignment pass the lead on: routing alone decides that, and no other topic carries it."""
    body = {"by": lead.value["rep_id"], "reason": "not mine"}
    await world.post("routing", f"/v1/leads/{lead.value['lead_id']}/pass", body)


@dataclass
class Load:
    """People who post, again and again while nobody answers, and who was accepted when."""

    world: World
    accepted: list[tuple[float, str]] = field(default_factory=list)
    refused_at: float = 0.0
    """When nobody answered for the first time."""

    async def post(self, number: int) -> None:
        """Post until it is accepted, with the same key."""
        url = f"{self.world.stack.urls['capture']}/v1/contacts"
        body = {"email": f"load-{number}@under-load.example", "engagement": "demo_request", "source": "web_form",
                "employees": 250, "country": "DE", "industry": "software"}  # fmt: skip
        while True:
            with contextlib.suppress(httpx.TransportError):
                answer = await self.world.http.post(url, json=body, headers={"Idempotency-Key": f"load-{number}"})
                if answer.is_success:
                    self.accepted.append((time.monotonic(), str(answer.json()["contact_id"])))
                    return
            self.refused_at = self.refused_at or time.monotonic()
            await asyncio.sleep(RETRY_SECONDS)

    async def run(self) -> None:
        """Post until cancelled."""
        for first in itertools.count(1, AT_ONCE):
            await asyncio.gather(*(self.post(number) for number in range(first, first + AT_ONCE)))
            await asyncio.sleep(PAUSE_SECONDS)

    async def goes_on(self) -> bool:
        """Return whether nobody answered for a while and then somebody was accepted."""
        return self.refused_at > 0 and self.accepted[-1][0] > self.refused_at

    def known(self, output: str) -> set[str]:
        """Return whom the restored stack knows, by what the command printed of records that were never sent."""
        lost_from = self.refused_at - LAST_SECONDS if UNSENT in output else self.refused_at
        return {contact for at, contact in self.accepted if not lost_from <= at <= self.refused_at}


@asynccontextmanager
async def under_load(world: World) -> AsyncIterator[Load]:
    """Post all the while."""
    load = Load(world)
    task = asyncio.create_task(load.run())
    try:
        yield load
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def nobody_is_lost(world: World, drill: Drill) -> None:
    capture = world.stack.urls["capture"]
    for contact in drill.known:
        answer = await world.http.get(f"{capture}/v1/contacts/{contact}")
        assert answer.status_code == 200, contact
    for contact in drill.erased:
        answer = await world.http.get(f"{capture}/v1/contacts/{contact}")
        assert answer.status_code in {404, 410}, contact
    back = await world.get("capture", "/v1/contacts?email=back@again-0.example")
    assert back["job_title"] == "Head of Growth"


async def no_number_is_drawn_twice(world: World) -> None:
    """A number of a source, topic and key stands for one fact."""
    await world.settled()
    await world.listen()
    facts: dict[tuple[str, ...], set[Any]] = defaultdict(set)
    for record in (each for each in world.records if "ce_source" in each.headers):
        name = (record.headers["ce_source"], record.topic, record.key, record.headers["ce_sequence"])
        facts[name].add((record.headers["ce_id"], record.text))
    assert {name: found for name, found in facts.items() if len(found) > 1} == {}
