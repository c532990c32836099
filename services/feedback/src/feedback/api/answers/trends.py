"""What contacts raise, what sales says of campaigns, feedback with its answers, and activities that wait."""

from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from events.runtime.answers import EMPTY, EXAMPLE_ID, Answer, example
from feedback.api.answers.funnel import Lists


class TopicLine(Answer):
    """A topic that contacts raised: how often, and how the touches came out."""

    topic: str
    cohort: str | None
    times: int
    outcomes: dict[str, int]
    lists: Lists
    """The touches: all (`times`), and those with each outcome."""


class TopicsAnswer(Answer):
    """Topics by cohort, the most frequent first."""

    model_config: ClassVar[ConfigDict] = example(
        {
            "cohort": None,
            "items": [
                {
                    "topic": "pricing", "cohort": None, "times": 9, "outcomes": {"welcomed": 9},
                    "lists": {"times": "/v1/touches?topic=pricing"},
                }
            ],
        },
        {"cohort": None, "items": []},
        cohort="week",
        items=[
            {
                "topic": "pricing", "cohort": "2026-W10", "times": 9, "outcomes": {"welcomed": 7, "stalled": 2},
                "lists": {"times": "/v1/touches?topic=pricing&first=2026-03-02&last=2026-03-08"},
            }
        ],
    )  # fmt: skip

    cohort: Literal["day", "week", "month"] | None
    items: list[TopicLine]


class TouchLine(Answer):
    """A touch in which a contact raised a topic."""

    action_id: UUID
    lead_id: UUID
    contact_id: UUID
    at: datetime
    by: str | None
    kind: str
    outcome: str
    rep_id: str | None
    """Who has the lead now."""
    team: str | None


class TouchesAnswer(Answer):
    """A page of touches, the newest first."""

    model_config: ClassVar[ConfigDict] = example(
        EMPTY,
        items=[
            {
                "action_id": EXAMPLE_ID, "lead_id": EXAMPLE_ID, "contact_id": EXAMPLE_ID,
                "at": "2026-03-03T09:00:00+00:00", "by": "inbound-1", "kind": "call", "outcome": "welcomed",
                "rep_id": "inbound-1", "team": "inbound",
            }
        ],
        next=None,
    )  # fmt: skip

    items: list[TouchLine]
    next: str | None


class ProposalSourceLine(Answer):
    """A piece of feedback that led to a proposal."""

    feedback_id: UUID
    kind: Literal["return", "feedback"]
    """A lead that was returned, or what a rep said."""
    lead_id: UUID | None
    """Of what a rep said: the latest lead of the contact; null where it names none."""
    contact_id: UUID | None
    at: datetime
    by: str | None
    about: str | None
    """The reason of a return; of feedback what it is about."""
    campaign: str | None
    topic: str | None
    content: str | None


class ProposalSourcesAnswer(Answer):
    """A page of what led to a proposal, the newest first."""

    model_config: ClassVar[ConfigDict] = example(
        EMPTY,
        items=[
            {
                "feedback_id": EXAMPLE_ID, "kind": "return", "lead_id": EXAMPLE_ID, "contact_id": EXAMPLE_ID,
                "at": "2026-03-02T09:00:00+00:00", "by": "inbound-1", "about": "not_ready", "campaign": "spring",
                "topic": None, "content": None,
            }
        ],
        next=None,
    )  # fmt: skip

    items: list[ProposalSourceLine]
    next: str | None


class MessagingLine(Answer):
    """The feedback on one campaign's messaging, beside what became of its leads."""

    campaign: str | None
    name: str | None
    times: int = Field(alias="told")
    """Pieces of feedback."""
    notes: int
    """Those with a note."""
    qualified: int
    times_per_lead: float | None = Field(alias="told_per_lead")
    lead_to_sql: float | None
    returned_share: float | None


class MessagingAnswer(Answer):
    """Campaigns, those with the most feedback first."""

    model_config: ClassVar[ConfigDict] = example(
        {"items": []},
        items=[
            {
                "campaign": "spring", "name": "Spring fair", "told": 4, "notes": 3, "qualified": 120,
                "told_per_lead": 0.0333, "lead_to_sql": 0.3, "returned_share": 0.4,
            }
        ]
    )  # fmt: skip

    items: list[MessagingLine]


class FeedbackLine(Answer):
    """Feedback of sales, and what marketing answered."""

    feedback_id: UUID
    about: Literal["messaging", "topic", "content"]
    campaign: str | None
    topic: str | None
    content: str | None
    contact_id: UUID | None
    note: str | None
    at: datetime
    by: str
    answered_at: datetime | None
    answered_by: str | None
    """Null where a change of the rules is the answer."""
    answer: str | None
    answer_content: str | None
    answer_note: str | None


class FeedbackPage(Answer):
    """Feedback, the newest first."""

    model_config: ClassVar[ConfigDict] = example(
        EMPTY,
        items=[
            {
                "feedback_id": EXAMPLE_ID, "about": "messaging", "campaign": "spring", "topic": None, "content": None,
                "contact_id": None, "note": "They expect a free trial.", "at": "2026-03-02T09:00:00+00:00",
                "by": "inbound-1", "answered_at": "2026-03-03T09:00:00+00:00", "answered_by": "max",
                "answer": "copy_changed", "answer_content": None, "answer_note": None,
            }
        ],
        next=None,
    )  # fmt: skip

    items: list[FeedbackLine]
    next: str | None


class UnresolvedActivity(Answer):
    """A touch from another system, of somebody who is not known yet."""

    source: str
    external_id: str
    at: datetime
    by: str
    touch: dict[str, Any]
    problem: str
    recorded_at: datetime


class UnresolvedActivitiesAnswer(Answer):
    """Activities whose contact is not known yet."""

    model_config: ClassVar[ConfigDict] = example(
        EMPTY,
        items=[
            {
                "source": "hubspot", "external_id": "call-82", "at": "2026-03-02T09:00:00+00:00", "by": "inbound-1",
                "touch": {"kind": "call", "outcome": "no_answer"}, "problem": "unresolved",
                "recorded_at": "2026-03-02T09:05:00+00:00",
            }
        ],
        next=None,
    )  # fmt: skip

    items: list[UnresolvedActivity]
    next: str | None
