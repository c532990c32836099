"""From exact points to a card: whole numbers, and at most thirty that are not zero.

Points are rounded on the coarsest scale that ranks as well as the exact sum. While too many are left, the two
neighbours that differ least become one, or the points that matter least become zero; nothing changes sides.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from baton.calibration import logistic
from baton.calibration.bins import Bins
from baton.calibration.card import Card, CardFeature, CardLine
from baton.calibration.columns import Codes, Column, Numbers
from baton.calibration.learning import LearnedPoints
from baton.calibration.measures import compute_auc

MOST_POINTS = 30
SCALES = (40, 60, 100)
"""Points for each unit of log-odds, the coarsest first."""
ROUNDING_COST = 0.0001


def round_to_card(
    learned: LearnedPoints, columns: Mapping[str, Column], happened: Numbers, most: int = MOST_POINTS
) -> Card:
    """Turn what was learned into a card of whole points."""
    codes = [bins.find_bin_of_rows(columns[bins.name]) for bins in learned.bins]
    best, drafts, scale = compute_auc(happened, learned.sum_exact_points(columns, len(happened))), [], SCALES[-1]
    for scale in SCALES:
        drafts = _draft_rounded_points(learned, codes, scale, most)
        total = sum((draft[code] for draft, code in zip(drafts, codes, strict=True)), np.zeros(len(happened)))
        if compute_auc(happened, total) >= best - ROUNDING_COST:
            break
    features = [
        CardFeature(bins.name, bins.kind, tuple(_bins_to_card_lines(bins, draft, code, happened)))
        for bins, draft, code in zip(learned.bins, drafts, codes, strict=True)
    ]
    features.sort(key=lambda each: -max((abs(line.points) for line in each.lines), default=0))
    kept = tuple(each for each in features if any(line.points for line in each.lines))
    slope = logistic.fit_shrinkage_factor(learned.unseen, happened) / scale
    card = Card(kept, 0.0, slope)
    return Card(
        kept, logistic.fit_calibration_intercept(slope * card.row_totals(columns, len(happened)), happened), slope
    )


@dataclass
class _BinGroup:
    """Bins of one feature that get the same points."""

    bins: list[int]
    rows: float
    points: float

    def rounded_points(self) -> int:
        return round(self.points)


def _draft_rounded_points(learned: LearnedPoints, codes: Sequence[Codes], scale: float, most: int) -> list[Numbers]:
    """Round the points, joining neighbours where that costs least until few enough are left that are not zero."""
    parts = []
    for bins, points, code in zip(learned.bins, learned.points, codes, strict=True):
        rows = np.bincount(code, minlength=len(points))
        parts.append([_BinGroup([at], float(rows[at]), float(points[at] * scale)) for at in range(len(points))])
        _join_groups_of_equal_points(parts[-1], bins)
    while sum(group.rounded_points() != 0 for part in parts for group in part) > most:
        moves = [
            (*move, place)
            for place, (part, bins) in enumerate(zip(parts, learned.bins, strict=True))
            for move in _list_simplifications(part, bins)
        ]
        _, first, second, place = min(moves, key=lambda move: move[0])
        _apply_simplification(parts[place], first, second)
        _join_groups_of_equal_points(parts[place], learned.bins[place])
    drafts = [np.zeros(len(points)) for points in learned.points]
    for draft, part in zip(drafts, parts, strict=True):
        for group in part:
            draft[group.bins] = group.rounded_points()
    return drafts


def _list_simplifications(part: list[_BinGroup], bins: Bins) -> Iterator[tuple[float, int, int | None]]:
    """Return what could be made simpler, with its cost: a group joined with a neighbour of its side, or set to zero."""
    for first, group in enumerate(part):
        if group.rounded_points() != 0:
            yield group.rows * group.points**2, first, None
        for second in range(first + 1, len(part)):
            other = part[second]
            if group.rounded_points() * other.rounded_points() > 0 and _can_join(group, other, bins):
                whole = max(group.rows + other.rows, 1.0)
                yield group.rows * other.rows / whole * (group.points - other.points) ** 2, first, second


def _can_join(group: _BinGroup, other: _BinGroup, bins: Bins) -> bool:
    """Ranges of numbers join side by side alone; words, and what is not a number, join with anything."""
    if bins.kind == "word":
        return True
    ranges = [[at for at in each.bins if at < bins.code_of_rare_answers] for each in (group, other)]
    if not ranges[0] or not ranges[1]:
        return True
    return max(ranges[0]) + 1 == min(ranges[1]) or max(ranges[1]) + 1 == min(ranges[0])


def _join_groups_of_equal_points(part: list[_BinGroup], bins: Bins) -> None:
    """Make one group of neighbours that round to the same points."""
    found = True
    while found:
        found = False
        for first, group in enumerate(part):
            for second in range(first + 1, len(part)):
                if group.rounded_points() == part[second].rounded_points() and _can_join(group, part[second], bins):
                    _apply_simplification(part, first, second)
                    found = True
                    break
            if found:
                break


def _apply_simplification(part: list[_BinGroup], first: int, second: int | None) -> None:
    group = part[first]
    if second is None:
        group.points = 0.0
        return
    other = part.pop(second)
    whole = group.rows + other.rows
    if whole > 0:
        group.points = (group.points * group.rows + other.points * other.rows) / whole
    group.bins, group.rows = sorted([*group.bins, *other.bins]), whole


def _bins_to_card_lines(bins: Bins, draft: Numbers, codes: Codes, happened: Numbers) -> Iterator[CardLine]:
    """Write the bins of one feature as lines: one for each run of equal numbers, or each set of words."""
    runs: list[list[int]] = []
    for at in range(bins.code_of_rare_answers):
        same = [run for run in runs if draft[run[0]] == draft[at]]
        if bins.kind == "number":
            same = [run for run in same if run[-1] == at - 1]
        if same:
            same[-1].append(at)
        else:
            runs.append([at])
    for extra in (bins.code_of_rare_answers, bins.code_of_unknown):
        if not any(codes == extra):
            continue
        same = [run for run in runs if draft[run[0]] == draft[extra]]
        if same:
            same[-1].append(extra)
        else:
            runs.append([extra])
    for run in runs:
        in_run = np.isin(codes, run)
        ranges = [at for at in run if at < bins.code_of_rare_answers]
        ranged = bins.kind == "number" and bool(ranges)
        yield CardLine(
            points=int(draft[run[0]]),
            ranged=ranged,
            low=bins.edges[ranges[0] - 1] if ranged and ranges[0] > 0 else None,
            high=bins.edges[ranges[-1]] if ranged and ranges[-1] < len(bins.edges) else None,
            levels=tuple(level for at in ranges for level in bins.levels[at]) if bins.kind == "word" else (),
            other=bins.code_of_rare_answers in run,
            unknown=bins.code_of_unknown in run,
            rows=int(in_run.sum()),
            rate=float(happened[in_run].mean()) if in_run.any() else 0.0,
        )
