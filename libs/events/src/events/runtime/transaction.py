"""One SQL transaction that holds inbox (seen), state (changed) and outbox (to say): they commit together or not at all.

Order of locks, the same for everybody, so that nobody waits in a circle: contacts in key order, then the service's own
rows, then timers, then the stream rows that number the events. Nothing is locked after those.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar
from uuid import UUID

import orjson
from pydantic import BaseModel
from sqlalchemy import Executable
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from events.envelope import Event
from events.ids import derive_id
from events.runtime import bulk, lead_metrics, metrics, traces
from events.runtime.partitioning import hash_record_key
from events.runtime.rows import Row
from events.topics import TOPIC_OF, Topic, dead_letter_topic_name

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from events.runtime.playbooks import PlaybookVersions
    from events.runtime.spans import Tracer

P = TypeVar("P", bound=BaseModel)

LARGEST_VALUE = 900_000
"""Bytes; below the broker's max.message.bytes, so that a large event fails where it is made and not in the relay."""

LOCK_MILLISECONDS = 2_000
"""So long may a statement of the consumer wait for a lock."""

TRACE_DAYS = 2
"""So long a lead's trace goes on: what is done about it later, by a request or a timer, begins another."""

_PLANNED_ONCE = "set_config('plan_cache_mode', 'force_generic_plan', true)"
"""Statements on sets of ids find their rows by an index whatever the ids are: to plan them again for each batch took a
fifth of the database's time."""
_OPEN = f"""
select {_PLANNED_ONCE}, business_now() as now, (select version from playbooks order by nth desc limit 1) as version
"""  # noqa: S608 - of constants
_OPEN_IMPATIENT = _OPEN.replace("select ", "select set_config('lock_timeout', $1, true), ", 1)
_OPEN_AND_TAKE = f"""
with bound as materialized (
    select set_config('lock_timeout', $4, true) || {_PLANNED_ONCE} as settings
), seen as (
    insert into inbox select distinct i.* from bound cross join unnest($1::uuid[], $2::date[]) as i(ce_id, day)
    where settings is not null order by 1, 2 on conflict do nothing returning ce_id
), locked as (
    insert into contacts as c (contact_id) select contact_id from bound cross join unnest($3::uuid[])
        with ordinality as u(contact_id, nth) where settings is not null order by nth
    on conflict (contact_id) do update set erased = c.erased where false
)
select business_now() as now, (select version from playbooks order by nth desc limit 1) as version,
    array(select ce_id from seen) as unseen
"""  # noqa: S608 - of constants
"""Bounds the waits for locks, marks records as seen, locks their contacts (an update of no row locks it all the same)
and learns the time, in one round trip."""


class EventTooLarge(Exception):
    """An event's value is larger than the broker takes."""


@dataclass(frozen=True, slots=True)
class DueTimer:
    """A timer that fell due. It is gone; a handler that wants to go on schedules it again."""

    kind: str
    key: UUID
    contact_id: UUID
    due_at: datetime


class ArrivedRecords(NamedTuple):
    """Records that came: their ids in the inbox with their days, and the contacts they are about, in key order."""

    ids: Sequence[UUID]
    days: Sequence[date]
    contacts: Sequence[UUID]


Columns = tuple[list[str], list[int], list[int], list[str | None]]
"""Topics, partitions, next offsets and marks of positions."""


class OutgoingRecord(NamedTuple):
    """One record on its way to the journal and the outbox."""

    topic: str
    key: str
    contact_id: UUID | None
    ce_id: UUID
    ce_type: str
    value: bytes | None


class DriverConnection(Protocol):
    """What of asyncpg's connection the runtime uses (asyncpg has no types)."""

    async def fetch(self, query: str, *args: Any) -> list[Any]:
        """Run a query and give its rows."""

    async def execute(self, query: str, *args: Any) -> str:
        """Run a statement and give its status line."""

    def is_closed(self) -> bool:
        """Return whether the connection is gone."""


async def driver_connection_of(connection: AsyncConnection) -> DriverConnection:
    """Return asyncpg's own connection below SQLAlchemy's, inside the same transaction."""
    raw = await connection.get_raw_connection()
    found: DriverConnection = raw.driver_connection  # type: ignore[assignment]
    return found


class Transaction:
    """Inbox, state and outbox of one step. Made by `Service.transaction()`, by the consumer and by the timers."""

    def __init__(
        self,
        connection: AsyncConnection,
        raw: DriverConnection,
        *,
        service: str,
        now: datetime,
        playbooks: "PlaybookVersions",
        playbook_version: str,
    ) -> None:
        self.connection = connection
        self.raw = raw
        self.service = service
        self.now = now
        self.playbook_version = playbook_version
        self.traces: dict[str, str] = {}
        """The `traceparent` of what each key's events follow from: a record that came, or a request."""
        self.requests: dict[str, str] = {}
        """The span of the request about each key, where another trace goes on."""
        self.callers: Sequence[traces.TraceParent | None] = ()
        """Who sent the requests that share this transaction, in their order; empty where nobody has a trace."""
        self.tracer: Tracer | None = None
        self.spans: list[Span] = []
        """They end when this has committed; of what was rolled back there are none."""
        self.locks_taken: Callable[[], None] = _ignore_locks_taken
        """Called when this transaction has all locks that it will wait for: a later transaction may begin."""
        self.unseen: Sequence[UUID] = ()
        """Of the records with which it began, the ids that were not seen before."""
        self.positions: Columns | None = None
        """Positions that move on when it commits."""
        self._playbooks = playbooks
        self._outgoing: list[OutgoingRecord] = []
        self.facts: list[Event] = []
        """What is counted once this has committed."""
        self._timers: dict[tuple[str, UUID], tuple[UUID, datetime] | None] = {}

    @classmethod
    async def open(
        cls,
        connection: AsyncConnection,
        service: str,
        playbooks: "PlaybookVersions",
        came: ArrivedRecords | None = None,
        lock_milliseconds: int | None = None,
    ) -> "Transaction":
        """Begin: learn the business time and the playbook in force in one round trip, and take what came in it too.

        Each statement waits `lock_milliseconds` for a lock at most, or else as long as the session is set to.
        """
        raw = await driver_connection_of(connection)
        if came is not None:
            asked = raw.fetch(_OPEN_AND_TAKE, *came, str(lock_milliseconds or LOCK_MILLISECONDS))
        elif lock_milliseconds is not None:
            asked = raw.fetch(_OPEN_IMPATIENT, str(lock_milliseconds))
        else:
            asked = raw.fetch(_OPEN)
        [row] = await asked
        if row["version"] is not None:
            await playbooks.ensure_loaded(row["version"], raw)
        made = cls(
            connection,
            raw,
            service=service,
            now=row["now"],
            playbooks=playbooks,
            playbook_version=row["version"] or "",
        )
        if came is not None:
            made.unseen = row["unseen"]
        return made

    def playbook(self, model: type[P]) -> P:
        """Return the playbook in force as `model`."""
        return self._playbooks.parse_version(self.playbook_version, model)

    async def playbook_of(self, version: str, model: type[P]) -> P:
        """Return a version of the playbook that was ever in force."""
        await self._playbooks.ensure_loaded(version, self.raw)
        return self._playbooks.parse_version(version, model)

    async def playbook_at(self, at: datetime, model: type[P]) -> tuple[str, P]:
        """Return the playbook that was in force at an instant, with its version; before the first one, the first."""
        rows = await self.raw.fetch(
            "select version from playbooks order by activated_at <= $1 desc,"
            " case when activated_at <= $1 then -nth else nth end limit 1",
            at,
        )
        version: str = rows[0]["version"]
        await self._playbooks.ensure_loaded(version, self.raw)
        return version, self._playbooks.parse_version(version, model)

    async def lock_contacts(self, contact_ids: Iterable[UUID]) -> None:
        """Lock these contacts to the end of the transaction, in key order. A command calls this before it reads."""
        ids = sorted(set(contact_ids), key=attrgetter("int"))
        if not ids:
            return
        made = await self.raw.execute("insert into contacts select unnest($1::uuid[]) on conflict do nothing", ids)
        if made == f"INSERT 0 {len(ids)}":
            return  # nobody else sees them before the commit
        await self.raw.execute(
            "select from contacts where contact_id = any($1) order by contact_id for no key update",
            ids,
        )

    async def fetch(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Run a SQLAlchemy Core statement and return its rows, by column; names are plain `str`, as JSON needs them."""
        result = await self.connection.execute(statement, parameters)
        names = [str(name) for name in result.keys()]  # noqa: SIM118 - a result, whose keys are its columns
        return [dict(zip(names, row, strict=True)) for row in result]

    async def execute(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> int:
        """Run a SQLAlchemy Core statement and give the number of rows it touched."""
        result = await self.connection.execute(statement, parameters)
        return int(result.rowcount)

    async def insert(self, table: type[SQLModel], rows: Iterable[Mapping[str, Any] | Row]) -> int:
        """Insert rows (all with the same columns) in one statement, leave existing ones, and count the new."""
        given = list(rows)
        if not given:
            return 0
        sql, arrays = bulk.build_insert(table, given)
        return int((await self.raw.execute(sql, *arrays)).rsplit(" ", 1)[-1])

    async def upsert(self, table: type[SQLModel], rows: Iterable[Mapping[str, Any] | Row]) -> None:
        """Insert or update rows (all with the same columns) by primary key in one statement; the last of a key wins."""
        given = list(rows)
        if not given:
            return
        sql, arrays = bulk.build_upsert(table, given)
        await self.raw.execute(sql, *arrays)

    async def write_together(self, *writes: bulk.Write) -> None:
        """Do several writes in one round trip, each to a table of its own; see `bulk.combine_writes`."""
        if writes:
            text, arguments = bulk.combine_writes(writes)
            await self.raw.execute(text, *arguments)

    def continue_trace(self, item: tuple[str, str, str], key: str, traceparent: str) -> None:
        """Publish what is said about this key in the trace of the record (type, topic, id) that came about it."""
        if self.tracer is not None:
            span = self.tracer.start_apply_span(*item, traceparent)
            self.spans.append(span)
            traceparent = self.tracer.traceparent_of(span)
        self.traces[key] = traceparent

    def continue_request_traces(self, contact_ids: Iterable[UUID | None], *, begun: bool = False) -> None:
        """Publish what is said about each request's contact in the trace of who sent it.

        Args:
            contact_ids: Of the requests that share this transaction, in their order.
            begun: Also where the request itself began a trace; otherwise the contact's last trace goes on then.
        """
        for caller, contact_id in zip(self.callers, contact_ids, strict=False):
            if caller is not None and contact_id is not None:
                chosen = self.traces if begun or caller.named else self.requests
                chosen[str(contact_id)] = caller.traceparent

    def emit(self, event: Event) -> None:
        """Publish an event on its topic, if and only if this transaction commits."""
        topic = TOPIC_OF[type(event)]
        if type(event) in lead_metrics.COUNTS:
            self.facts.append(event)
        self._queue_outgoing_record(
            topic.name,
            event.key,
            getattr(event, "contact_id", None),
            event.ce_id,
            event.ce_type,
            event.encode(),
        )

    def emit_tombstone(self, topic: Topic, key: UUID) -> None:
        """Erase a key from a compacted topic."""
        kind = topic.events[0].ce_type
        self._queue_outgoing_record(
            topic.name, str(key), None, derive_id("tombstone", topic.name, key, self.now), kind, None
        )

    def emit_dead_letter(self, parked_id: UUID, topic: str, key: str, reason: str) -> None:
        """Point at a parked record; its bytes stay in PostgreSQL, where erasure reaches them."""
        value = orjson.dumps({"service": self.service, "parked_id": str(parked_id), "topic": topic, "reason": reason})
        ce_id = derive_id("dead-letter", parked_id)
        self._queue_outgoing_record(dead_letter_topic_name(self.service), key, None, ce_id, "record.parked.v1", value)

    def _queue_outgoing_record(  # noqa: PLR0917 - one record, field by field
        self,
        topic: str,
        key: str,
        contact_id: UUID | None,
        ce_id: UUID,
        ce_type: str,
        value: bytes | None,
    ) -> None:
        if value is not None and len(value) > LARGEST_VALUE:
            raise EventTooLarge(ce_type)
        self._outgoing.append(OutgoingRecord(topic, key, contact_id, ce_id, ce_type, value))

    def schedule(self, kind: str, key: UUID, contact_id: UUID, due_at: datetime) -> None:
        """Set or move the timer (kind, key)."""
        self._timers[kind, key] = (contact_id, due_at)

    def unschedule(self, kind: str, key: UUID) -> None:
        """Drop the timer (kind, key), if there is one."""
        self._timers[kind, key] = None

    async def erase(self, contact_ids: Iterable[UUID]) -> int:
        """Delete what the runtime keeps of these contacts (journal, parked records, timers); give the rows deleted.

        The word that they were erased stays, sent or not: it names nobody, and others wait for it. The contacts are
        marked, so that what is parked about them later keeps no bytes.
        """
        ids = list(contact_ids)
        await self.raw.execute(_MARK_ERASED, sorted(ids))
        rows = 0
        for statement in (
            (
                "delete from outbox o using journal j where j.day = o.day and j.id = o.id and j.contact_id = any($1)"
                " and j.ce_type not in ('contact.erased.v1', 'erasure.receipt.v1')"
            ),
            (
                "delete from journal where contact_id = any($1)"
                " and ce_type not in ('contact.erased.v1', 'erasure.receipt.v1')"
            ),
            "delete from parked where contact_id = any($1) or contact_ids && $1::uuid[]",
            "delete from timers where contact_id = any($1)",
        ):
            rows += int((await self.raw.execute(statement, ids)).rsplit(" ", 1)[-1])
        return rows

    @property
    def emits_records(self) -> bool:
        """Whether this transaction will publish records."""
        return bool(self._outgoing)

    def has_timer_within(self, seconds: float, but: Collection[str] = ()) -> bool:
        """Return whether this transaction sets a timer that is due within `seconds`, of no kind that `but` names."""
        horizon = self.now + timedelta(seconds=seconds)
        return any(due is not None and due[1] <= horizon for (kind, _), due in self._timers.items() if kind not in but)

    async def flush(self) -> None:
        """Write timers and positions, then number the events, write journal and outbox. The runtime calls it last."""
        if self._timers:
            await self._write_timers()
        if self._outgoing:
            await self._write_outgoing()
        elif self.positions is not None:
            await self.raw.execute(MOVE, *self.positions)

    async def _write_timers(self) -> None:
        dropped = sorted(name for name, due in self._timers.items() if due is None)
        if dropped:
            await self.raw.execute(
                "delete from timers t using unnest($1::text[], $2::uuid[]) as d(kind, key)"
                " where t.kind = d.kind and t.key = d.key",
                [kind for kind, _ in dropped],
                [key for _, key in dropped],
            )
        set_to = ((name, due) for name, due in self._timers.items() if due is not None)
        wanted = sorted(set_to, key=lambda timer: (timer[0][0], timer[0][1].int))
        if wanted:
            await self.raw.execute(
                "insert into timers (kind, key, contact_id, due_at)"
                " select * from unnest($1::text[], $2::uuid[], $3::uuid[], $4::timestamptz[])"
                " on conflict (kind, key) do update set due_at = excluded.due_at,"
                " contact_id = excluded.contact_id",
                [kind for (kind, _), _ in wanted],
                [key for (_, key), _ in wanted],
                [contact for _, (contact, _) in wanted],
                [due_at for _, (_, due_at) in wanted],
            )

    async def _write_outgoing(self) -> None:
        records = sorted(self._outgoing, key=lambda record: (record.topic, record.key))
        counts: dict[tuple[str, str], int] = {}
        ranks = []
        for record in records:
            stream = (record.topic, record.key)
            counts[stream] = counts.get(stream, 0) + 1
            ranks.append(counts[stream])
        await self.raw.execute(
            _PUBLISH if self.positions is None else _PUBLISH_AND_MOVE,
            [topic for topic, _ in counts],
            [key for _, key in counts],
            list(counts.values()),
            [record.topic for record in records],
            [record.key for record in records],
            ranks,
            [record.contact_id for record in records],
            [record.ce_id for record in records],
            [record.ce_type for record in records],
            [record.value for record in records],
            await self._traceparents_of_records(records),
            [hash_record_key(key) for _, key in counts],
            *(self.positions or ()),
        )
        for ce_type, count in Counter(record.ce_type for record in records).items():
            metrics.EMITTED.labels(ce_type).inc(count)

    async def _traceparents_of_records(self, records: Sequence[OutgoingRecord]) -> list[str]:
        """Return each record's own: below what brought its key here, the caller, or its contact's last trace."""
        caller = traces.current_caller()
        named = caller.traceparent if caller is not None and caller.named else None
        if self.tracer is None:
            return [traces.make_traceparent(self.traces.get(record.key, named)) for record in records]
        begun = caller.traceparent if caller is not None else None
        unknown = {record.contact_id for record in records if record.key not in self.traces and record.contact_id}
        last = await self._load_last_traces(unknown) if unknown and named is None else {}
        found = []
        for record in records:
            request = self.requests.get(record.key, begun)
            parent = self.traces.get(record.key) or named or last.get(record.contact_id) or request
            span = self.tracer.start_publish_span(record.ce_type, record.topic, str(record.ce_id), parent, request)
            self.spans.append(span)
            found.append(self.tracer.traceparent_of(span))
        return found

    async def _load_last_traces(self, contact_ids: Iterable[UUID]) -> dict[UUID | None, str]:
        """Return in which trace each contact was last published about here, within `TRACE_DAYS`."""
        rows = await self.raw.fetch(_LAST_TRACES, list(contact_ids), TRACE_DAYS)
        return {row["contact_id"]: row["traceparent"] for row in rows}


_LAST_TRACES = """
select distinct on (contact_id) contact_id, traceparent from journal
where contact_id = any($1) and day >= (now() at time zone 'utc')::date - $2::integer and traceparent is not null
order by contact_id, id desc
"""

_MARK_ERASED = """
insert into contacts (contact_id, erased) select distinct unnest($1::uuid[]), true order by 1
on conflict (contact_id) do update set erased = true
"""

_PUBLISH = """
with counted as (
    select * from unnest($1::text[], $2::text[], $3::bigint[], $12::integer[]) as c(topic, key, count, hash)
), drawn as (
    insert into streams as s (topic, key, sequence) select topic, key, count from counted
    on conflict (topic, key) do update set sequence = s.sequence + excluded.sequence
    returning topic, key, sequence
), said as (
    select e.*, c.hash, d.sequence - c.count + e.rank as sequence
    from unnest($4::text[], $5::text[], $6::bigint[], $7::uuid[], $8::uuid[], $9::text[], $10::bytea[], $11::text[])
        with ordinality as e(topic, key, rank, contact_id, ce_id, ce_type, value, traceparent, nth)
    join counted c using (topic, key) join drawn d using (topic, key)
    order by e.nth
), written as (
    insert into journal (day, topic, key, contact_id, ce_id, ce_type, sequence, time, traceparent, value, hash)
    select (now() at time zone 'utc')::date, topic, key, contact_id,
        case when r.ce_id is null then s.ce_id else md5(s.ce_id::text || sequence)::uuid end,
        ce_type, sequence, now(), traceparent, value, hash
    from said s left join recovered r on r.ce_id = s.ce_id
    returning id, day, topic, hash
)
insert into outbox (id, day, topic, hash) select id, day, topic, hash from written
"""
"""Draws each stream's next numbers (the row lock, held to the commit, is the order per key), then writes the payloads
once into the journal, and into the outbox what is to be sent. A state that was published before the database was
restored keeps its name: another state that would bear it again gets one of its own."""

_MOVE = """
insert into positions (topic, partition, next_offset, last_ce_id)
select * from unnest({0}::text[], {1}::int[], {2}::bigint[], {3}::text[])
on conflict (topic, partition) do update set next_offset = excluded.next_offset, last_ce_id = excluded.last_ce_id
    where positions.next_offset < excluded.next_offset
"""
MOVE = _MOVE.format("$1", "$2", "$3", "$4")
"""Moves positions on, never back."""
_PUBLISH_AND_MOVE = _PUBLISH.replace(
    "with counted as (\n    select * from unnest(",
    "with moved as ("  # noqa: S608 - of constants
    + _MOVE.format("$13", "$14", "$15", "$16")
    + " returning 1), counted as (\n    select c.* from (select count(*) from moved) as first cross join unnest(",
    1,
)
"""The positions first, as where nothing is published: whoever finds a gap locks them in this order too."""


def _ignore_locks_taken() -> None:
    """Nothing comes after this transaction."""
