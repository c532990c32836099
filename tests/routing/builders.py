"""Leads, reps and a routing context for the tests."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml

from events.ids import derive_id, derive_lead_id
from events.leads import Evidence, LeadCooled, LeadQualified, LeadRecycled, LeadUpgraded, TimelineEntry
from events.runtime.testing import ServiceHarness
from events.sla import ClockEscalated
from routing.domain import (
    NO_ACCOUNTS,
    Account,
    AccountDirectory,
    Campaign,
    Decision,
    Lead,
    Rep,
    Rotation,
    RoutingContext,
    Seat,
    place_lead,
)
from routing.playbook import Capacity, RoutingPlaybook

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DEFAULT = yaml.safe_load((Path(__file__).parents[2] / "deploy" / "playbook" / "routing.yaml").read_text())


def playbook(**changes: Any) -> RoutingPlaybook:
    """The default playbook with some chapters changed."""
    return RoutingPlaybook.model_validate({**DEFAULT, **changes})


NO_ROSTER = playbook(reps={})


NOBODY_FOLLOWS = {name: {**queue, "then": None} for name, queue in DEFAULT["queues"].items()}
"""The queues without any that follows another."""


async def use(harness: ServiceHarness, **changes: Any) -> None:
    """Put another playbook in force."""
    playbooks = harness.service.playbooks
    async with harness.transaction() as tx:
        before = playbooks._sources[tx.playbook_version]
        body = yaml.safe_dump({**DEFAULT, **changes})
        await playbooks.activate(tx, type(before)(before.definitions, body), by="tests", approvals=[])


def contact(name: str) -> UUID:
    return derive_id("contact", name)


def qualified(name: str = "ada", *, cycle: int = 1, at: datetime = MONDAY, **facts: Any) -> LeadQualified:
    """A contact qualified: a hand-raiser of grade A, unless `facts` differ."""
    return LeadQualified.read(_facts(name, cycle, at) | facts)


def upgraded(name: str = "ada", *, cycle: int = 1, at: datetime = MONDAY, **facts: Any) -> LeadUpgraded:
    return LeadUpgraded.read(_facts(name, cycle, at) | facts)


def _facts(name: str, cycle: int, at: datetime) -> dict[str, Any]:
    asked = derive_id("engagement", name, cycle)
    return {
        "contact_id": contact(name),
        "lead_id": derive_lead_id(contact(name), cycle),
        "cycle": cycle,
        "occurred_at": at,
        "playbook_version": "scoring-1",
        "lead_type": "hand_raiser",
        "outcome": "hand_raiser",
        "fit": "A",
        "fit_points": 80.0,
        "fit_evidence": [Evidence(criterion="employees", points=25.0, value=300)],
        "readiness": 1,
        "readiness_points": 60.0,
        "readiness_evidence": [Evidence(criterion="demo_request", points=60.0)],
        "captured_at": at,
        "source": "web_form",
        "engagement_id": asked,
        "engagement": "demo_request",
        "timeline": [TimelineEntry(engagement_id=asked, engagement="demo_request", occurred_at=at)],
    }


def cooled(name: str, *, cycle: int = 1, at: datetime = MONDAY) -> LeadCooled:
    return LeadCooled(
        contact_id=contact(name), lead_id=derive_lead_id(contact(name), cycle), cycle=cycle, occurred_at=at,
        playbook_version="scoring-1", fit="A", readiness=3, readiness_points=10.0, readiness_evidence=[],
    )  # fmt: skip


def recycled(name: str, *, cycle: int = 1, at: datetime = MONDAY, reason: str = "not_ready") -> LeadRecycled:
    return LeadRecycled(
        contact_id=contact(name), lead_id=derive_lead_id(contact(name), cycle), cycle=cycle, occurred_at=at,
        playbook_version="feedback-1", reason=reason, by="inbound-1",
    )  # fmt: skip


def worked(event_type: type, name: str, *, cycle: int = 1, at: datetime = MONDAY, **fields: Any) -> Any:
    """Something a person did with a lead: `worked(LeadWon, "ada")`."""
    return event_type(
        contact_id=contact(name), lead_id=derive_lead_id(contact(name), cycle), cycle=cycle, occurred_at=at,
        action_id=derive_id("action", event_type.__name__, name, cycle, at), recorded_at=at,
        **{"by": "inbound-1", **fields},
    )  # fmt: skip


def escalated(
    name: str, action: str = "reassign", *, rep_id: str | None = None, at: datetime = MONDAY, **fields: Any
) -> ClockEscalated:
    given = {"clock": "acceptance", "step": 1, **fields}
    return ClockEscalated.read(
        {
            "contact_id": contact(name),
            "lead_id": derive_lead_id(contact(name), 1),
            "cycle": 1,
            "occurred_at": at,
            "playbook_version": "sla-1",
            "clock_id": derive_id("clock", name, given["clock"], given["step"], at),
            "policy": "hand_raiser",
            "started_at": at - timedelta(minutes=5),
            "action": action,
            "rep_id": rep_id,
            **given,
        }
    )


def fresh(facts: LeadQualified) -> Lead:
    """The lead that scoring just published."""
    return Lead(facts.lead_id, facts.contact_id, facts.cycle).with_facts(facts)


def rep(name: str, weight: float = 1.0, team: str = "inbound", **fields: Any) -> Rep:
    limits = {key: fields.pop(key) for key in ("open", "per_day", "per_week") if key in fields}
    return Rep(name, team, fields.pop("role", "bdr"), weight, capacity=Capacity(**limits), **fields)


def rotation(*reps: Rep, now: datetime = MONDAY, catch_up: int = 0) -> Rotation:
    return Rotation.from_seats((Seat(member).at_instant(now) for member in reps), catch_up=catch_up)


def context(
    *reps: Rep,
    rules: RoutingPlaybook | None = None,
    owners: Mapping[str, str] | None = None,
    directory: AccountDirectory = NO_ACCOUNTS,
    campaigns: Mapping[str, Campaign] | None = None,
    now: datetime = MONDAY,
) -> RoutingContext:
    """A routing context with these reps and nobody waiting."""
    rules = rules or NO_ROSTER
    seats: dict[str, list[Rep]] = {team: [] for team in rules.teams}
    for member in reps:
        seats[member.team].append(member)
    return RoutingContext(
        playbook=rules,
        version="routing-1",
        pools={team: rotation(*found, now=now) for team, found in seats.items()},
        waiting={},
        directory=replace(
            directory, accounts={name: Account(name, owner=member) for name, member in (owners or {}).items()}
        )
        if owners
        else directory,
        campaigns=campaigns or {},
        team_of={member.rep_id: member.team for member in reps},
        stored={},
    )


def rest(before: Rotation, names: Iterable[str], why: str | None = "paused") -> Rotation:
    """The rotation after these members became unable (or, with `why` None, able again)."""
    chosen = set(names)
    return look_again(
        before, (replace(seat, why_not=why) if seat.rep.rep_id in chosen else seat for seat in before.seats.values())
    )


def look_again(before: Rotation, seats: Iterable[Seat]) -> Rotation:
    """The same rotation with changed seats."""
    return Rotation.from_seats(seats, before.level, before.catch_up)


TWO_REPS = (rep("inbound-1"), rep("inbound-2"))


def placed(facts: Any = None, on: RoutingContext | None = None, now: datetime = MONDAY) -> Decision:
    """Place a lead that is new to routing."""
    facts = facts or qualified()
    return place_lead(Lead(facts.lead_id, facts.contact_id, facts.cycle), facts, on or context(*TWO_REPS), now)


def event_of(decision: Decision, kind: type) -> Any:
    """The event of a decision, which must be of this kind."""
    assert isinstance(decision.event, kind)
    return decision.event
