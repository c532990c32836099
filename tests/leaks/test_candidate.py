"""The proposed playbook: accepted by the check, the company's own names in it, comments kept."""

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
import yaml

from baton import playbook
from baton.cli import run
from events.business_time import Calendar, compute_due_at, parse_duration
from leaks import ExportFiles, LeaksReport, build_report, write_proposed_playbook
from leaks.promises import compute_due_times, infer_working_hours
from leaks.reasons import match_reasons
from leaks.yaml_sections import extend_section, replace_section
from tests.leaks import worlds

BASE = Path(__file__).parents[2] / "deploy" / "playbook"
OFFICE = {day: ["09:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
CALENDAR = Calendar.model_validate({"zone": "Europe/Berlin", **OFFICE})


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> LeaksReport:
    files = worlds.write(worlds.world(3000), "hubspot", tmp_path_factory.mktemp("exports"))
    return build_report(ExportFiles(*files, calendar=CALENDAR))


def test_the_proposal_is_accepted_and_names_the_companys_own(report: LeaksReport, tmp_path: Path) -> None:
    found = write_proposed_playbook(report, CALENDAR, BASE, tmp_path)
    _, faults = playbook.check_folder(tmp_path)
    assert faults == []
    routing, sla, capture, feedback = (
        yaml.safe_load((tmp_path / f"{name}.yaml").read_text()) for name in ("routing", "sla", "capture", "feedback")
    )
    assert set(routing["reps"]) == {"ada", "bo", "cleo", "dan"}
    assert {queue["team"] for queue in routing["queues"].values()} == {"sales"}
    assert sla["calendars"]["office"]["zone"] == "Europe/Berlin"
    assert capture["sources"]["trade_show"] == {"engagement": "event_scan"}
    by_text = {each.text: each.proposed for each in found.reasons}
    assert by_text["No budgt this year"] == by_text["no budget"] == "no_budget"
    assert set(by_text.values()) <= set(feedback["reasons"])
    promised = {each.policy: each.within for each in found.promises}
    policies = {policy["name"]: policy for policy in sla["policies"]}
    assert promised == {name: policies[name]["first_touch"] for name in ("hand_raiser", "standard")}
    assert "# somebody talked to a human" in (tmp_path / "sla.yaml").read_text(), "comments stay"


def test_what_would_have_happened_is_what_the_promises_clock_says(report: LeaksReport, tmp_path: Path) -> None:
    found = write_proposed_playbook(report, CALENDAR, BASE, tmp_path)
    within = {each.policy: parse_duration(each.within) for each in found.promises}
    hours = Calendar.model_validate(found.calendar)
    with (tmp_path / "what-if.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3000
    assert {row["rep"] for row in rows} == {each["rep"] for each in found.reps}
    for row in rows[:300]:
        created, due = (datetime.fromisoformat(row[name]) for name in ("created_at", "due_at"))
        assert due == compute_due_at(created, within[row["policy"]], hours)
        if row["first_touch"]:
            assert (row["promise"] == "kept") == (datetime.fromisoformat(row["first_touch"]) <= due)
    document = json.loads((tmp_path / "proposal.json").read_text())
    counted = {policy: sum(counts.values()) for policy, counts in document["what_if"].items()}
    assert sum(counted.values()) == 3000


def test_working_hours_are_where_the_calls_are() -> None:
    monday = datetime(2025, 6, 2, tzinfo=ZoneInfo("Europe/Berlin"))
    calls = [monday + timedelta(days=day, hours=8, minutes=10 + 5 * nth) for day in range(5) for nth in range(100)]
    found = infer_working_hours(pl.LazyFrame({"at": calls}).select(pl.col("at").dt.convert_time_zone("UTC")), CALENDAR)
    assert found is not None
    assert found["mon"] == found["fri"] == ["08:00-16:30"]
    assert "sat" not in found
    assert infer_working_hours(pl.LazyFrame({"at": calls[:50]}), CALENDAR) is None


def test_a_corrected_reason_is_taken(report: LeaksReport) -> None:
    known = yaml.safe_load((BASE / "feedback.yaml").read_text())["reasons"]
    found = match_reasons(report.leads.table, known, {"too small": "wrong_icp"})
    assert {each.text: (each.proposed, each.how) for each in found}["too small"] == ("wrong_icp", "chosen")


def test_a_chapter_is_replaced_and_the_comments_around_it_stay() -> None:
    text = "# first\na: {x: 1}\n\n# second\nb:\n  - 1\n  # inside\n\n# third\nc: 3\n"
    assert replace_section(text, "b", {"y": 2}) == "# first\na: {x: 1}\n\n# second\nb: {y: 2}\n\n# third\nc: 3\n"
    assert extend_section("b:\n  x: 1 # why\nc: 3\n", "b", {"y": {"z": 2}}) == "b:\n  x: 1 # why\n  y: {z: 2}\nc: 3\n"


def test_due_times_equal_the_promises_clock() -> None:
    created = [datetime(2025, 3, 28, 16, 50, tzinfo=UTC) + timedelta(hours=7 * nth) for nth in range(60)]
    for text in ("15b", "480b", "2w", "48h"):
        due = compute_due_times(pl.Series(created), text, CALENDAR).to_list()
        assert due == [compute_due_at(at, parse_duration(text), CALENDAR) for at in created], text


def test_the_command_proposes_and_says_what_it_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = worlds.write(worlds.world(3000), "salesforce", tmp_path / "exports")
    options = ["--out", str(tmp_path / "out"), "--playbook", str(tmp_path / "candidate"), "--zone", "Europe/Berlin"]
    columns = tmp_path / "columns.yaml"
    assert run(["leaks", *map(str, files), *options, "--save-mapping", str(columns)]) == 0
    printed = capsys.readouterr()
    assert "Lead Owner" in printed.out
    assert "raised hands" in printed.out
    assert "baton up --playbook" in " ".join(printed.err.split())
    assert "what leads bring along does not tell who is won" in " ".join(printed.err.split())
    assert (tmp_path / "candidate" / "scoring.yaml").read_bytes() == (BASE / "scoring.yaml").read_bytes()
    saved = yaml.safe_load(columns.read_text())
    assert saved["statuses"]["Closed - Converted"] == "won"
    assert saved["reasons"]["too small"] == "wrong_size"
    again = [*options, "--mapping", str(columns)]
    before = (tmp_path / "out" / "leaks.json").read_text()
    assert run(["leaks", *map(str, files), *again]) == 0
    assert (tmp_path / "out" / "leaks.json").read_text() == before
