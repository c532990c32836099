"""A file that is split into many parts has the figures, and the lists, of one that is a single part."""

import random
from pathlib import Path
from statistics import median
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.cli import run
from events.business_time import Calendar
from leaks import ExportFiles, LeaksReport, build_report, parts, reading, write_report
from leaks.medians import compute_medians
from tests.leaks import worlds

OFFICE = {day: ["09:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
CALENDAR = Calendar.model_validate({"zone": "Europe/Berlin", **OFFICE})
LEADS = 2_000


def split_finely(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", 20_000)
    monkeypatch.setattr(parts, "BLOCK", 150)
    monkeypatch.setattr(parts, "WAITING_ROWS", 400)
    monkeypatch.setattr(reading, "BATCH", 90)
    monkeypatch.setattr(reading, "CHUNK", 9_000)


def written(report: LeaksReport, folder: Path) -> dict[str, list[str]]:
    """The lines of each list, without the number that stands for a person."""
    write_report(report, folder)
    found = {path.name: path.read_text().splitlines() for path in (folder / "lists").iterdir()}
    for name in ("duplicates.csv", "in-two-hands.csv"):
        found[name] = sorted(line.partition(",")[2] for line in found[name])
    return found


def test_many_parts_count_and_list_what_one_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = worlds.write(worlds.world(LEADS), "hubspot", tmp_path)
    with files[1].open("a") as file:
        file.write("A-X,2025-05-05 10:00,Call,Bo,L-9999\nA-Y,2025-05-05 10:00,Call,Bo,\n")
    whole = build_report(ExportFiles(*files, calendar=CALENDAR))
    split_finely(monkeypatch)
    split = build_report(ExportFiles(*files, calendar=CALENDAR))
    assert len(whole.leads.blocks) == 1
    assert len(split.leads.blocks) > 10
    assert split.exports["leads"].parts.count > 10
    for part in whole.document:
        assert split.document[part] == (
            pytest.approx(whole.document[part]) if part == "worth" else whole.document[part]
        ), part
    assert split.document["notes"] == {"touches of leads that are not in the file": 1}
    assert written(split, tmp_path / "split") == written(whole, tmp_path / "whole")


def test_the_proposal_of_many_parts_is_that_of_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = worlds.write(worlds.world(LEADS), "odoo", tmp_path)
    for name in ("whole", "split"):
        options = ["--out", str(tmp_path / "out"), "--playbook", str(tmp_path / name), "--zone", "Europe/Berlin"]
        assert run(["leaks", *map(str, files), *options]) == 0
        split_finely(monkeypatch)
    for path in (tmp_path / "whole").glob("*.*"):
        assert (tmp_path / "split" / path.name).read_bytes() == path.read_bytes(), path.name


def test_nothing_stays_on_disk_when_a_report_is_gone(tmp_path: Path) -> None:
    files = worlds.write(worlds.world(50), "zoho", tmp_path)
    report = build_report(ExportFiles(*files, calendar=CALENDAR))
    folder = report.leads.folder.path
    assert folder.stat().st_mode & 0o077 == 0
    assert any(folder.rglob("*.parquet"))
    del report
    assert not folder.exists()


def test_a_list_that_the_files_cannot_give_any_more_is_gone(tmp_path: Path) -> None:
    leads, activities, deals = worlds.write(worlds.world(200), "hubspot", tmp_path)
    lists = tmp_path / "out" / "lists"
    for files, there in ((ExportFiles(leads, activities, deals), True), (ExportFiles(leads), False)):
        write_report(build_report(files), tmp_path / "out")
        assert (lists / "no-second-touch.csv").exists() is there
        assert (lists / "without-owner.csv").exists()


@given(st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.none() | st.integers(0, 400)), min_size=1))
def test_medians_of_groups_are_those_of_their_values(rows: list[tuple[str | None, int | None]]) -> None:
    table = pl.LazyFrame(rows, schema={"who": pl.String, "wait": pl.Float64}, orient="row")
    by_group: dict[Any, list[int]] = {}
    for who, wait in rows:
        if wait is not None:
            by_group.setdefault(who, []).append(wait)
    assert compute_medians(table, "who", "wait") == {who: median(waits) for who, waits in by_group.items()}


def test_medians_are_exact_over_seconds_and_years() -> None:
    dice = random.Random(5)  # noqa: S311 - a play
    waits = [dice.random() * 10 ** dice.randrange(9) for _ in range(5_001)]
    assert compute_medians(pl.LazyFrame({"who": ["x"] * 5_001, "wait": waits}), "who", "wait") == {"x": median(waits)}
