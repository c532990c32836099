"""A harness to test a service in: real PostgreSQL, rolled back; a stepped clock; events straight to the handlers."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, TypeVar

import httpx
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncConnection

from events.envelope import Event
from events.runtime import clock, security
from events.runtime.deadlines import lengthen_deadlines
from events.runtime.engines import create_engine
from events.runtime.openapi import Application
from events.runtime.service import Service
from events.runtime.settings import Settings
from events.runtime.timers import TimerRunner
from events.runtime.transaction import DriverConnection, Transaction, driver_connection_of
from events.topics import EVENT_TYPES, TOPIC_OF, Topic

E = TypeVar("E", bound=Event)

BUSY = 40.0
"""So many times as long may PostgreSQL take to answer: a busy machine is no reason for a red test."""
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday morning."""


class ServiceHarness:
    """One service on one connection whose transaction is never committed."""

    checks: ClassVar[list[Callable[[Application, httpx.Response], None]]] = []
    """What each answer must pass before a test sees it; tests/conftest.py compares it with the service's document."""

    def __init__(self, service: Service, raw: DriverConnection, http: httpx.AsyncClient) -> None:
        self.service = service
        self.raw = raw
        self.http = http
        """A client with an all-scopes key."""
        self._timers = TimerRunner(
            handlers=service.due, transaction=service.transaction, database_url="", lagging=_never_lagging
        )

    @classmethod
    @asynccontextmanager
    async def open(
        cls, service: Service, database_url: str, start: datetime = START
    ) -> AsyncIterator["ServiceHarness"]:
        """Open a service on a migrated database, on a stepped clock that stands at `start`."""
        service.settings = _build_test_settings(service, database_url)
        engine = create_engine(database_url)
        try:
            async with engine.connect() as connection:
                outer = await connection.begin()
                await connection.exec_driver_sql("select 1")
                raw = await driver_connection_of(connection)

                @asynccontextmanager
                async def connect() -> AsyncIterator[AsyncConnection]:
                    async with connection.begin_nested():
                        yield connection

                service.connect = connect  # type: ignore[method-assign]  # every transaction is a savepoint here
                await clock.choose_clock(raw, "stepped", start)
                await clock.set_business_time(raw, start)
                await clock.release_timers(raw, start)
                key_id, key, digest = security.draw_key()
                await security.insert_key(raw, key_id=key_id, digest=digest, scopes=list(security.SCOPES))
                app = service.app()

                async def check(response: httpx.Response) -> None:
                    await response.aread()
                    for each in cls.checks:
                        each(app, response)

                async with httpx.AsyncClient(
                    transport=httpx.ASGITransport(app=app, raise_app_exceptions=True),
                    base_url="http://service",
                    headers={"Authorization": f"Bearer {key}"},
                    event_hooks={"response": [check]},
                ) as http:
                    with lengthen_deadlines(BUSY):
                        yield cls(service, raw, http)
                        await service.keys.finish_reading()
                await outer.rollback()
        finally:
            del service.connect
            service.keys.forget_keys()  # those of a rolled-back database
            await engine.dispose()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Open a transaction of the service."""
        async with self.service.transaction() as tx:
            yield tx

    @property
    def now(self) -> "Any":
        """Await the business time."""
        return self._load_business_time()

    async def _load_business_time(self) -> datetime:
        found: datetime = (await self.raw.fetch("select business_now() as now"))[0]["now"]
        return found

    async def deliver(self, *events: Event) -> None:
        """Hand events to their handlers as records bring them, each run of one topic as one batch in a transaction."""
        run: list[Event] = []
        for event in events:
            if run and TOPIC_OF[type(run[0])] is not TOPIC_OF[type(event)]:
                await self._apply_batch(TOPIC_OF[type(run[0])], run)
                run = []
            run.append(event)
        if run:
            await self._apply_batch(TOPIC_OF[type(run[0])], run)

    async def _apply_batch(self, topic: Topic, batch: Sequence[Event]) -> None:
        async with self.service.transaction() as tx:
            ids = [found for event in batch if (found := getattr(event, "contact_id", None)) is not None]
            await tx.lock_contacts(ids)
            await self.service.on[topic]([type(event).decode(event.encode()) for event in batch], tx)

    async def emitted(self, kind: type[E]) -> list[E]:
        """Return all events of a type that were committed so far, in their order."""
        rows = await self.raw.fetch(
            "select ce_type, value from journal where ce_type = $1 and value is not null order by id",
            kind.ce_type,
        )
        return [EVENT_TYPES[row["ce_type"]].decode(row["value"]) for row in rows]  # type: ignore[misc]

    async def advance(self, by: timedelta) -> None:
        """Move the clock on, firing each timer at its own instant, in order."""
        target = await self._load_business_time() + by
        while True:
            rows = await self.raw.fetch(
                "select kind, key, contact_id, due_at from timers where due_at <= $1 order by due_at, key",
                target,
            )
            if not rows:
                break
            instant = max(await self._load_business_time(), rows[0]["due_at"])
            await clock.set_business_time(self.raw, instant)
            await clock.release_timers(self.raw, instant)
            due = [row for row in rows if row["due_at"] <= instant and row["kind"] == rows[0]["kind"]]
            await self._timers.fire_together(due)
        await clock.set_business_time(self.raw, target)
        await clock.release_timers(self.raw, target)


def _build_test_settings(service: Service, database_url: str) -> Settings:
    return service._settings_class.model_construct(  # noqa: SLF001 - this is the service's own test bench
        **{
            **_settings_defaults(service),
            "database_url": SecretStr(database_url),
            "kafka_bootstrap_servers": "nowhere:1",
            "secret": SecretStr("a secret for tests alone"),
            "clock": "stepped",
        }
    )


def _settings_defaults(service: Service) -> dict[str, Any]:
    fields = service._settings_class.model_fields  # noqa: SLF001 - this is the service's own test bench
    found = {
        name: field.get_default(call_default_factory=True) for name, field in fields.items() if not field.is_required()
    }
    return found | {"intake_at_once": 1}  # a harness has one connection


async def _never_lagging() -> bool:
    return False
