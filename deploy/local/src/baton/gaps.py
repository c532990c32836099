"""Records that were deleted before a service had applied them: which, who answered, and asking once more.

All of it goes over HTTP: the consumer knows its gaps, the producers know what they put at those offsets.
"""

import asyncio
from typing import Any
from uuid import UUID

from baton.exit_codes import FoundWrongError
from baton.service_client import Reachable, ask, client

MOST = 1000


async def listed(services: Reachable, *, everything: bool = False) -> list[dict[str, Any]]:
    """Return the gaps of all services that are not closed, newest first within a service."""
    async with client(services) as http:
        answers = await asyncio.gather(
            *(ask(http, "GET", f"{url}/v1/gaps", params={"limit": MOST}) for url in services.urls.values())
        )
    return [
        {"service": name, **gap}
        for name, answer in zip(services.urls, answers, strict=True)
        for gap in answer["items"]
        if everything or gap["state"] in {"open", "incomplete"}
    ]


async def shown(services: Reachable, which: UUID) -> dict[str, Any]:
    """Return one gap with what the services published at its offsets: identifiers, never values."""
    gap = await _find(services, which)
    what = {"topic": gap["topic"], "partition": gap["partition"], "from_offset": gap["from_offset"], "limit": MOST}
    if gap["to_offset"] is not None:
        what["to_offset"] = gap["to_offset"]
    async with client(services) as http:
        answers = await asyncio.gather(
            *(ask(http, "GET", f"{url}/v1/published", params=what) for url in services.urls.values())
        )
    records = [
        {"published_by": name, **record}
        for name, answer in zip(services.urls, answers, strict=True)
        for record in answer["items"]
    ]
    return gap | {"records": records}


async def settle(services: Reachable, which: UUID, verb: str) -> str:
    """Ask for a gap once more (`heal`) or `accept` that its records are lost; return the service's name."""
    gap = await _find(services, which)
    async with client(services) as http:
        await ask(http, "POST", f"{services.urls[gap['service']]}/v1/gaps/{which}/{verb}")
    return str(gap["service"])


async def _find(services: Reachable, which: UUID) -> dict[str, Any]:
    for gap in await listed(services, everything=True):
        if gap["id"] == str(which):
            return gap
    raise FoundWrongError(f"no service has a gap {which}")
