"""What `baton status` shows: each part, as it is now, also where it does not answer."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, TypedDict

from aiokafka.errors import KafkaError

from baton import clusters
from baton.backlog import BacklogObserver
from baton.data_dir import RememberedProcess
from baton.database import DATABASE_ERRORS
from baton.exit_codes import BatonError
from baton.ports import LOOPBACK
from baton.service_client import list_obstacles, open_service_clients
from baton.stack import Stack, is_process_running
from baton_client import ClientError
from events.runtime.kafka_refusals import find_login_refusal

if TYPE_CHECKING:
    from baton_client.generated.async_operations.common import AsyncCommon

PARKED = "select count(*) from parked where state = 'parked'"
GAPS = "select count(*) from gaps where state in ('open', 'incomplete')"


class PartStatus(TypedDict, total=False):
    """A part as it is now; what it does not answer is left out."""

    part: str
    pid: int | None
    url: str
    ready: bool
    restarts: int
    lag: int
    outbox: int
    parked: int
    gaps: int
    residual: int
    why: str


class StatusDocument(TypedDict, total=False):
    """What `baton status --json` prints; of services elsewhere the phase and the parts alone."""

    phase: str
    data: str
    clock: str
    kafka: str
    parts: list[PartStatus]


async def load_stack_status(stack: Stack) -> StatusDocument:
    """Return one document about all parts."""
    numbers, urls = await _fetch_lag_outbox_parked(stack), stack.urls.items()
    async with open_service_clients(stack, patience=0) as baton:
        services = await asyncio.gather(
            *(
                _with_service_status(baton.service(name), _build_part_status(stack, name, url) | numbers.get(name, {}))
                for name, url in urls
            )
        )
    state = stack.state
    postgres = _build_part_status(stack, "postgres", f"{LOOPBACK}:{state.postgres_port}")
    postgres["ready"] = bool(numbers)
    broker = _build_part_status(stack, "kafka", state.bootstrap)
    broker["why"] = await find_login_refusal(clusters.make_kafka_cluster(state.bootstrap, state.rung))
    broker["ready"] = not broker["why"]
    return {
        "phase": state.phase,
        "data": str(stack.data_dir.directory),
        "clock": state.clock,
        "kafka": state.rung,
        "parts": [postgres, broker, *services],
    }


async def _with_service_status(service: "AsyncCommon", part: PartStatus) -> PartStatus:
    with suppress(ClientError):
        part["why"] = "; ".join(await list_obstacles(service))
        part["ready"] = not part["why"]
        part["residual"] = (await service.audit()).residual
    return part


async def _fetch_lag_outbox_parked(stack: Stack) -> dict[str, PartStatus]:
    """Return lag, outbox and parked of each service; nothing if PostgreSQL or Kafka is away."""
    try:
        async with BacklogObserver(stack) as observer:
            found = await observer.look_at_everything()
            return {
                name: {
                    "lag": backlog.lag,
                    "outbox": backlog.outbox,
                    "parked": await observer.connections[name].fetchval(PARKED),
                    "gaps": await observer.connections[name].fetchval(GAPS),
                }
                for name, backlog in found.backlogs.items()
            }
    except (BatonError, OSError, *DATABASE_ERRORS, KafkaError):
        return {}


def _build_part_status(stack: Stack, name: str, url: str) -> PartStatus:
    process: RememberedProcess | None = stack.state.parts.get(name)
    return {
        "part": name,
        "pid": process.pid if process and is_process_running(process) else None,
        "url": url,
        "ready": False,
        "restarts": process.restarts if process else 0,
    }
