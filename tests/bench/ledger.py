"""The ledger over a million leads: everything, and what a minute changes. `python -m tests.bench ledger`.

The six migrated databases are filled by SQL, consistent with each other, as those of a million leads are:
one contact, two engagements, one lead, three clocks, one decision, an ended cycle for every second, and the journals.
The ceiling is the time in which PostgreSQL answers the questions of the shared facts, each once, and nothing compares.
"""

import asyncio
import importlib
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

from baton import ledger
from baton.database import Connection, connect
from baton.ledger import Watermark
from baton.ledger.facts import SHARED_FACTS
from events.runtime import migrate
from events.topics import SERVICES
from tests.bench.parts import Parts

MILLION = Path(__file__).parent / "million"
"""What each service is filled with, as SQL over the view of `made.sql`."""
LEADS = 1_000_000
CHANGED = 2_000
"""Contacts that a busy minute changes."""

_CHANGE = "update journal set time = now() where key in (select contact_id::text from made where n <= $1)"
_DELETE_LEAD = "delete from leads where lead_id = (select lead_id from made where n = 777)"
_COUNT = "insert into streams select $1::text, contact_id::text, 1 from made"
_JOURNAL = """
insert into journal (day, topic, key, contact_id, ce_id, ce_type, sequence, time, value)
select current_date - 1, $1::text, contact_id::text, contact_id, md5($1::text || n)::uuid, 'some.fact.v1', 1,
  now() - interval '1 day', convert_to(repeat('x', 600), 'UTF8') from made
"""
_JOURNALS: Mapping[str, tuple[str, ...]] = {
    "capture": ("contacts.captured.v1", "contacts.profiles.v1"),
    "scoring": ("leads.qualified.v1",),
    "routing": ("leads.assigned.v1",),
    "sla-monitor": ("sla.flagged.v1",),
    "feedback": ("leads.worked.v1", "leads.lifecycle.v1"),
    "desk": (),
}


async def measure(parts: Parts, size: int = LEADS) -> dict[str, float]:
    """Fill with `size` leads, examine everything, then what a minute changed; the figures are seconds."""
    begun = time.perf_counter()
    async with AsyncExitStack() as opened:
        databases: dict[str, Connection] = {}
        for service in SERVICES:
            databases[service] = await _filled(parts, service, size)
            opened.push_async_callback(databases[service].close)
        client = {"bootstrap_servers": parts.servers}
        figures: dict[str, float] = {"leads": size, "filled_seconds": round(time.perf_counter() - begun, 1)}
        begun = time.perf_counter()
        for fact in SHARED_FACTS:
            asked = (f"select count(*) from ({each}) a" for each in fact.questions.values())  # noqa: S608 - our own
            await asyncio.gather(
                *(databases[name].fetchval(sql) for name, sql in zip(fact.questions, asked, strict=True))
            )
        figures["ceiling_seconds"] = round(time.perf_counter() - begun, 1)
        begun = time.perf_counter()
        report = await ledger.examine_until_settled(databases, client, topics=False)
        figures["everything_seconds"] = round(time.perf_counter() - begun, 1)
        figures["everything_residual"] = report.residual
        since = await Watermark.begin_now(databases)
        for database in databases.values():
            await database.execute(_CHANGE, CHANGED)
        begun = time.perf_counter()
        report = await ledger.examine_until_settled(
            databases, client, await since.choose_scopes(databases), topics=False
        )
        figures["minute_seconds"] = round(time.perf_counter() - begun, 1)
        figures["minute_residual"] = report.residual
        await databases["feedback"].execute(_DELETE_LEAD)
        begun = time.perf_counter()
        report = await ledger.examine_until_settled(databases, client, topics=False)
        figures["one_lost_lead_seconds"] = round(time.perf_counter() - begun, 1)
        figures["one_lost_lead_found"] = len({found.id for found in report.findings})
    return figures


async def _filled(parts: Parts, service: str, size: int) -> Connection:
    name = service.replace("-", "_")
    url = await parts.new_database(name)
    await migrate.apply_migrations(url, Path(str(importlib.import_module(name).__file__)).parent / "migrations")
    database = await connect(url)
    for script in ("made", name):
        await database.execute((MILLION / f"{script}.sql").read_text().replace(":leads", str(size)))
    for topic in _JOURNALS[service]:
        await database.execute(_COUNT, topic)
        await database.execute(_JOURNAL, topic)
    await database.execute("vacuum analyze")
    return database
