"""The Kafka of a stack as clients reach it: its address, and the login that the environment names for it."""

import asyncio
from typing import Any

from aiokafka.errors import KafkaError

from baton.exit_codes import CannotStartError, WrongUsageError
from events.runtime import installation, kafka, starting
from events.runtime.kafka import Cluster, Security
from events.runtime.kafka_refusals import refusal


def cluster(servers: str, rung: str = "given") -> Cluster:
    """Return how to reach a Kafka; one that is ours has no security. Raises `WrongUsageError`."""
    if rung != "given":
        return Cluster(servers, Security.model_construct())
    try:
        return Cluster(servers, Security())
    except ValueError as error:
        raise WrongUsageError("; ".join(starting.lines(error))) from error


def client(servers: str, rung: str = "given") -> dict[str, Any]:
    """Return the keyword arguments of aiokafka's clients."""
    return kafka.client(cluster(servers, rung))


def check(servers: str, secret: str) -> None:
    """Raise `CannotStartError` with the reason where a Kafka does not let us in, or belongs to another installation."""
    asyncio.run(_check(cluster(servers), installation.name(secret)))


async def _check(found: Cluster, mine: str) -> None:
    if reason := await refusal(found):
        raise CannotStartError(f"Kafka cannot be used: {reason}")
    try:
        installation.check(await installation.owner_of(found), mine)
    except installation.AnotherInstallation as error:
        raise CannotStartError(str(error)) from error
    except (KafkaError, TimeoutError):
        return  # nobody has named it, or we may not read that yet: the services look again
