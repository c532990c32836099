"""Why a lead has this rep and no other, and what was escalated to managers."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import ConfigDict

from events.leads import TriedCandidate
from events.runtime.answers import EMPTY, EXAMPLE_ID, Answer, example

_DECISION = {
    "number": 1, "kind": "assigned", "decided_at": "2026-03-02T09:00:00+00:00", "reason": "rotation", "placement": 1,
    "team": "inbound", "queue": "inbound", "rep_id": "inbound-1", "previous_rep_id": None, "by": None, "note": None,
    "tried": [{"rule": "rotation", "outcome": "taken", "why": "inbound-1 is furthest behind"}],
    "playbook_version": "9a7b3c2d1e0f",
    "candidates": [{"rep_id": "inbound-1", "weight": 1.0, "behind": 0.5, "open": 3, "why_not": None}],
    "claims": [], "replays_to": "inbound-1",
}  # fmt: skip
_QUEUED = _DECISION | {
    "kind": "queued", "reason": "nobody_eligible", "rep_id": None, "replays_to": None,
    "tried": [{"rule": "rotation:inbound", "outcome": "skipped", "why": "nobody of inbound can take it now"}],
    "candidates": [{"rep_id": "inbound-1", "weight": 1.0, "behind": None, "open": 50, "why_not": "full"}],
}  # fmt: skip


class CandidateAnswer(Answer):
    """A rep of the rotation at the moment of a decision."""

    rep_id: str
    weight: float
    behind: float | None
    """How many leads the rep was behind an exact share; null: took no part."""
    open: int
    why_not: str | None


class ClaimAnswer(Answer):
    """A rep who was to have the lead before the rotation was asked, and why."""

    rep_id: str
    reason: str
    why: str


class DecisionAnswer(Answer):
    """A decision about a lead: what was tried, and who was chosen."""

    number: int
    kind: str
    decided_at: datetime
    reason: str
    placement: int
    team: str | None
    queue: str | None
    rep_id: str | None
    previous_rep_id: str | None
    by: str | None
    """Who asked for it; null: the rules."""
    note: str | None
    tried: list[TriedCandidate]
    playbook_version: str
    candidates: list[CandidateAnswer] = []
    """Only where a rep was chosen, as are `claims` and `replays_to`."""
    claims: list[ClaimAnswer] = []
    replays_to: str | None = None
    """Whom the same rules choose again from the same facts."""


class DecisionsAnswer(Answer):
    """Decisions about a lead, the oldest first."""

    model_config: ClassVar[ConfigDict] = example({"items": [_QUEUED]}, items=[_DECISION], next=None)

    items: list[DecisionAnswer]
    next: str | None


class EscalationAnswer(Answer):
    """An escalation about a lead that sales still has, and the manager it is for."""

    lead_id: UUID
    contact_id: UUID
    state: str
    lead_type: str | None
    fit: str | None
    team: str | None
    queue: str | None
    rep_id: str | None
    number: int
    reason: str
    raised_at: datetime
    manager: str | None


class EscalationsAnswer(Answer):
    """Escalations, the oldest first."""

    model_config: ClassVar[ConfigDict] = example(
        EMPTY,
        items=[
            {
                "lead_id": EXAMPLE_ID, "contact_id": EXAMPLE_ID, "state": "assigned", "lead_type": "hand_raiser",
                "fit": "A", "team": "inbound", "queue": "inbound", "rep_id": "inbound-1", "number": 3,
                "reason": "first_touch_missed", "raised_at": "2026-03-02T09:05:00+00:00", "manager": "lea",
            }
        ],
        next=None,
    )  # fmt: skip

    items: list[EscalationAnswer]
    next: str | None
