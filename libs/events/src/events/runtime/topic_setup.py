"""The topics a service needs: made where they are missing, at the start and later, left alone where they are."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import (
    InvalidReplicationFactorError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    for_code,
)

from events.runtime import installation, kafka, kafka_refusals, retry
from events.runtime.logging import logger
from events.topics import TOPICS, Topic, dead_letter_topic

log = logger()

MEMBER: Mapping[str, Any] = {
    "enable_auto_commit": False,
    "auto_offset_reset": "earliest",
    "session_timeout_ms": 6_000,
    "heartbeat_interval_ms": 2_000,
    "rebalance_timeout_ms": 60_000,
    "max_poll_interval_ms": 3_600_000,
    "max_partition_fetch_bytes": 262_144,
    "request_timeout_ms": 40_000,
    "metadata_max_age_ms": 30_000,
}
"""What every member of a consumer group of ours tells Kafka's client."""
REFUSED: Mapping[type[Exception], str] = {
    TopicAuthorizationFailedError: "or {principal} may neither see (Describe) nor make it (Create); make it, and "
    + kafka_refusals.GRANT,
    InvalidReplicationFactorError: "there are fewer brokers than BATON_REPLICATION_FACTOR says",
}
"""What to do about a topic that Kafka refuses to make."""
LONGEST_PAUSE = 2.0
"""Seconds before the next look, at most, when Kafka is away."""
LOOK_SECONDS = 10.0
"""A topic that was deleted under a running service is missed after so long."""


class TopicSize(NamedTuple):
    """How large a topic is."""

    partitions: int
    replicas: int
    """Of the partition that has fewest."""


def _compute_topic_size(partitions: Sequence[Any]) -> TopicSize:
    """Return the size of a topic whose partitions Kafka describes."""
    return TopicSize(len(partitions), min((len(each["replicas"]) for each in partitions), default=0))


class TopicSetup:
    """The topics of the catalogue and a service's own dead letters."""

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
        self.refused: dict[str, str] = {}
        """Why each topic that is missing cannot be made."""
        self._known_differences: set[str] = set()
        self.reason = ""
        """Why Kafka cannot be used now."""
        self._ours = False
        self._admin: AIOKafkaAdminClient | None = None
        """Kept from look to look: a connection of its own for each costs both sides more than the look."""

    @property
    def missing(self) -> list[str]:
        """The topics that are not there, as far as we may see, and could not be made."""
        return list(self.refused)

    @property
    def complaints_about_missing_topics(self) -> list[str]:
        """What is missing and what to do about it, a line for each reason."""
        names: dict[str, list[str]] = {}
        for name, reason in sorted(self.refused.items()):
            names.setdefault(reason, []).append(name)
        return [f"topic {', '.join(found)} is missing: {reason}" for reason, found in names.items()]

    async def create_missing(self) -> None:
        """Make what is missing; waits for Kafka."""
        try:
            await self._create_when_reachable()
        finally:
            await self._close()

    async def _create_when_reachable(self) -> None:
        attempt = 0
        while True:
            attempt += 1
            try:
                await self._compare_and_create()
            except Exception as error:  # noqa: BLE001 - whatever Kafka answers, the next look may find it mended
                retry.raise_if_cancelled(error)
                seconds = retry.compute_delay(attempt, LONGEST_PAUSE)
                before, self.reason = self.reason, await self._describe_kafka_error(error)
                if retry.is_attempt_logged(attempt) or kafka_refusals.describe_missing_right(error) not in {
                    None,
                    before,
                }:
                    facts = retry.describe_retry(error, attempt, seconds) | {"reason": self.reason}
                    log.warning("kafka_away", **facts)
                await asyncio.sleep(seconds)
            else:
                self.reason = ""
                return

    async def keep_creating_missing(self) -> None:
        """Make what is missing, now and then, until cancelled."""
        try:
            while True:
                await asyncio.sleep(LOOK_SECONDS)
                await self._create_when_reachable()
        finally:
            await self._close()

    async def _close(self) -> None:
        """Close the connection to Kafka; the next look makes another."""
        admin, self._admin = self._admin, None
        if admin is not None:
            await admin.close()

    async def _compare_and_create(self) -> None:
        try:
            absent = await self._create_absent()
        except BaseException:
            await self._close()
            raise
        self._ours = self._ours and installation.TOPIC not in absent
        if self.installed is not None and not self._ours and installation.TOPIC.name not in self.missing:
            await installation.claim_kafka(self.servers, self.installed)
            self._ours = True

    async def _create_absent(self) -> list[Topic]:
        """Make what is missing and return it, whether Kafka let us or not."""
        if self._admin is None:
            self._admin = AIOKafkaAdminClient(**kafka.client_arguments(self.servers))
        admin = self._admin
        await admin.start()
        there = {found["topic"]: _compute_topic_size(found["partitions"]) for found in await admin.describe_topics()}
        self._log_undersized_topics(there)
        absent = [topic for topic in self.wanted if topic.name not in there]
        before, self.refused = self.refused, await self._create_topics(admin, absent) if absent else {}
        if self.refused != before:
            for complaint in self.complaints_about_missing_topics:
                log.error("topic_missing", reason=complaint)
        return absent

    async def _describe_kafka_error(self, error: Exception) -> str:
        """Return in one line why Kafka cannot be used."""
        if isinstance(error, installation.AnotherInstallation):
            return str(error)
        lacks = kafka_refusals.describe_missing_right(error)
        return lacks or await kafka_refusals.find_login_refusal(self.servers) or type(error).__name__

    def _log_undersized_topics(self, there: Mapping[str, TopicSize]) -> None:
        """Log once what topics that others made have too little of."""
        for topic in self.wanted:
            size, meant = there.get(topic.name, TopicSize(0, 0)), self._partition_count(topic)
            if topic.name in self._known_differences:
                continue
            if 0 < size.partitions < meant:
                reason = f"{size.partitions} partitions and not {meant}: so many copies of a service work, not more"
            elif 0 < size.replicas < self.replication_factor:
                reason = f"on {size.replicas} brokers and not {self.replication_factor} (BATON_REPLICATION_FACTOR)"
            else:
                continue
            self._known_differences.add(topic.name)
            log.warning("topic_has_less", topic=topic.name, reason=reason)

    def _partition_count(self, topic: Topic) -> int:
        return min(topic.partitions, self.most_partitions or topic.partitions)

    async def _create_topics(self, admin: AIOKafkaAdminClient, absent: list[Topic]) -> dict[str, str]:
        """Create topics; return why Kafka refused to, by their names."""
        answer = await admin.create_topics(
            [
                NewTopic(
                    topic.name, self._partition_count(topic), self.replication_factor, topic_configs=topic.settings()
                )
                for topic in absent
            ]
        )
        refused = {}
        for name, code, *_ in answer.topic_errors:
            error = for_code(code)
            if code == 0:
                log.info("topic_made", topic=name)
            elif error is not TopicAlreadyExistsError:
                reason = REFUSED.get(error, f"Kafka refuses to make it ({error.__name__})")
                refused[name] = reason.format(principal=kafka_refusals.describe_principal(self.servers))
        return refused
