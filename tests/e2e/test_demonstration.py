"""The demonstration in small: right, the same twice, and unmoved by what dies on the way."""

import json
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from baton.data_dir import DataDir
from baton.demo import run_demo
from baton.exit_codes import DONE
from tests.chaos.years import numbers
from tests.e2e.conftest import free_base

pytestmark = pytest.mark.e2e

LEADS = 10


def demonstrate(folder: Path, leads: int = LEADS) -> dict[str, Any]:
    """Run the demonstration in a folder of its own and return its report."""
    report = folder / "report.json"
    assert run_demo(leads=leads, report=report, data=folder / "d", port_base=free_base()) == DONE
    found: dict[str, Any] = json.loads(report.read_text())
    return found


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The report of a run in which nothing died."""
    return demonstrate(tmp_path_factory.mktemp("demo"))


def test_the_funnel_is_the_datas(undisturbed: dict[str, Any]) -> None:
    assert undisturbed["leads_posted"] == undisturbed["leads_qualified"] == LEADS
    assert undisturbed["won_by_origin"] == undisturbed["real"]["won_by_origin"]
    assert sum(undisturbed["won_by_origin"].values()) > 0
    for name in ("lost_records", "duplicate_effects", "audit_residual"):
        assert undisturbed[name] == 0
    assert undisturbed["simulated"]["agreeing"] == undisturbed["simulated"]["published"] >= LEADS
    assert undisturbed["sla"]["met"] > 0
    assert undisturbed["recycled_by_reason"]


def test_without_java_it_comes_to_the_same_numbers(
    undisturbed: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The in-memory rung of the Kafka ladder; where that is all there is, a second run of it."""
    monkeypatch.setenv("BATON_KAFKA", "memory")

    assert numbers(demonstrate(tmp_path)) == numbers(undisturbed)


@pytest.mark.crash
def test_whoever_is_killed_the_numbers_stay(undisturbed: dict[str, Any], tmp_path: Path) -> None:
    """X3, X5, X17: each part is killed in turn while the year goes by."""
    killed: list[str] = []
    over = threading.Event()
    killer = threading.Thread(target=kill_in_turn, args=(tmp_path / "d", killed, over))
    killer.start()
    try:
        found = demonstrate(tmp_path)
    finally:
        over.set()
        killer.join()

    assert {"postgres", "kafka", "routing", "feedback"} <= set(killed)
    assert numbers(found) == numbers(undisturbed)


def kill_in_turn(data: Path, killed: list[str], over: threading.Event) -> None:
    """Kill one part after another, each when the one before is long back."""
    parts = ("routing", "postgres", "feedback", "kafka", "capture", "scoring", "sla-monitor")
    for name in parts:
        while not over.is_set():
            process = DataDir.of_folder(data).read_state().parts.get(name)
            ready = DataDir.of_folder(data).read_state().phase == "ready"
            if ready and process is not None and psutil.pid_exists(process.pid):
                os.kill(process.pid, signal.SIGKILL)
                killed.append(name)
                time.sleep(1.5)
                break
            time.sleep(0.05)
