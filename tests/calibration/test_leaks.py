"""Leaks: what is only known after the outcome is named and left out, and honest columns are not accused (Q15)."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from baton.calibration.evidence import gather_training_data
from baton.calibration.leaks import split_heading
from tests.calibration.conftest import evidence_of, table_of
from tests.calibration.worlds import EDUCATION_LEAKS, bank, education, leads, telecom

OLIST = Path(__file__).parents[2] / "data" / "olist"
ROWS = 5_000


def named(evidence: object) -> set[str]:
    return {leak.column for leak in evidence.leaks}  # type: ignore[attr-defined]


def test_what_sales_wrote_down_later_is_found_in_a_wide_export() -> None:
    """The last activity goes on changing until a lead is closed, by whatever name it goes."""
    assert named(evidence_of(education(ROWS))) == {*EDUCATION_LEAKS, "Last Activity"}


def test_the_length_of_the_call_that_sold_is_a_leak() -> None:
    assert named(evidence_of(bank(ROWS))) == {"duration"}


@pytest.mark.parametrize("make", [telecom, leads])
def test_honest_exports_have_none(make: object) -> None:
    assert named(evidence_of(make(ROWS))) == set()  # type: ignore[operator]


def test_columns_without_a_telling_name_are_betrayed_by_their_pattern() -> None:
    rng = np.random.default_rng(5)
    won = (rng.random(ROWS) < 0.15).astype(int)
    luck = rng.random(ROWS)
    both = list(zip(won, luck, strict=True))
    columns: dict[str, Any] = {
        "filled for nearly all successes": ["2025-01-11" if is_won and chance < 0.9 else "" for is_won, chance in both],
        "filled for few successes": ["yes" if is_won and chance < 0.08 else "" for is_won, chance in both],
        "filled for failures": ["price" if not is_won and chance < 0.7 else "" for is_won, chance in both],
        "not zero for successes": [round(100 * chance) + 1 if is_won else 0 for is_won, chance in both],
        "one value for successes": ["live" if is_won or chance < 0.2 else "idle" for is_won, chance in both],
        "a copy": ["A" if is_won else "B" for is_won in won],
        "honest": rng.normal(won * 0.8, 1).round(2),
        "y": won,
    }
    evidence = gather_training_data(table_of(columns), outcome="y")
    assert named(evidence) == set(columns) - {"honest", "y"}
    assert set(evidence.columns) == {"honest"}
    assert all(leak.reason for leak in evidence.leaks)


def test_strong_columns_that_are_honest_are_not_accused_whatever_their_name() -> None:
    rng = np.random.default_rng(6)
    drive, team = rng.normal(0, 1, ROWS), rng.integers(0, 5, ROWS)
    won = (rng.random(ROWS) < 1 / (1 + np.exp(4 - 3.5 * drive - 0.8 * team))).astype(int)
    columns: dict[str, Any] = {
        "engagement_score": drive.round(3),
        "pricing_page_views": (drive * 3).round().clip(0),
        "contract_duration": (drive * 5 + 12).round(),
        "last_visit_channel": team,
        "previous outcome": ["won" if each > 0.5 else "lost" for each in drive],
        "amount": rng.gamma(2, 100, ROWS).round(),
        "converted": won,
    }
    assert named(gather_training_data(table_of(columns), outcome="converted")) == set()


def test_a_rare_request_that_mostly_wins_where_hardly_anybody_does_is_no_leak() -> None:
    rng = np.random.default_rng(7)
    asked = rng.choice(["demo request", "paper", "webinar"], ROWS, p=[0.05, 0.6, 0.35])
    won = (rng.random(ROWS) < np.where(asked == "demo request", 0.45, 0.006)).astype(int)
    assert named(gather_training_data(table_of({"engagement": asked, "won": won}), outcome="won")) == set()


def test_the_columns_that_a_real_funnel_knows_of_its_wins_alone_are_leaks() -> None:
    """The closed deals of the data set that comes along, joined to its leads as one would export them."""
    with (OLIST / "olist_closed_deals_dataset.csv").open() as file:
        deals = {row.pop("mql_id"): row for row in csv.DictReader(file)}
    with (OLIST / "olist_marketing_qualified_leads_dataset.csv").open() as file:
        rows = list(csv.DictReader(file))
    later = list(next(iter(deals.values())))
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    columns |= {name: [deals.get(row["mql_id"], {}).get(name, "") for row in rows] for name in later}
    columns["won"] = ["yes" if row["mql_id"] in deals else "no" for row in rows]
    evidence = gather_training_data(table_of(columns), outcome="won", time="first_contact_date")
    assert named(evidence) == set(later)
    assert set(evidence.columns) == {"landing_page_id", "origin"}


def test_who_knows_better_keeps_a_column_and_is_warned() -> None:
    evidence = evidence_of(bank(ROWS), keep=["duration"])
    assert "duration" in evidence.columns
    assert any("duration" in warning for warning in evidence.warnings)


def test_headings_are_read_as_words() -> None:
    assert split_heading("lastContacted_at") == ["last", "contacted", "at"]
