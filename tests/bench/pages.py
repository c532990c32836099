"""Each page of the desk beside a million leads of two years. `python -m tests.bench pages`.

The figures are milliseconds at the server, the median and the 95th percentile of twenty requests of each role, and the
megabytes of the process. Other services are away, so the time is the desk's own.
"""

import statistics
import time
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx

import desk
from desk.domain import Viewer
from events.runtime import migrate
from tests.bench.ndjson import memory_of, new_key
from tests.bench.parts import Parts
from tests.bench.processes import service
from tests.desk import every_page

MANY = (Path(__file__).parents[1] / "desk" / "many.sql").read_text(encoding="utf-8")
LEADS = 1_000_000
REQUESTS = 20
OF_INDEXES = """
select indexname as name, indexdef as sql from pg_indexes i
where tablename in ('leads', 'people', 'entries', 'promises', 'remarks')
    and not exists (select from pg_constraint c where c.conname = i.indexname)
"""


async def measure(parts: Parts, size: int = LEADS) -> dict[str, float]:
    """Fill the read model with `size` leads, and ask for each page as each role."""
    url = await parts.new_database("desk_pages")
    await migrate.apply_migrations(url, Path(str(desk.__file__)).parent / "migrations")
    raw = await asyncpg.connect(url)
    await _fill(raw, size)
    [row] = await raw.fetch(
        "select contact_id as contact, lead_id as lead,"
        " to_char(date_trunc('week', business_now() - interval '20 days'), 'YYYY-MM-DD') as week"
        " from leads where owner_id = 'rep-40' limit 1"
    )
    await raw.close()
    figures: dict[str, float] = {"leads": size}
    async with service(parts, "desk", url=url) as (base, _):
        key = await new_key(url)
        figures["megabytes at first"] = memory_of(base)
        for viewer in every_page.VIEWERS:
            async with httpx.AsyncClient(base_url=base, timeout=60) as browser:
                await _sign_in(browser, key, viewer)
                for address in (each for addresses in every_page.PAGES.values() for each in addresses):
                    times = await _times(browser, address.format(**dict(row)))
                    if times:
                        name = f"{viewer.role} {address}"
                        figures[f"{name}: median"] = statistics.median(times)
                        figures[f"{name}: p95"] = times[round(len(times) * 0.95) - 1]
            figures[f"megabytes after a {viewer.role}"] = memory_of(base)
    medians = {name: figure for name, figure in figures.items() if name.endswith(": median")}
    figures["pages"] = len(medians)
    figures["slowest median"] = max(medians.values())
    figures["slowest p95"] = max(figure for name, figure in figures.items() if name.endswith(": p95"))
    return figures


async def _fill(raw: asyncpg.Connection, size: int) -> None:
    """Fill the tables; indexes are made afterwards, which takes a part of the time."""
    indexes = await raw.fetch(OF_INDEXES)
    for index in indexes:
        await raw.execute(f"drop index {index['name']}")
    await raw.execute(MANY.replace("20000", str(size)))
    for index in indexes:
        await raw.execute(index["sql"])
    await raw.execute("vacuum analyze")


async def _sign_in(browser: httpx.AsyncClient, key: str, viewer: Viewer) -> None:
    who = {"user_id": viewer.user_id, "role": viewer.role, "rep_id": viewer.rep_id, "team": viewer.team}
    made = await browser.post(
        "/v1/invitations",
        json={name: value for name, value in who.items() if value},
        headers={"Authorization": f"Bearer {key}"},
    )
    answer = await browser.post(urlsplit(made.raise_for_status().json()["url"]).path)
    assert answer.status_code == httpx.codes.SEE_OTHER


async def _times(browser: httpx.AsyncClient, path: str) -> list[float]:
    """Return how many milliseconds each request took, the shortest first; none where the page is not for this role."""
    times = []
    for _ in range(REQUESTS):
        begun = time.perf_counter()
        answer = await browser.get(path)
        times.append((time.perf_counter() - begun) * 1000)
        if answer.status_code == httpx.codes.FORBIDDEN:
            return []
        assert answer.status_code != httpx.codes.INTERNAL_SERVER_ERROR, path
    return sorted(times)
