"""The point card: at most thirty whole numbers that a person can add up, and what a sum means as a probability."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit

from baton.calibration.bins import Bins
from baton.calibration.columns import Column, Numbers
from baton.calibration.crossing import CrossedColumns, with_crossed_columns


@dataclass(frozen=True)
class CardLine:
    """One row of the card: which answers of a column give these points."""

    points: int
    ranged: bool = False
    """Whether it holds for numbers: those from `low` (included) to `high`, open where None."""
    low: float | None = None
    high: float | None = None
    levels: tuple[str, ...] = ()
    other: bool = False
    """Answers that were too rare to be weighed, or that did not occur."""
    unknown: bool = False
    rows: int = 0
    rate: float = 0.0
    """How many rows it was learned from, and the share of successes among them."""


@dataclass(frozen=True)
class CardFeature:
    """A column on the card. Whatever it says, exactly one line holds."""

    column: str
    kind: str
    lines: tuple[CardLine, ...]

    def as_bins(self) -> tuple[Bins, Numbers]:
        """Return the feature as bins again, with the points of each."""
        other = next((line.points for line in self.lines if line.other), 0)
        unknown = next((line.points for line in self.lines if line.unknown), 0)
        if self.kind == "number":
            ranges = sorted((line for line in self.lines if line.ranged), key=_lower_bound)
            edges = tuple(line.low for line in ranges[1:] if line.low is not None)
            points = [float(line.points) for line in ranges]
            return Bins(self.column, "number", edges, weights=(0.0,) * (len(points) + 2)), np.array(
                [*points, other, unknown]
            )
        worded = [line for line in self.lines if line.levels]
        levels = tuple(line.levels for line in worded)
        points = [float(line.points) for line in worded]
        return Bins(self.column, "word", levels=levels, weights=(0.0,) * (len(points) + 2)), np.array(
            [*points, other, unknown]
        )


@dataclass(frozen=True)
class Card:
    """Points by column, and the two numbers that turn their sum into a probability."""

    features: tuple[CardFeature, ...]
    intercept: float
    slope: float
    crosses: tuple[CrossedColumns, ...] = ()
    """The columns that are made of two."""

    @property
    def needed_columns(self) -> dict[str, str]:
        """The columns of a table that it reads, and what each holds."""
        crossed = {each.name: each.kind for cross in self.crosses for each in (cross.first, cross.second)}
        made = {cross.name for cross in self.crosses}
        return {each.column: each.kind for each in self.features if each.column not in made} | crossed

    def points_by_feature(self, columns: Mapping[str, Column]) -> dict[str, Numbers]:
        """Return each feature's points for each row; a column that the table lacks counts as unknown."""
        found, columns = {}, with_crossed_columns(columns, self.crosses)
        for feature in self.features:
            bins, points = feature.as_bins()
            column = columns.get(feature.column)
            found[feature.column] = points[-1] if column is None else points[bins.find_bin_of_rows(column)]
        return found

    def row_totals(self, columns: Mapping[str, Column], rows: int) -> Numbers:
        """Add up each row's points."""
        total = np.zeros(rows)
        for points in self.points_by_feature(columns).values():
            total = total + points
        return total

    def probability(self, total: Numbers) -> Numbers:
        """Return how likely a success is with so many points."""
        return np.asarray(expit(self.intercept + self.slope * total), dtype=np.float64)

    @property
    def count_nonzero_points(self) -> int:
        """How many points the card holds that are not zero."""
        return sum(line.points != 0 for feature in self.features for line in feature.lines)


def _lower_bound(line: CardLine) -> float:
    return float("-inf") if line.low is None else line.low


def describe_line(line: CardLine, kind: str) -> str:
    """Return in words when a line holds."""
    parts = []
    if line.ranged:
        if line.low is None:
            parts.append("any number" if line.high is None else f"below {line.high:g}")
        else:
            parts.append(f"{line.low:g} and more" if line.high is None else f"{line.low:g} to below {line.high:g}")
    parts += [level or "(blank)" for level in line.levels]
    if line.other:
        parts.append("not a number" if kind == "number" else "any other answer")
    if line.unknown:
        parts.append("unknown")
    return ", ".join(parts)


def card_as_json(card: Card) -> dict[str, Any]:
    """Return a card as plain values, ready for JSON."""
    return {
        "crosses": [[_bins_to_json(each) for each in (cross.first, cross.second)] for cross in card.crosses],
        "probability": {"intercept": card.intercept, "slope": card.slope},
        "features": [
            {
                "column": feature.column,
                "kind": feature.kind,
                "lines": [_line_to_json(line, feature.kind) for line in feature.lines],
            }
            for feature in card.features
        ],
    }


def _bins_to_json(bins: Bins) -> dict[str, Any]:
    return {"column": bins.name, "kind": bins.kind, "edges": list(bins.edges), "any_of": list(map(list, bins.levels))}


def _bins_from_json(value: Mapping[str, Any]) -> Bins:
    edges, levels = tuple(map(float, value["edges"])), tuple(tuple(map(str, each)) for each in value["any_of"])
    known = len(levels) if value["kind"] == "word" else len(edges) + 1
    return Bins(str(value["column"]), value["kind"], edges, levels, (0.0,) * (known + 2))


def _line_to_json(line: CardLine, kind: str) -> dict[str, Any]:
    written: dict[str, Any] = {"when": describe_line(line, kind), "points": line.points}
    if line.ranged:
        written |= {"from": line.low, "to": line.high}
    if line.levels:
        written["any_of"] = list(line.levels)
    written |= {name: True for name in ("other", "unknown") if getattr(line, name)}
    return {**written, "rows": line.rows, "rate": round(line.rate, 4)}


def read_card(value: Mapping[str, Any]) -> Card:
    """Read a card from JSON; raises `KeyError`, `TypeError` or `ValueError` where it is none."""
    features = tuple(
        CardFeature(
            str(feature["column"]),
            str(feature["kind"]),
            tuple(
                CardLine(
                    points=int(line["points"]),
                    ranged="from" in line,
                    low=line.get("from"),
                    high=line.get("to"),
                    levels=tuple(map(str, line.get("any_of", ()))),
                    other=bool(line.get("other")),
                    unknown=bool(line.get("unknown")),
                    rows=int(line.get("rows", 0)),
                    rate=float(line.get("rate", 0)),
                )
                for line in feature["lines"]
            ),
        )
        for feature in value["features"]
    )
    crosses = tuple(
        CrossedColumns(_bins_from_json(first), _bins_from_json(second)) for first, second in value.get("crosses", ())
    )
    return Card(features, float(value["probability"]["intercept"]), float(value["probability"]["slope"]), crosses)
