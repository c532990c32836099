"""What the score's points mean as a probability, learned from the leads of this stack that were decided."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from baton.calibration.measures import compute_auc
from scoring.domain import History, LifecycleFact
from scoring.domain.fit import grade_fit
from scoring.domain.knowledge import choose_best_facts
from scoring.playbook import ScoringPlaybook

LEAST = 30
"""So many leads that were confirmed or won, and so many that were not, are needed at least."""
FOLDS = 5
HUNDRED = 100.0


class DecidedLead(NamedTuple):
    """A lead as it was published, and whether it was confirmed or won."""

    fit: float
    readiness: float
    asked: bool
    converted: bool


def list_decided_leads(
    history: History, leads: Sequence[Mapping[str, Any]], rules: ScoringPlaybook
) -> list[DecidedLead]:
    """Return the leads of a contact of which something became, graded by what was known when they opened."""
    found = []
    for lead in leads:
        turns = [turn for turn in history.lifecycle.values() if turn.cycle == lead["cycle"]]
        converted = any(turn.kind in {"confirmed", "won"} for turn in turns)
        if lead["told_points"] is None or not (
            converted or (lead["ended_at"] is not None and not _ended_as_duplicate(turns))
        ):
            continue
        then = [each for each in history.engagements_in_order() if each.received_at <= lead["qualified_at"]]
        points = grade_fit(choose_best_facts(then, rules), rules).points
        found.append(DecidedLead(points, lead["told_points"], lead["by_request"], converted))
    return found


def _ended_as_duplicate(turns: Sequence[LifecycleFact]) -> bool:
    return any(turn.reason == "duplicate" for turn in turns)


def learn_probability(leads: Sequence[DecidedLead], now: datetime) -> dict[str, Any] | None:
    """Learn the `probability` section of a scoring playbook; None where too few leads were decided."""
    happened = np.array([lead.converted for lead in leads], dtype=np.int64)
    if min(int(happened.sum()), len(leads) - int(happened.sum())) < LEAST:
        return None
    rows = np.array([[lead.fit / HUNDRED, lead.readiness / HUNDRED, lead.asked] for lead in leads], dtype=np.float64)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    unseen = cross_val_predict(LogisticRegression(), rows, happened, cv=folds, method="predict_proba")[:, 1]
    learned = LogisticRegression().fit(rows, happened)
    fit, readiness, asked = (float(each) for each in learned.coef_[0])
    digest = hashlib.sha256(repr(sorted(leads)).encode()).hexdigest()[:8]
    return {
        "version": f"{now:%Y-%m-%d}-{digest}",
        "intercept": round(float(learned.intercept_[0]), 4),
        "fit": round(fit / HUNDRED, 6),
        "readiness": round(readiness / HUNDRED, 6),
        "asked": round(asked, 4),
        "leads": len(leads),
        "converted": int(happened.sum()),
        "auc": round(compute_auc(happened.astype(np.float64), unseen), 4),
    }
