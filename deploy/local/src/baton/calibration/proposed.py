"""What the proposed playbook is worth by itself: it keeps less than the card knows."""

from collections.abc import Mapping
from math import ceil
from typing import Any

import numpy as np

from baton.calibration.calibrate import Calibration
from baton.calibration.columns import Column
from baton.calibration.measures import compute_auc
from baton.calibration.proposal import fact_name_of_column, write_proposed_playbook
from events.yaml_text import load_yaml
from scoring.domain.fit import grade_fit
from scoring.playbook import ScoringPlaybook

MOST_ROWS = 5_000
"""So many of the rows held out are graded by the proposed rules, evenly chosen."""
WORSE = 0.02
"""From this difference of the AUC on, whoever reads the proposal is warned."""


def measure_proposal(found: Calibration, in_force: str) -> dict[str, Any]:
    """Return how the criteria of fit that a card proposes rank rows held out, and the card the same rows.

    Each row is graded as scoring would grade it, by a proposal from the card that was learned without it.
    """
    columns = found.evidence.columns
    happened, points, card_points = [], [], []
    rows = sum(int(test.sum()) for test, _ in found.trial.cards)
    for test, card in found.trial.cards:
        rules = ScoringPlaybook.model_validate(load_yaml(write_proposed_playbook(card, columns, in_force)))
        for row in np.flatnonzero(test)[:: ceil(rows / MOST_ROWS)]:
            happened.append(found.evidence.happened[row])
            points.append(grade_fit(_row_to_facts(columns, int(row)), rules).points)
            card_points.append(row)
    predicted = np.zeros(found.evidence.row_count)
    unseen = np.concatenate([np.flatnonzero(test) for test, _ in found.trial.cards])
    predicted[unseen] = found.trial.card
    return {
        "auc": round(compute_auc(np.array(happened), np.array(points)), 4),
        "card_auc": round(compute_auc(np.array(happened), predicted[card_points]), 4),
        "rows": len(happened),
    }


def warn_of_worse_proposal(proposal: Mapping[str, Any]) -> list[str]:
    """Return what whoever reads the proposal should know."""
    if proposal["card_auc"] - proposal["auc"] < WORSE:
        return []
    figures = f"AUC {proposal['auc']:.3f} instead of {proposal['card_auc']:.3f}"
    why = "what people did and pairs of columns are no criteria of fit"
    return [f"the proposed criteria of fit rank worse than the card ({figures}): {why}"]


def _row_to_facts(columns: Mapping[str, Column], row: int) -> dict[str, Any]:
    """Return a row as the facts of a contact."""
    facts: dict[str, Any] = {}
    for name, column in columns.items():
        if not column.find_filled_rows[row]:
            continue
        number = float(column.numbers[row])
        value = number if column.kind == "number" and not np.isnan(number) else column.levels[column.codes[row]]
        facts[name if name.startswith(("facts.", "consents.")) else fact_name_of_column(name)] = value
    return facts
