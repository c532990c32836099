"""Several at once on one pool, with real commits: the bound holds, nobody waits in a circle, every count is right."""

import asyncio
import sys
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Sequence
from datetime import date
from pathlib import Path

import pytest

from events.envelope import Event
from events.leads import LeadWon
from events.runtime import DueTimer, Service
from events.topics import TOPIC_OF
from routing import handlers, store
from routing.app import service as routing
from routing.handlers import calendar_requests
from routing.handlers.errors import CalendarHasSource
from routing.playbook import Absence, RoutingPlaybook
from routing.settings import RoutingSettings
from tests.containers import Server
from tests.routing.builders import cooled, qualified, worked
from tests.routing.calendar_host import ICAL, hosting
from tests.routing.router_process import settings
from tests.routing.test_absence_calendar import calendar
from tests.statements import recorded_statements

CONNECTIONS = 10
INBOUND = {"inbound-1": 1.0, "inbound-2": 1.0, "inbound-3": 1.0, "inbound-4": 1.0}


@pytest.fixture
async def service(server: Server, request: pytest.FixtureRequest) -> AsyncIterator[Service[RoutingSettings]]:
    url = await asyncio.to_thread(server.create_database, f"routing_{zlib.crc32(request.node.name.encode())}")
    routing.settings = settings(url, CONNECTIONS)
    await routing.prepare()
    yield routing
    await routing.stop()


async def deliver(service: Service, batch: Sequence[Event]) -> None:
    async with service.transaction() as tx:
        await tx.lock_contacts({event.contact_id for event in batch})  # type: ignore[attr-defined]  # all are about a contact
        await service.on[TOPIC_OF[type(batch[0])]](batch, tx)


async def fire(service: Service) -> None:
    """Carry out what is due, as the timers do."""
    async with service.transaction() as tx:
        rows = await tx.raw.fetch("select distinct contact_id from timers where due_at <= business_now()")
        await tx.lock_contacts(row["contact_id"] for row in rows)
        taken = await tx.raw.fetch(
            "delete from timers where due_at <= business_now() returning kind, key, contact_id, due_at"
        )
        await service.due["drain"]([DueTimer(**dict(row)) for row in taken], tx)


async def at_once(work: Sequence[Awaitable[None]]) -> None:
    """Run all of it, as many at a time as there are connections."""
    gate = asyncio.Semaphore(CONNECTIONS)

    async def admitted(task: Awaitable[None]) -> None:
        async with gate:
            await task

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        for task in work:
            group.create_task(admitted(task))


async def test_routers_that_share_a_pool_share_its_turns(service: Service) -> None:
    batches = [[qualified(f"lead-{batch}-{number}") for number in range(7)] for batch in range(40)]
    await at_once([deliver(service, batch) for batch in batches])
    async with service.transaction() as tx:
        rows = await tx.raw.fetch("select rep_id, count(*) as leads from leads group by rep_id")
        got = Counter({row["rep_id"]: row["leads"] for row in rows})
        assert await service._audit(tx) == []
    assert sum(got.values()) == 280
    for rep_id in INBOUND:
        assert abs(got[rep_id] - 280 / 4) < 1


async def test_leads_that_come_wait_cool_end_and_are_drawn_at_once_are_each_in_one_place(service: Service) -> None:
    """Wins free capacity while others arrive, and queues are served meanwhile."""
    async with service.transaction() as tx:
        for rep_id in INBOUND:
            await tx.raw.execute(
                "insert into reps (rep_id, put_at, team, role, weight, capacity, hours, absences, status)"
                " values ($1, now(), 'inbound', 'bdr', 1, '{\"open\": 25}', '[]', '[]', 'active')",
                rep_id,
            )
    for wave in range(4):
        news: list[Awaitable[None]] = []
        for batch in range(8):
            leads = [qualified(f"lead-{wave}-{batch}-{number}", fit="ABCD"[number % 4]) for number in range(10)]
            news.append(deliver(service, leads))
            if wave:
                ended = [f"lead-{wave - 1}-{batch}-{number}" for number in range(8)]
                news.append(deliver(service, [worked(LeadWon, name) for name in ended[::-1]]))
                news.append(deliver(service, [cooled(f"lead-{wave - 1}-{batch}-9")]))
            news.append(fire(service))
        await at_once(news)
    await fire(service)
    async with service.transaction() as tx:
        assert await service._audit(tx) == []
        (row,) = await tx.raw.fetch(
            "select count(*) as leads, count(*) filter (where state = 'assigned') as assigned,"
            " count(*) filter (where state = 'queued') as waiting, (select max(open) from seats) as most from leads"
        )
    assert row["leads"] == 320
    assert row["most"] <= 25
    assert row["assigned"] == 100 or row["waiting"] == 0


async def router(service: Service, first: int, last: int) -> asyncio.subprocess.Process:
    """Start another process that routes these leads."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.routing.router_process", service.database_url, str(first), str(last),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def assert_shared(service: Service, leads: int) -> None:
    """Each lead is given once, and each rep is within one lead of the exact share."""
    async with service.transaction() as tx:
        rows = await tx.raw.fetch(
            "select rep_id, count(*) as leads from leads where state = 'assigned' group by rep_id"
        )
        (row,) = await tx.raw.fetch("select count(*) as published from journal where ce_type = 'lead.assigned.v1'")
        assert await service._audit(tx) == []
    got = {row["rep_id"]: row["leads"] for row in rows}
    assert sum(got.values()) == row["published"] == leads
    for rep_id in INBOUND:
        assert abs(got[rep_id] - leads / 4) < 1


async def test_three_processes_that_share_a_pool_share_its_turns(service: Service) -> None:
    routers = [await router(service, first, first + 301) for first in (0, 301, 602)]
    async with asyncio.timeout(60):
        assert [await task.wait() for task in routers] == [0, 0, 0]
    await assert_shared(service, 903)


@pytest.mark.crash
async def test_a_router_killed_on_the_way_loses_no_lead_and_gives_none_twice(service: Service) -> None:
    """X1: what it had not committed is as if it never was; another one takes the same records again."""
    doomed, other = await router(service, 0, 2000), await router(service, 2000, 2501)
    assert doomed.stdout is not None
    async with asyncio.timeout(60):
        for _ in range(5):
            await doomed.stdout.readline()
        doomed.kill()
        await doomed.wait()
        assert await other.wait() == 0
        again = await router(service, 0, 2000)
        assert await again.wait() == 0
    await assert_shared(service, 2501)


async def test_copies_read_each_calendar_once(service: Service[RoutingSettings], tmp_path: Path) -> None:
    """Each is claimed by one; none waits for another's, however slow its host."""
    service.settings = service.settings.model_copy(update={"calendar_hosts": "127.0.0.1"})
    async with hosting(tmp_path) as host, calendar_requests.make_client(str(host.authority)) as client:
        host.answers = [(ICAL, calendar("DTSTART;VALUE=DATE:20990302"))]
        async with service.transaction() as tx:
            for rep_id in INBOUND:
                await handlers.save_calendar_source(service, rep_id, f"{host.url}?{rep_id}", tx)
        tried = await asyncio.gather(*(handlers.read_due_calendars(service, client) for _ in range(CONNECTIONS)))
        assert sum(tried) == len(host.asked) == len(INBOUND)
        assert {each["request"].split("?")[1].split()[0] for each in host.asked} == set(INBOUND)
    async with service.transaction() as tx:
        rows = await tx.raw.fetch("select absences from reps where jsonb_array_length(absences) = 1")
        assert len(rows) == len(INBOUND)


async def test_the_reader_reads_until_it_is_stopped(service: Service[RoutingSettings], tmp_path: Path) -> None:
    async with hosting(tmp_path) as host:
        service.settings = service.settings.model_copy(
            update={"calendar_hosts": "127.0.0.1", "calendar_ca": host.authority}
        )
        host.answers = [(ICAL, calendar())]
        async with service.transaction() as tx:
            await handlers.save_calendar_source(service, "inbound-1", host.url, tx)
        working = asyncio.create_task(handlers.read_calendars_forever(service))
        async with asyncio.timeout(60), service.transaction() as tx:
            while not await tx.raw.fetch("select from calendar_sources where read_at is not null"):
                pass
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working


async def test_a_calendar_without_news_waits_for_nobody(
    service: Service[RoutingSettings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does one with news wait for other teams; and none loads other reps."""
    service.settings = service.settings.model_copy(update={"calendar_hosts": "127.0.0.1"})
    answers = [calendar(f"DTSTART;VALUE=DATE:{year}0302") for year in (2098, 2098, 2099)]
    async with hosting(tmp_path) as host, calendar_requests.make_client(str(host.authority)) as client:
        host.answers = [(ICAL, answer) for answer in answers]
        async with service.transaction() as tx:
            await handlers.save_calendar_source(service, "inbound-1", host.url, tx)
        assert await handlers.read_due_calendars(service, client) == 1
        async with service.transaction() as tx:
            everybody = sorted(tx.playbook(RoutingPlaybook).teams)
        for locked in (everybody, [team for team in everybody if team != "inbound"]):
            async with service.transaction() as tx:
                await tx.raw.execute("update calendar_sources set due_at = business_now()")
            async with asyncio.timeout(60), service.transaction() as leads:
                await store.lock_pools(leads, locked)
                with recorded_statements(monkeypatch) as statements:
                    assert await handlers.read_due_calendars(service, client) == 1
            assert [each for each in statements if "from reps" in each and "where rep_id" not in each] == []
    async with service.transaction() as tx:
        (row,) = await tx.raw.fetch("select absences from reps where rep_id = 'inbound-1'")
    assert "2099" in str(row["absences"])
    assert "2098" not in str(row["absences"])


WAITING = "select from pg_locks where not granted"
AWAY = Absence(first=date(2099, 3, 2), last=date(2099, 3, 2), imported=True)


async def test_a_file_is_not_taken_where_an_address_is_named_meanwhile(service: Service[RoutingSettings]) -> None:
    async with service.transaction() as naming:
        await handlers.save_calendar_source(service, "inbound-1", "https://calendar.example.com/mine.ics", naming)

        async def send() -> None:
            async with service.transaction() as tx:
                await handlers.import_absences("inbound-1", [AWAY], tx)

        sending = asyncio.create_task(send())
        async with asyncio.timeout(60):
            while not sending.done() and not await naming.raw.fetch(WAITING):
                pass
    with pytest.raises(CalendarHasSource):
        await sending
