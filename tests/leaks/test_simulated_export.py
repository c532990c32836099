"""What would have happened to an export's leads under a playbook, by the rules of the services themselves."""

import csv
import json
import shutil
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from baton.cli import run
from events.business_time import Calendar, compute_due_at, parse_duration
from tests.leaks import worlds

LEADS = 600
PLAYBOOK = Path(__file__).parents[2] / "deploy" / "playbook"
OFFICE = {day: ["09:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
CALENDAR = Calendar.model_validate({"zone": "Europe/Berlin", **OFFICE})
ASKED = {"Demo request", "Contact us"}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return worlds.write(worlds.world(LEADS), "hubspot", tmp_path_factory.mktemp("exports"))


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default playbook in Berlin, in which a raised hand of one source is called by the end of the next day."""
    folder = tmp_path_factory.mktemp("rules")
    shutil.copytree(PLAYBOOK, folder, dirs_exist_ok=True)
    sla = folder / "sla.yaml"
    sla.write_text(sla.read_text().replace("zone: UTC # set your own", "zone: Europe/Berlin # set your own"))
    return folder


@pytest.fixture(scope="module")
def simulated(files: list[Path], rules: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    out = tmp_path_factory.mktemp("simulated")
    leads, activities, deals = map(str, files)
    command = ["playbook", "simulate", "--playbook", str(rules), "--export", leads, "--activities", activities]
    assert run([*command, "--deals", deals, "--report", str(out)]) == 0
    with (out / "what-if.csv").open() as file:
        return {**json.loads((out / "simulation.json").read_text()), "rows": list(csv.DictReader(file))}


def test_whoever_raised_a_hand_goes_to_sales_and_is_due_by_the_promises_clock(
    files: list[Path], simulated: dict[str, Any]
) -> None:
    with files[0].open() as file:
        asked = {row["Record ID"] for row in csv.DictReader(file) if row["First Conversion"] in ASKED}
    handed = {row["lead_id"] for row in simulated["rows"] if row["decision"] == "hand_raiser"}
    assert handed == asked
    for row in simulated["rows"]:
        if row["policy"] == "hand_raiser":
            created, due = (datetime.fromisoformat(row[name]) for name in ("created_at", "due_at"))
            assert due == compute_due_at(created, parse_duration("15b"), CALENDAR)


def test_a_promise_is_kept_by_when_the_export_says_they_were_called(simulated: dict[str, Any]) -> None:
    seen = Counter(row["promise"] for row in simulated["rows"] if row["policy"])
    for row in simulated["rows"]:
        if row["first_touch"] and row["due_at"]:
            in_time = datetime.fromisoformat(row["first_touch"]) <= datetime.fromisoformat(row["due_at"])
            assert row["promise"] == ("kept" if in_time else "missed")
        elif not row["policy"]:
            assert row["promise"] == ""
    assert seen["kept"] > 0
    assert seen["missed"] > 0
    totals = Counter({name: sum(each[name] for each in simulated["promises"]) for name in seen})
    assert totals == seen


def test_the_leads_are_shared_by_turns_and_counted(simulated: dict[str, Any]) -> None:
    assert simulated["leads"] == LEADS == simulated["handed_over"] + simulated["nurture"]
    inbound = [each["leads"] for each in simulated["reps"] if each["rep"].startswith("inbound")]
    assert len(inbound) == 4
    assert max(inbound) - min(inbound) <= 1
    won = Counter(row["outcome"] for row in simulated["rows"] if row["policy"])["won"]
    assert simulated["won_of_handed_over"] == won > 0


def test_the_proposed_playbook_is_simulated_over_its_own_export(
    files: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the export to a proposal to what it would have done, with a promise that somebody changed on the way."""
    candidate, out = tmp_path / "candidate", tmp_path / "out"
    leads, activities, deals = map(str, files)
    options = ["--zone", "Europe/Berlin", "--out", str(out), "--playbook", str(candidate)]
    assert run(["leaks", leads, activities, deals, *options]) == 0
    command = ["playbook", "simulate", "--playbook", str(candidate), "--export", leads, "--activities", activities]
    capsys.readouterr()
    found = []
    for within in ("5b", "10w"):
        sla = yaml.safe_load((candidate / "sla.yaml").read_text())
        next(each for each in sla["policies"] if each["name"] == "hand_raiser").update(accept="5b", first_touch=within)
        (candidate / "sla.yaml").write_text(yaml.safe_dump(sla))
        assert run([*command, "--json"]) == 0
        found.append(json.loads(capsys.readouterr().out))
    missed = [sum(each["missed"] for each in shown["promises"]) for shown in found]
    assert missed[0] > missed[1]
    assert {each["rep"] for each in found[0]["reps"]} <= {"ada", "bo", "cleo", "dan"}
    assert run(command) == 0
    assert "would have gone to sales" in capsys.readouterr().out


def test_what_is_no_export_or_no_playbook_is_named(
    files: list[Path], rules: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text("Name\nAda\n")
    assert run(["playbook", "simulate", "--playbook", str(rules), "--export", str(empty)]) == 2
    assert "created_at" in capsys.readouterr().err
    assert run(["playbook", "simulate", "--playbook", str(tmp_path), "--export", str(files[0])]) == 2
    assert "capture.yaml" in capsys.readouterr().err
