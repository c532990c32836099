"""What can be learned, what is left out and why, and where a calibration refuses (Q18)."""

from datetime import date, timedelta

import numpy as np
import pytest

from baton.calibration.calibrate import calibrate_card, calibration_as_json
from baton.calibration.evidence import gather_training_data
from baton.exit_codes import FoundWrongError, WrongUsageError
from tests.calibration.conftest import evidence_of, table_of
from tests.calibration.worlds import World, education, leads


def with_successes(count: int, rows: int = 1_500) -> World:
    """Return leads of which exactly so many succeeded."""
    world = leads(rows, rate=0.1, seed=8)
    won = np.flatnonzero(world.won)
    world.won[won[count:]] = 0
    assert world.won.sum() == count
    return world


def test_twenty_nine_successes_are_too_few_and_the_refusal_says_what_is_missing() -> None:
    with pytest.raises(FoundWrongError, match=r"29 successes .* at least 30 are needed \(1 more\)"):
        evidence_of(with_successes(29))


def test_thirty_successes_make_a_card_that_is_better_than_the_base_rate() -> None:
    found = calibrate_card(evidence_of(with_successes(30)))
    figures = calibration_as_json(found)
    assert figures["positives"] == 30
    assert figures["brier"] < figures["beside"]["base_rate"]["brier"]
    assert figures["split"]["kind"].startswith("every row held out once")
    assert any("only 30 successes" in warning for warning in figures["warnings"])


def test_too_few_failures_are_refused_as_well() -> None:
    world = with_successes(30)
    world.won = 1 - world.won
    world.won[:] = np.where(np.arange(len(world.won)) < 20, 0, 1)
    with pytest.raises(FoundWrongError, match="20 failures"):
        evidence_of(world)


@pytest.mark.parametrize(
    ("heading", "is_left_out"),
    [
        ("owner", True), ("Contact owner", True), ("Lead Owner ID", True), ("sales_rep", True), ("rep", True),
        ("Assigned To", True), ("ownerName", True), ("Home owner", False), ("homeowner", False), ("report", False),
        ("Business Owner", False), ("representative", False), ("id", False), ("\u5e97", False),
    ],
)  # fmt: skip
def test_nothing_is_learned_from_who_works_a_lead(heading: str, is_left_out: bool) -> None:
    """A proposal with such a column would be refused by the check: points are the same for every rep."""
    world = leads(600, rate=0.3)
    world.columns[heading] = [f"answer {row % 3}" for row in range(600)]
    dropped = {each.column: each.reason for each in evidence_of(world).dropped}
    assert ("who works the lead" in dropped.get(heading, "")) == is_left_out


def test_a_fortnight_is_too_short_to_hold_later_leads_against_earlier_ones() -> None:
    world = leads(1_000, rate=0.2)
    world.columns["created"] = [(date(2026, 1, 1) + timedelta(days=row % 14)).isoformat() for row in range(1_000)]
    with pytest.raises(FoundWrongError, match="spans 13 days"):
        evidence_of(world, time="created")


def test_columns_that_only_one_outcome_varies_in_are_left_out_and_if_none_is_left_it_refuses_by_name() -> None:
    won = [1] * 40 + [0] * 400
    only = ["no"] * 40 + ["yes"] * 60 + ["no"] * 340
    evidence = gather_training_data(
        table_of({"trial": only, "size": [n % 7 for n in range(440)], "won": won}), outcome="won"
    )
    assert {column.column for column in evidence.dropped} == {"trial"}
    with pytest.raises(FoundWrongError, match="trial: one-sided: all successes say 'no'"):
        gather_training_data(table_of({"trial": only, "won": won}), outcome="won")


def test_constants_identifiers_copies_and_dates_are_left_out_each_with_its_reason() -> None:
    rng = np.random.default_rng(3)
    rows = 500
    size = rng.integers(1, 900, rows)
    evidence = gather_training_data(
        table_of(
            {
                "Prospect ID": [f"{n:09x}" for n in rng.permutation(rows)],
                "Lead Number": [660_000 - n for n in range(rows)],
                "constant": ["No"] * rows,
                "nearly": ["Yes"] * 3 + ["No"] * (rows - 3),
                "empty": [""] * rows,
                "size": size,
                "size again": [f"{n}.0" for n in size],
                "seen": [f"2026-0{n % 9 + 1}-01" for n in range(rows)],
                "revenue": rng.integers(1_000, 9_000_000, rows),
                "won": (rng.random(rows) < 0.3).astype(int),
            }
        ),
        outcome="won",
    )
    reasons = {column.column: column.reason.split(":")[0] for column in evidence.dropped}
    assert reasons == {
        "Prospect ID": "an identifier", "Lead Number": "an identifier", "constant": "constant", "empty": "empty",
        "nearly": "nearly constant", "size again": "says the same as size", "seen": "a date",
    }  # fmt: skip
    assert set(evidence.columns) == {"size", "revenue"}


@pytest.mark.parametrize(
    ("won", "lost", "positive"),
    [("1", "0", None), ("yes", "no", None), ("True", "False", None), ("converted", "not converted", None),
     ("Closed Won", "Closed Lost", None), ("1.0", "0.0", None), ("Kauf", "kein Kauf", "kauf"), ("2", "1", "2.0"),
     ("yes", "", None)],
)  # fmt: skip
def test_success_is_recognised_as_people_write_it(won: str, lost: str, positive: str | None) -> None:
    outcome = [won] * 40 + [lost] * 60
    evidence = gather_training_data(
        table_of({"size": list(range(50)) * 2, "y": outcome}), outcome="y", positive=positive
    )
    assert evidence.success_count == 40
    assert evidence.row_count == 100


@pytest.mark.parametrize(
    "options",
    [
        {"outcome": "nope"},
        {"outcome": "y"},
        {"outcome": "y", "positive": "maybe"},
        {"outcome": "z", "exclude": ["nope"]},
        {"outcome": "z", "time": "size"},
    ],
)
def test_what_cannot_be_meant_is_wrong_usage(options: dict[str, object]) -> None:
    columns = {"size": ["a", "b"] * 50, "y": ["red", "blue"] * 50, "z": ["yes", "no"] * 50}
    with pytest.raises(WrongUsageError):
        gather_training_data(table_of(columns), **options)  # type: ignore[arg-type]


def test_rows_without_an_outcome_are_left_out_and_counted() -> None:
    outcome = ["yes"] * 40 + ["no"] * 60 + ["", "n/a"]
    evidence = gather_training_data(table_of({"size": [n * 7 % 11 for n in range(102)], "y": outcome}), outcome="y")
    assert evidence.row_count == 100
    assert "2 rows have no outcome and are left out" in evidence.warnings


def test_a_placeholder_is_an_answer_of_its_own_that_says_nothing() -> None:
    """`Select` and blank are both unknown, but who was never asked is not who did not answer."""
    column = evidence_of(education(3_000)).columns["Specialization"]
    assert not column.find_filled_rows[column.codes == column.levels.index("select")].any()
    assert not column.find_filled_rows[column.codes == column.levels.index("")].any()
