"""Three months of a sales team by chance: twelve reps in three zones, their absences, and whoever asks for it."""

import os
import random
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from heapq import heappop, heappush
from typing import Any
from zoneinfo import ZoneInfo

from baton.backlog import BacklogObserver
from baton.stepping import ClockDriver
from tests.e2e.world import WEEKEND, Record, World

DAYS = 84
VISITORS = int(os.environ.get("BATON_VISITORS", "110"))
SEED = int(os.environ.get("BATON_SEED", "14"))
"""`BATON_SEED=7 BATON_VISITORS=300` plays other and fuller months."""
EVERY = timedelta(hours=3)
"""People act and timers fire at multiples of this."""
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Tokyo")
TEAMS = {"inbound": 4, "development": 3, "ae": 3, "am": 2}
ROSTER = [(f"{team}-{n}", team) for team, size in TEAMS.items() for n in range(1, size + 1)]
ZONE_OF = {rep_id: ZoneInfo(ZONES[n % 3]) for n, (rep_id, _) in enumerate(ROSTER)}
OPENS, CLOSES = time(8), time(18)
DAY = timedelta(days=1)

ENGAGEMENTS = {"reads": ("webinar_attended", "pricing_view", "webinar_attended"), "browses": ("social",)}
"""What those do who do not ask for a demo."""

Deed = Callable[[], Awaitable[object]]


@dataclass
class PlayedTeam:
    """Who is away when, what was asked for, and what happens next."""

    world: World
    start: datetime
    absences: dict[str, list[tuple[date, date]]] = field(default_factory=dict)
    asked: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    """By contact: since when, and the date from which on they want to be spoken to."""
    refused: set[tuple[str, str]] = field(default_factory=set)
    """Leads with the reps who passed or rejected them."""
    carried_out: int = 0
    visitors: dict[str, int] = field(default_factory=dict)
    """The number of each contact's person."""
    _agenda: list[tuple[datetime, int, Deed]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: iter(range(1_000_000)))
    _planned: set[tuple[str, int]] = field(default_factory=set)
    _read: int = 0

    def plan(self, at: datetime, deed: Deed) -> None:
        """Have something happen at the next multiple of `EVERY`, within the three months."""
        at = self.start - ((self.start - at) // EVERY) * EVERY
        if at < self.start + DAYS * DAY:
            heappush(self._agenda, (at, next(self._numbers), deed))

    async def hire(self) -> None:
        """Set for the twelve their zones, hours, limits and absences."""
        for rep_id, team in ROSTER:
            chance = drawn(rep_id)
            days = [self.start.date() + chance.randrange(5, DAYS) * DAY for _ in range(3)]
            self.absences[rep_id] = [(day, day + DAY) for day in days]
            await self.world.put_rep(
                rep_id,
                team=team,
                hours=[{"days": ["mon", "tue", "wed", "thu", "fri"], "from": "08:00", "to": "18:00"}],
                works={"zone": ZONE_OF[rep_id].key},
                capacity={"open": chance.choice([2, 4, 8])},
                absences=[{"from": first.isoformat(), "to": last.isoformat()} for first, last in self.absences[rep_id]],
            )

    def invite(self) -> None:
        """Plan who comes when, and what they do."""
        for number in range(VISITORS):
            chance = drawn(number)
            at = self.start + chance.random() * (DAYS - 7) * DAY
            kind = chance.choice(("demo", "demo", "demo", "call_me", "book", "not_now", "reads", "browses"))
            self.plan(at, partial(self._visit, kind, number))
            if chance.random() < 0.3:
                again = chance.choice(("demo", "reads", "browses"))
                self.plan(at + 5 * DAY + chance.random() * 60 * DAY, partial(self._visit, again, number))

    async def play(self) -> None:
        """Let the three months pass."""
        async with BacklogObserver(self.world.stack) as observer:
            driver, end = ClockDriver(observer), self.start + DAYS * DAY
            now = await driver.align_clocks()
            while now < end:
                then = min(self._agenda[0][0] if self._agenda else end, end)
                if then > now:
                    now = await driver.advance(then - now, tick=EVERY)
                while self._agenda and self._agenda[0][0] <= now:
                    await heappop(self._agenda)[2]()
                await observer.wait_until_drained()
                await self._react(now)

    async def _visit(self, kind: str, number: int) -> None:
        now, who = (
            await self.world.now(),
            {"email": f"v{number}@played-{number}.example", "company": f"Played {number}"},
        )
        wish: dict[str, Any] = {}
        if kind in ("call_me", "book", "not_now"):
            wants = now + drawn(number, "wants").randrange(1, 8) * DAY
            wish = {"preference": kind, "preferred_at": wants.isoformat()}
        for engagement in ENGAGEMENTS.get(kind, ("demo_request",)):
            contact = await self.world.somebody_submits(engagement, **who, **wish)
        self.visitors[contact] = number
        if wish:
            self.asked.setdefault(contact, (now, wants))
        else:
            self.asked.pop(contact, None)  # who asks without a date wants to be spoken to now

    async def _react(self, now: datetime) -> None:
        """Plan what each rep does with what they got."""
        await self.world.listen()
        fresh, self._read = self.world.records[self._read :], len(self.world.records)
        for record in fresh:
            if record.kind == "lead.assigned.v1":
                key = record.value["lead_id"], record.value["placement"]
                if key not in self._planned:
                    self._planned.add(key)
                    self._plan_work(record, now)

    def _plan_work(self, lead: Record, now: datetime) -> None:
        chance = self._drawn(lead, "habit")
        habit = chance.random()
        if habit < 0.15:
            return  # nobody does anything
        if habit < 0.25:
            self.plan(now + EVERY, partial(self._refuse, lead, "pass", {"reason": "no time"}))
        elif habit < 0.35:
            body = {"reason": "wrong_territory", "context": {"country": "FR"}}
            self.plan(now + EVERY, partial(self._refuse, lead, "reject", body))
        elif habit < 0.45:
            self.plan(now + EVERY, partial(self._do, lead, "accept"))
        else:
            late = habit > 0.85
            at = now + (chance.randrange(2, 6) * DAY if late else EVERY)
            self.plan(at, partial(self._do, lead, "touches", kind="call", outcome=chance.choice(OUTCOMES)))
            self.plan(at + DAY + chance.random() * 20 * DAY, partial(self._decide, lead))

    async def _decide(self, lead: Record) -> None:
        chance = self._drawn(lead, "decides")
        end = chance.random()
        if end < 0.3 and await self._do(lead, "opportunity", amount=100):
            await self._do(lead, "won", amount=100)
        elif end < 0.5:
            renewal = (await self.world.now() + 150 * DAY).date().isoformat()
            await self._do(lead, "recycle", reason="competitor", context={"competitor": "R", "renewal_at": renewal})
        elif end < 0.9:
            await self._do(lead, "recycle", reason=chance.choice(("not_ready", "no_budget", "not_the_buyer")))
        else:
            await self._do(lead, "disqualify", reason="wrong_icp")

    async def _refuse(self, lead: Record, verb: str, body: dict[str, Any]) -> None:
        service = "routing" if verb == "pass" else "feedback"
        if await self._do(lead, verb, service, **body):
            self.refused.add((lead.value["lead_id"], lead.value["rep_id"]))

    async def _do(self, lead: Record, verb: str, service: str = "feedback", **body: Any) -> bool:
        """Do something with a lead, unless it is somebody else's by now or its state forbids it."""
        value, urls = lead.value, self.world.stack.urls
        now = await self.world.get("feedback", f"/v1/leads/{value['lead_id']}")
        if now["rep_id"] != value["rep_id"] or now["placement"] != value["placement"]:
            return False
        address = f"{urls[service]}/v1/leads/{value['lead_id']}/{verb}"
        answer = await self.world.http.post(address, json={"by": value["rep_id"], **body})
        assert answer.is_success or answer.status_code == REFUSED, answer.text
        self.carried_out += answer.is_success
        return answer.is_success

    def _drawn(self, lead: Record, what: str) -> random.Random:
        """Return the chance by which whoever has a lead acts: the same in each run, whoever it is."""
        return drawn(self.visitors[lead.key], lead.value["cycle"], lead.value["placement"], what)

    def at_work(self, rep_id: str, at: datetime) -> bool:
        """Return whether a rep is at work at an instant, or at its very end."""
        there = at.astimezone(ZONE_OF[rep_id])
        away = any(first <= there.date() <= last for first, last in self.absences[rep_id])
        return there.isoweekday() not in WEEKEND and OPENS <= there.time() <= CLOSES and not away


OUTCOMES = ("welcomed", "stalled", "no_answer")
REFUSED = 409


def drawn(*what: object) -> random.Random:
    """Return the chance of one thing: what happens to others does not change it."""
    return random.Random(" ".join(map(str, (SEED, *what))))  # noqa: S311 - lives, no secret


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
