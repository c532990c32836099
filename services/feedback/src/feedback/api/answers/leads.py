"""A lead with its whole history, lists of leads, what waits for marketing, and leads for whoever models them."""

from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import ConfigDict
from pydantic.config import JsonDict

from events.leads import Evidence
from events.runtime.answers import EMPTY, EXAMPLE_ID, Answer, example
from feedback.domain.lifecycle import State, Step
from feedback.playbook import Side

_LISTED = {
    "lead_id": EXAMPLE_ID, "contact_id": EXAMPLE_ID, "cycle": 1, "state": "accepted", "side": "sales",
    "since": "2026-03-02T09:10:00+00:00", "lead_type": "hand_raiser", "fit": "A", "source": "web_form",
    "campaign": "spring", "company": "Analytical Engines", "rep_id": "inbound-1", "team": "inbound",
    "queue": "hand-raisers", "qualified_at": "2026-03-02T09:00:00+00:00", "handed_over_at": "2026-03-02T09:00:01+00:00",
    "first_touched_at": "2026-03-02T09:04:00+00:00", "touches": 1, "reason": None, "track": None, "wake_at": None,
    "amount": None,
}  # fmt: skip
_AXIS = {
    "points": 25.0,
    "evidence": [{"criterion": "company_size", "points": 25.0, "value": 120, "known": True, "note": None}],
}
_WAITING: JsonDict = {
    "state": "mql", "since": "2026-03-02T09:00:00+00:00", "rep_id": None, "first_touched_at": None, "touches": 0,
    "placed": "queued", "roles": {}, "moves": [], "last_touched_at": None, "answered_at": None, "accepted_at": None,
    "stage": "mql", "new": True, "legal": ["accept", "disqualify", "lost", "opportunity", "recycle", "reject", "won"],
    "evidence": None, "account": None, "history": [],
}  # fmt: skip


class ListedLead(Answer):
    """A lead and where it stands."""

    lead_id: UUID
    contact_id: UUID
    cycle: int
    """The how-manieth time this contact is a lead."""
    state: State
    side: Side
    """Who owns the lead now."""
    since: datetime
    """Since when it is in its state."""
    lead_type: str | None
    fit: str | None
    source: str | None
    campaign: str | None
    company: str | None
    rep_id: str | None
    team: str | None
    queue: str | None
    qualified_at: datetime | None
    handed_over_at: datetime | None
    first_touched_at: datetime | None
    touches: int
    """By people; several within a spell are one attempt."""
    reason: str | None
    """Why the cycle ended; null while it has not, as are `track` and `wake_at`."""
    track: str | None
    wake_at: datetime | None
    amount: float | None


class LeadsAnswer(Answer):
    """Leads, in the order that was asked for."""

    model_config: ClassVar[ConfigDict] = example(
        {
            "items": [
                _LISTED
                | {
                    "state": "recycled",
                    "side": "marketing",
                    "lead_type": "content",
                    "fit": "C",
                    "campaign": None,
                    "touches": 6,
                    "reason": "unreachable",
                    "track": "re-engage",
                    "wake_at": "2026-05-11T09:00:00+00:00",
                }
            ],
            "next": EXAMPLE_ID,
        },
        EMPTY,
        items=[_LISTED],
        next=None,
    )

    items: list[ListedLead]
    next: UUID | None


class AxisEvidence(Answer):
    """One axis of why a lead qualified: its points, and the evidence whose points sum to them."""

    model_config = ConfigDict(extra="allow", frozen=True)

    points: float | None = None
    evidence: list[Evidence] | None = None


class BothAxesEvidence(Answer):
    """Why a lead qualified, as scoring published it."""

    fit: AxisEvidence
    readiness: AxisEvidence


class LeadEvidence(BothAxesEvidence):
    """Why this lead qualified, and when that was published."""

    lead_id: UUID
    said_at: datetime
    email_domain: str | None


class LeadAccount(Answer):
    """The company behind a lead, as it was announced."""

    domain: str
    name: str | None
    kind: str
    owner: str | None


class HistoryEntry(Answer):
    """One thing that happened to a lead, as it was reported."""

    entry_id: UUID
    kind: str
    """Such as `lead.assigned`."""
    at: datetime
    recorded_at: datetime
    by: str | None
    details: dict[str, Any]


class LeadNote(Answer):
    """What a person wrote with a command."""

    action_id: UUID
    at: datetime
    by: str
    note: str | None
    context: dict[str, Any]


class OtherCycle(Answer):
    """Another cycle of the same contact."""

    lead_id: UUID
    cycle: int
    state: State
    reason: str | None
    since: datetime


class DealPathStep(Answer):
    """An engagement that led to the deal."""

    at: datetime
    source: str | None
    campaign: str | None


class LeadAnswer(ListedLead):
    """A lead: where it stands, what may be done, why it qualified, and everything that happened to it."""

    model_config: ClassVar[ConfigDict] = example(_WAITING,
        **_LISTED, outcome="hand_raiser", segment="smb", playbook_version="9a7b3c2d1e0f",
        captured_at="2026-03-02T09:00:00+00:00", placement=1, placed="assigned", roles={"inbound-1": "bdr"},
        moves=[{"id": EXAMPLE_ID, "step": "accept", "at": "2026-03-02T09:10:00+00:00", "by": "inbound-1"}],
        automated_touches=0, last_touched_at="2026-03-02T09:04:00+00:00",
        answered_at="2026-03-02T09:04:00+00:00", path=[], review_opened_at=None, review_closed_at=None,
        woken_at=None, accepted_at="2026-03-02T09:10:00+00:00", sal_at=None, confirmed_at=None,
        opportunity_at=None, won_at=None, lost_at=None, ended_at=None, revenue=0.0, ended_by=None, stage="accepted",
        new=False, cold=False, legal=["accept", "confirm", "disqualify", "lost", "recycle", "reject", "won"],
        evidence={
            "lead_id": EXAMPLE_ID, "said_at": "2026-03-02T09:00:00+00:00",
            "email_domain": "analytical-engines.com", "fit": {**_AXIS, "grade": "A"},
            "readiness": {**_AXIS, "level": 4, "by": "raised_hand"},
        },
        account={"domain": "analytical-engines.com", "name": "Analytical Engines", "kind": "prospect", "owner": None},
        history=[
            {
                "entry_id": EXAMPLE_ID, "kind": "lead.accepted", "at": "2026-03-02T09:10:00+00:00",
                "recorded_at": "2026-03-02T09:10:00+00:00", "by": "inbound-1", "details": {"state": "accepted"},
            }
        ],
        notes=[], other_cycles=[],
    )  # fmt: skip

    outcome: str | None
    segment: str | None
    playbook_version: str | None
    """The version of scoring's playbook that qualified the lead."""
    captured_at: datetime | None
    placement: int
    """How many times the lead has been given to a rep or a queue."""
    placed: Literal["queued", "assigned", "released"] | None
    roles: dict[str, str]
    """Each rep who ever had the lead, and in which role."""
    moves: list[dict[str, Any]]
    """The steps in the lifecycle, as they were recorded."""
    automated_touches: int
    last_touched_at: datetime | None
    answered_at: datetime | None
    """The latest touch that the contact answered."""
    path: list[DealPathStep]
    """The engagements that led to its opportunity or win, in order; empty while there is none."""
    review_opened_at: datetime | None
    review_closed_at: datetime | None
    woken_at: datetime | None
    accepted_at: datetime | None
    sal_at: datetime | None
    confirmed_at: datetime | None
    opportunity_at: datetime | None
    won_at: datetime | None
    lost_at: datetime | None
    ended_at: datetime | None
    revenue: float
    """What the win is worth so far, growth included."""
    ended_by: str | None
    stage: str
    """By the definitions: finer than the state where they have such a stage."""
    new: bool
    """Nobody touched it in this cycle."""
    cold: bool
    """It is open, and nobody engaged or answered for long."""
    legal: list[Step]
    """The steps that a person may take from this state."""
    evidence: LeadEvidence | None
    account: LeadAccount | None
    history: list[HistoryEntry]
    notes: list[LeadNote]
    other_cycles: list[OtherCycle]


class WorklistItem(Answer):
    """A lead that waits for marketing."""

    kind: Literal["returned", "check", "review", "nurture"]
    at: datetime
    """Since when it waits."""
    lead_id: UUID
    contact_id: UUID
    cycle: int
    state: State
    reason: str | None
    track: str | None
    wake_at: datetime | None
    touches: int
    lead_type: str | None
    fit: str | None
    source: str | None
    campaign: str | None
    rep_id: str | None
    team: str | None
    segment: str | None
    evidence: BothAxesEvidence | None


class WorklistAnswer(Answer):
    """What waits for marketing, the newest first."""

    model_config: ClassVar[ConfigDict] = example(
        EMPTY,
        items=[
            {
                "kind": "returned", "at": "2026-03-02T09:20:00+00:00", "lead_id": EXAMPLE_ID,
                "contact_id": EXAMPLE_ID, "cycle": 1, "state": "recycled", "reason": "not_ready", "track": "nurture",
                "wake_at": "2026-06-02T09:20:00+00:00", "touches": 2, "lead_type": "content", "fit": "B",
                "source": "web_form", "campaign": "spring", "rep_id": "inbound-1", "team": "inbound",
                "segment": "smb", "evidence": {"fit": _AXIS, "readiness": _AXIS},
            }
        ],
        next=None,
    )  # fmt: skip

    items: list[WorklistItem]
    next: str | None
