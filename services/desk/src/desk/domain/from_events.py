"""What an event adds to a lead, and how it reads in a person's story."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from desk.domain.facts import Fact, Lead, with_latest_fact
from events.envelope import Event
from events.leads import (
    CycleEndEvent,
    Evidence,
    LeadAccepted,
    LeadAssigned,
    LeadCycle,
    LeadFacts,
    LeadLifecycle,
    LeadQueued,
    LeadRegraded,
    LeadReleased,
    LeadScheduled,
    LeadStrengthened,
    LeadTouched,
    LeadUpgraded,
    LeadWorkEvent,
    MeetingChanged,
)
from events.sla import LeadPromised

_RAISED = {
    "lead_type", "outcome", "fit", "readiness", "captured_at", "source", "engagement", "campaign", "content",
    "segment", "company", "country", "employees", "industry", "job_title", "preference", "preferred_at", "timeline",
    "wish", "product", "because",
}  # fmt: skip
_PLACED = {"team", "queue", "reason", "rep_id", "role", "opener", "first_sentences", "language", "suggested_content",
           "suggested_titles", "colleagues", "brief"}  # fmt: skip
_OF_ACCOUNT = {"points", "fit", "main_contact_id", "missing_roles"}
_OF_PEOPLE = {"contact_id", "roles", "readiness"}
"""Of other people only ids are kept with a lead: an erasure of theirs reaches the rest."""
MOST_EVIDENCE = 6


def add_event(lead: Lead, event: Event) -> Lead:
    """Return the lead with what an event says of it; one that says nothing of it changes nothing."""
    match event:
        case LeadFacts():
            return _add_grounds(lead, event)
        case LeadRegraded() | LeadStrengthened() | LeadPromised():
            return _add_revision(lead, event)
        case LeadQueued() | LeadAssigned() | LeadReleased() | LeadScheduled():
            return _add_place(lead, event)
        case CycleEndEvent():
            return _add_end(lead, event)
        case LeadWorkEvent():
            return _add_work(lead, event)
        case _:
            return lead


def _add_end(lead: Lead, event: CycleEndEvent) -> Lead:
    fact = event.as_json(only={"reason", "by", "track", "wake_at", "state"})
    fact |= {"at": _at(event.occurred_at)}
    lead = with_latest_fact(lead, "ended", [_at(event.occurred_at), event.ce_type], fact)
    step = {"state": event.state or event.ce_type.split(".")[1]}
    return with_latest_fact(lead, "step", [_at(event.occurred_at), str(event.ce_id)], step)


def _add_grounds(lead: Lead, event: LeadFacts) -> Lead:
    order = [_at(event.occurred_at), isinstance(event, LeadUpgraded), event.lead_type]
    evidence = _strongest([*event.fit_evidence, *event.readiness_evidence])
    fact = event.as_json(only=_RAISED, filled=True)
    lead = with_latest_fact(lead, "raised", order, {**fact, "evidence": evidence})
    lead = _add_schedule(lead, event, event.captured_at) if event.preference else lead
    return lead if isinstance(event, LeadUpgraded) else with_latest_fact(lead, "qualified", order[:1], {})


def _add_schedule(lead: Lead, event: LeadFacts | LeadScheduled, at: datetime) -> Lead:
    """Return the lead with the time that its contact asked for; the one that they asked for last counts."""
    fact = event.as_json(only={"preference", "preferred_at"}, filled=True)
    return with_latest_fact(lead, "scheduled", [_at(at), _at(event.preferred_at or at)], fact)


def _add_revision(lead: Lead, event: LeadRegraded | LeadStrengthened | LeadPromised) -> Lead:
    """Return the lead with another grade, other people of its account or other promises than before."""
    if isinstance(event, LeadPromised):
        clocks = [clock.as_json() for clock in event.clocks]
        return with_latest_fact(lead, "promised", [event.revision], {"clocks": clocks})
    if isinstance(event, LeadRegraded):
        fact = {"fit": event.fit, "because": [each.why for each in event.because]}
        return with_latest_fact(lead, "regraded", [_at(event.occurred_at), event.revision], fact)
    people = [person.as_json(only=_OF_PEOPLE) for person in event.account.people]
    fact = event.account.as_json(only=_OF_ACCOUNT) | {"people": people}
    return with_latest_fact(lead, "account", [event.revision], fact)


def _add_place(lead: Lead, event: LeadQueued | LeadAssigned | LeadReleased | LeadScheduled) -> Lead:
    if isinstance(event, LeadScheduled):
        return _add_schedule(lead, event, event.occurred_at)
    at = _at(event.occurred_at)
    if isinstance(event, LeadReleased):
        out = {"released": True, "team": event.team, "reason": event.reason, "at": at}
        return with_latest_fact(lead, "place", [event.placement], out)
    placed = event.as_json(only=_PLACED, filled=True)
    placed |= {"at": at, "handed_over_at": _at(event.handed_over_at)}
    if isinstance(event, LeadAssigned) and event.meeting_at is not None:
        lead = with_latest_fact(lead, "meeting", [at, str(event.ce_id)], {"starts_at": _at(event.meeting_at)})
    last = {"rep_id": placed.get("rep_id"), "team": event.team}
    return with_latest_fact(with_latest_fact(lead, "place", [event.placement], placed), "last", [event.placement], last)


def _add_work(lead: Lead, event: LeadWorkEvent) -> Lead:
    order = [_at(event.occurred_at), str(event.action_id)]
    if event.state is not None:
        step = [_at(event.recorded_at), str(event.ce_id)]
        lead = with_latest_fact(lead, "step", step, {"state": event.state})
    if isinstance(event, LeadTouched) and not event.automated:
        touch = {"by": event.by, "kind": event.kind, "outcome": event.outcome, "at": order[0]}
        return with_latest_fact(lead, "touch", order, touch)
    if isinstance(event, MeetingChanged) and event.outcome != "held":
        stands = event.outcome in ("booked", "rescheduled")
        return with_latest_fact(lead, "meeting", order, {"starts_at": _at(event.starts_at) if stands else None})
    if isinstance(event, LeadAccepted):
        return with_latest_fact(lead, "accepted", order, {"by": event.by, "at": order[0]})
    return lead


def with_lifecycle(lead: Lead, snapshot: LeadLifecycle, cycle: LeadCycle) -> Lead:
    """Return the lead with its part of the snapshot of a contact's life."""
    order = [_at(snapshot.occurred_at), snapshot.revision, str(snapshot.contact_id)]
    return with_latest_fact(lead, "life", order, cycle.as_json(filled=True))


def _strongest(evidence: list[Evidence]) -> list[Fact]:
    """Return the lines that spoke most for the lead, the strongest first."""
    lines = sorted((line for line in evidence if line.points > 0), key=lambda line: (-line.points, line.criterion))
    return [line.as_json(filled=True) for line in lines[:MOST_EVIDENCE]]


def _at(instant: datetime) -> str:
    return instant.isoformat()


class StoryEntry(NamedTuple):
    """One line of a contact's story."""

    entry_id: UUID
    contact_id: UUID
    lead_id: UUID | None
    kind: str
    at: datetime
    body: Fact


_IDS = {"contact_id", "lead_id", "cycle", "occurred_at", "playbook_version", "action_id", "fit_evidence",
        "readiness_evidence", "timeline", "colleagues", "account", "joined",
        "main_contact_id"}  # fmt: skip


def make_story_entry(event: Event) -> StoryEntry | None:
    """Return an event as a line of its contact's story; None where it has no contact."""
    contact_id = getattr(event, "contact_id", None)
    if contact_id is None:
        return None
    return StoryEntry(
        event.ce_id,
        contact_id,
        getattr(event, "lead_id", None),
        event.ce_type.rsplit(".", 1)[0],
        event.occurred_at,
        event.as_json(without=_IDS, filled=True),
    )
