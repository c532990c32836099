"""What a card becomes as criteria of a playbook: the answers that speak against a lead among them."""

import pytest
import yaml

from baton.calibration.card import Card, CardFeature, CardLine
from baton.calibration.proposal import write_proposed_playbook
from baton.stack_processes import playbook_directory
from scoring.domain.fit import grade_fit
from scoring.playbook import ScoringPlaybook

INDUSTRY = CardFeature(
    "industry", "word",
    (
        CardLine(9, levels=("software", "banking")), CardLine(-5, levels=("education", "student")),
        CardLine(2, other=True), CardLine(0, unknown=True),
    ),
)  # fmt: skip


def points_of(rules: ScoringPlaybook, industry: str) -> float:
    found = grade_fit({"industry": industry}, rules)
    return sum(each.points for each in found.evidence if each.criterion.startswith("industry"))


def test_an_answer_that_speaks_against_a_lead_is_worse_than_one_that_says_nothing() -> None:
    """Issue 15, point 7: software before anything else, and anything else before a student."""
    in_force = (playbook_directory() / "scoring.yaml").read_text()
    proposed = write_proposed_playbook(Card((INDUSTRY,), 0.0, 1.0), ["industry"], in_force)
    rules = ScoringPlaybook.model_validate(yaml.safe_load(proposed))
    good, rest, bad = (points_of(rules, each) for each in ("Software", "fishery", "student"))
    assert good > rest > bad == 0
    assert rest / good == pytest.approx(7 / 14, abs=0.05)
