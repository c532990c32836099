"""The default rules are argued on a played population: the page's figures are what the rules make of it."""

from collections.abc import Mapping

import pytest

from tests.scoring.builders import ROOT
from tests.scoring.population import PEOPLE, Mix, people, play, rules, tables

PAGE = (ROOT / "docs" / "defaults.md").read_text(encoding="utf-8")


def test_the_page_says_what_the_rules_make_of_ten_thousand_people() -> None:
    for table in tables():
        assert table in PAGE


def test_no_cap_sits_on_a_line_and_a_file_with_such_a_cap_is_warned_of() -> None:
    default = rules()
    assert default.warnings() == []
    on_line = rules(lambda body: body["readiness"]["worth"][0].update(cap=30))
    assert on_line.warnings() == [
        "readiness: the cap of pricing_view (30) is a line at strictness balanced: it is lost within a day"
    ]


@pytest.fixture(scope="module")
def played() -> Mapping[str, Mix]:
    default, some = rules(), list(people())[: PEOPLE // 4]
    return {name: play(some, default.with_strictness(name)) for name in default.strictness.adds}


def test_strictness_moves_the_volume_in_steps(played: Mapping[str, Mix]) -> None:
    """Each step takes between a sixth and two thirds of the leads by score, and no request."""
    lenient, balanced, strict = (played[name].by_score.total() for name in ("lenient", "balanced", "strict"))
    for more, fewer in ((lenient, balanced), (balanced, strict)):
        assert more / 3 < fewer < more * 5 / 6
    assert len({mix.by_request for mix in played.values()}) == 1
