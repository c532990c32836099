"""Figures about predictions: how well they rank (AUC, lift), how true they are (Brier score, calibration error)."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sklearn.metrics import brier_score_loss, roc_auc_score

from baton.calibration.columns import Numbers

RELIABILITY_BINS = 10


@dataclass(frozen=True)
class PredictionFigures:
    """What a set of predictions is worth on rows it has not seen."""

    auc: float
    """Chance that a success ranks above a failure; 0.5 is a coin."""
    brier: float
    """Mean squared difference between predicted and happened; lower is better."""
    ece: float
    """Expected calibration error: mean distance between predicted and happened over ten groups of equal size."""
    lift: float
    """Success rate in the best tenth, as a multiple of the rate of all."""

    def as_rounded_json(self) -> dict[str, float]:
        """Return the figures, rounded as reports show them."""
        return {name: round(value, 6) for name, value in asdict(self).items()}


def measure_predictions(happened: Numbers, predicted: Numbers) -> PredictionFigures:
    """Compare what was predicted with what happened (1 success, 0 failure)."""
    return PredictionFigures(
        auc=compute_auc(happened, predicted),
        brier=float(brier_score_loss(happened, predicted)),
        ece=sum(
            each["share"] * abs(each["predicted"] - each["happened"])
            for each in compute_reliability(happened, predicted)
        ),
        lift=compute_lift(happened, predicted),
    )


def compute_auc(happened: Numbers, score: Numbers) -> float:
    """Return the area under the ROC curve; a half where there is only one outcome."""
    return float(roc_auc_score(happened, score)) if 0 < happened.sum() < len(happened) else 0.5


def compute_lift(happened: Numbers, score: Numbers, share: float = 0.1) -> float:
    """Return the success rate among the best `share`, over that of all. Ties at the edge count by their mean."""
    count = max(1, round(len(score) * share))
    edge = np.sort(score)[-count]
    above, at = score > edge, score == edge
    won = happened[above].sum() + happened[at].mean() * (count - above.sum())
    return float(won / count / happened.mean())


def compute_reliability(happened: Numbers, predicted: Numbers) -> list[dict[str, Any]]:
    """Group rows by prediction, ten groups of about equal size, and hold predicted against happened."""
    order = np.argsort(predicted, kind="stable")
    edges = np.unique(
        np.searchsorted(predicted[order], predicted[order][_last_rows_of_tenths(len(order))], side="right")
    )
    groups = np.split(order, edges[edges < len(order)])
    return [
        {
            "rows": len(group),
            "share": len(group) / len(order),
            "predicted": float(predicted[group].mean()),
            "happened": float(happened[group].mean()),
        }
        for group in groups
        if len(group)
    ]


def _last_rows_of_tenths(rows: int) -> Any:
    return np.array([round(rows * part / RELIABILITY_BINS) - 1 for part in range(1, RELIABILITY_BINS + 1)]).clip(0)
