"""Records that were deleted before a service had applied them: which, who answered, and asking once more.

All of it goes over HTTP: the consumer knows its gaps, the producers know what they put at those offsets.
"""

import asyncio
from typing import Literal, NamedTuple
from uuid import UUID

from pydantic import JsonValue

from baton.exit_codes import FoundWrongError
from baton.service_client import ReachableServices, open_service_clients
from baton_client.generated.answers.common import Gap
from events.parts import JsonObject

MOST = 1000


class MissedRange(NamedTuple):
    """A gap, and the service that has it."""

    service: str
    gap: Gap

    def as_document(self) -> JsonObject:
        """Return it as `baton gaps list --json` prints it."""
        return {"service": self.service, **self.gap.model_dump(mode="json")}


async def list_gaps(services: ReachableServices, *, everything: bool = False) -> list[MissedRange]:
    """Return the gaps of all services that are not closed, newest first within a service."""
    async with open_service_clients(services) as baton:
        answers = await asyncio.gather(*(baton.service(name).list_gaps(limit=MOST) for name in services.urls))
    return [
        MissedRange(name, gap)
        for name, answer in zip(services.urls, answers, strict=True)
        for gap in answer.items
        if everything or gap.state in {"open", "incomplete"}
    ]


async def read_gap(services: ReachableServices, which: UUID) -> JsonObject:
    """Return one gap with what the services published at its offsets: identifiers, never values."""
    found = await _find_gap(services, which)
    topic, partition, first, last = found.gap.topic, found.gap.partition, found.gap.from_offset, found.gap.to_offset
    async with open_service_clients(services) as baton:
        answers = await asyncio.gather(
            *(
                baton.service(name).list_published(
                    topic=topic, partition=partition, from_offset=first, to_offset=last, limit=MOST
                )
                for name in services.urls
            )
        )
    records: list[JsonValue] = [
        {"published_by": name, **record.model_dump(mode="json")}
        for name, answer in zip(services.urls, answers, strict=True)
        for record in answer.items
    ]
    return found.as_document() | {"records": records}


async def act_on_gap(services: ReachableServices, which: UUID, verb: Literal["heal", "accept"]) -> str:
    """Ask for a gap once more (`heal`) or `accept` that its records are lost; return the service's name."""
    found = await _find_gap(services, which)
    async with open_service_clients(services) as baton:
        await baton.service(found.service).act_on_gap(which, verb)
    return found.service


async def _find_gap(services: ReachableServices, which: UUID) -> MissedRange:
    for found in await list_gaps(services, everything=True):
        if found.gap.id == which:
            return found
    raise FoundWrongError(f"no service has a gap {which}")
