"""How much each page reads beside twenty thousand leads of two years: counted by the plans, not by a stopwatch.

A page may read its own lines and what is counted on it, whatever lies in the tables beside: else it is slow with a
million leads, and nobody notices before there are so many.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from desk.domain import Viewer
from events.runtime.testing import ServiceHarness
from tests.desk.conftest import MAX, OLA, signed_in

LEADS = 20_000
TABLES = frozenset({"leads", "people", "entries", "promises", "remarks", "campaigns", "messages"})
LINES = 2_000
"""Rows that a page with lines reads at most: 200 lines, each with its person and what was written."""
MANY = Path(__file__).with_name("many.sql").read_text(encoding="utf-8")
REP, MANAGER = Viewer("mia", "rep", rep_id="rep-40"), Viewer("lea", "manager", team="team-1")
LISTS = {
    "/leads": (REP,),
    "/today": (MANAGER, OLA),
    "/promises/list?by=team&group=team-1&what=missed": (MANAGER, OLA),
    "/promises/list?what=kept&days=3660": (OLA,),
    "/reviews": (MAX,),
    "/funnel/list?step=qualified&days=3660": (MANAGER, MAX),
    "/settings": (REP,),
}
"""Pages of lines, with those who look at them."""
COUNTS = {
    "/promises": (REP, MANAGER, OLA),
    "/returned": (MAX,),
    "/returned?reason=not_ready": (MAX,),
    "/funnel": (MANAGER, MAX),
    "/funnel?by=lead_type": (MAX,),
}
"""Pages that count what the last 90 days brought."""
NO_LEADS = {"/reviews", "/settings"}
"""Pages that show no lead here: the service that has them does not answer."""
SMALL = {"campaigns"}
IN_90_DAYS = LEADS * 90 // 730


@pytest.fixture
async def many(harness: ServiceHarness) -> ServiceHarness:
    await harness.raw.execute(MANY)
    return harness


class Reading:
    """The plan of a statement as it was carried out."""

    def __init__(self, statement: str, plan: dict[str, Any]) -> None:
        self.statement = statement
        self.scans = [each for each in _nodes(plan) if each.get("Relation Name") in TABLES]

    @property
    def rows(self) -> int:
        """How many rows of the read model were looked at, also those that were left out then."""
        return sum(
            round((each["Actual Rows"] + each.get("Rows Removed by Filter", 0)) * each["Actual Loops"])
            for each in self.scans
        )

    @property
    def whole(self) -> set[str]:
        """The tables that were read from end to end."""
        return {each["Relation Name"] for each in self.scans if each["Node Type"] == "Seq Scan"}


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)


async def readings(
    harness: ServiceHarness, viewer: Viewer, path: str, monkeypatch: pytest.MonkeyPatch
) -> list[Reading]:
    """Ask for a page, and return what each of its queries looked at."""
    browser = await signed_in(harness, viewer)
    plain, seen = asyncpg.Connection.fetch, []

    async def fetch(self: Any, query: str, *args: Any, **more: Any) -> Any:
        seen.append((query, args))
        return await plain(self, query, *args, **more)

    with monkeypatch.context() as patch:
        patch.setattr(asyncpg.Connection, "fetch", fetch)
        assert (await browser.get(path)).status_code == 200
    asked = [(query, args) for query, args in seen if query.lstrip().startswith("select")]
    found = []
    for query, args in asked:
        [[[plan]]] = await harness.raw.fetch(f"explain (analyze, format json) {query}", *args)
        found.append(Reading(query, plan["Plan"]))
    return [each for each in found if each.scans]


async def most_of(
    harness: ServiceHarness, pages: Mapping[str, tuple[Viewer, ...]], monkeypatch: pytest.MonkeyPatch
) -> tuple[list[str], dict[tuple[str, str], int]]:
    """Return which pages read a table from end to end, and how many rows each reads."""
    whole, rows = [], {}
    for path, viewers in pages.items():
        for viewer in viewers:
            found = await readings(harness, viewer, path, monkeypatch)
            assert found or path in NO_LEADS, path
            whole += [f"{path} for {viewer.user_id}: {each.statement}" for each in found if each.whole - SMALL]
            rows[path, viewer.user_id] = sum(each.rows for each in found)
    return whole, rows


async def test_a_page_of_lines_reads_its_lines(many: ServiceHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    [[contact]] = await many.raw.fetch("select contact_id from leads where owner_id = 'rep-40' limit 1")
    whole, rows = await most_of(many, {**LISTS, f"/people/{contact}": (REP, OLA)}, monkeypatch)
    assert whole == []
    assert {page: count for page, count in rows.items() if count > LINES} == {}


async def test_a_page_of_numbers_reads_what_it_counts(many: ServiceHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    """The days that are shown, and not the years before."""
    whole, rows = await most_of(many, COUNTS, monkeypatch)
    assert whole == []
    assert {page: count for page, count in rows.items() if count > IN_90_DAYS + LINES} == {}
