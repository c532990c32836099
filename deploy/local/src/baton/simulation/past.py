"""Reading what really happened: from scoring's database, contact by contact, or from the topics."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any
from uuid import UUID

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from baton.database import fetch
from events import topics
from events.contacts import AccountChanged, ContactCaptured, ContactErased
from events.envelope import Event
from events.leads import LeadCorrected, LeadWoken
from events.runtime import decoding, dsn, kafka
from events.runtime.inbox import decode_record
from scoring.domain import (
    Engagement,
    History,
    LifecycleFact,
    capture_as_engagement,
    findings_as_engagement,
    later_request_as_engagement,
    read_lifecycle_facts,
    wake_up_as_engagement,
)

ENGAGEMENT = tuple(each.name for each in fields(Engagement))
FACT = tuple(each.name for each in fields(LifecycleFact))
AT_ONCE = 5_000
POLL_MS = 500
HEARD = (
    topics.CONTACTS_CAPTURED,
    topics.LEADS_WORKED,
    topics.LEADS_RECYCLED,
    topics.ACCOUNTS_CHANGED,
    topics.CONTACTS_ERASED,
)

_ENGAGEMENTS = f"""
select {", ".join("facts::text" if name == "facts" else name for name in ENGAGEMENT)}
from engagements order by contact_id
"""  # noqa: S608 - names of our own fields
_TURNS = f"select {', '.join(FACT)} from turns"  # noqa: S608 - names of our own fields
_ACCOUNTS = "select domain, kind from accounts order by (domain = account), account desc"
_MERGES = "select loser_id, survivor_id from merges where not undone"
_HAS_MERGES = "select to_regclass('merges') is not null as there"


@dataclass
class KnownPast:
    """What is known beside the engagements, and how many of those there are."""

    engagements: int | None
    """None where they are counted only as they are read."""
    turns: Mapping[UUID, list[LifecycleFact]]
    accounts: Mapping[str, str]
    survivors: Mapping[UUID, UUID] = field(default_factory=dict)
    """The contact that speaks for each that was merged."""

    def build_history(self, contact_id: UUID, engagements: Iterable[Engagement]) -> History:
        """Put a contact's history together, without the leads that were told: those are to be found anew."""
        found = History(contact_id, accounts=self.accounts)
        for engagement in engagements:
            found.add_engagement(engagement)
        for turn in self.turns.get(contact_id, ()):
            found.add_lifecycle_fact(turn)
        return found


async def read_past_from_database(url: str) -> tuple[KnownPast, AsyncIterator[History]]:
    """Read scoring's database: what is known, and the histories one after the other, never all at once."""
    survivors = {}
    if (await fetch(url, _HAS_MERGES))[0]["there"]:
        survivors = _resolve_merges({row["loser_id"]: row["survivor_id"] for row in await fetch(url, _MERGES)})
    turns: dict[UUID, list[LifecycleFact]] = defaultdict(list)
    for row in await fetch(url, _TURNS):
        turn = LifecycleFact(**row)
        turns[survivors.get(turn.contact_id, turn.contact_id)].append(turn)
    accounts = {row["domain"]: row["kind"] for row in await fetch(url, _ACCOUNTS)}
    count = (await fetch(url, "select count(*) as rows from engagements"))[0]["rows"]
    past = KnownPast(count, turns, accounts, survivors)
    return past, _load_histories(url, past)


async def _load_histories(url: str, past: KnownPast) -> AsyncIterator[History]:
    """Return the histories in the order of contacts; those of merged contacts come last, put together."""
    merged: dict[UUID, list[Engagement]] = defaultdict(list)
    people = {*past.survivors, *past.survivors.values()}
    current: list[Engagement] = []
    async for engagement in _load_engagements(url):
        if engagement.contact_id in people:
            merged[past.survivors.get(engagement.contact_id, engagement.contact_id)].append(engagement)
            continue
        if current and current[0].contact_id != engagement.contact_id:
            yield past.build_history(current[0].contact_id, current)
            current = []
        current.append(engagement)
    if current:
        yield past.build_history(current[0].contact_id, current)
    for contact_id, engagements in merged.items():
        yield past.build_history(contact_id, engagements)


async def _load_engagements(url: str) -> AsyncIterator[Engagement]:
    connection = await dsn.connect(url)
    try:
        async with connection.transaction(readonly=True):
            cursor = await connection.cursor(_ENGAGEMENTS)
            while rows := await cursor.fetch(AT_ONCE):
                for row in rows:
                    yield _row_to_engagement(row)
    finally:
        await connection.close()


def _row_to_engagement(row: Any) -> Engagement:
    values = (*row[:-1], orjson.loads(row[-1]))
    return Engagement(*values)


def _resolve_merges(parents: Mapping[UUID, UUID]) -> dict[UUID, UUID]:
    """Follow each merge to the contact that speaks for all."""
    found = {}
    for loser in parents:
        seen, each = {loser}, parents[loser]
        while each in parents and each not in seen:
            seen.add(each)
            each = parents[each]
        found[loser] = each
    return found


async def read_past_from_topics(servers: kafka.Servers) -> tuple[KnownPast, AsyncIterator[History]]:
    """Read the topics from their beginning to where they end now; what is not readable is left to the services.

    Merged contacts stay apart here: their merge may be older than the topics remember.
    """
    engagements: dict[UUID, dict[UUID, Engagement]] = defaultdict(dict)
    turns: dict[UUID, dict[UUID, LifecycleFact]] = defaultdict(dict)
    accounts: dict[str, AccountChanged] = {}
    erased: set[UUID] = set()
    async for event in _read_events(servers):
        if isinstance(event, ContactErased):
            erased.add(event.contact_id)
        elif isinstance(event, AccountChanged):
            newest = max(accounts.get(event.domain, event), event, key=lambda each: each.revision)
            accounts[event.domain] = newest
        for engagement in _event_to_engagements(event):
            engagements[engagement.contact_id].setdefault(engagement.engagement_id, engagement)
        for turn in read_lifecycle_facts(event):
            turns[turn.contact_id].setdefault(turn.turn_id, turn)
    kinds = {name: event.kind for event in accounts.values() for name in (*event.aliases, event.domain)}
    known = {who: made for who, made in engagements.items() if who not in erased}
    past = KnownPast(sum(map(len, known.values())), {who: list(facts.values()) for who, facts in turns.items()}, kinds)
    return past, _build_histories(past, known)


def _event_to_engagements(event: Event) -> list[Engagement]:
    """Take from an event all that scoring keeps of it as engagements."""
    if isinstance(event, LeadWoken):
        return [wake_up_as_engagement(event)] if event.starts_at == "sales" else []
    if isinstance(event, LeadCorrected):
        return [findings_as_engagement(event)]
    if not isinstance(event, ContactCaptured):
        return []
    asked = later_request_as_engagement(event)
    return [capture_as_engagement(event)] if asked is None else [capture_as_engagement(event), asked]


async def _build_histories(past: KnownPast, known: Mapping[UUID, Mapping[UUID, Engagement]]) -> AsyncIterator[History]:
    for contact_id, made in known.items():
        yield past.build_history(contact_id, made.values())


async def _read_events(servers: kafka.Servers) -> AsyncIterator[Event]:
    decoding.install_in_fetcher()
    by_name = {topic.name: topic for topic in HEARD}
    consumer = AIOKafkaConsumer(
        *by_name, **kafka.client_arguments(servers), enable_auto_commit=False, auto_offset_reset="earliest",
        max_partition_fetch_bytes=1_048_576, metadata_max_age_ms=3_600_000,
    )  # fmt: skip
    await consumer.start()
    try:
        partitions = list(consumer.assignment())
        ends: dict[TopicPartition, int] = await consumer.end_offsets(partitions)
        await consumer.seek_to_beginning(*partitions)
        while [each for each in partitions if await consumer.position(each) < ends[each]]:
            for partition, records in (await consumer.getmany(timeout_ms=POLL_MS)).items():
                for record in records:
                    item = decode_record(record, by_name[partition.topic])
                    if item.event is not None:
                        yield item.event
    finally:
        await kafka.close_consumer(consumer)
