"""What a card would change in the playbook in force: a candidate file, and the diff to what is decided by now.

Points of a playbook are not negative, so each column's points start at its lowest line; they are scaled to the sum
that the criteria in force can reach, so that the grades keep their meaning. It is a proposal to be argued about,
not a decision.
"""

import difflib
import re
from collections.abc import Collection, Iterator
from typing import Any

import yaml

from baton.calibration.card import Card, CardFeature, CardLine, describe_line
from baton.calibration.crossing import TIMES
from baton.calibration.history_rows import ABOUT_THE_LEAD, DID
from events.yaml_text import load_yaml

PROFILE = frozenset(("company", "country", "region", "postal_code", "industry", "employees", "job_title", "email_kind"))
PLAYBOOK_WIDTH = 120


def write_proposed_playbook(card: Card, considered: Collection[str], in_force: str) -> str:
    """Write the scoring playbook in force with the card's criteria of fit; criteria on other facts stay.

    A model of probability is left out: it was learned of other points.
    """
    rules = load_yaml(in_force)
    now = rules["fit"]["criteria"]
    known = {fact_name_of_column(column) for column in considered}
    features = [each for each in card.features if not _is_behaviour_column(each.column)]
    stay = [each for each in now if each.get("fact") not in known]
    reach = sum(map(_max_points_of_criterion, now)) - sum(map(_max_points_of_criterion, stay))
    spread = sum(max(line.points for line in f.lines) - min(line.points for line in f.lines) for f in features)
    scale = (reach or sum(map(_max_points_of_criterion, now))) / max(spread, 1.0)
    learned = [criterion for feature in features for criterion in _build_fit_criteria(feature, scale)]
    rules["fit"]["criteria"] = [*learned, *stay] or now
    if rules["fit"]["criteria"] is not now:
        rules.pop("probability", None)
    return _dump_yaml(rules)


def _is_behaviour_column(column: str) -> bool:
    """Return whether a column says what a contact did or how its lead came, and no fact about it (fit)."""
    return column.startswith(DID) or column in ABOUT_THE_LEAD or TIMES in column


def diff_playbooks(before: str, after: str) -> str:
    """Return the unified diff of two playbooks, whatever the form in which they are written."""
    now, then = (_dump_yaml(load_yaml(text)).splitlines() for text in (before, after))
    names = ("scoring.yaml (in force)", "scoring.yaml (proposed)")
    return "\n".join(difflib.unified_diff(now, then, *names, lineterm="", n=2))


def fact_name_of_column(column: str) -> str:
    """Name the fact that a column holds: `Job Title` is `job_title`, what the profile lacks is one of `facts.*`."""
    bare = re.sub(r"[^a-z0-9]+", "_", column.casefold()).strip("_")
    return bare if bare in PROFILE or column.startswith(("facts.", "consents.")) else f"facts.{bare}"


def _build_fit_criteria(feature: CardFeature, scale: float) -> Iterator[dict[str, Any]]:
    lowest = min(line.points for line in feature.lines)
    fact = feature.column if feature.column.startswith(("facts.", "consents.")) else fact_name_of_column(feature.column)

    def worth(line: CardLine) -> int:
        return round((line.points - lowest) * scale)

    if feature.kind == "number":
        steps = [
            {"from": float("-inf") if line.low is None else line.low, "points": worth(line)}
            for line in feature.lines if line.ranged and (line.low is not None or worth(line))
        ]  # fmt: skip
        yield {"name": feature.column, "fact": fact, "kind": "steps", "steps": steps}
        return
    for line in feature.lines:
        if line.levels and worth(line) > 0:
            yield {
                "name": f"{feature.column}: {describe_line(CardLine(0, levels=line.levels[:3]), 'word')}",
                "fact": fact,
                "kind": "any_of",
                "points": worth(line),
                "any_of": list(line.levels),
            }
    weighed = [level for line in feature.lines for level in line.levels]
    rest = next((worth(line) for line in feature.lines if line.other), 0)
    if rest > 0 and weighed:
        name = f"{feature.column}: anything else"
        yield {"name": name, "fact": fact, "kind": "none_of", "points": rest, "none_of": weighed}


def _max_points_of_criterion(criterion: Any) -> float:
    """Return the most points that a criterion of the file can add."""
    if criterion.get("kind") == "steps":
        return max(float(step["points"]) for step in criterion["steps"])
    points = criterion.get("points", 0)
    return max(map(float, points.values())) if isinstance(points, dict) else float(points)


def _dump_yaml(rules: Any) -> str:
    return str(yaml.safe_dump(rules, sort_keys=False, allow_unicode=True, width=PLAYBOOK_WIDTH))
