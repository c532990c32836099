"""What became of a command, of activities from another system, of feedback and of proposals."""

from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import ConfigDict

from events.runtime.answers import ANOTHER_ID, EXAMPLE_ID, Answer, example, examples
from feedback.domain.lifecycle import State, Step
from feedback.playbook import Side

_DONE = {
    "lead_id": EXAMPLE_ID, "contact_id": EXAMPLE_ID, "cycle": 1, "action_id": EXAMPLE_ID, "command": "accept",
    "carried_out_as": "accept", "at": "2026-03-02T09:00:00+00:00", "state": "accepted", "side": "sales",
    "reason": None, "track": None, "wake_at": None,
    "legal": ["accept", "confirm", "disqualify", "lost", "opportunity", "recycle", "reject", "won"],
}  # fmt: skip

_RETURNED = {
    "command": "recycle", "carried_out_as": "recycle", "state": "recycled", "side": "marketing", "reason": "not_ready",
    "track": "education", "wake_at": "2026-05-31T09:00:00+00:00", "legal": ["lost", "opportunity", "won"],
}  # fmt: skip
_REFUSED = {
    "type": "urn:baton:problem:lead_unknown", "title": "This lead is not known here.", "status": 404,
    "errors": [{"field": "lead_id", "code": "lead_unknown"}],
}  # fmt: skip
_UNREADABLE = {
    "type": "urn:baton:problem:unreadable", "title": "Some fields are not valid", "status": 422,
    "errors": [{"field": "records.1.occurred_at", "code": "unreadable"}],
}  # fmt: skip


class CommandAnswer(Answer):
    """What became of a command, and where the lead stands now."""

    model_config: ClassVar[ConfigDict] = example(_RETURNED, **_DONE)

    lead_id: UUID
    contact_id: UUID
    cycle: int
    """The how-manieth time this contact is a lead."""
    action_id: UUID
    command: str
    carried_out_as: str
    """Another step than was asked for where the reason decides so: a rejection may recycle, for one."""
    at: datetime
    state: State
    side: Side
    reason: str | None
    """Why the cycle ended; null while it has not, as are `track` and `wake_at`."""
    track: str | None
    wake_at: datetime | None
    legal: list[Step]
    """The steps that a person may take from this state."""


class StreamedCommandAnswer(Answer):
    """A line of the answer to a stream of commands; the last line has the counts alone."""

    model_config: ClassVar[ConfigDict] = examples(
        {"index": 0, "status": "done", **_DONE},
        {"index": 1, "status": "refused", "code": "lead_unknown", "problem": _REFUSED, "lead_id": ANOTHER_ID},
        {"done": 1, "replayed": 0, "refused": 1},
    )

    index: int | None = None
    """The line's number, from 0, empty lines left out."""
    status: Literal["done", "replayed", "refused"] | None = None
    code: str | None = None
    problem: dict[str, Any] | None = None
    """Why it was refused (RFC 9457)."""
    lead_id: UUID | None = None
    contact_id: UUID | None = None
    cycle: int | None = None
    action_id: UUID | None = None
    command: str | None = None
    carried_out_as: str | None = None
    at: datetime | None = None
    state: State | None = None
    side: Side | None = None
    reason: str | None = None
    track: str | None = None
    wake_at: datetime | None = None
    legal: list[Step] | None = None
    done: int | None = None
    replayed: int | None = None
    refused: int | None = None


class ActivityAnswer(Answer):
    """What became of one record of another system."""

    index: int | None = None
    """Its place in the request; none where activities that waited are tried again."""
    source: str | None = None
    """The system it came from, where activities that waited are tried again."""
    id: str | None = None
    """The other system's id of it."""
    lead_id: UUID | None = None
    status: Literal["done", "replayed", "unresolved", "refused"]
    code: str | None = None
    problem: dict[str, Any] | None = None
    """Why it was refused (RFC 9457)."""


class ActivitiesAnswer(Answer):
    """What became of each record, and how many came out how."""

    model_config: ClassVar[ConfigDict] = example(
        {
            "done": 0, "replayed": 1, "unresolved": 0, "refused": 1,
            "items": [
                {"index": 0, "id": "call-81", "lead_id": EXAMPLE_ID, "status": "replayed"},
                {"index": 1, "status": "refused", "code": "unreadable", "problem": _UNREADABLE},
            ],
        },
        done=1, replayed=0, unresolved=1, refused=0,
        items=[
            {"index": 0, "id": "call-81", "lead_id": EXAMPLE_ID, "status": "done"},
            {"index": 1, "id": "call-82", "lead_id": None, "status": "unresolved"},
        ],
    )  # fmt: skip

    done: int
    replayed: int
    unresolved: int
    """Nobody is known under their e-mail, phone or CRM id yet; they wait."""
    refused: int
    items: list[ActivityAnswer]


class CustomerChangeRecorded(Answer):
    """What became of a customer, as it was published."""

    model_config: ClassVar[ConfigDict] = example(
        {"change": "renewed", "lead_id": None, "state": None, "from_state": None, "stage": None},
        occurred_at="2026-03-02T09:00:00Z", contact_id=EXAMPLE_ID, action_id=EXAMPLE_ID, change="upsold",
        amount=1200.0, by="cs-1", lead_id=EXAMPLE_ID, recorded_at="2026-03-02T09:00:00Z", state="customer",
        from_state="customer", playbook_version="9a7b3c2d1e0f", stage="customer",
    )  # fmt: skip

    occurred_at: datetime
    contact_id: UUID
    action_id: UUID
    change: Literal["upsold", "renewed", "churned", "handed_back"]
    amount: float | None
    by: str
    lead_id: UUID | None
    """The lead that won the customer; null where it is not known here."""
    recorded_at: datetime
    state: State | None
    """The state that the change led to; null where it led to none."""
    from_state: State | None
    playbook_version: str
    stage: str | None


class FeedbackRecorded(Answer):
    """Feedback as it was published; the note stays with the service."""

    model_config: ClassVar[ConfigDict] = example(
            {"about": "topic", "campaign": None, "contact_id": EXAMPLE_ID, "topic": "pricing", "has_note": False},
        occurred_at="2026-03-02T09:00:00Z", feedback_id=EXAMPLE_ID, about="messaging", by="inbound-1",
        contact_id=None, campaign="spring", has_note=True, topic=None, content=None,
    )  # fmt: skip

    occurred_at: datetime
    feedback_id: UUID
    about: Literal["messaging", "topic", "content"]
    by: str
    contact_id: UUID | None
    campaign: str | None
    has_note: bool
    topic: str | None
    content: str | None


class FeedbackAnswered(Answer):
    """Which feedback was answered, and how."""

    model_config: ClassVar[ConfigDict] = example(
        {"feedback_ids": [EXAMPLE_ID, ANOTHER_ID], "answer": "new_content"},
        feedback_ids=[EXAMPLE_ID],
        answer="copy_changed",
    )

    feedback_ids: list[UUID]
    answer: Literal["copy_changed", "new_content", "reply", "declined"]


class TrendPoint(Answer):
    """How often feedback named the subject of a proposal in a week."""

    week: str
    """ISO 8601, such as `2026-W10`."""
    times: int


class ProposalOpened(Answer):
    """A proposal that was saved."""

    model_config: ClassVar[ConfigDict] = example(
        {"trend": [], "sources": 0},
        proposal_id=EXAMPLE_ID,
        state="open",
        trend=[{"week": "2026-W09", "times": 4}],
        sources=7,
    )

    proposal_id: UUID
    state: Literal["open", "activated"]
    trend: list[TrendPoint]
    sources: int
    """Pieces of feedback that it answers."""


_PROPOSAL = {
    "proposal_id": EXAMPLE_ID, "service": "scoring", "change": "A price page visit counts 5 points less",
    "playbook_version": "9a7b3c2d1e0f", "reason": "not_ready", "campaign": None, "topic": None,
    "trend": [{"week": "2026-W09", "times": 4}], "state": "open",
    "proposed_by": "max",
    "proposed_at": "2026-03-01T09:00:00+00:00", "activated_at": None, "sources": 7, "reps": 3,
}  # fmt: skip
_ACTIVATED = {
    "state": "activated", "activated_at": "2026-03-03T09:00:00+00:00", "reason": None, "topic": "pricing",
}  # fmt: skip


class ProposalLine(Answer):
    """A proposal without its diff and its simulation."""

    proposal_id: UUID
    service: str
    change: str
    playbook_version: str
    reason: str | None
    campaign: str | None
    topic: str | None
    trend: list[TrendPoint]
    state: Literal["open", "activated"]
    proposed_by: str
    proposed_at: datetime
    activated_at: datetime | None
    sources: int
    """Pieces of feedback that it answers."""
    reps: int
    """Reps whose feedback it answers."""


class ProposalAnswer(ProposalLine):
    """A proposal as it stands."""

    model_config: ClassVar[ConfigDict] = example(
        _ACTIVATED, **_PROPOSAL, diff="- points: 15\n+ points: 10\n", simulation={"more": 0, "fewer": 12}
    )

    diff: str
    simulation: dict[str, Any]
    """What the change would have done, as its proposer gave it."""


class ProposalsAnswer(Answer):
    """Proposals, the latest first."""

    model_config: ClassVar[ConfigDict] = example({"items": []}, items=[_PROPOSAL])

    items: list[ProposalLine]
