"""The Kafka of a stack as clients reach it: its address, and the login that the environment names for it."""

import asyncio
from typing import Any

from aiokafka.errors import KafkaError

from baton.exit_codes import CannotStartError, WrongUsageError
from events.runtime import installation, kafka, starting
from events.runtime.kafka import KafkaCluster, KafkaSecurity
from events.runtime.kafka_refusals import find_login_refusal


def make_kafka_cluster(servers: str, rung: str = "given") -> KafkaCluster:
    """Return how to reach a Kafka; one that is ours has no security. Raises `WrongUsageError`."""
    if rung != "given":
        return KafkaCluster(servers, KafkaSecurity.model_construct())
    try:
        return KafkaCluster(servers, KafkaSecurity())
    except ValueError as error:
        raise WrongUsageError("; ".join(starting.describe_setting_errors(error))) from error


def client_arguments(servers: str, rung: str = "given") -> dict[str, Any]:
    """Return the keyword arguments of aiokafka's clients."""
    return kafka.client_arguments(make_kafka_cluster(servers, rung))


def check_access(servers: str, secret: str) -> None:
    """Raise `CannotStartError` with the reason where a Kafka does not let us in, or belongs to another installation."""
    asyncio.run(
        _check_login_and_installation(make_kafka_cluster(servers), installation.derive_installation_name(secret))
    )


async def _check_login_and_installation(found: KafkaCluster, mine: str) -> None:
    if reason := await find_login_refusal(found):
        raise CannotStartError(f"Kafka cannot be used: {reason}")
    try:
        installation.refuse_foreign_kafka(await installation.read_kafka_owner(found), mine)
    except installation.AnotherInstallation as error:
        raise CannotStartError(str(error)) from error
    except (KafkaError, TimeoutError):
        return  # nobody has named it, or we may not read that yet: the services look again
