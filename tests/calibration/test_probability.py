"""What points mean as a probability: learned from decided leads, beside the points, versioned."""

import random
from datetime import UTC, datetime
from typing import Any

import pytest

from baton.calibration.probability import DecidedLead, learn_probability, list_decided_leads
from scoring.domain import decide_contact, read_lifecycle_facts
from scoring.playbook import ScoringPlaybook
from tests.scoring.builders import FAIR, IDEAL, PLAYBOOK, confirmed, day, did, history, recycled

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def world(leads: int) -> list[DecidedLead]:
    """Leads of which the better fit and the readier convert more often, and who asked most often."""
    dice = random.Random(7)  # noqa: S311 - a world, no secret
    found = []
    for _ in range(leads):
        fit, readiness, asked = dice.uniform(30, 100), dice.uniform(30, 90), dice.random() < 0.3
        chance = -0.3 + fit / 200 + readiness / 300 + 0.2 * asked
        found.append(DecidedLead(fit, readiness, asked, dice.random() < chance))
    return found


def test_points_become_a_probability_that_holds_on_leads_not_seen() -> None:
    leads = world(4_000)
    section = learn_probability(leads[:3_000], NOW)
    assert section is not None
    model = ScoringPlaybook.model_validate({**PLAYBOOK.model_dump(by_alias=True), "probability": section}).probability
    assert model is not None
    predicted = [model.probability_of(lead.fit, lead.readiness, asked=lead.asked) for lead in leads[3_000:]]
    happened = sum(lead.converted for lead in leads[3_000:]) / 1_000
    assert abs(sum(predicted) / 1_000 - happened) < 0.04
    assert section["auc"] > 0.6
    assert (
        model.probability_of(90, 80, asked=True)
        > model.probability_of(60, 50, asked=True)
        > model.probability_of(60, 50, asked=False)
    )


def test_the_version_follows_from_the_leads_and_too_few_teach_nothing() -> None:
    leads = world(400)
    first, again = learn_probability(leads, NOW), learn_probability(leads[::-1], NOW)
    other = learn_probability(leads[1:], NOW)
    assert first is not None
    assert again is not None
    assert other is not None
    assert first["version"] == again["version"] != other["version"]
    assert learn_probability(world(40), NOW) is None
    assert learn_probability([], NOW) is None


@pytest.mark.parametrize(
    ("facts", "end", "converted"),
    [
        (IDEAL, confirmed(2), [True]), (FAIR, recycled(2), [False]),
        (IDEAL, recycled(2, reason="duplicate"), []), (IDEAL, None, []),
    ],
)  # fmt: skip
def test_a_lead_counts_once_something_became_of_it(facts: dict[str, Any], end: Any, converted: list[bool]) -> None:
    known = history(did("demo_request", 0, **facts))
    (lead,) = decide_contact(known, PLAYBOOK, now=day(0), version="v").leads
    for fact in read_lifecycle_facts(end) if end is not None else ():
        known.add_lifecycle_fact(fact)
    row = {
        "cycle": 1, "told_points": lead.published_points, "by_request": True, "qualified_at": day(0),
        "ended_at": None if end is None or converted == [True] else end.occurred_at,
    }  # fmt: skip
    found = list_decided_leads(known, [row, {**row, "told_points": None}], PLAYBOOK)
    assert [each.converted for each in found] == converted
    assert all(each.asked for each in found)
