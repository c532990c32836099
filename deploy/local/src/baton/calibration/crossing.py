"""Two columns that tell together what neither tells alone, such as the time on the site by where a lead came from.

A cross is a column of words made of the bins of both; it stands on the card in the place of the two. It is taken only
where that ranks clearly better on rows it was not made from: sums of single columns are easier to argue about.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

import numpy as np

from baton.calibration import logistic
from baton.calibration.bins import Bins
from baton.calibration.columns import Codes, Column, Numbers
from baton.calibration.learning import Directions, LearnedPoints, WeighedColumn, learn_points, weigh_columns
from baton.calibration.measures import compute_auc

TIMES = " × "  # noqa: RUF001 - the sign is meant
TRIED = 5
"""So many of the columns that tell most are tried with each other."""
MOST = 2
SURE = 30.0
BETTER = 0.003
"""By how much a cross must rank better (AUC) to be worth its reading."""
LEAST_POSITIVES = 400


@dataclass(frozen=True)
class CrossedColumns:
    """Two columns cut into bins, to be read together."""

    first: Bins
    second: Bins

    @property
    def name(self) -> str:
        """What the crossed column is called."""
        return f"{self.first.name}{TIMES}{self.second.name}"

    def build_crossed_column(self, columns: Mapping[str, Column]) -> Column | None:
        """Cross the two columns of a table; one that it lacks is unknown. None where it has neither."""
        there = next((columns[each.name] for each in (self.first, self.second) if each.name in columns), None)
        if there is None:
            return None
        codes = [
            _bin_codes_of_rows(each, columns.get(each.name), len(there.codes)) for each in (self.first, self.second)
        ]
        labels = [describe_bins(each) for each in (self.first, self.second)]
        levels = tuple(f"{first} & {second}" for first in labels[0] for second in labels[1])
        crossed = codes[0] * len(labels[1]) + codes[1]
        return Column(self.name, "word", levels, crossed, np.full(len(crossed), np.nan))


def _bin_codes_of_rows(bins: Bins, column: Column | None, rows: int) -> Codes:
    return np.full(rows, bins.code_of_unknown, dtype=np.int64) if column is None else bins.find_bin_of_rows(column)


def describe_bins(bins: Bins) -> list[str]:
    """Return in words what each bin holds."""
    if bins.kind == "word":
        return [*("/".join(levels) for levels in bins.levels), "other", "unknown"]
    edges = [f"{edge:.10g}" for edge in bins.edges]
    if not edges:
        return ["any number", "no number", "unknown"]
    between = [f"{low} to below {high}" for low, high in pairwise(edges)]
    return [f"below {edges[0]}", *between, f"{edges[-1]} and more", "no number", "unknown"]


def with_crossed_columns(columns: Mapping[str, Column], crosses: Sequence[CrossedColumns]) -> dict[str, Column]:
    """Add the crossed columns to those of a table."""
    made = {cross.name: cross.build_crossed_column(columns) for cross in crosses}
    return {**columns, **{name: column for name, column in made.items() if column is not None}}


def learn_with_crosses(
    columns: Mapping[str, Column], happened: Numbers, directions: Directions
) -> tuple[LearnedPoints, tuple[CrossedColumns, ...]]:
    """Learn from single columns, and from crosses where they are worth it."""
    weighed = weigh_columns(list(columns.values()), happened, directions)
    learned, crosses = learn_points(weighed, happened, directions), list[CrossedColumns]()
    while happened.sum() >= LEAST_POSITIVES and len(crosses) < MOST:
        found = _find_best_cross(learned, columns, happened, directions)
        if found is None:
            break
        cross, crossed = found
        gone = {cross.first.name, cross.second.name}
        again = [each for each in weighed if each.column.name not in gone] + [crossed]
        then = learn_points(again, happened, directions)
        if compute_auc(happened, then.unseen) < compute_auc(happened, learned.unseen) + BETTER:
            break
        learned, weighed = then, again
        crosses.append(cross)
    return learned, tuple(crosses)


def _find_best_cross(
    learned: LearnedPoints, columns: Mapping[str, Column], happened: Numbers, directions: Directions
) -> tuple[CrossedColumns, WeighedColumn] | None:
    """Find the pair of columns that adds most to what all columns say on their own."""
    single = [
        (bins, float(np.ptp(points)))
        for bins, points in zip(learned.bins, learned.points, strict=True)
        if bins.name in columns and bins.name not in directions
    ]
    telling = [bins for bins, _ in sorted(single, key=lambda each: -each[1])[:TRIED]]
    slope = logistic.fit_shrinkage_factor(learned.unseen, happened)
    margin = slope * learned.unseen + logistic.fit_calibration_intercept(slope * learned.unseen, happened)
    best, most = None, SURE
    for first, second in combinations(telling, 2):
        cross = CrossedColumns(
            replace(first, weights=(0.0,) * len(first.weights)), replace(second, weights=(0.0,) * len(second.weights))
        )
        column = cross.build_crossed_column(columns)
        if column is None:
            continue
        (weighed,) = weigh_columns([column], happened, {})
        gain = logistic.compute_column_gain(weighed.evidence, margin, happened)
        if gain > most:
            best, most = (cross, weighed), gain
    return best
