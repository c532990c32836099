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
