"""`baton playbook calibrate` and `score` as people type them: files, exit codes, pages."""

import csv
import json
import re
from pathlib import Path

import pytest
import yaml

from baton.cli import run
from baton.exit_codes import DONE, FOUND_WRONG, WRONG_USAGE
from scoring.playbook import ScoringPlaybook
from tests.calibration.worlds import education, leads


def test_a_calibration_writes_card_figures_page_and_proposal_and_the_card_scores_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Q16: the proposal is a playbook that would pass the check; nothing is put in force."""
    file = education(3_000).write(tmp_path / "leads.csv", "Converted", delimiter=";", encoding="utf-8-sig")
    out = tmp_path / "out"
    data = ["--data", str(tmp_path / "none")]
    arguments = ["playbook", "calibrate", str(file), "--outcome", "Converted", "--report", str(out), *data, "--json"]
    assert run(arguments) == DONE
    figures = json.loads(capsys.readouterr().out)
    assert figures == json.loads((out / "calibration.json").read_text())
    contract = {"auc", "brier", "ece", "lift", "rows", "positives", "leaks", "dropped", "warnings", "beside"}
    assert contract <= set(figures)
    assert set(figures["beside"]) == {"boosting", "naive_bayes", "base_rate"}
    page = (out / "index.html").read_text()
    bars = re.findall(r'<rect y="2" height="10" x="([-\d.]+)" width="([\d.]+)"', page)
    assert bars
    assert all(float(x) >= 0 and float(x) + float(width) <= 200 for x, width in bars)
    assert "<svg" in page
    assert "Lead Quality" in page
    ScoringPlaybook.model_validate(yaml.safe_load((out / "scoring.yaml").read_text()))
    assert "+++ scoring.yaml (proposed)" in (out / "playbook.diff").read_text()
    proposal = figures["proposal"]
    assert proposal["rows"] == figures["split"]["held_out_rows"]
    assert 0.5 < proposal["auc"] <= proposal["card_auc"] + 0.02
    assert abs(proposal["card_auc"] - figures["auc"]) < 0.001
    assert f"{proposal['auc']:.3f}" in page

    scored = tmp_path / "scored.csv"
    assert run(["playbook", "score", str(out / "card.json"), str(file), "--out", str(scored)]) == DONE
    with scored.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 3_000
    for row in rows[:200]:
        assert int(row["points"]) == sum(line["points"] for line in json.loads(row["evidence"]))
        assert 0 < float(row["probability"]) < 1
    assert rows[0]["Lead Number"] == "660737"


def test_a_refusal_is_exit_code_one_with_the_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world = leads(400, rate=0.05)
    file = world.write(tmp_path / "leads.csv", "won")
    assert (
        run(["playbook", "calibrate", str(file), "--outcome", "won", "--report", str(tmp_path / "out")]) == FOUND_WRONG
    )
    assert "at least 30 are needed" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_column_that_is_not_there_and_a_card_that_is_none_are_wrong_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = leads(400).write(tmp_path / "leads.csv", "won")
    assert run(["playbook", "calibrate", str(file), "--outcome", "nope", "--report", str(tmp_path)]) == WRONG_USAGE
    assert "the file has created, source" in capsys.readouterr().err
    (tmp_path / "card.json").write_text("[]")
    for card in ("card.json", "missing.json"):
        assert run(["playbook", "score", str(tmp_path / card), str(file), "--out", str(tmp_path / "o")]) == WRONG_USAGE


def test_help_teaches_by_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["playbook", "calibrate", "--help"]) == DONE
    assert "baton playbook calibrate leads.csv --outcome Converted --report out" in capsys.readouterr().out
