"""A stack lives through some months beside a real Prometheus, and every panel and every rule answers.

It takes minutes, so it is one of `make drills`; `test_expressions.py` is its small form.
"""

import asyncio
import math
import os
import re
import runpy
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from baton import stack as stacks
from baton.demo import cast, funnel
from baton.demo.command import _year_start_and_end
from baton.demo.director import DemoDirector
from baton.demo.hours import PlayedHours
from baton.demo.stack_connection import StackConnection
from baton.demo.stepper import YearStepper
from baton.stack import Stack, StartOptions
from baton_client import Baton
from tests.e2e.conftest import free_base
from tests.monitoring.prometheus import ROOT, Prometheus, Query, queries

pytestmark = pytest.mark.skipif(
    shutil.which("prometheus") is None, reason="prometheus is not on the PATH (`make prometheus`)"
)

Numbers = dict[tuple[str, str], dict[str, int]]
"""How many promises ended how, by clock and team."""

LEADS = 400
DAYS = 75
PATIENCE_SECONDS = 120.0
OUTCOMES = ("met", "rescinded", "met_late", "breached", "cancelled", "open")
DUE = OUTCOMES[:4]
"""What a promise can have come to when it fell due; a clock without a promise has none of them on the board."""
HAPPENS_SELDOM = {"annotation Service started", "annotation Playbook activated"}
"""What need not have happened within the last minute."""


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, Prometheus]]:
    """A stack that lived through some months of leads while Prometheus looked."""
    folder = tmp_path_factory.mktemp("monitoring")
    year = funnel.load_funnel(LEADS)
    start, _ = _year_start_and_end(year)
    options = StartOptions(str(folder / "d"), free_base(), "stepped", start.isoformat(), "WARNING")
    prometheus = Prometheus(folder / "prometheus")
    try:
        stack = stacks.start_detached(options)
        prometheus.start(stack)
        asyncio.run(play(options, stack, year, start))
        yield stack, prometheus
    finally:
        prometheus.stop()
        stacks.stop_stack(folder / "d")


async def play(options: StartOptions, stack: Stack, year: funnel.Funnel, start: datetime) -> None:
    director = DemoDirector(1, PlayedHours(ZoneInfo("UTC")))
    colder_contacts = cast.make_colder_contacts_for_year(year, 1)
    director.plan_first_submissions(year, colder_contacts)
    connection = StackConnection.make_unconnected(options, stack, print)
    stepper = YearStepper(connection, director)
    try:
        await connection.open()
        now = await stepper.resume_interrupted_step()
        await connection.retry_outages(lambda: cast.send_reps_and_accounts(connection.client, colder_contacts))
        await stepper.run_until(now, start + timedelta(days=DAYS), lambda _: None)
    finally:
        await connection.close()


def test_every_service_is_scraped(played: tuple[Stack, Prometheus]) -> None:
    targets = {each["labels"]["service"]: each["health"] for each in played[1].targets()}
    assert targets == dict.fromkeys(played[0].urls, "up")


def test_every_panel_has_something_to_show(played: tuple[Stack, Prometheus]) -> None:
    """None is an error, none is empty, and none is without a single number."""
    blank = [
        f"{query.board}: {query.title}: {query.expression}"
        for query in queries()
        if query.title not in HAPPENS_SELDOM and not any(map(numbers, asked(played[1], query)))
    ]
    assert blank == []


def test_every_rule_is_healthy_and_nobody_is_paged(played: tuple[Stack, Prometheus]) -> None:
    rules = played[1].rules()
    assert rules
    assert [rule["name"] for rule in rules if rule["health"] != "ok"] == []
    pages = [rule["name"] for rule in rules if rule["labels"]["severity"] == "page" and rule["state"] == "firing"]
    assert pages == []


def test_the_board_of_promises_says_what_the_api_says(played: tuple[Stack, Prometheus]) -> None:
    stack, prometheus = played
    counted = equal_at_last(lambda: board(prometheus), lambda: compliance(stack))
    assert sum(counts["met"] for counts in counted.values()) > 0


def equal_at_last(first: Callable[[], Numbers], second: Callable[[], Numbers]) -> Numbers:
    """Look at both until they agree, as a scrape comes seconds after the fact; return what they agree on."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (shown := first()) != (counted := second()):
        assert time.monotonic() < deadline, {key: (shown.get(key), counted.get(key)) for key in {*shown, *counted}}
        time.sleep(1.0)
    return counted


def asked(prometheus: Prometheus, query: Query) -> list[dict[str, Any]]:
    return prometheus.ask(query)


def numbers(series: dict[str, Any]) -> bool:
    values = series.get("values") or [series["value"]]
    return any(not math.isnan(float(value)) for _, value in values)


def board(prometheus: Prometheus) -> Numbers:
    found: Numbers = {}
    expression = 'max by (key, clock, outcome) (baton_promised_leads{by="team"})'
    for series in prometheus.ask(Query("", "", expression)):
        names = series["metric"]
        found.setdefault((names["key"], names["clock"]), {})[names["outcome"]] = int(series["value"][1])
    return {key: counts for key, counts in found.items() if any(counts[outcome] for outcome in DUE)}


def compliance(stack: Stack) -> Numbers:
    with Baton(stack.urls, stack.api_key, patience=PATIENCE_SECONDS) as baton:
        now = baton.sla_monitor.status().now
        items = baton.sla_monitor.show_compliance(by="team", since=now - timedelta(days=30), until=now).items
    return {
        (item.key or "none", item.clock): {outcome: getattr(item, outcome) for outcome in OUTCOMES}
        for item in items
        if item.due
    }


def test_each_dashboard_is_drawn(played: tuple[Stack, Prometheus], tmp_path: Path) -> None:
    """`BATON_PICTURES=folder` keeps the pictures."""
    out = Path(os.environ.get("BATON_PICTURES", tmp_path))
    pictures = runpy.run_path(str(ROOT / "deploy" / "grafana" / "draw.py"))["draw"](played[1].url, out, 10.0)
    assert len(pictures) == 5
    drawn = [path.read_text(encoding="utf-8") for path in pictures]
    assert all("<polyline" in picture or "<rect" in picture for picture in drawn)
    assert [number for picture in drawn for number in re.findall(r">[^<]*\de[+-]\d+", picture)] == []
