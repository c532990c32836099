"""Cutting a column into bins and weighing each by its evidence: how much likelier a success is in it than in all.

Numbers are cut by a small decision tree, words are put in the order of their success rate and cut alike, and what
is not known is a bin of its own where it is frequent enough. The weight of evidence of a bin is the logarithm of
its odds over the odds of all, drawn towards zero where the bin holds few rows.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from sklearn.isotonic import IsotonicRegression
from sklearn.tree import DecisionTreeClassifier

from baton.calibration.columns import BLANK, Codes, Column, Numbers, is_answer

MOST_BINS, MOST_GROUPS = 8, 12
"""Of numbers, and of words."""
LEAST_ROWS = 20
LEAST_SHARE = 0.02
"""Of the rows, for a range of numbers: narrower ones follow chance."""
LEAST_OF_EACH = 3
"""A bin should hold about so many successes and failures at the average rate."""
DRAWN = 1.0
"""The draw towards the average: so many of the rarer outcome, at the average rate, are added to each bin."""

Direction = Literal["rising", "falling"] | None
EDGE_DIGITS = range(-9, 12)


@dataclass(frozen=True)
class Bins:
    """How a column is cut. The codes run from low to high numbers, or from rare to frequent success for words."""

    name: str
    kind: Literal["number", "word"]
    edges: tuple[float, ...] = ()
    """Numbers: bin i holds what is from edge i-1 (included) to edge i."""
    levels: tuple[tuple[str, ...], ...] = ()
    """Words: the answers in each bin."""
    weights: tuple[float, ...] = ()
    """Weight of evidence of each bin; the last two stand for other answers and for none."""

    @property
    def code_of_rare_answers(self) -> int:
        """The code of answers that were too rare, or not there, when the bins were made."""
        return len(self.weights) - 2

    @property
    def code_of_unknown(self) -> int:
        """The code of no answer."""
        return len(self.weights) - 1

    def find_bin_of_rows(self, column: Column) -> Codes:
        """Return which bin each row falls into."""
        if self.kind == "number":
            known = ~np.isnan(column.numbers)
            cut = np.searchsorted(np.array(self.edges), column.numbers, side="right")
            return np.where(
                known, cut, np.where(column.find_filled_rows, self.code_of_rare_answers, self.code_of_unknown)
            ).astype(np.int64)
        place = {level: code for code, levels in enumerate(self.levels) for level in levels}
        rest = [self.code_of_unknown if level == BLANK else self.code_of_rare_answers for level in column.levels]
        found = [place.get(level, other) for level, other in zip(column.levels, rest, strict=True)]
        return np.array(found, dtype=np.int64)[column.codes]

    def weigh_rows(self, column: Column) -> Numbers:
        """Return the weight of evidence of each row."""
        return np.array(self.weights)[self.find_bin_of_rows(column)]


def compute_least_rows_per_bin(happened: Numbers, share: float = 0.0) -> int:
    """Return how many rows a bin must hold so that its rate means something: at least this `share` of them."""
    rarer = min(happened.mean(), 1 - happened.mean())
    wanted = max(LEAST_ROWS, math.ceil(share * len(happened)), math.ceil(LEAST_OF_EACH / max(rarer, 1e-9)))
    return int(min(wanted, max(LEAST_ROWS, len(happened) // 6)))


def cut_into_bins(column: Column, happened: Numbers, direction: Direction = None) -> Bins:
    """Cut a column by what happened; `direction` makes the weights of numbers rise or fall throughout."""
    if column.kind == "word":
        return _cut_text_column(column, happened)
    known = ~np.isnan(column.numbers)
    edges = _find_rounded_edges(
        column.numbers[known], happened[known], compute_least_rows_per_bin(happened, LEAST_SHARE)
    )
    bins = Bins(column.name, "number", edges, weights=(0.0,) * (len(edges) + 3))
    weights = weigh_bins(bins.find_bin_of_rows(column), happened, len(edges) + 3)
    if direction is not None:
        sizes = np.bincount(bins.find_bin_of_rows(column), minlength=len(weights))
        calm = IsotonicRegression(increasing=direction == "rising")
        weights[:-2] = calm.fit_transform(np.arange(len(weights) - 2), weights[:-2], sample_weight=sizes[:-2] + 1e-9)
    return Bins(column.name, "number", edges, weights=tuple(weights.tolist()))


def weigh_bins(codes: Codes, happened: Numbers, bins: int) -> Numbers:
    """Return the weight of evidence of each bin; zero for one without rows."""
    rate = float(happened.mean())
    rows, won = np.bincount(codes, minlength=bins), np.bincount(codes, weights=happened, minlength=bins)
    drawn = DRAWN / max(min(rate, 1 - rate), 1e-9)
    share = (won + drawn * rate) / (rows + drawn)
    return np.asarray(np.log(share / (1 - share)) - math.log(rate / (1 - rate)), dtype=np.float64)


def _find_split_points(values: Numbers, happened: Numbers, least: int, most: int = MOST_BINS) -> Numbers:
    """Cut values where it tells the outcomes apart best; gives pairs of neighbours between which to cut."""
    if len(values) < 2 * least:
        return np.empty((0, 2))
    tree = DecisionTreeClassifier(criterion="log_loss", max_leaf_nodes=most, min_samples_leaf=least)
    tree.fit(values.reshape(-1, 1), happened)
    cuts = np.sort(tree.tree_.threshold[tree.tree_.feature >= 0])
    different = np.unique(values)
    # the tree computes in single precision, so a cut may lie on a value: it then belongs to the left
    above = np.searchsorted(different, cuts, side="right").clip(1, len(different) - 1)
    return np.column_stack([different[above - 1], different[above]])


def _find_rounded_edges(values: Numbers, happened: Numbers, least: int) -> tuple[float, ...]:
    return tuple(
        sorted({_roundest_number_between(low, high) for low, high in _find_split_points(values, happened, least)})
    )


def _roundest_number_between(low: float, high: float) -> float:
    """Return the number with the fewest digits above `low`, up to `high`."""
    for digits in EDGE_DIGITS:
        step = 10.0**-digits
        found = round(math.floor(high / step) * step, max(0, digits))
        if low < found <= high:
            return found
    return float(high)


def _cut_text_column(column: Column, happened: Numbers) -> Bins:
    """Put frequent answers in the order of their success rate, and cut that order like a number."""
    least = compute_least_rows_per_bin(happened)
    weights = weigh_bins(column.codes, happened, len(column.levels))
    frequent = [
        code
        for code, level in enumerate(column.levels)
        if column.count_levels[code] >= (least if is_answer(level) else max(least, LEAST_ROWS)) and level != BLANK
    ]
    frequent.sort(key=lambda code: weights[code])
    groups = _group_rare_levels(column, happened, frequent, least)
    levels = tuple(tuple(column.levels[code] for code in group) for group in groups)
    bins = Bins(column.name, "word", levels=levels, weights=(0.0,) * (len(levels) + 2))
    made = weigh_bins(bins.find_bin_of_rows(column), happened, len(levels) + 2)
    return Bins(column.name, "word", levels=levels, weights=tuple(made.tolist()))


def _group_rare_levels(column: Column, happened: Numbers, frequent: list[int], least: int) -> list[list[int]]:
    if len(frequent) <= MOST_GROUPS:
        return [[code] for code in frequent]
    rank = np.full(len(column.levels), np.nan)
    rank[frequent] = np.arange(len(frequent))
    rows = ~np.isnan(rank[column.codes])
    cuts = _find_split_points(rank[column.codes][rows], happened[rows], least, MOST_GROUPS)[:, 1]
    parts = np.searchsorted(cuts, np.arange(len(frequent)), side="right")
    return [
        [code for code, part in zip(frequent, parts, strict=True) if part == number] for number in range(len(cuts) + 1)
    ]
