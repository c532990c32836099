"""The domain without a database: applies events and lets time pass as the service does."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import orjson
import yaml

from events.envelope import LeadEvent
from events.rep_calendars import absence_stretches, calendar_from_hours
from events.reps import RepChanged
from events.sla import ClockEvent
from sla_monitor.domain import (
    Agreements,
    ClockRunName,
    Facts,
    RepCalendarRevision,
    StoredClock,
    add_event,
    parse_facts,
    serialize_facts,
    settle_clocks,
)
from sla_monitor.playbook import SlaPlaybook

E = TypeVar("E", bound=ClockEvent)

FOLDER = Path(__file__).parents[2] / "deploy" / "playbook"
TEXT: dict[str, Any] = yaml.safe_load((FOLDER / "sla.yaml").read_text())
DEFAULT = SlaPlaybook.model_validate(TEXT)


def playbook(**changes: Any) -> SlaPlaybook:
    """The default agreement with some sections replaced."""
    return SlaPlaybook.model_validate(TEXT | changes)


class DomainHarness:
    """One lead, its facts, its clocks, and all events that were published."""

    def __init__(self, now: datetime, agreement: SlaPlaybook = DEFAULT) -> None:
        self.now = now
        self.playbooks: dict[str, SlaPlaybook] = {"v1": agreement}
        self.in_force = "v1"
        self.history = [(now, agreement)]
        self.rep_calendars: dict[str, dict[int, RepCalendarRevision]] = {}
        self.facts: Facts | None = None
        self.clocks: Mapping[ClockRunName, StoredClock] = {}
        self.next_at: datetime | None = None
        self.events: list[ClockEvent] = []

    def activate(self, version: str, agreement: SlaPlaybook) -> None:
        self.playbooks[version] = agreement
        self.in_force = version
        self.history.append((self.now, agreement))

    def apply(self, *events: LeadEvent) -> "DomainHarness":
        """Apply events, each as a batch of its own."""
        for event in events:
            self.apply_together([event])
        return self

    def apply_together(self, events: Iterable[LeadEvent]) -> "DomainHarness":
        """Apply events as one batch."""
        for event in events:
            facts = add_event(self.facts or Facts(event.lead_id, event.contact_id, event.cycle), event)
            self.facts = parse_facts(
                facts.lead_id, facts.contact_id, facts.cycle, orjson.loads(orjson.dumps(serialize_facts(facts)))
            )
            assert self.facts == facts
        self._settle(fired=False)
        return self

    def rep_changed(self, event: RepChanged) -> "DomainHarness":
        """Apply a change of when a rep works, and compute the clocks again."""
        calendar = RepCalendarRevision(
            event.occurred_at, calendar_from_hours(event.hours, event.occurred_at), absence_stretches(event.absences)
        )
        self.rep_calendars.setdefault(event.rep_id, {})[event.revision] = calendar
        if self.facts is not None:
            self._settle(fired=False)
        return self

    def replan_all(self) -> "DomainHarness":
        """Compute the clocks again, as after another agreement came in force."""
        self._settle(fired=False)
        return self

    def until(self, then: datetime) -> "DomainHarness":
        """Let time pass; the timer fires at its own instants."""
        while self.next_at is not None and self.next_at <= then:
            self.now = max(self.now, self.next_at)
            self._settle(fired=True)
        self.now = max(self.now, then)
        return self

    def _settle(self, *, fired: bool) -> None:
        assert self.facts is not None
        reps = {
            rep_id: [calendars[revision] for revision in sorted(calendars)]
            for rep_id, calendars in self.rep_calendars.items()
        }
        agreements = Agreements(self.playbooks, self.in_force, self.history, reps)
        result = settle_clocks(self.facts, self.clocks, agreements, self.now, fired=fired)
        kept = {name: clock for name, clock in self.clocks.items() if clock.clock_id not in result.gone}
        self.clocks = kept | {clock.name: clock for clock in result.changed}
        self.events += result.events
        self.next_at = result.next_at

    def clock(self, name: str, run: int | None = None) -> StoredClock:
        found = [clock for clock in self.runs(name) if run is None or clock.run == run]
        assert len(found) == 1, found
        return found[0]

    def runs(self, name: str) -> list[StoredClock]:
        return sorted((clock for clock in self.clocks.values() if clock.clock == name), key=lambda it: it.run)

    def states(self) -> dict[str, str]:
        return {f"{clock.clock}/{clock.run}": clock.state for clock in self.clocks.values()}

    def published(self, kind: type[E], clock: str | None = None) -> list[E]:
        return [event for event in self.events if isinstance(event, kind) and clock in (None, event.clock)]


def when(events: Iterable[ClockEvent]) -> list[datetime]:
    return [event.occurred_at for event in events]
