"""Drift: whether the later leads are still like the earlier ones, and what that costs a card learned from those."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from baton.calibration.bins import cut_into_bins
from baton.calibration.columns import Codes, Column, Flags, Numbers
from baton.calibration.measures import PredictionFigures, compute_auc

SLICES = 10
SHIFTED = 0.25
"""A population stability index from which a column's answers count as other ones (0.1: moved a little)."""
EXTREME = 2.0
"""From here on hardly an answer of the earlier part comes again: what was learned of them holds no more."""
SURELY = 3.3
"""Standard errors between two rates that are no chance (one in a thousand)."""
CHANGED = 0.15
SORTED = 0.9


@dataclass(frozen=True)
class ColumnShift:
    """How much a column's answers changed between the earlier and the later part."""

    column: str
    psi: float


@dataclass(frozen=True)
class Drift:
    """The earlier part held against the later one."""

    by: str
    early: dict[str, float]
    late: dict[str, float]
    rate_moved: bool
    shifts: list[ColumnShift]
    slices: list[float]
    """Success rate in ten successive parts of equal size."""
    on_later: PredictionFigures
    """Learned from the earlier part, measured on the later one."""
    on_random: PredictionFigures
    """Learned from as many random rows, measured on the others."""

    @property
    def shifted_columns(self) -> list[ColumnShift]:
        """The columns whose answers are other ones now."""
        return [shift for shift in self.shifts if shift.psi >= SHIFTED]

    @property
    def is_found(self) -> bool:
        """Whether anything drifts."""
        return self.rate_moved or bool(self.shifted_columns)

    def as_json(self) -> dict[str, Any]:
        """Return the comparison as plain values, ready for JSON."""
        costs = {
            name: round(asdict(self.on_later)[name] - asdict(self.on_random)[name], 4)
            for name in ("auc", "brier", "ece", "lift")
        }
        return {
            "found": self.is_found, "by": self.by, "early": self.early, "late": self.late,
            "base_rate_moved": self.rate_moved, "features": [asdict(shift) for shift in self.shifts],
            "slices": [round(rate, 4) for rate in self.slices], "on_later": self.on_later.as_rounded_json(),
            "on_random": self.on_random.as_rounded_json(), "change": costs,
        }  # fmt: skip

    def describe(self) -> Iterable[str]:
        """Return what drifts, and what that costs."""
        if self.rate_moved:
            early, late = self.early["rate"], self.late["rate"]
            yield (
                f"the base rate moved from {early:.1%} in the earlier part to {late:.1%} in the later part"
                f" (by {self.by}): the market changed, or the last leads have not had the time to end"
            )
        for shift in self.shifted_columns:
            yield f"{shift.column} drifts: its later answers are other ones (stability index {shift.psi:.2f})"
        if self.is_found:
            later, random, change = self.on_later, self.on_random, self.as_json()["change"]
            yield (
                "a card learned from the earlier part and used on the later one has"
                f" AUC {later.auc:.3f}, calibration error {later.ece:.3f} and Brier score {later.brier:.4f};"
                f" without drift they would be {random.auc:.3f}, {random.ece:.3f} and {random.brier:.4f}"
                f" (AUC {change['auc']:+.3f}, calibration error {change['ece']:+.3f}, Brier {change['brier']:+.4f})"
            )


def is_sorted_by_outcome(happened: Numbers, order: Codes) -> bool:
    """Return whether the rows are sorted by their outcome, so that their order is no order of time."""
    place = np.empty(len(order))
    place[order] = np.arange(len(order))
    return abs(compute_auc(happened, place) - 0.5) > SORTED - 0.5


def measure_drift(
    columns: Iterable[Column],
    happened: Numbers,
    order: Codes,
    late: Flags,
    *,
    by: str,
    on_later: PredictionFigures,
    on_random: PredictionFigures,
) -> Drift:
    """Compare the earlier rows with the later ones; `order` lists the rows by time."""
    parts = [happened[~late], happened[late]]
    early_rate, late_rate = float(parts[0].mean()), float(parts[1].mean())
    both = float(happened.mean())
    error = (both * (1 - both) * (1 / len(parts[0]) + 1 / len(parts[1]))) ** 0.5
    moved = abs(late_rate - early_rate) > max(SURELY * error, CHANGED * early_rate)
    shifts = sorted(
        (ColumnShift(column.name, _population_stability_index(column, happened, late)) for column in columns),
        key=lambda s: -s.psi,
    )
    sides = [{"rows": len(part), "positives": int(part.sum()), "rate": round(float(part.mean()), 4)} for part in parts]
    slices = [float(happened[rows].mean()) for rows in np.array_split(order, SLICES)]
    return Drift(by, sides[0], sides[1], moved, shifts, slices, on_later, on_random)


def find_extreme_shifts(columns: Iterable[Column], happened: Numbers, late: Flags) -> list[ColumnShift]:
    """Return the columns whose answers are wholly other ones in the later part."""
    shifts = (ColumnShift(column.name, _population_stability_index(column, happened, late)) for column in columns)
    return [shift for shift in shifts if shift.psi >= EXTREME]


def _population_stability_index(column: Column, happened: Numbers, late: Flags) -> float:
    """Return the population stability index of a column's bins between the two parts."""
    codes = cut_into_bins(column, happened).find_bin_of_rows(column)
    early, later = (np.bincount(codes[rows], minlength=codes.max() + 1) + 0.5 for rows in (~late, late))
    early, later = early / early.sum(), later / later.sum()
    return round(float(((later - early) * np.log(later / early)).sum()), 4)
