"""From a table with outcomes to a card, and to an honest word about what it is worth on leads it has never seen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

from baton.calibration import drift, logistic, rivals
from baton.calibration.bins import Direction
from baton.calibration.card import Card, card_as_json
from baton.calibration.columns import Codes, Column, Flags, Numbers
from baton.calibration.crossing import learn_with_crosses, with_crossed_columns
from baton.calibration.evidence import DroppedColumn, TrainingData
from baton.calibration.learning import Directions, LearnedPoints
from baton.calibration.measures import PredictionFigures, compute_auc, compute_reliability, measure_predictions
from baton.calibration.rounding import round_to_card
from baton.exit_codes import FoundWrongError

TEST_SHARE = 0.3
LEAST_TEST_POSITIVES = 150
"""With fewer successes among the held-out rows, every row is held out once instead (five folds)."""
LEAST_LATE_POSITIVES = 10
EARLIEST_CUT = 0.5
WEAK, UNTRUE, BEHIND, FEW = 0.7, 0.025, 0.005, 100
APART = 0.03
"""Where something drifts and the AUC on later rows is lower by more than this, it is the headline."""

Say = Callable[[str], None]


@dataclass
class TrialOnUnseenRows:
    """What was predicted for rows that were held out, beside what happened."""

    happened: Numbers
    card: Numbers
    exact: Numbers
    """The score before it was rounded to whole points and few lines."""
    whole: Numbers
    boosting: Numbers
    naive_bayes: Numbers
    base_rate: Numbers
    cards: list[tuple[Flags, Card]] = field(default_factory=list)
    """Which rows were held out, in order, and the card that was learned without them."""

    def measure(self, name: str) -> PredictionFigures:
        """Measure one of the predictions."""
        return measure_predictions(self.happened, getattr(self, name))


@dataclass
class Calibration:
    """A card, and what it is worth."""

    evidence: TrainingData
    card: Card
    trial: TrialOnUnseenRows
    split: dict[str, Any]
    drift: drift.Drift | None
    directions: dict[str, Direction] = field(default_factory=dict)

    def warnings(self) -> list[str]:
        """Return what whoever signs the card should know."""
        return [*self.evidence.warnings, *(self.drift.describe() if self.drift else ()), *_list_card_warnings(self)]


def calibrate_card(
    evidence: TrainingData, *, directions: Directions | None = None, say: Say = lambda _: None
) -> Calibration:
    """Learn a card from all rows, after trying the same on rows held out: later ones where time is known."""
    with threadpool_limits(1):  # threads that wait for each other on a busy machine take ten times as long
        return _calibrate_with_trial(evidence, directions or {}, say)


def _calibrate_with_trial(evidence: TrainingData, directions: Directions, say: Say) -> Calibration:
    columns = list(evidence.columns.values())
    order = _row_order_by_time(evidence)
    say(f"learning from {evidence.row_count} rows, {evidence.success_count} of them successes, {len(columns)} columns")
    late = _choose_later_test_rows(evidence, order)
    if late is not None:
        columns = _without_extreme_drift(evidence, late)
    random = _run_trial(columns, evidence.happened, _choose_random_test_rows(evidence.happened), directions)
    trial, split, drifting = random, _split_as_json(evidence, random), None
    if late is not None:
        say("holding the earlier rows against the later ones")
        later = _run_trial(columns, evidence.happened, [late], directions)
        drifting = drift.measure_drift(
            columns, evidence.happened, order, late, on_later=later.measure("card"), on_random=random.measure("card"),
            by=evidence.time.name if evidence.time else "the order of the file",
        )  # fmt: skip
        if evidence.time is not None:
            trial, split = later, {"kind": "out of time", "by": evidence.time.name, **_test_set_sizes(later)}
        elif drifting.is_found and _later_rank_much_worse(later, random):
            trial, split = later, {"kind": "later rows", "by": drifting.by, **_test_set_sizes(later)}
    say("learning the card from all rows")
    _, card = _learn_card(columns, evidence.happened, directions)
    return Calibration(evidence, card, trial, split, drifting, dict(directions))


def _without_extreme_drift(evidence: TrainingData, late: Flags) -> list[Column]:
    """Leave out columns of which hardly an answer comes again; raise `FoundWrongError` where no other is left."""
    for shift in drift.find_extreme_shifts(evidence.columns.values(), evidence.happened, late):
        reason = f"its later answers are wholly other ones (stability index {shift.psi:.2f}): nothing learned holds"
        evidence.dropped.append(DroppedColumn(shift.column, reason))
        evidence.warnings.append(f"{shift.column} is left out: {reason}")
        del evidence.columns[shift.column]
    if not evidence.columns:
        raise FoundWrongError("nothing to learn from: the answers of every column drift")
    return list(evidence.columns.values())


def _later_rank_much_worse(later: TrialOnUnseenRows, random: TrialOnUnseenRows) -> bool:
    """Return whether later rows rank so much worse than random ones that only they say what the card is worth."""
    return compute_auc(random.happened, random.card) - compute_auc(later.happened, later.card) > APART


def _learn_card(columns: Sequence[Column], happened: Numbers, directions: Directions) -> tuple[LearnedPoints, Card]:
    named = {column.name: column for column in columns}
    learned, crosses = learn_with_crosses(named, happened, directions)
    card = round_to_card(learned, with_crossed_columns(named, crosses), happened)
    return learned, replace(card, crosses=crosses)


def _row_order_by_time(evidence: TrainingData) -> Codes:
    if evidence.time is None:
        return np.arange(evidence.row_count)
    return np.argsort(evidence.time.numbers, kind="stable")


def _choose_later_test_rows(evidence: TrainingData, order: Codes) -> Flags | None:
    """Choose the later rows, about a third; None where the order says nothing, or too few succeeded late."""
    if evidence.time is None and drift.is_sorted_by_outcome(evidence.happened, order):
        return None
    place = np.arange(evidence.row_count) if evidence.time is None else evidence.time.numbers
    for share in np.arange(1 - TEST_SHARE, EARLIEST_CUT - 0.01, -0.05):
        late = place >= place[order[round(evidence.row_count * share)]]
        counts = [
            part.sum() for side in (late, ~late) for part in (evidence.happened[side], 1 - evidence.happened[side])
        ]
        if min(counts) >= LEAST_LATE_POSITIVES:
            return np.asarray(late, dtype=np.bool_)
    if evidence.time is not None:
        evidence.warnings.append(
            "too few successes among the later rows to test out of time: rows were held out at random"
        )
    return None


def _choose_random_test_rows(happened: Numbers) -> list[Flags]:
    """Choose the rows to hold out: a random third, or each row once where successes are few."""
    rng = np.random.default_rng(0)
    if happened.sum() * TEST_SHARE >= LEAST_TEST_POSITIVES:
        test = np.zeros(len(happened), dtype=np.bool_)
        for outcome in (0, 1):
            rows = rng.permutation(np.flatnonzero(happened == outcome))
            test[rows[: round(len(rows) * TEST_SHARE)]] = True
        return [test]
    folds = StratifiedKFold(5, shuffle=True, random_state=0).split(happened, happened)
    return [np.isin(np.arange(len(happened)), rows) for _, rows in folds]


def _run_trial(
    columns: Sequence[Column], happened: Numbers, tests: Sequence[Flags], directions: Directions
) -> TrialOnUnseenRows:
    """Learn without the rows held out, and predict them: by the card and by what it is held against."""
    parts: dict[str, list[Numbers]] = {}
    cards: list[tuple[Flags, Card]] = []
    for test in tests:
        seen = ~test
        learned, card = _learn_card([column.select_rows(seen) for column in columns], happened[seen], directions)
        known, fresh = (
            with_crossed_columns({column.name: column.select_rows(rows) for column in columns}, card.crosses)
            for rows in (seen, test)
        )
        rows = int(test.sum())
        whole = card.row_totals(fresh, rows)
        cards.append((test, card))
        found = {
            "happened": happened[test],
            "card": card.probability(whole),
            "whole": card.slope * whole + card.intercept,
            "exact": _score_unrounded(learned, known, fresh, happened[seen]),
            "boosting": rivals.predict_by_boosting(columns, happened, seen),
            "naive_bayes": rivals.predict_by_naive_bayes(columns, happened, seen),
            "base_rate": np.full(rows, happened[seen].mean()),
        }
        for name, values in found.items():
            parts.setdefault(name, []).append(values)
    return TrialOnUnseenRows(**{name: np.concatenate(values) for name, values in parts.items()}, cards=cards)


def _score_unrounded(
    learned: LearnedPoints, known: Mapping[str, Column], fresh: Mapping[str, Column], happened: Numbers
) -> Numbers:
    """Score the rows held out by the points before rounding, in log-odds, so that folds can be put together."""
    slope = logistic.fit_shrinkage_factor(learned.unseen, happened)
    intercept = logistic.fit_calibration_intercept(slope * learned.sum_exact_points(known, len(happened)), happened)
    return slope * learned.sum_exact_points(fresh, len(next(iter(fresh.values())).codes)) + intercept


def _split_as_json(evidence: TrainingData, trial: TrialOnUnseenRows) -> dict[str, Any]:
    if len(trial.happened) == evidence.row_count:
        return {"kind": "every row held out once (five folds)", "by": None, **_test_set_sizes(trial)}
    return {"kind": "stratified hold-out", "by": None, **_test_set_sizes(trial)}


def _test_set_sizes(trial: TrialOnUnseenRows) -> dict[str, int]:
    return {"held_out_rows": len(trial.happened), "held_out_positives": int(trial.happened.sum())}


def _list_card_warnings(found: Calibration) -> list[str]:
    """Compare the card's figures with what a card should reach."""
    card, boosting, base = (found.trial.measure(name) for name in ("card", "boosting", "base_rate"))
    sentences, evidence = [], found.evidence
    if not found.card.features:
        return ["no column tells anything beyond chance: the card is empty, and predicts the base rate for everybody"]
    if card.auc < WEAK:
        sentences.append(
            f"a weak signal: the columns tell little about the outcome (AUC {card.auc:.3f}, where 0.5 is a coin)"
        )
    if card.brier >= base.brier:
        sentences.append("on rows it had not seen the card was no better than the base rate")
    if boosting.auc - card.auc > BEHIND:
        gap = boosting.auc - card.auc
        sentences.append(
            f"gradient boosting ranks better by {gap:.3f} AUC: columns work together in ways that points cannot add up"
        )
    if card.ece > UNTRUE:
        sentences.append(
            f"predicted and happened differ by {card.ece:.1%} on average: take the probabilities with care"
        )
    if evidence.success_count < FEW:
        sentences.append(
            f"only {evidence.success_count} successes: the figures are uncertain"
            f" (AUC ± {compute_auc_error(found.trial) * 2:.2f})"
        )
    return sentences


def compute_auc_error(trial: TrialOnUnseenRows) -> float:
    """Return the standard error of the card's AUC (Hanley and McNeil)."""
    area, won = compute_auc(trial.happened, trial.card), trial.happened.sum()
    lost = len(trial.happened) - won
    first, second = area / (2 - area), 2 * area**2 / (1 + area)
    spread = area * (1 - area) + (won - 1) * (first - area**2) + (lost - 1) * (second - area**2)
    return float((max(spread, 0.0) / (won * lost)) ** 0.5)


def calibration_as_json(found: Calibration) -> dict[str, Any]:
    """Return the calibration as plain values, ready for JSON."""
    evidence, trial = found.evidence, found.trial
    figures = trial.measure("card")
    error = compute_auc_error(trial)
    exact, whole = compute_auc(trial.happened, trial.exact), compute_auc(trial.happened, trial.whole)
    return {
        **figures.as_rounded_json(),
        "auc_interval": [
            round(max(0.0, figures.auc - 1.96 * error), 4),
            round(min(1.0, figures.auc + 1.96 * error), 4),
        ],
        "rows": evidence.row_count,
        "positives": evidence.success_count,
        "base_rate": round(evidence.success_count / evidence.row_count, 4),
        "outcome": {"column": evidence.outcome, "positive": evidence.positive},
        "split": found.split,
        "rounding": {
            "auc_exact": round(exact, 4),
            "auc_whole_points": round(whole, 4),
            "cost": round(exact - whole, 4),
        },
        "nonzero_points": found.card.count_nonzero_points,
        "columns": [feature.column for feature in found.card.features],
        "leaks": [vars(leak) for leak in evidence.leaks],
        "dropped": [vars(each) for each in evidence.dropped],
        "warnings": found.warnings(),
        "beside": {name: trial.measure(name).as_rounded_json() for name in ("boosting", "naive_bayes", "base_rate")},
        "reliability": [
            {name: round(value, 4) for name, value in group.items()}
            for group in compute_reliability(trial.happened, trial.card)
        ],
        "drift": found.drift.as_json() if found.drift else None,
        "learned_from": "the card: all rows; the figures: rows held out while the same was tried without them",
    }


def card_document(found: Calibration) -> dict[str, Any]:
    """Return the card as plain values, ready for JSON."""
    evidence = found.evidence
    return {
        "outcome": evidence.outcome,
        "positive": evidence.positive,
        "rows": evidence.row_count,
        **card_as_json(found.card),
    }
