"""What scoring is sent. Written by `make docs`."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NotRequired, TypedDict


class CandidateRulesBody(TypedDict):
    """A scoring playbook that is to decide beside the one in force."""

    body: str
    by: str


class CompareRulesBody(TypedDict):
    """A `scoring.yaml` that is to be compared with the one in force, and on how many days."""

    body: str
    days: NotRequired[int]


class LearnedFactsBody(TypedDict):
    """Facts about a contact, with whose they are and since when. Null withdraws what the same source said before."""

    facts: dict[str, str | bool | int | float | None]
    source: Literal["sales", "enrichment", "import"]
    at: NotRequired[datetime | None]
    confidence: NotRequired[float | None]
    by: NotRequired[str | None]


class OverrideBody(TypedDict):
    """Lift a contact's exclusion, or make a lead of it by hand."""

    kind: Literal["lift_exclusion", "push"]
    reason: str
    by: NotRequired[str | None]


class StopShadowBody(TypedDict):
    """Who stops a candidate."""

    by: str


class TrialEngagementBody(TypedDict):
    """An engagement as capture would publish it, of somebody new who is known by an e-mail."""

    engagement: str
    source: NotRequired[str]
    campaign: NotRequired[str | None]
    content: NotRequired[str | None]
    email_domain: NotRequired[str | None]
    email_kind: NotRequired[Literal["corporate", "free", "disposable", "role"] | None]
    company: NotRequired[str | None]
    country: NotRequired[str | None]
    region: NotRequired[str | None]
    postal_code: NotRequired[str | None]
    industry: NotRequired[str | None]
    employees: NotRequired[int | None]
    job_title: NotRequired[str | None]
    talk_to_sales: NotRequired[bool]
    preference: NotRequired[Literal["book", "call_me", "not_now"] | None]
    facts: NotRequired[dict[str, str | bool | int | float]]
    consents: NotRequired[dict[str, bool]]
    out_of_audience: NotRequired[list[str]]
