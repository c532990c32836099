"""One service: what it consumes, publishes and answers, and its timers. `app.py` of each service makes one."""

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic
from uuid import UUID

import uvicorn
from aiokafka import TopicPartition
from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from typing_extensions import TypeVar

from events.runtime import (
    activation,
    audit_log,
    clock,
    counting,
    database,
    gaps,
    health,
    installation,
    journal,
    key_issue,
    lead_metrics,
    metrics,
    migrate,
    parking,
    readback,
    recovery,
    refusals,
    retry,
    security,
    starting,
    topic_setup,
    web,
)
from events.runtime import logging as logs
from events.runtime.accepting import BACKLOG, PacedServer
from events.runtime.apply import Handler
from events.runtime.consumer import Consumer
from events.runtime.inbox import decode_record, mark_seen
from events.runtime.kafka_refusals import RightMissing, describe_missing_right
from events.runtime.loops import Loops, keep_measuring_lag
from events.runtime.openapi import Application
from events.runtime.outbox import OutboxRelay
from events.runtime.playbooks import LOCK, UNREADABLE, PlaybookText, PlaybookVersions, describe_file_faults
from events.runtime.problems import Problem
from events.runtime.progress import ConsumerProgress
from events.runtime.protocol import HttpProtocol, OpenRequestLimit
from events.runtime.rows import Row
from events.runtime.settings import Settings
from events.runtime.timers import POLL_SECONDS, TimerHandler, TimerRunner
from events.runtime.transaction import ArrivedRecords, Transaction, driver_connection_of
from events.topics import GAPS_FOUND, Topic

if TYPE_CHECKING:
    from events.runtime.spans import Tracer

log = logs.logger()

AUDIT_SECONDS = 60.0
MAINTAIN_SECONDS = 3600.0
NOTE_SECONDS = 30.0
"""How often it is noted where the service's own topics end."""
MOST_YOUNG, OLDER = 200_000, (20, 50)
"""A batch makes thousands of short-lived objects without cycles: look for cycles less often than by default."""

Audit = Callable[[Transaction], Awaitable[Sequence[Row]]]
S_co = TypeVar("S_co", bound=Settings, default=Settings, covariant=True)
"""What a service reads from the environment; `Service` alone is one of which only the common settings are known."""


class Service(Generic[S_co]):
    """A service's parts, wired. Everything it needs is an argument; nothing is global."""

    def __init__(
        self,
        *,
        name: str,
        settings: type[S_co],
        playbook: tuple[str, type[BaseModel]],
        migrations: Path,
        on: Mapping[Topic, Handler],
        due: Mapping[str, TimerHandler],
        router: APIRouter,
        audit: Audit,
        counts: counting.Counts = counting.count_no_gauges,
        streams: Callable[[str, str], bool] = lambda _, __: False,
        beside: Mapping[str, Callable[["Service[S_co]"], Awaitable[None]]] | None = None,
        adopt: recovery.Adopt | None = None,
        gathers: bool = False,
        gathers_due: Collection[str] = (),
        most_young: int = MOST_YOUNG,
    ) -> None:
        self.name = name
        self.on = {**on, GAPS_FOUND: gaps.on_gaps_found}
        self.due = due
        self.owns = readback.list_own_compacted_topics(name)
        self.playbooks = PlaybookVersions(playbook[1], playbook[0])
        self.migrations = migrations
        self.open_commands = 0
        self._settings_class = settings
        self._settings: S_co | None = None
        self._router = router
        self._audit = audit
        self.counts = counts
        """What its tables amount to, for the gauges that people look at."""
        self._streams = streams
        self.gathers = gathers
        """Whether nobody waits for what it consumes, so that it may come together (`fetching.py`)."""
        self._gathers_due = gathers_due
        """Kinds of timers for which nobody waits: what falls due at once is fired some seconds later, together."""
        self._most_young = most_young
        """After how many new objects that are still there Python looks for cycles that nobody needs any more."""
        self._adopt = adopt
        """What the service does with what it had published before its database was restored."""
        self._beside = beside or {}
        """What else runs until the service stops, by name."""
        self._engine: AsyncEngine | None = None
        self.consumer: Consumer | None = None
        self.progress: ConsumerProgress | None = None
        self.topics: topic_setup.TopicSetup | None = None
        self._relay: OutboxRelay | None = None
        self._timers: TimerRunner | None = None
        self.loops = Loops()
        self.starting = False
        """Whether requests are refused, because the database was not prepared yet."""
        self._start: asyncio.Task[None] | None = None
        self._failed = False
        self.keys = security.CallerLookup(lambda: self.connect())  # noqa: PLW0108 - tests put their own in its place
        self._server: PacedServer | None = None
        self.tracer: Tracer | None = None
        """Makes spans while the service runs, where settings name a collector."""

    @property
    def settings(self) -> S_co:
        """What the environment says, read once."""
        if self._settings is None:
            self._settings = self._settings_class()
        return self._settings

    @settings.setter
    def settings(self, value: Settings) -> None:
        if not isinstance(value, self._settings_class):
            raise TypeError(f"{self.name} reads {self._settings_class.__name__}")
        self._settings = value

    @cached_property
    def key_rate_limit(self) -> security.KeyRateLimit:
        """How often one key may ask."""
        return security.KeyRateLimit(self.settings.key_rate)

    @property
    def is_ending(self) -> bool:
        """Whether the process was told to stop: what streams without an end must end now."""
        return self._server is not None and self._server.should_exit

    @property
    def database_url(self) -> str:
        """Where the database is, as asyncpg wants it."""
        return self.settings.database_url.get_secret_value()

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[AsyncConnection]:
        """Return a connection inside a transaction that commits at the end."""
        if self._engine is None:
            self._engine = database.create_pool(self.database_url, self.settings.pool_size)
        async with database.begin_transaction(self._engine) as connection:
            yield connection

    @asynccontextmanager
    async def transaction(
        self, came: ArrivedRecords | None = None, lock_milliseconds: int | None = None
    ) -> AsyncIterator[Transaction]:
        """Open a transaction of inbox, state and outbox; wakes the relay and the timers after the commit."""
        async with self.connect() as connection:
            tx = await Transaction.open(connection, self.name, self.playbooks, came, lock_milliseconds)
            tx.tracer = self.tracer
            yield tx
            await tx.flush()
        lead_metrics.count_committed_events(tx.facts)
        for span in tx.spans:
            span.end()
        if tx.emits_records and self._relay is not None:
            self._relay.wake()
        patient = self._gathers_due if self.settings.clock == "system" else ()
        if self._timers is not None and tx.has_timer_within(POLL_SECONDS, patient):
            self._timers.wake()

    def app(self) -> Application:
        """Make the web application, whose life is the service's."""
        return web.create_application(
            self, self._router, start=self.begin, stop=self.stop, streams=self._streams,
            more=[key_issue.router, activation.router],
        )  # fmt: skip

    def document(self) -> dict[str, Any]:
        """Return the OpenAPI document, for which nothing need be configured."""
        unread: Any = self._settings_class.model_construct()
        before, self._settings = self._settings, unread
        try:
            return self.app().openapi()
        finally:
            self._settings = before
            self.__dict__.pop("pace", None)

    def run(self, arguments: Sequence[str] = ()) -> None:
        """Serve until told to stop (SIGTERM, SIGINT); with `migrate`, upgrade the database and end."""
        if list(arguments) not in ([], ["migrate"]):
            sys.stderr.write("cannot start: the only argument is `migrate`\n")
            sys.exit(2)
        starting.check_settings(lambda: self.settings)
        logs.configure_logging(self.name, self.settings.log_level)
        if arguments:
            asyncio.run(starting.retry_until_prepared(self.upgrade_database))
            return
        self._server = PacedServer(self.uvicorn_config())
        self._server.run()
        if self._failed:
            sys.exit(3)

    def uvicorn_config(self, **more: Any) -> uvicorn.Config:
        """Return how the application is served; `more` is for tests."""
        settings = self.settings
        options: dict[str, Any] = {
            "host": settings.host,
            "port": settings.port,
            "loop": "uvloop",
            "http": partial(
                HttpProtocol, seconds=settings.request_seconds, open_requests=OpenRequestLimit(settings.most_requests)
            ),
            "log_config": None,
            "access_log": False,
            "server_header": False,
            "proxy_headers": bool(settings.trusted_proxies),
            "forwarded_allow_ips": settings.trusted_proxies,
            "timeout_keep_alive": settings.idle_seconds,
            "timeout_graceful_shutdown": 10,
            "backlog": BACKLOG,
        }
        return uvicorn.Config(self.app(), **options | more)

    async def upgrade_database(self) -> None:
        """Bring the database to the newest revision that this code knows."""
        await database.refuse_shared_sessions(self.database_url)
        await migrate.apply_migrations(self.database_url, self.migrations)

    async def prepare(self) -> None:
        """Bring the database to the newest revision, choose the clock, activate the default playbook."""
        await self.upgrade_database()
        async with self.connect() as connection:
            raw = await driver_connection_of(connection)
            await journal.maintain_partitions(raw)
            await clock.choose_clock(raw, self.settings.clock, self.settings.clock_start)
            await self._insert_bootstrap_key(raw)
        async with self.transaction() as tx:
            await tx.raw.execute("select pg_advisory_xact_lock($1)", LOCK)
            if not await tx.raw.fetch("select from playbooks limit 1"):
                source = self._read_default_playbook()
                await self.playbooks.activate(tx, source, by="default", approvals=[])

    async def _insert_bootstrap_key(self, raw: Any) -> None:
        """Admit the key of the environment until it is revoked; a revoked key stays worthless."""
        if self.settings.bootstrap_key is None:
            return
        key = self.settings.bootstrap_key.get_secret_value()
        if await security.insert_bootstrap_key(raw, key):
            log.warning("first_key_in_use", reason="revoke BATON_BOOTSTRAP_KEY when other keys are there")

    def _read_default_playbook(self) -> PlaybookText:
        try:
            return self.playbooks.read(self.settings.playbook_dir)
        except UNREADABLE as error:
            faults = "; ".join(describe_file_faults(self.playbooks.file, error))
            raise starting.NotConfigured(f"the playbook in BATON_PLAYBOOK_DIR cannot be used: {faults}") from error

    async def begin(self) -> None:
        """Start beside the web application, which answers from now on: probes and metrics at once, others 503."""
        self.starting = True
        self._begin_tracing()
        counting.show_counters_at_zero(self)
        self.loops.start("loop_lag", keep_measuring_lag)
        self._start = asyncio.get_running_loop().create_task(self.start(), name="start")
        self._start.add_done_callback(self._end_process_if_start_failed)

    def _begin_tracing(self) -> None:
        settings = self.settings
        if settings.otel_endpoint:
            from events.runtime.spans import Tracer  # noqa: PLC0415 - what is not asked for costs nothing

            headers = settings.otel_headers.get_secret_value() if settings.otel_headers else ""
            self.tracer = Tracer(
                self.name, endpoint=settings.otel_endpoint, headers=headers,
                share=settings.otel_share, instance=settings.instance,
            )  # fmt: skip

    def _end_process_if_start_failed(self, task: "asyncio.Task[None]") -> None:
        """End the process where its own configuration keeps it from starting: nothing outside can mend that."""
        error = None if task.cancelled() else task.exception()
        if error is None:
            return
        reason = str(error) if isinstance(error, starting.NotConfigured) else None
        log.error("cannot_start", reason=reason, error=logs.describe_error(error.__cause__ or error))
        self._failed = True
        if self._server is not None:
            self._server.should_exit = True

    async def start(self) -> None:
        """Prepare as soon as PostgreSQL is there, then let the loops run: consumer, relay, timers and the others."""
        await starting.retry_until_prepared(self.prepare)
        self.loops.start("measure", lambda: health.keep_measuring(self))
        self.starting = False
        servers = self.settings.kafka
        self._relay = OutboxRelay(
            source=f"baton/{self.name}", servers=servers, database_url=self.database_url,
            rows=self.settings.relay_rows, batch_records=self.settings.relay_batch_records,
        )  # fmt: skip
        self._timers = TimerRunner(
            handlers=self.due, transaction=self.transaction, database_url=self.database_url,
            lagging=self._is_lagging,
        )  # fmt: skip
        self.consumer = Consumer(
            group=self.name, servers=servers, handlers=self.on, transaction=self.transaction,
            batch_records=self.settings.batch_records, instance=self.settings.instance,
            shares=self.gathers, gathers=self.gathers and self.settings.clock == "system",
        )  # fmt: skip
        self.progress = ConsumerProgress(
            service=self.name, servers=servers, topics=[topic.name for topic in self.on], connect=self.connect,
            gone=self._check_gaps,
        )  # fmt: skip
        self.loops.start("loop_lag", keep_measuring_lag)
        self.loops.start("topics", self._create_topics_and_start_loops)
        self.loops.start("timers", self._timers.run)
        self.loops.start("count", lambda: counting.keep_counting(self))
        self.loops.start("audit", lambda: self._repeat_every(AUDIT_SECONDS, self._audit_and_measure))
        self.loops.start("last_uses", lambda: self._repeat_every(AUDIT_SECONDS, self.keys.save_last_uses))
        self.loops.start("maintenance", lambda: self._repeat_every(MAINTAIN_SECONDS, self._maintain_journal_partitions))
        for name, work in self._beside.items():
            self.loops.start(name, partial(work, self))
        gc.collect()
        gc.freeze()
        gc.set_threshold(self._most_young, *OLDER)
        log.info("service_started", port=self.settings.port, clock=self.settings.clock)

    async def stop(self) -> None:
        """Stop the loops; what is in flight is rolled back and will be found again."""
        if self._start is not None:
            self._start.cancel()
            await asyncio.gather(self._start, return_exceptions=True)
        await self.loops.stop()
        if self._engine is not None:
            await self._engine.dispose()
            self._engine = None
        if self.tracer is not None:
            await asyncio.to_thread(self.tracer.close)
            self.tracer = None

    async def _create_topics_and_start_loops(self) -> None:
        """Make the topics that are missing, then consume, relay and read back. Waits for Kafka; intake does not."""
        self.topics = topic_setup.TopicSetup(
            servers=self.settings.kafka, service=self.name,
            replication_factor=self.settings.replication_factor, partitions=self.settings.partitions,
            installed=installation.derive_installation_name(self.settings.secret.get_secret_value()),
        )  # fmt: skip
        await self.topics.create_missing()
        await self._recover_after_restore()
        if self._relay is not None:
            self.loops.start("relay", self._relay.run)
        if self.consumer is not None and self.on:
            self.loops.start("consumer", self.consumer.run)
        if self.progress is not None and self.on:
            self.loops.start("progress", self.progress.run)
        if self._relay is not None and self.owns:
            back = readback.Readback(
                service=self.name, servers=self.settings.kafka, topics=self.owns,
                connect=self.connect, wake=self._relay.wake,
            )  # fmt: skip
            self.loops.start("readback", back.run)
        await self.topics.keep_creating_missing()

    async def _recover_after_restore(self) -> None:
        """Take up what was published before the database was restored, if it was. Nothing is sent before that."""
        found = recovery.Recovery(
            service=self.name, servers=self.settings.kafka, transaction=self.transaction,
            adopt=self._adopt,
        )  # fmt: skip
        try:
            await found.run()
        except RightMissing as error:
            if self.topics is not None:
                self.topics.reason = str(describe_missing_right(error))
            raise
        self.loops.start("published", lambda: self._repeat_every(NOTE_SECONDS, found.save_topic_ends))

    async def _repeat_every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - a broken audit must not stop the service it watches
                retry.raise_if_cancelled(error)
                metrics.TASK_FAILURES.labels(work.__name__.strip("_")).inc()
                log.error("task_failed", task=work.__name__, error=logs.describe_error(error))  # noqa: TRY400 - no values in logs

    async def _maintain_journal_partitions(self) -> None:
        async with self.connect() as connection:
            await journal.maintain_partitions(await driver_connection_of(connection))

    async def _audit_and_measure(self) -> None:
        metrics.AUDIT.set(len(await self.audit_now()))

    async def _is_lagging(self) -> bool:
        if self.consumer is None or self.progress is None or not self.consumer.assigned:
            return False
        left = {*self.consumer.gate.stopped, *self.consumer.gate.waiting}
        return self.consumer.records_in_progress > 0 or not await self.progress.has_caught_up(left)

    async def _check_gaps(self, partitions: Collection[TopicPartition]) -> None:
        if self.consumer is not None:
            await self.consumer.check_for_gaps(set(partitions) & self.consumer.active_partitions)

    async def audit_now(self) -> list[dict[str, Any]]:
        """List the rows that break one of the service's invariants, now."""
        async with self.transaction() as tx:
            return [row.as_dict() for row in await self._audit(tx)]

    async def status(self) -> dict[str, Any]:
        """Return the state of outbox, inbox, timers and commands."""
        return await health.load_status(self)

    async def measure(self) -> None:
        """Bring the gauges up to date."""
        await health.update_gauges(self)

    def set_connection_pool_metrics(self) -> None:
        """Show how many connections to PostgreSQL are in use and how many wait for work."""
        pool: Any = None if self._engine is None else self._engine.pool
        metrics.POOL.labels("in_use").set(pool.checkedout() if pool is not None else 0)
        metrics.POOL.labels("idle").set(pool.checkedin() if pool is not None else 0)

    def list_stuck_loops(self) -> list[str]:
        """Name the loops that make no progress."""
        return health.list_ended_loops(self)

    async def list_obstacles(self) -> list[str]:
        """Name what keeps the service from doing its work."""
        return await health.list_obstacles(self)

    async def close_parked(self, parked_id: UUID, verb: str, caller: security.Caller | None = None) -> str:
        """Replay or discard a parked record; gives the state it is in then."""
        async with self.transaction() as tx:
            state, record = await parking.settle_parked(tx, parked_id, "replayed" if verb == "replay" else "discarded")
            if state == "unknown":
                raise Problem(404, "parked_record_unknown")
            if record is not None:
                await audit_log.record_action(tx.raw, caller, f"dead-letter.{state}", parked_id)
            if record is None or verb == "discard":
                return state
            if record.topic.startswith(refusals.PREFIX):
                await refusals.requeue_set_aside(tx, parked_id)
                self.wake_relay()
                return state
            topic = next((topic for topic in self.on if topic.name == record.topic), None)
            if topic is None:
                raise Problem(409, "topic_not_consumed")
            item = decode_record(record, topic, replayed=True)
            if item.event is None:
                raise Problem(409, "still_unreadable")
            if parking.was_parked_unreadable(self.name, parked_id, item):
                if not await mark_seen(tx, [item]):
                    return state  # it came once more meanwhile, and could be read
            elif item.contact_id is not None:
                await tx.lock_contacts([item.contact_id])
            await self.on[topic]([item.event], tx)
        return state

    async def close_gap(self, gap_id: UUID, verb: str, caller: security.Caller | None = None) -> str:
        """Ask for missed records once more, or accept that they are lost; return the state of the gap."""
        async with self.transaction() as tx:
            state = await gaps.heal_or_accept(tx, gap_id, verb)
            if state != "unknown":
                await audit_log.record_action(tx.raw, caller, f"gap.{verb}", gap_id, state)
        return state

    async def send_refused_again(self, topic: str | None, caller: security.Caller | None = None) -> int:
        """Put the oldest records that Kafka refused back into the outbox; return their number, 0 when none is left."""
        async with self.transaction() as tx:
            found = await refusals.list_oldest_set_aside(tx, topic)
            for parked_id in found:
                await parking.settle_parked(tx, parked_id, "replayed")
                await refusals.requeue_set_aside(tx, parked_id)
            await audit_log.record_action(
                tx.raw, caller, "outbox.replayed", topic or "all topics", f"{len(found)} records"
            )
        self.wake_relay()
        return len(found)

    def wake_relay(self) -> None:
        """Wake the relay: there is something in the outbox."""
        if self._relay is not None:
            self._relay.wake()

    async def republish(
        self, *, topic: str | None, since: datetime | None, caller: security.Caller | None = None
    ) -> int:
        """Put the journal's records back into the outbox; gives their number."""
        async with self.connect() as connection:
            raw = await driver_connection_of(connection)
            rows = await journal.republish(raw, topic=topic, since=since)
            await audit_log.record_action(raw, caller, "journal.republished", topic or "all topics", f"{rows} records")
        self.wake_relay()
        return rows
