"""Records that were deleted before a service had applied them: which, who answered, and asking once more.

All of it goes over HTTP: the consumer knows its gaps, the producers know what they put at those offsets.
"""

import asyncio
from typing import Any, Literal
from uuid import UUID

from baton.exit_codes import FoundWrongError
from baton.service_client import Reachable, operations

MOST = 1000


async def list_gaps(services: Reachable, *, everything: bool = False) -> list[dict[str, Any]]:
    """Return the gaps of all services that are not closed, newest first within a service."""
    async with operations(services) as baton:
        answers = await asyncio.gather(*(baton.service(name).list_gaps(limit=MOST) for name in services.urls))
    return [
        {"service": name, **gap.model_dump(mode="json")}
        for name, answer in zip(services.urls, answers, strict=True)
        for gap in answer.items
        if everything or gap.state in {"open", "incomplete"}
    ]


async def read_gap(services: Reachable, which: UUID) -> dict[str, Any]:
    """Return one gap with what the services published at its offsets: identifiers, never values."""
    gap = await _find(services, which)
    where = {name: gap[name] for name in ("topic", "partition", "from_offset", "to_offset")}
    async with operations(services) as baton:
        answers = await asyncio.gather(
            *(baton.service(name).list_published(**where, limit=MOST) for name in services.urls)
        )
    records = [
        {"published_by": name, **record.model_dump(mode="json")}
        for name, answer in zip(services.urls, answers, strict=True)
        for record in answer.items
    ]
    return gap | {"records": records}


async def close(services: Reachable, which: UUID, verb: Literal["heal", "accept"]) -> str:
    """Ask for a gap once more (`heal`) or `accept` that its records are lost; return the service's name."""
    gap = await _find(services, which)
    async with operations(services) as baton:
        await baton.service(gap["service"]).act_on_gap(which, verb)
    return str(gap["service"])


async def _find(services: Reachable, which: UUID) -> dict[str, Any]:
    for gap in await list_gaps(services, everything=True):
        if gap["id"] == str(which):
            return gap
    raise FoundWrongError(f"no service has a gap {which}")
