"""An export without times says what became of each source, and no more; the columns that would say more are named."""

import csv
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from baton.cli import run
from leaks import ExportFiles, ExportUnreadable, build_report
from tests.leaks import by_hand

ROWS = 2_000


@pytest.fixture
def leads(tmp_path: Path) -> Path:
    """A list as data sets have it: what somebody is, and whether they bought."""
    dice = random.Random(3)  # noqa: S311 - a play
    path = tmp_path / "leads.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["customerID", "Channel", "Contract", "Employees", "Bought"])
        for number in range(ROWS):
            channel = dice.choice(["Web", "Fair", "Fair", ""])
            size = dice.choice([5, 50, 500])
            bought = dice.random() < (0.3 if channel == "Web" else 0.1) + size / 2_000
            writer.writerow([number, channel, "x", size, "Yes" if bought else "No"])
    return path


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "columns.yaml"
    columns = "{lead_id: customerID, source: Channel, status: Bought, employees: Employees}"
    path.write_text(f"leads: {columns}\nstatuses: {{'Yes': won, 'No': lost}}\n")
    return path


def test_sources_and_what_became_of_them_are_counted_as_by_hand(leads: Path, mapping: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run(["leaks", str(leads), "--out", str(out), "--mapping", str(mapping)]) == 0
    document: dict[str, Any] = json.loads((out / "leaks.json").read_text())
    rows = by_hand.read(leads)
    volumes = Counter(row["Channel"] or None for row in rows)
    won = Counter(row["Channel"] or None for row in rows if row["Bought"] == "Yes")
    assert {row["group"]: row["leads"] for row in document["sources"]} == volumes
    assert {row["group"]: row["won"] for row in document["sources"]} == won
    for row in document["sources"]:
        interval = by_hand.interval(won[row["group"]], volumes[row["group"]])
        assert (row["low"], row["high"]) == pytest.approx(interval)
    assert document["outcomes"] == {"won": won.total(), "lost": ROWS - won.total()}
    cannot = {each["name"]: each["would_say"] for each in document["figures"] if each.get("cannot_say")}
    assert {"never-touched", "without-outcome", "raised-a-hand-never-touched", "no-second-touch"} <= cannot.keys()
    assert "when they came in" in cannot["without-outcome"]
    assert document["first_touch"]["cannot_say"]
    assert "when they came in" in document["worth"]["would_say"]
    assert "index.html" in {path.name for path in out.iterdir()}


def test_a_playbook_is_proposed_with_the_sources_alone(
    leads: Path, mapping: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--out", str(tmp_path / "out"), "--mapping", str(mapping), "--playbook", str(tmp_path / "candidate")]
    assert run(["leaks", str(leads), *options]) == 0
    printed = " ".join(capsys.readouterr().err.split())
    assert "the promises are the default ones" in printed
    assert "points: learned from 2,000 leads" in printed
    assert run(["playbook", "check", str(tmp_path / "candidate")]) == 0


def test_a_file_that_says_nothing_of_leads_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("Name,Mail\nAda,a@x.org\n")
    with pytest.raises(ExportUnreadable, match="no column was found for created_at"):
        build_report(ExportFiles(path))
