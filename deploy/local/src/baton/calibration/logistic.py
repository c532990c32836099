"""Regularised logistic regression whose weights keep to their side of zero.

What speaks for a success when it stands alone never counts against it.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq, minimize
from scipy.special import expit, logit

from baton.calibration.columns import Codes, Numbers

ENOUGH = 1e-6
STRETCH, PULL_OF_LUCK = 0.5, 16.0
"""Where a few rows cannot say how true a score is, it is taken half as far as it goes."""


@dataclass(frozen=True)
class Weights:
    """The logarithm of the odds is `base` plus the weighted sum."""

    base: float
    of: Numbers


def fit_weights(features: Numbers, happened: Numbers, ridge: float, towards: float = 1.0) -> Weights:
    """Fit weights of zero or more to columns of evidence, drawn towards one: the weight of what stands alone."""
    count = features.shape[1]

    def loss(values: Numbers) -> tuple[float, Numbers]:
        margin = values[0] + features @ values[1:]
        wrong = expit(margin) - happened
        pulled = values[1:] - towards
        value = _log_loss(margin, happened) + ridge / 2 * float(pulled @ pulled)
        return value, np.concatenate(([wrong.sum()], features.T @ wrong + ridge * pulled))

    start = np.concatenate(([logit(happened.mean())], np.full(count, 0.5)))
    bounds = [(None, None)] + [(0.0, None)] * count
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": ENOUGH * 1e-3}).x
    return Weights(float(found[0]), found[1:])


def refine_points(
    codes: list[Codes], prior: list[Numbers], base: float, happened: Numbers, ridge: float
) -> list[Numbers]:
    """Let each bin's points move away from what its evidence alone says, as far as the rows ask for it.

    `codes` and `prior` are per feature: the bin of each row, the points of each bin. A bin never changes sides.
    """
    sizes = np.array([len(points) for points in prior])
    starts = np.concatenate(([0], np.cumsum(sizes)))
    placed = [code + start for code, start in zip(codes, starts, strict=False)]
    expected = np.concatenate(prior)

    def loss(values: Numbers) -> tuple[float, Numbers]:
        margin = values[0] + sum(values[1:][place] for place in placed)
        wrong = expit(margin) - happened
        pulled = values[1:] - expected
        slope = sum(np.bincount(place, weights=wrong, minlength=len(expected)) for place in placed)
        value = _log_loss(margin, happened) + ridge / 2 * float(pulled @ pulled)
        return value, np.concatenate(([wrong.sum()], slope + ridge * pulled))

    bounds = [(None, None), *((0.0, None) if weight > 0 else (None, 0.0) for weight in expected)]
    start = np.concatenate(([base], expected))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": ENOUGH * 1e-3}).x[1:]
    return np.split(found, starts[1:-1])


def fit_shrinkage_factor(score: Numbers, happened: Numbers) -> float:
    """Return the slope (0 to 1) of a log-odds score on rows that it was not made from; below 1 it is overconfident."""
    if float(score.std()) == 0:
        return 0.0
    found = fit_weights(score.reshape(-1, 1), happened, PULL_OF_LUCK, STRETCH)
    return min(1.0, float(found.of[0]))


def fit_calibration_intercept(margin: Numbers, happened: Numbers) -> float:
    """Return what to add to the log-odds so that as much is predicted as happened."""
    return float(brentq(lambda shift: expit(margin + shift).mean() - happened.mean(), -60.0, 60.0))


def compute_column_gain(feature: Numbers, margin: Numbers, happened: Numbers) -> float:
    """Return how much a further column of evidence would add (a score statistic); zero if it pointed the wrong way."""
    predicted = expit(margin)
    spread = predicted * (1 - predicted)
    centred = feature - np.average(feature, weights=spread)
    slope = float(centred @ (happened - predicted))
    return slope * slope / max(float(spread @ (centred * centred)), 1e-12) if slope > 0 else 0.0


def _log_loss(margin: Numbers, happened: Numbers) -> float:
    return float((np.logaddexp(0.0, margin) - happened * margin).sum())
