"""The topics a service needs: made where they are missing, at the start and later, left alone where they are."""

import asyncio
from collections.abc import Mapping
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from events.runtime import installation, kafka, kafka_refusals, retry
from events.runtime.logging import logger
from events.topics import TOPICS, Topic, dead_letter_topic

log = logger()

MEMBER: Mapping[str, Any] = {
    "enable_auto_commit": False,
    "auto_offset_reset": "earliest",
    "session_timeout_ms": 6_000,
    "heartbeat_interval_ms": 1_000,
    "rebalance_timeout_ms": 60_000,
    "max_poll_interval_ms": 3_600_000,
    "max_partition_fetch_bytes": 262_144,
    "request_timeout_ms": 40_000,
    "metadata_max_age_ms": 30_000,
}
"""What every member of a consumer group of ours tells Kafka's client."""
LONGEST_PAUSE = 2.0
"""Seconds before the next look, at most, when Kafka is away."""
LOOK_SECONDS = 10.0
"""A topic that was deleted under a running service is missed after so long."""


class Topics:
    """The topics of the catalogue and a service's own dead letters. `missing` names those that could not be made."""

    def __init__(
        self,
        *,
        servers: kafka.Servers,
        service: str,
        replication_factor: int,
        partitions: int | None = None,
        installed: str | None = None,
    ) -> None:
        """With `partitions`, at most so many for each topic."""
        self.servers = servers
        self.wanted = (*TOPICS, dead_letter_topic(service), installation.TOPIC)
        self.replication_factor = replication_factor
        self.most_partitions = partitions
        self.installed = installed
        """The name of our installation; None does not ask whose Kafka it is."""
        self.missing: list[str] = []
        self.reason = ""
        """Why Kafka cannot be used now."""
        self._ours = False

    async def make(self) -> None:
        """Make what is missing; waits for Kafka."""
        attempt = 0
        while True:
            attempt += 1
            try:
                await self._look()
            except Exception as error:  # noqa: BLE001 - whatever Kafka answers, the next look may find it mended
                retry.raise_if_cancelled(error)
                seconds = retry.delay(attempt, LONGEST_PAUSE)
                self.reason = await self._why(error)
                if retry.is_logged(attempt):
                    log.warning("kafka_away", reason=self.reason, **retry.facts(error, attempt, seconds))
                await asyncio.sleep(seconds)
            else:
                self.reason = ""
                return

    async def keep(self) -> None:
        """Make what is missing, now and then, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.make()

    async def _look(self) -> None:
        admin = AIOKafkaAdminClient(**kafka.client(self.servers))
        try:
            await admin.start()
            there = set(await admin.list_topics())
            absent = [topic for topic in self.wanted if topic.name not in there]
            self.missing = await self._create(admin, absent) if absent else []
        finally:
            await admin.close()
        self._ours = self._ours and installation.TOPIC not in absent
        if self.installed is not None and not self._ours and installation.TOPIC.name not in self.missing:
            await installation.claim(self.servers, self.installed)
            self._ours = True

    async def _why(self, error: Exception) -> str:
        """Return in one line why Kafka cannot be used."""
        if isinstance(error, installation.AnotherInstallation):
            return str(error)
        return await kafka_refusals.refusal(self.servers) or type(error).__name__

    def _partitions(self, topic: Topic) -> int:
        return min(topic.partitions, self.most_partitions or topic.partitions)

    async def _create(self, admin: AIOKafkaAdminClient, absent: list[Topic]) -> list[str]:
        """Create topics; gives the names of those that Kafka refused."""
        answer = await admin.create_topics(
            [
                NewTopic(topic.name, self._partitions(topic), self.replication_factor, topic_configs=topic.settings())
                for topic in absent
            ]
        )
        refused = []
        for name, code, *_ in answer.topic_errors:
            error = for_code(code)
            if code == 0:
                log.info("topic_made", topic=name)
            elif error is not TopicAlreadyExistsError:
                log.error("topic_missing", topic=name, reason=error.__name__)
                refused.append(name)
        return refused
