"""How much each page reads beside twenty thousand leads of two years: counted by the plans, not by a stopwatch.

A page may read its own lines and what is counted on it, whatever lies in the tables beside: else it is slow with a
million leads, and nobody notices before there are so many. Statements are planned as the service has them planned: once
for whatever their arguments are.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest

from desk.domain import Viewer
from events.runtime.testing import ServiceHarness
from tests.desk import every_page
from tests.desk.conftest import Browser, signed_in

LEADS = 20_000
TABLES = frozenset({"leads", "people", "entries", "promises", "remarks"})
LINES = 2_500
"""Rows that a page with lines reads at most: 200 lines, each with its person and what was written, or those of the days
in which a list lies, whosever they are: ten teams' here."""
MANY = Path(__file__).with_name("many.sql").read_text(encoding="utf-8")
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


def literal(value: Any) -> str:
    """Return an argument as it stands in a statement."""
    if value is None:
        return "null"
    if isinstance(value, list | tuple | set):
        value = "{" + ",".join(map(str, value)) + "}"
    elif isinstance(value, timedelta):
        value = f"{value.total_seconds()} seconds"
    return "'" + str(value).replace("'", "''") + "'"


async def reading_of(raw: asyncpg.Connection, statement: str, args: Sequence[Any]) -> Reading:
    """Carry a statement out again, and return what it looked at.

    Twenty thousand rows are so few that to read them all may be cheapest: here that is done where no index answers.
    """
    await raw.execute(f"prepare asked as {statement}; set enable_seqscan = off")
    given = f"({', '.join(map(literal, args))})" if args else ""
    [[plan]] = await raw.fetch(f"explain (analyze, format json) execute asked{given}")
    await raw.execute("deallocate asked; set enable_seqscan = on")
    return Reading(statement, orjson.loads(plan)[0]["Plan"] if isinstance(plan, str) else plan[0]["Plan"])


async def readings(
    harness: ServiceHarness, browser: Browser, path: str, monkeypatch: pytest.MonkeyPatch
) -> list[Reading] | None:
    """Ask for a page, and return what each of its queries looked at; None where the page is not for this role."""
    plain, asked = asyncpg.Connection.fetch, dict[tuple[str, str], tuple[str, Sequence[Any]]]()

    async def fetch(self: Any, query: str, *args: Any, **more: Any) -> Any:
        if query.lstrip().startswith(("select", "with")):
            asked[query, repr(args)] = (query, args)
        return await plain(self, query, *args, **more)

    with monkeypatch.context() as patch:
        patch.setattr(asyncpg.Connection, "fetch", fetch)
        answer = await browser.get(path)
    if answer.status_code == HTTPStatus.FORBIDDEN:
        return None
    found = [await reading_of(harness.raw, *each) for each in asked.values()]
    return [each for each in found if each.scans]


def test_no_page_is_left_out() -> None:
    assert set(every_page.PAGES) | every_page.STREAMS == every_page.routes()


@pytest.mark.parametrize("viewer", every_page.VIEWERS, ids=lambda viewer: viewer.role)
async def test_a_page_reads_its_lines_and_what_it_counts(
    many: ServiceHarness, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No table from end to end; and rows by the page, not by what the years left."""
    [[contact, lead, week]] = await many.raw.fetch(
        "select contact_id, lead_id, to_char(date_trunc('week', business_now() - interval '20 days'), 'YYYY-MM-DD')"
        " from leads where owner_id = 'rep-40' and team = 'team-0' limit 1"
    )
    browser = await signed_in(many, viewer)
    [[mode]] = await many.raw.fetch("show plan_cache_mode")
    assert mode == "force_generic_plan"
    whole, large, seen = [], {}, set()
    for route, addresses in every_page.PAGES.items():
        most = IN_90_DAYS + LINES if route in every_page.COUNTS else LINES
        for address in addresses:
            path = address.format(contact=contact, lead=lead, week=week)
            found = await readings(many, browser, path, monkeypatch)
            if found is None:
                continue
            seen.add(route)
            whole += [f"{path}: {each.whole} {each.statement}" for each in found if each.whole]
            if (rows := sum(each.rows for each in found)) > most:
                large[path] = rows
            assert found or route not in {"/leads", "/today", "/today/list", "/promises/list", "/funnel/list"}, path
    assert whole == []
    assert large == {}
    assert len(seen) >= len(every_page.PAGES) // 2
