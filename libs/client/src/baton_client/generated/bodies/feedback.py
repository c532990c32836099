"""What feedback is sent. Written by `make docs`."""

from __future__ import annotations

from datetime import date as date_aliased
from datetime import datetime
from typing import Any, Literal, NotRequired, TypedDict


class Accept(TypedDict):
    """I work it."""

    by: NotRequired[str | None]
    at: NotRequired[datetime | None]
    role: NotRequired[Literal["bdr", "ae", "am", "cs"] | None]


class BantAnswer(TypedDict):
    """One answer of sales qualification, with what the contact said."""

    yes: bool
    amount: NotRequired[float | None]
    date: NotRequired[date_aliased | None]
    role: NotRequired[str | None]
    quote: NotRequired[str | None]


class Bant(TypedDict):
    """The four answers of sales qualification: yes or no, or an answer with amount, date, role and quote."""

    budget: bool | BantAnswer
    authority: bool | BantAnswer
    need: bool | BantAnswer
    timing: bool | BantAnswer


class Confirm(TypedDict):
    """An SQL, confirmed by a person."""

    by: NotRequired[str | None]
    at: NotRequired[datetime | None]
    bant: Bant


class CorrectedFacts(TypedDict):
    """What the contact and their company really are; at least one fact."""

    company: NotRequired[str | None]
    country: NotRequired[str | None]
    region: NotRequired[str | None]
    postal_code: NotRequired[str | None]
    industry: NotRequired[str | None]
    employees: NotRequired[int | None]
    job_title: NotRequired[str | None]
    competitor: NotRequired[str | None]
    renewal_at: NotRequired[datetime | None]


class CorrectContactFacts(TypedDict):
    """What sales found out about the contact; the facts outrank forms and imports."""

    by: NotRequired[str | None]
    at: NotRequired[datetime | None]
    facts: CorrectedFacts


class CustomerChange(TypedDict):
    """What became of a customer after the win."""

    by: NotRequired[str | None]
    at: NotRequired[datetime | None]
    change: Literal["upsold", "renewed", "churned", "handed_back"]
    amount: NotRequired[float | None]


class Disqualify(TypedDict):
    """Close it. Only a reason that closes does, such as a wrong ICP or persona; any other returns the lead."""

    by: NotRequired[str | None]
    at: NotRequired[datetime | None]
    reason: str
    context: NotRequired[dict[str, str | bool | int | float | None]]
    note: NotRequired[str | None]


class ExportedRecordsBody(TypedDict):
    """Records of one system, as it exports them; `source` names the mapping in the playbook."""

    source: str
    records: list[dict[str, Any]]


class FeedbackAnswer(TypedDict):
    """What marketing answers to feedback of sales, by one person: no rule changes by it."""

    by: NotRequired[str | None]
    at: NotRequired[datetime | None]
    feedback_ids: list[str]
    answer: Literal["copy_changed", "new_content", "reply", "declined"]
    content: NotRequired[str | None]
    note: NotRequired[str | None]


class Lost(TypedDict):
    """The deal was lost."""

    by: NotRequired[str | None]
    at: NotRequired[datetime | None]
    reason: str
    context: NotRequired[dict[str, str | bool | int | float | None]]
    note: NotRequired[str | None]


Meeting = TypedDict(
    "Meeting",
    {
        "by": NotRequired[str | None],
        "at": NotRequired[datetime | None],
        "starts_at": datetime,
        "outcome": Literal["booked", "held", "no_show", "rescheduled", "cancelled"],
        "with": NotRequired[str | None],
    },
)


class OpenOpportunity(TypedDict):
    """A deal was opened."""

    by: NotRequired[str | None]
    at: NotRequired[datetime | None]
    amount: NotRequired[float | None]
    currency: NotRequired[str | None]
    external_id: NotRequired[str | None]


class ProposedChange(TypedDict):
    """A change of a playbook: for a reason that is often given, a campaign or a topic that sales speaks of, or none."""

    by: NotRequired[str | None]
    at: NotRequired[datetime | None]
    service: Literal["capture", "scoring", "routing", "sla-monitor", "feedback"]
    change: str
    diff: str
    playbook_version: str
    simulation: dict[str, str | bool | int | float | None]
    reason: NotRequired[str | None]
    campaign: NotRequired[str | None]
    topic: NotRequired[str | None]
    weeks: NotRequired[int]


class Recycle(TypedDict):
    """Return it to nurture; a reason that closes leads, such as a wrong ICP or persona, closes it."""

    by: NotRequired[str | None]
    at: NotRequired[datetime | None]
    reason: str
    context: NotRequired[dict[str, str | bool | int | float | None]]
    note: NotRequired[str | None]
    wake_at: NotRequired[datetime | None]
    renewal_at: NotRequired[datetime | None]


class Reject(TypedDict):
    """Not for me; the reason decides what follows."""

    by: NotRequired[str | None]
    at: NotRequired[datetime | None]
    reason: str
    context: NotRequired[dict[str, str | bool | int | float | None]]
    note: NotRequired[str | None]


class SalesFeedback(TypedDict):
    """What sales tells marketing: of its messaging, a topic that contacts raise, a piece of content."""

    by: NotRequired[str | None]
    at: NotRequired[datetime | None]
    about: Literal["messaging", "topic", "content"]
    campaign: NotRequired[str | None]
    topic: NotRequired[str | None]
    content: NotRequired[str | None]
    contact_id: NotRequired[str | None]
    note: NotRequired[str | None]


class Touch(TypedDict):
    """An attempt to reach the contact."""

    by: NotRequired[str | None]
    at: NotRequired[datetime | None]
    kind: Literal["call", "email", "meeting", "message"]
    outcome: Literal["welcomed", "stalled", "brushed_off", "no_answer"]
    automated: NotRequired[bool]
    seconds: NotRequired[int | None]
    topics: NotRequired[list[str]]


class Won(TypedDict):
    """The deal was won."""

    by: NotRequired[str | None]
    at: NotRequired[datetime | None]
    amount: NotRequired[float | None]
