"""Each page of the desk beside a million leads of two years. `python -m tests.bench pages`.

The figures are milliseconds at the server, the median of twenty requests and the slowest, for whoever sees the most;
and the megabytes of the process afterwards. Other services are away, so the time is the desk's own.
"""

import statistics
import time
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx

import desk
from events.runtime import migrate
from tests.bench.ndjson import memory_of, new_key
from tests.bench.parts import Parts
from tests.bench.processes import service

MANY = (Path(__file__).parents[1] / "desk" / "many.sql").read_text(encoding="utf-8")
LEADS = 1_000_000
REQUESTS = 20
PAGES = {
    "rep": ("/leads", "/leads/list", "/promises", "/promises/list?by=rep&what=kept&days=3660"),
    "manager": ("/today", "/promises?by=week&days=365", "/funnel", "/funnel/list?step=touched"),
    "operator": (
        "/today", "/promises", "/promises?by=week&days=365", "/promises/list?what=missed&days=365", "/returned",
        "/returned?reason=not_ready", "/reviews", "/funnel", "/funnel?by=lead_type&days=365", "/funnel?days=3660",
        "/funnel/list?step=qualified&days=3660", "/settings",
    ),
}  # fmt: skip
WHO = {
    "rep": {"rep_id": "rep-40", "role": "rep"},
    "manager": {"team": "team-1", "role": "manager"},
    "operator": {"role": "operator"},
}


async def measure(parts: Parts, size: int = LEADS) -> dict[str, float]:
    """Fill the read model with `size` leads, and ask for each page."""
    url = await parts.new_database("desk_pages")
    await migrate.upgrade(url, Path(str(desk.__file__)).parent / "migrations")
    raw = await asyncpg.connect(url)
    await raw.execute(MANY.replace("20000", str(size)))
    contact = await raw.fetchval("select contact_id from leads where owner_id = 'rep-40' limit 1")
    await raw.execute("vacuum analyze")
    await raw.close()
    figures: dict[str, float] = {"leads": size}
    async with service(parts, "desk", url=url) as (base, _):
        key = await new_key(url)
        for role, paths in PAGES.items():
            async with httpx.AsyncClient(base_url=base, timeout=60) as browser:
                await _sign_in(browser, key, role)
                for path in (*paths, f"/people/{contact}"):
                    name = f"{role} {path.replace(str(contact), '…')}"
                    times = sorted([await _milliseconds(browser, path) for _ in range(REQUESTS)])
                    figures[f"{name}: median"], figures[f"{name}: most"] = statistics.median(times), times[-1]
        figures["megabytes"] = memory_of(base)
    return figures


async def _sign_in(browser: httpx.AsyncClient, key: str, role: str) -> None:
    made = await browser.post(
        "/v1/invitations", json={"user_id": role, **WHO[role]}, headers={"Authorization": f"Bearer {key}"}
    )
    answer = await browser.post(urlsplit(made.raise_for_status().json()["url"]).path)
    assert answer.status_code == httpx.codes.SEE_OTHER


async def _milliseconds(browser: httpx.AsyncClient, path: str) -> float:
    begun = time.perf_counter()
    answer = await browser.get(path)
    assert answer.status_code == httpx.codes.OK, f"{path}: {answer.status_code}"
    return (time.perf_counter() - begun) * 1000
