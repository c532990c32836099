"""Drift: where later leads are unlike earlier ones it is said, with what that costs (Q15)."""

import numpy as np
import pytest

from baton.calibration.calibrate import calibrate_card, calibration_as_json
from baton.exit_codes import FoundWrongError
from tests.calibration.conftest import calibrated, evidence_of
from tests.calibration.worlds import bank, leads

ROWS = 6_000


def test_with_a_time_the_card_is_tried_on_later_leads_and_without_drift_nothing_is_reported() -> None:
    figures = calibration_as_json(calibrated(leads(ROWS), time="created"))
    assert figures["split"]["kind"] == "out of time"
    assert figures["drift"]["found"] is False
    assert figures["warnings"] == []


def test_a_base_rate_and_a_column_that_moved_are_named_with_what_the_figures_suffer() -> None:
    figures = calibration_as_json(calibrated(leads(ROWS, rate=0.2, drift=1.2), time="created"))
    drift = figures["drift"]
    assert drift["base_rate_moved"]
    assert drift["late"]["rate"] < drift["early"]["rate"] * 0.7
    assert [feature["column"] for feature in drift["features"] if feature["psi"] >= 0.25] == ["source"]
    assert drift["change"]["ece"] > 0.02
    assert any("the base rate moved" in warning for warning in figures["warnings"])
    assert any("source drifts" in warning for warning in figures["warnings"])
    assert any("without drift they would be" in warning for warning in figures["warnings"])


def test_the_order_of_a_file_without_dates_is_watched_too() -> None:
    """A telephone campaign is written down in the order of its calls, and says so nowhere."""
    figures = calibration_as_json(calibrated(bank(ROWS)))
    assert figures["drift"]["by"] == "the order of the file"
    assert figures["split"]["kind"] == "later rows", "the headline is what the card is worth on what comes"
    assert figures["auc"] == figures["drift"]["on_later"]["auc"] < figures["drift"]["on_random"]["auc"]
    assert figures["drift"]["base_rate_moved"]
    assert figures["drift"]["change"]["auc"] < -0.03


def test_a_column_whose_later_answers_are_wholly_other_ones_is_left_out() -> None:
    """An interest rate that fell tells the months of a campaign apart, and nothing of the next one."""
    found = calibrated(bank(ROWS))
    (dropped,) = (each for each in found.evidence.dropped if each.column == "euribor3m")
    assert "wholly other ones" in dropped.reason
    assert "euribor3m" not in calibration_as_json(found)["columns"]
    assert any(warning.startswith("euribor3m is left out") for warning in found.warnings())


def test_nothing_is_learned_where_every_column_drifts() -> None:
    world = bank(ROWS)
    world.columns = {"euribor3m": world.columns["euribor3m"]}
    with pytest.raises(FoundWrongError, match="every column drift"):
        calibrate_card(evidence_of(world))


def test_a_file_sorted_by_its_outcome_says_nothing_about_time() -> None:
    world = leads(2_000, rate=0.2)
    order = np.argsort(world.won, kind="stable")
    world.columns = {name: [texts[row] for row in order] for name, texts in world.columns.items()}
    world.won = world.won[order]
    assert calibration_as_json(calibrate_card(evidence_of(world, exclude=["created"])))["drift"] is None
