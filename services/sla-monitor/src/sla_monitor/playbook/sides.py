"""What each side promises the other, and which patterns make a kept promise look like a game."""

from typing import Annotated, Literal

from pydantic import Field

from events.business_time import Duration, span
from events.leads import Grade
from sla_monitor.playbook.rules import Rule, When

Share = Annotated[float, Field(gt=0, le=1)]
Fact = Literal["company", "country", "employees", "industry", "job_title", "segment", "campaign", "content"]


class Volume(Rule):
    """So many leads of a kind a month."""

    name: str = Field(min_length=1, max_length=100)
    when: When = When()
    per_month: int = Field(ge=1)


class Context(Rule):
    """So large a share of the leads comes with all these facts."""

    facts: tuple[Fact, ...] = Field(("company", "job_title", "country"), min_length=1)
    share: Share = 0.8


class Marketing(Rule):
    """What marketing promises of the leads that it hands over."""

    volume: tuple[Volume, ...] = ()
    context: Context = Context()
    grades: dict[Grade, Share] = {}
    """At least such a share of leads of this grade or a better one."""


class Sales(Rule):
    """How large a share of each clock's promises sales promises to keep."""

    attainment: dict[str, Share] = {"acceptance": 0.9, "first_touch": 0.9}


class Suspicions(Rule):
    """When it looks as if a clock was worked instead of a lead."""

    hurried: Duration = span("15b")
    """A touch so shortly before a deadline that was four times as long or longer away at the start."""
    call_seconds: int = Field(2, ge=0)
    """A call no longer than this."""
    before_review: Duration = span("7d")
    """A return so shortly before the review opens,"""
    returns: int = Field(5, ge=2)
    """if one person returned so many in one week."""
