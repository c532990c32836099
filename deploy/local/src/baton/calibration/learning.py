"""Learning a card: weigh every column's bins, choose the columns that tell something new, and settle their points.

Each column is weighed on rows that its bins were not made from (five folds). Evidence that was only luck is gone
there, so neither the choice of columns nor the probability is flattered by it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import StratifiedKFold

from baton.calibration import logistic
from baton.calibration.bins import Bins, Direction, cut_into_bins
from baton.calibration.columns import Codes, Column, Flags, Numbers

FOLDS = 5
MOST_FEATURES = 16
SURE = ((30, 100, 500), (0.3, 3.0, 10.0))
"""By the number of successes: a column is taken while the score statistic of what it adds is above this. Where they are
few, weak hints that are shrunk serve better than none."""
FEW = 400
PULL_OF_EVIDENCE = 5.0
PULL_OF_BINS = 12.0
"""How strongly the points of a bin are drawn to what its evidence says."""

Directions = Mapping[str, Direction]


@dataclass(frozen=True)
class WeighedColumn:
    """A column cut in each fold without the fold's rows, and the evidence that those bins give of these rows."""

    column: Column
    by_fold: list[Bins]
    evidence: Numbers


@dataclass(frozen=True)
class LearnedPoints:
    """Bins and their points, in log-odds, before they are rounded; and each row's score by bins made without it."""

    bins: list[Bins]
    points: list[Numbers]
    unseen: Numbers
    """Each row's score by what was learned from the others."""

    def sum_exact_points(self, columns: Mapping[str, Column], rows: int) -> Numbers:
        """Add up each row's points before they are rounded."""
        points = (
            points[bins.find_bin_of_rows(columns[bins.name])]
            for bins, points in zip(self.bins, self.points, strict=True)
        )
        return sum(points, np.zeros(rows))


def assign_folds(happened: Numbers) -> Codes:
    """Put each row into one of five folds with the same share of successes."""
    fold = np.zeros(len(happened), dtype=np.int64)
    cuts = StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(happened, happened)
    for number, (_, rows) in enumerate(cuts):
        fold[rows] = number
    return fold


def weigh_columns(columns: Sequence[Column], happened: Numbers, directions: Directions) -> list[WeighedColumn]:
    """Weigh each column on rows that its bins have not seen."""
    fold = assign_folds(happened)
    weighed = []
    for column in columns:
        evidence, by_fold = np.zeros(len(happened)), []
        for number in range(FOLDS):
            seen = fold != number
            bins = cut_into_bins(column.select_rows(seen), happened[seen], directions.get(column.name))
            evidence[~seen] = bins.weigh_rows(column.select_rows(~seen))
            by_fold.append(bins)
        weighed.append(WeighedColumn(column, by_fold, evidence))
    return weighed


def learn_points(weighed: Sequence[WeighedColumn], happened: Numbers, directions: Directions) -> LearnedPoints:
    """Choose columns and settle their points."""
    chosen, weights = _select_columns_greedily(weighed, happened)
    columns = [weighed[place].column for place in chosen]
    bins = [cut_into_bins(column, happened, directions.get(column.name)) for column in columns]
    points = _refine_bin_points(columns, bins, weights, happened, directions) if columns else []
    fold, unseen = assign_folds(happened), np.zeros(len(happened))
    few = happened.sum() < FEW
    for number in range(FOLDS if columns else 0):
        seen = fold != number
        if few:
            unseen[~seen] = _relearn_and_score_unseen(weighed, happened, directions, seen)
            continue
        part = [weighed[place].by_fold[number] for place in chosen]
        learned = _refine_bin_points(
            [column.select_rows(seen) for column in columns], part, weights, happened[seen], directions
        )
        unseen[~seen] = _sum_bin_points(part, learned, [column.select_rows(~seen) for column in columns])
    return LearnedPoints(bins, points, unseen)


def _relearn_and_score_unseen(
    weighed: Sequence[WeighedColumn], happened: Numbers, directions: Directions, seen: Flags
) -> Numbers:
    """Learn from the rows seen alone, the choice of columns too (it may have been luck), and score the others."""
    parts = weigh_columns([each.column.select_rows(seen) for each in weighed], happened[seen], directions)
    chosen, weights = _select_columns_greedily(parts, happened[seen])
    columns = [parts[place].column for place in chosen]
    bins = [cut_into_bins(column, happened[seen], directions.get(column.name)) for column in columns]
    points = _refine_bin_points(columns, bins, weights, happened[seen], directions) if columns else []
    return _sum_bin_points(bins, points, [weighed[place].column.select_rows(~seen) for place in chosen]) + np.zeros(
        (~seen).sum()
    )


def _sum_bin_points(bins: Sequence[Bins], points: Sequence[Numbers], columns: Sequence[Column]) -> Numbers:
    """Add up the points of each row."""
    parts = zip(bins, points, columns, strict=True)
    return np.asarray(sum((points[each.find_bin_of_rows(column)] for each, points, column in parts), np.zeros(1)))


def _select_columns_greedily(weighed: Sequence[WeighedColumn], happened: Numbers) -> tuple[list[int], logistic.Weights]:
    """Take columns one by one, the one that tells most that is new first, until none tells anything."""
    chosen: list[int] = []
    sure = float(np.interp(happened.sum(), *SURE))
    weights = logistic.fit_weights(np.empty((len(happened), 0)), happened, PULL_OF_EVIDENCE)
    while len(chosen) < min(MOST_FEATURES, len(weighed)):
        margin = np.full(len(happened), weights.base)
        for place, weight in zip(chosen, weights.of, strict=True):
            margin += weighed[place].evidence * weight
        gains = {
            place: logistic.compute_column_gain(each.evidence, margin, happened)
            for place, each in enumerate(weighed)
            if place not in chosen
        }
        best = max(gains, key=lambda place: gains[place])
        if gains[best] < sure:
            break
        chosen.append(best)
        weights = logistic.fit_weights(
            np.column_stack([weighed[p].evidence for p in chosen]), happened, PULL_OF_EVIDENCE
        )
    kept = [at for at, weight in enumerate(weights.of) if weight > 0]
    return [chosen[at] for at in kept], logistic.Weights(weights.base, weights.of[kept])


def _refine_bin_points(
    columns: Sequence[Column],
    bins: Sequence[Bins],
    weights: logistic.Weights,
    happened: Numbers,
    directions: Directions,
) -> list[Numbers]:
    """Return the points of each bin: its evidence times the column's weight, then as far from it as the rows ask for.

    Columns with a declared direction stay as they are, so that they go on rising or falling.
    """
    prior = [np.array(each.weights) * weight for each, weight in zip(bins, weights.of, strict=True)]
    codes = [each.find_bin_of_rows(column) for each, column in zip(bins, columns, strict=True)]
    free = logistic.refine_points(codes, prior, weights.base, happened, PULL_OF_BINS)
    pairs = zip(columns, prior, free, strict=True)
    return [points if column.name in directions else moved for column, points, moved in pairs]
