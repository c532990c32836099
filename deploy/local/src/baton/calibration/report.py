"""The calibration as files, and as a page: figures beside their rivals, points, drift, leaks, what would change."""

import json
from pathlib import Path
from typing import Any

from baton.calibration.calibrate import Calibration, calibration_as_json, card_document
from baton.calibration.card import describe_line
from baton.calibration.proposed import warn_of_worse_proposal
from baton.pages import fill_template

NAMES = {"card": "this card", "boosting": "gradient boosting", "naive_bayes": "naive Bayes", "base_rate": "base rate"}


def write_report(
    found: Calibration, folder: Path, proposed: str = "", diff: str = "", proposal: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Write `card.json`, `calibration.json`, `index.html` and, where there is one, the proposal; return the figures.

    `proposal` says what the proposed criteria are worth by themselves.
    """
    folder.mkdir(parents=True, exist_ok=True)
    figures, card = calibration_as_json(found), card_document(found)
    if proposal is not None:
        figures |= {"proposal": proposal, "warnings": [*figures["warnings"], *warn_of_worse_proposal(proposal)]}
    _write_json_file(folder / "card.json", card)
    _write_json_file(folder / "calibration.json", figures)
    if proposed:
        (folder / "scoring.yaml").write_text(proposed, encoding="utf-8")
        (folder / "playbook.diff").write_text(f"{diff}\n", encoding="utf-8")
    (folder / "index.html").write_text(render_report(found, figures, diff), encoding="utf-8")
    return figures


def render_report(found: Calibration, figures: dict[str, Any], diff: str = "") -> str:
    """Render the page."""
    rivals = {"card": {name: figures[name] for name in ("auc", "brier", "ece", "lift")}, **figures["beside"]}
    most = max((abs(line.points) for feature in found.card.features for line in feature.lines), default=1)
    return fill_template(
        "calibration.html",
        figures=figures, card=found.card, rivals=rivals, names=NAMES, most=max(most, 1), described=describe_line,
        diff=diff, meaning=_points_to_probability_table(found),
    )  # fmt: skip


def _points_to_probability_table(found: Calibration) -> list[tuple[int, float]]:
    """Return what sums of points mean, from the lowest to the highest that rows reached."""
    total = found.card.row_totals(found.evidence.columns, found.evidence.row_count)
    low, high = round(total.min()), round(total.max())
    sums = sorted({round(low + (high - low) * step / 6) for step in range(7)})
    return [(total_points, float(found.card.probability(total[:1] * 0 + total_points)[0])) for total_points in sums]


def _write_json_file(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
