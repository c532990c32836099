"""People who submit forms and reps who work leads, through the front door, with keys and retries.

Each call goes to whichever copy answers: the next attempt asks the other one, under the same key. The mix is seeded;
what the system answers decides the timing only.
"""

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from events.ids import derive_lead_id
from tests.chaos.history import UNKNOWN, Call, History
from tests.chaos.rig import Rig

ATTEMPT_SECONDS = 5.0
PATIENCE_SECONDS = 150.0
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 3.0
NOT_FOUND, LOOKS = 404, 6
MARKER = "Zephyrine-Quillfeather"
"""The first name of everybody here: it may appear in capture, on the topic of profiles, and nowhere else."""

FINAL = {200, 202, 303, 400, 401, 403, 409, 413, 422}
ENGAGEMENTS = ("demo_request", "contact_sales", "content_download", "webinar_attended", "pricing_view")
WEIGHTS = (5, 2, 2, 1, 1)
WISHES = {"demo_request", "contact_sales"}
"""What makes a lead at once."""
COMMANDS = ("touches", "accept", "won", "recycle")
COMMAND_WEIGHTS = (6, 3, 1, 1)
BODIES: Mapping[str, Mapping[str, Any]] = {
    "touches": {"kind": "call", "outcome": "no_answer"},
    "accept": {},
    "won": {"amount": 1000},
    "recycle": {"reason": "not_ready"},
}
REMEMBERED, ERASE_EVERY = 500, 40


@dataclass(frozen=True)
class Wanted:
    """What a client asks for, at each attempt the same: `kind`, `key` and `about` are what the history keeps of it."""

    kind: str
    key: str
    about: str
    service: str
    path: str
    body: Mapping[str, Any] | None
    idempotent: bool = True
    method: str = "POST"


@dataclass
class Load:
    """The clients of one run."""

    rig: Rig
    history: History
    seed: int
    rate: float
    """Posts a second; there are a third as many commands."""
    http: httpx.AsyncClient
    run: str = "r"
    known: deque[UUID] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    posted: deque[tuple[str, dict[str, Any]]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    open_calls: set[asyncio.Task[Any]] = field(default_factory=set)

    async def run_until_cancelled(self) -> None:
        """Post and work at the rate, until cancelled."""
        dice = random.Random(f"load {self.seed}")  # noqa: S311 - played people
        loop = asyncio.get_running_loop()
        due, number = loop.time(), 0
        while True:
            number += 1
            self._begin(self._submission(dice, number))
            if number % 3 == 0 and self.known:
                self._begin(self._command(dice, number))
            if number % ERASE_EVERY == 0 and self.known:
                self._begin(self._erasure(dice.choice(self.known)))
            due += 1 / self.rate
            await asyncio.sleep(max(0.0, due - loop.time()))

    async def drain(self) -> None:
        """Return when each open call has its answer or was given up."""
        while self.open_calls:
            await asyncio.wait(self.open_calls)

    def _begin(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self.open_calls.add(task)
        task.add_done_callback(self.open_calls.discard)

    async def _submission(self, dice: random.Random, number: int) -> None:
        draw, key = dice.random(), f"{self.run}-post-{number}"
        if draw < 0.04 and self.posted:
            about, body = dice.choice(self.posted)
            await self.post("repeat", f"{self.run}-repeat-{number}", about, body, idempotent=False)
            return
        body = self.person(dice, number)
        if draw < 0.06:
            await self.post("bad", key, body["event_id"], {**body, "email": "nobody at all"})
        elif draw < 0.09:
            copies = [self.post("post", key, body["event_id"], body, first=turn) for turn in range(4)]
            await asyncio.gather(*copies)
        else:
            call = await self.post("post", key, body["event_id"], body)
            if call.accepted:
                self.posted.append((body["event_id"], body))

    def person(self, dice: random.Random, number: int) -> dict[str, Any]:
        """Return a submission; one of five comes from somebody who was here before."""
        who = dice.randrange(max(1, number - 200), number) if number > 50 and dice.random() < 0.2 else number
        return {
            "email": f"{MARKER}.{self.run}.{who}@works-{who % 900}.example",
            "first_name": MARKER,
            "last_name": "Long",
            "company": f"Works {who % 900}",
            "job_title": dice.choice(("Head of Marketing", "CTO", "Student")),
            "country": "DE",
            "industry": "software",
            "employees": dice.choice((40, 250, 3000)),
            "source": "web_form",
            "engagement": dice.choices(ENGAGEMENTS, WEIGHTS)[0],
            "event_id": f"{self.run}-event-{number}",
        }

    async def post(
        self, kind: str, key: str, about: str, body: Mapping[str, Any], *, first: int = 0, idempotent: bool = True
    ) -> Call:
        """Send a submission until it is answered for good, and remember whose lead may be worked or erased."""
        call = await self.send(kind, key, about, body, first=first, idempotent=idempotent)
        if call.accepted and call.answers and body["engagement"] in WISHES and body["job_title"] != "Student":
            self.known.append(UUID(call.answers[-1]["contact_id"]))
        return call

    async def send(
        self, kind: str, key: str, about: str, body: Mapping[str, Any], *, first: int = 0, idempotent: bool = True
    ) -> Call:
        """Send a submission until it is answered for good; the other clients leave its person alone."""
        wanted = Wanted(kind, key, about, "capture", "/v1/contacts", body, idempotent)
        return await self._until_answered(wanted, first)

    async def _command(self, dice: random.Random, number: int) -> None:
        lead = derive_lead_id(dice.choice(self.known), 1)
        verb = dice.choices(COMMANDS, COMMAND_WEIGHTS)[0]
        key = f"{self.run}-{verb}-{number}"
        body = {"by": "rep-1", **BODIES[verb]}
        wanted = Wanted(verb, key, str(lead), "feedback", f"/v1/leads/{lead}/{verb}", body)
        await self._until_answered(wanted, number)

    async def _erasure(self, contact: UUID) -> None:
        """Have a person erased, whose posts and touches may be on their way."""
        wanted = Wanted(
            "erase", f"{self.run}-erase-{contact}", str(contact), "capture", f"/v1/contacts/{contact}", None,
            idempotent=False, method="DELETE",
        )  # fmt: skip
        await self._until_answered(wanted, 0)

    async def _until_answered(self, wanted: Wanted, first: int) -> Call:
        loop = asyncio.get_running_loop()
        deadline, pause, attempt = loop.time() + PATIENCE_SECONDS, FIRST_PAUSE, first
        while True:
            copies = self.rig.of(wanted.service)
            status, answer = await self._attempt(f"{copies[attempt % len(copies)].url}{wanted.path}", wanted)
            call = self.history.note(wanted.kind, wanted.key, wanted.about, status, answer)
            attempt += 1
            never_a_lead = status == NOT_FOUND and attempt - first > LOOKS
            if status in FINAL or never_a_lead or loop.time() > deadline:
                return call
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2)

    async def _attempt(self, url: str, wanted: Wanted) -> tuple[int, dict[str, Any] | None]:
        headers = {"Idempotency-Key": wanted.key} if wanted.idempotent else {}
        try:
            answer = await self.http.request(wanted.method, url, json=wanted.body, headers=headers)
        except httpx.HTTPError:
            return UNKNOWN, None
        try:
            found = answer.json()
        except ValueError:
            return answer.status_code, None
        return answer.status_code, found if isinstance(found, dict) else None


@asynccontextmanager
async def clients(rig: Rig, history: History, seed: int, rate: float, run: str = "r") -> AsyncIterator[Load]:
    """Return the clients, working; they stop and finish what they began at the end."""
    headers = {"Authorization": f"Bearer {rig.stack.secrets.api_key}"}
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=50)
    async with httpx.AsyncClient(headers=headers, timeout=ATTEMPT_SECONDS, limits=limits) as http:
        load = Load(rig, history, seed, rate, http, run)
        working = asyncio.create_task(load.run_until_cancelled())
        try:
            yield load
        finally:
            working.cancel()
            await load.drain()
