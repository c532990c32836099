"""What routing is sent. Written by `make docs`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal, NotRequired, TypedDict


class CalendarSourceBody(TypedDict):
    """The address of a calendar that opens without signing in: it is a secret, and is shown to nobody again."""

    url: str


class MoveLeadsBody(TypedDict):
    """Leads to move, by their ids or by the rep who has them; without `to_rep` each goes to whoever follows."""

    lead_ids: NotRequired[list[str]]
    from_rep: NotRequired[str | None]
    to_rep: NotRequired[str | None]
    by: str
    reason: str
    force: NotRequired[bool]


class PassOnBody(TypedDict):
    """The rep who has the lead passes it on."""

    by: str
    reason: str


class ReassignBody(TypedDict):
    """Which rep gets the lead, why, and who asks for it."""

    rep_id: str
    reason: str
    by: str
    force: NotRequired[bool]


class Capacity(TypedDict):
    """How much a rep takes: open leads, and new leads a day and a week (from Monday). None is no limit."""

    open: NotRequired[int | None]
    per_day: NotRequired[int | None]
    per_week: NotRequired[int | None]


WorkingHoursBody = TypedDict(
    "WorkingHoursBody",
    {
        "days": list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]],
        "from": str,
        "to": str,
    },
)


class WorkCalendarBody(TypedDict):
    """The other fields of a calendar; what is left out is as the team works."""

    zone: NotRequired[str]
    public_holidays: NotRequired[str | None]
    holidays: NotRequired[list[date]]
    half_days: NotRequired[dict[str, list[str]]]
    special_days: NotRequired[dict[str, list[str]]]


Absence = TypedDict(
    "Absence",
    {
        "from": date | datetime,
        "to": date | datetime,
        "imported": NotRequired[bool],
    },
)


class RepBody(TypedDict):
    """What is agreed with a rep. What is left out stays as it is, or is the default for a new rep."""

    team: NotRequired[str]
    role: NotRequired[Literal["bdr", "ae", "am", "cs"]]
    weight: NotRequired[float]
    capacity: NotRequired[Capacity]
    hours: NotRequired[list[WorkingHoursBody]]
    works: NotRequired[WorkCalendarBody]
    absences: NotRequired[list[Absence]]
    status: NotRequired[Literal["active", "paused", "left"]]


class ReserveSlotBody(TypedDict):
    """A slot for a meeting, by its beginning."""

    starts_at: datetime
    by: str


class TrialLeadBody(TypedDict):
    """A lead as scoring would publish it; what is left out is as of somebody who filled in a form."""

    contact_id: NotRequired[str | None]
    lead_type: NotRequired[Literal["hand_raiser", "fast_track", "event_qualified", "event", "webinar", "content", "product", "referral", "customer"]]
    outcome: NotRequired[Literal["poor_fit", "nurture", "mql", "hand_raiser", "customer", "excluded"]]
    fit: NotRequired[Literal["A", "B", "C", "D"]]
    readiness: NotRequired[int]
    source: NotRequired[str]
    engagement: NotRequired[str]
    campaign: NotRequired[str | None]
    content: NotRequired[str | None]
    segment: NotRequired[str | None]
    email_domain: NotRequired[str | None]
    email_kind: NotRequired[str | None]
    company: NotRequired[str | None]
    country: NotRequired[str | None]
    region: NotRequired[str | None]
    postal_code: NotRequired[str | None]
    employees: NotRequired[int | None]
    industry: NotRequired[str | None]
    job_title: NotRequired[str | None]
    product: NotRequired[str | None]
    preference: NotRequired[str | None]
    preferred_at: NotRequired[datetime | None]
    facts: NotRequired[dict[str, str | bool | int | float | None]]
    consents: NotRequired[dict[str, bool]]


class UnassignBody(TypedDict):
    """Nobody has the lead from now on: it waits in its queue."""

    by: str
    reason: str
