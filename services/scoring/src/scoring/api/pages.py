"""What requests and answers have in common: who may ask, rules in a body, a saved override, the next page."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ValidationError

from events.runtime.activation import parse_rules_yaml
from events.runtime.answers import EXAMPLE_ID, example
from events.runtime.problems import BodyInvalid, list_faults
from events.runtime.queries import write_cursor
from events.runtime.rows import Row
from events.runtime.security import Caller
from events.runtime.web import requires
from scoring.domain import OverrideKind
from scoring.playbook import ScoringPlaybook

Reader = Annotated[Caller, requires("leads:read")]
Admin = Annotated[Caller, requires("admin")]


EXAMPLE_RULES = """\
fit:
  unknown_share: 0.4
  grades: {A: 75, B: 55, C: 35}
  criteria: [{name: employees, fact: employees, kind: steps, steps: [{from: 0, points: 0}, {from: 50, points: 80}]}]
readiness: {levels: {1: 55, 2: 30, 3: 15}, cools_below: 5, affirmative: [], worth: []}
matrix:
  A: {1: mql, 2: mql, 3: nurture, 4: nurture}
  B: {1: mql, 2: mql, 3: nurture, 4: nurture}
  C: {1: mql, 2: nurture, 3: nurture, 4: nurture}
  D: {1: poor_fit, 2: poor_fit, 3: poor_fit, 4: poor_fit}
hand_raise: {engagements: [contact_sales]}
hard_rules: []
cycles: {most: 3, cool_down_days: 30}
segments: []
titles: {}
"""


def parse_rules(body: str) -> ScoringPlaybook:
    """Return the rules that a `scoring.yaml` says. Raises `BodyInvalid` with each fault where it is none."""
    try:
        return ScoringPlaybook.model_validate(parse_rules_yaml(body, "body"))
    except ValidationError as error:
        raise BodyInvalid(list_faults(error, ScoringPlaybook)) from None


class OverrideAnswer(BaseModel):
    """An override as it is kept."""

    model_config = example(
        {"kind": "lift_exclusion", "reason": "No competitor any more"},
        override_id=EXAMPLE_ID,
        contact_id=EXAMPLE_ID,
        kind="push",
        by="lea",
        reason="Met at the fair",
        at="2026-03-02T09:00:00Z",
    )

    override_id: UUID
    contact_id: UUID
    kind: OverrideKind
    by: str
    reason: str
    at: datetime


def write_next_cursor(rows: Sequence[Row], limit: int, at: str, key: str) -> str | None:
    """Return the cursor after a full page of rows in the order of the instant `at` and the id `key`; else None."""
    return write_cursor(getattr(rows[-1], at).isoformat(), getattr(rows[-1], key)) if len(rows) == limit else None
