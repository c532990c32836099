"""Lives through the year step by step.

A step moves the clock, says what is dated inside it, lets all of that drain, then lets the timers
fire. Everything said has a key, so a step that was cut short is simply done again.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from baton.backlog import BacklogSnapshot
from baton.demo.agenda import AgendaItem
from baton.demo.demo_client import FeedbackCommand
from baton.demo.director import DemoDirector
from baton.demo.listener import TOPICS, PublishedFact
from baton.demo.promises import PromiseTally
from baton.demo.seen_facts import SeenFacts
from baton.demo.stack_connection import StackConnection
from baton.demo.tally import StageTally
from baton.exit_codes import FoundWrongError
from baton.stepping import round_up_to_tick

TICK = timedelta(hours=12)
"""People come in the morning and reps work in the afternoon, so noon and midnight are all that a day needs."""
TOGETHER = 14
"""After so many steps, a week, what is only shown is waited for too."""
DRAIN_SECONDS = 120.0
MOST_TRIES = 5
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
NOW = "select instant from clock"
MOVE = "update clock set instant = $1, released = greatest(released, $2)"
"""To an instant, timers released up to the one before: nothing was due by then, so nobody is told."""
RELEASE = "update clock set instant = $1, released = $2 returning pg_notify('clock', '')"


@dataclass
class DemoCounts:
    """All that is counted while listening."""

    seen: SeenFacts = field(default_factory=SeenFacts)
    tally: StageTally = field(default_factory=StageTally)
    promises: PromiseTally = field(default_factory=PromiseTally)

    def count_fact(self, fact: PublishedFact) -> bool:
        """Count a fact; say whether it is new."""
        new = self.seen.add_if_new(fact)
        if new:
            self.tally.count_fact(fact)
            self.promises.count_fact(fact)
        return new


@dataclass
class YearStepper:
    """Drives the stack behind a connection through the director's agenda."""

    connection: StackConnection
    director: DemoDirector
    counts: DemoCounts = field(default_factory=DemoCounts)
    steps: int = 0
    before: datetime = LONG_AGO
    """The instant of the last step; no timer is due by then."""

    async def resume_interrupted_step(self) -> datetime:
        """Read what happened so far, finish the step that was interrupted, return the business time.

        A step begins only when the one before has drained, so what is dated before it was said.
        """
        now = await self.connection.retry_outages(self._load_business_time)
        await self.connection.retry_outages(self._process_new_events)
        self.director.agenda.take_due(now - TICK)
        items = self.director.agenda.take_due(now)
        await self.connection.retry_outages(lambda: self._step_to(now, items))
        return now

    async def run_until(self, now: datetime, end: datetime, shown: Callable[[datetime], None]) -> datetime:
        """Go on from `now` until `end` and return the last instant; `shown` is told each one."""
        found = await self.connection.retry_outages(self._wait_until_drained)
        while now < end:
            now = self._next_instant(now, found, end)
            items = self.director.agenda.take_due(now)
            found = await self.connection.retry_outages(lambda at=now, due=items: self._step_to(at, due))  # type: ignore[misc]
            shown(now)
        await self.connection.retry_outages(lambda: self._wait_until_drained(shown=True))
        return now

    def _next_instant(self, now: datetime, found: BacklogSnapshot, end: datetime) -> datetime:
        """Return the next instant at which something happens or falls due, rounded up to the tick."""
        dues = [at for at in (found.next_due, self.director.agenda.next_due_at()) if at is not None]
        return min(max(round_up_to_tick(min(dues, default=end), TICK), now + TICK), end)

    async def _step_to(self, now: datetime, items: list[AgendaItem]) -> BacklogSnapshot:
        found = None
        if items:
            await self._move_clocks(MOVE, now, self.before)
            await self._send_items(now, items)
            found = await self._wait_until_drained()
        if found is None or (found.next_due is not None and found.next_due <= now):
            await self._move_clocks(RELEASE, now, now)
            found = await self._wait_until_drained()
        await self._process_new_events()
        self.before = now
        self.steps += 1
        return found if self.steps % TOGETHER else await self._wait_until_drained(shown=True)

    async def _send_items(self, now: datetime, items: list[AgendaItem]) -> None:
        """Send everything at once, but wait for a person's submission to arrive before a rep acts on that person.

        Nothing orders topics among each other, so an upgrade and an acceptance of one moment may be flagged in either
        order; played one after the other, two runs come to the same numbers.
        """
        submissions = [item.body for item in items if item.kind == "submission"]
        commands = []
        for item in items:
            if item.kind == "command":
                command = self.director.command_for(item, now - TICK)
                if command is not None:
                    commands.append(FeedbackCommand(command[0], item.key, command[1]))
        people = [{item.person for item in items if item.kind == kind} for kind in ("submission", "command")]
        if people[0] & people[1]:
            await self.connection.client.submit(submissions)
            await self._wait_until_drained()
            await self._send_commands_until_accepted(commands)
        else:
            await asyncio.gather(
                self.connection.client.submit(submissions), self._send_commands_until_accepted(commands)
            )

    async def _send_commands_until_accepted(self, commands: list[FeedbackCommand]) -> None:
        """Send commands; those about leads that feedback does not know yet, again."""
        for _ in range(MOST_TRIES):
            commands = await self.connection.client.send_commands(commands)
            if not commands:
                return
            await self._wait_until_drained()
        raise FoundWrongError(f"feedback does not know lead {commands[0].lead_id}")

    async def _wait_until_drained(self, *, shown: bool = False) -> BacklogSnapshot:
        return await self.connection.observer.wait_until_drained(DRAIN_SECONDS, passes=1, shown=shown)

    async def _move_clocks(self, sql: str, instant: datetime, released: datetime) -> None:
        connections = self.connection.observer.connections.values()
        await asyncio.gather(*(connection.execute(sql, instant, released) for connection in connections))

    async def _load_business_time(self) -> datetime:
        """Return the furthest of the six clocks: the others had not been moved yet when it broke."""
        connections = self.connection.observer.connections.values()
        instants: list[datetime] = [await connection.fetchval(NOW) for connection in connections]
        return max(instants)

    async def _process_new_events(self) -> None:
        facts = await self.connection.listener.read_new_facts()
        facts.sort(key=lambda fact: TOPICS.index(fact.topic))
        for fact in facts:
            if self.counts.count_fact(fact):
                self.director.apply(fact)
