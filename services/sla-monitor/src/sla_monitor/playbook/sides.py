"""What each side promises the other, and which patterns make a kept promise look like a game."""

from typing import Annotated, Literal

from pydantic import Field

from events.business_time import Duration, parse_duration
from events.leads import Grade
from events.playbook import Section
from sla_monitor.playbook.rules import PolicyCondition

Share = Annotated[float, Field(gt=0, le=1)]
Fact = Literal["company", "country", "employees", "industry", "job_title", "segment", "campaign", "content"]


class VolumePromise(Section):
    """So many leads of a kind a month."""

    name: str = Field(min_length=1, max_length=100)
    when: PolicyCondition = PolicyCondition()
    per_month: int = Field(ge=1)


class ContextPromise(Section):
    """So large a share of the leads comes with all these facts."""

    facts: tuple[Fact, ...] = Field(("company", "job_title", "country"), min_length=1)
    share: Share = 0.8


class MarketingPromises(Section):
    """What marketing promises sales about the leads that it hands over."""

    volume: tuple[VolumePromise, ...] = ()
    context: ContextPromise = ContextPromise()
    grades: dict[Grade, Share] = {}
    """At least such a share of leads of this grade or a better one."""


class SalesPromises(Section):
    """How large a share of each clock's promises sales promises to keep."""

    attainment: dict[str, Share] = {"acceptance": 0.9, "first_touch": 0.9}


class SuspicionRules(Section):
    """When it looks as if a clock was worked instead of a lead."""

    hurried: Duration = parse_duration("15b")
    """A touch so shortly before a deadline that was four times as long or longer away at the start."""
    call_seconds: int = Field(2, ge=0)
    """A call no longer than this."""
    before_review: Duration = parse_duration("7d")
    """A return so shortly before the review opens,"""
    returns: int = Field(5, ge=2)
    """if one person returned so many in one week."""
