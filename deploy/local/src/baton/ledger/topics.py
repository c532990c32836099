"""What the compacted topics hold, compared with the state of the service that owns each.

Whoever mirrors a compacted topic lives by the last record of each key. It must be the one that its owner has now: the
same revision, no key that the owner does not know, none missing. A topic is read from its start, so this is part of a
full examination only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from baton.database import Connection
from baton.ledger.report import FLOW, Finding, LedgerCheck
from events.runtime import decoding, kafka
from events.topics import ACCOUNTS_CHANGED, CAMPAIGNS_ANNOUNCED, CONTACTS_PROFILES, LEADS_LIFECYCLE, REPS_CHANGED

ABSENT = "no record"
LOOK_MS = 500
Client = Mapping[str, Any]
"""How to reach Kafka: keyword arguments of aiokafka's consumer."""


@dataclass(frozen=True)
class MirroredTopic:
    """A compacted topic with the question that returns what it must hold, as `id` and `revision`."""

    topic: str
    owner: str
    question: str


MIRRORS: tuple[MirroredTopic, ...] = (
    MirroredTopic(
        CONTACTS_PROFILES.name,
        "capture",
        # A merged contact's profile is part of its survivor's; its own key has a tombstone.
        "select contact_id::text as id, revision from profiles p"
        " where not exists (select from merges m where m.loser_id = p.contact_id and not m.undone)",
    ),
    MirroredTopic(
        LEADS_LIFECYCLE.name, "feedback", "select contact_id::text as id, revision from people where revision > 0"
    ),
    MirroredTopic(ACCOUNTS_CHANGED.name, "capture", "select domain as id, revision from accounts"),
    MirroredTopic(CAMPAIGNS_ANNOUNCED.name, "capture", "select campaign as id, revision from campaigns"),
    MirroredTopic(REPS_CHANGED.name, "routing", "select rep_id as id, revision from published_calendars"),
)


async def find_differing_keys(mirror: MirroredTopic, database: Connection, client: Client) -> LedgerCheck:
    """Return the keys of a compacted topic whose last record is not what its owner has."""
    on_topic = await _read_last_revisions(mirror.topic, client)
    owned = {row["id"]: row["revision"] for row in await database.fetch(mirror.question)}
    found = []
    for key in sorted(on_topic.keys() | owned.keys()):
        there, here = on_topic.get(key), owned.get(key)
        if there != here:
            where = {mirror.owner: _revision_or_absent(here), mirror.topic: _revision_or_absent(there)}
            what = f"{key}: {where[mirror.owner]} in {mirror.owner}, {where[mirror.topic]} on {mirror.topic}"
            contact_id = key if _is_contact_id(key) else None
            found.append(Finding("mirror", key, contact_id, what, where, _advise_republish(mirror)))
    return LedgerCheck(FLOW, f"{mirror.topic} holds what {mirror.owner} has", tuple(found))


def _revision_or_absent(revision: int | None) -> str:
    return ABSENT if revision is None else f"revision {revision}"


def _advise_republish(mirror: MirroredTopic) -> str:
    return f"`baton republish --topic {mirror.topic}` from {mirror.owner}; any change of it publishes it anew as well"


def _is_contact_id(key: str) -> bool:
    try:
        UUID(key)
    except ValueError:
        return False
    return True


async def _read_last_revisions(topic: str, client: Client) -> dict[str, int]:
    """Return the revision of the last record of each key, tombstones left out."""
    found: dict[str, int] = {}
    decoding.install_in_fetcher()
    consumer = AIOKafkaConsumer(**{"metadata_max_age_ms": 3_600_000, **client}, enable_auto_commit=False)
    await consumer.start()
    try:
        parts = [TopicPartition(topic, number) for number in await _list_partitions(consumer, topic)]
        if not parts:
            return found
        consumer.assign(parts)
        await consumer.seek_to_beginning(*parts)
        ends = await consumer.end_offsets(parts)
        while any([await consumer.position(part) < ends[part] for part in parts]):
            for records in (await consumer.getmany(timeout_ms=LOOK_MS)).values():
                for record in records:
                    _note_revision(found, record)
    finally:
        await kafka.close_consumer(consumer)
    return found


async def _list_partitions(consumer: AIOKafkaConsumer, topic: str) -> list[int]:
    # The consumer asks only for topics that it has subscribed to; `topics()` throws the partitions away.
    cluster = await consumer._client.fetch_all_metadata()  # noqa: SLF001
    return sorted(cluster.partitions_for_topic(topic) or ())


def _note_revision(found: dict[str, int], record: Any) -> None:
    """Take one record; what is not ours (an outsider's bytes) says nothing of any state."""
    try:
        key = (record.key or b"").decode()
        if record.value is None:
            found.pop(key, None)
        else:
            found[key] = int(orjson.loads(record.value)["revision"])
    except (ValueError, KeyError, TypeError):
        return
