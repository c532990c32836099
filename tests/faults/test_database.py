"""PostgreSQL away, frozen, closed, read-only, full of sessions: capture waits inside one process and goes on.

The tests share one process, in order: it starts without PostgreSQL, and it is still the same one at the end.
"""

import asyncio
import signal
from typing import Any
from uuid import UUID, uuid4

import httpx

from baton import keys
from tests.faults.conftest import OUTCOME_SECONDS, Answers, Site

SESSIONS = "from pg_stat_activity where usename = 'capture' and pid <> pg_backend_pid()"


async def test_it_starts_before_postgresql_and_waits(site: Site) -> None:
    """X46: probes and metrics answer, intake says when to come again, the log has one line with what is tried next."""
    await _answering(site)
    answers = Answers()
    async with site.client() as http:
        assert [await site.post(http, answers) for _ in range(3)] == [503] * 3
    assert [await site.answers(path) for path in ("/livez", "/metrics", "/readyz")] == [200, 200, 503]
    assert await site.metric("baton_database_up") == 0
    await site.until(lambda: "database_awaited" in site.log.read_text())
    await asyncio.to_thread(site.start_server)
    await site.ready()
    await keys.store_key({"capture": site.server.url("capture", "first", "capture")}, site.key, label="faults")
    await site.measures(1)
    async with site.load():
        pass
    assert site.log.read_text().count('"event": "database_awaited"') == 1


async def test_it_outlives_an_immediate_restart(site: Site) -> None:
    """X17."""
    async with site.load() as answers:
        site.server.running.process.send_signal(signal.SIGQUIT)
        await site.deferred(answers)
        await asyncio.to_thread(site.server.running.wait_stopped, 20)
        assert await site.answers("/livez") == 200
        await asyncio.to_thread(site.start_server)
        await site.ready()


async def test_a_frozen_server_hangs_nobody(site: Site) -> None:
    """X18, X46: nothing answers, not even an error; scrapes and liveness do not ask."""
    async with site.load() as answers:
        frozen = site.server_processes()
        for process in frozen:
            process.suspend()
        try:
            await site.deferred(answers)
            await site.measures(0)
            assert await site.answers("/livez") == 200
        finally:
            for process in frozen:
                process.resume()
        await site.ready()
        await site.measures(1)


async def test_a_read_only_server_takes_nothing(site: Site) -> None:
    """X20."""
    async with site.load() as answers:
        site.server.execute("alter system set default_transaction_read_only = on; select pg_reload_conf();")
        try:
            await site.deferred(answers)
        finally:
            site.server.execute(
                "set default_transaction_read_only = off; alter system reset default_transaction_read_only;"
                "select pg_reload_conf();"
            )
        await site.ready()


async def test_a_locked_contact_makes_nobody_else_wait(site: Site) -> None:
    """X22: whoever it is about is asked to come again, however often they try; strangers are taken meanwhile."""
    ada = {"email": "ada@example.org", "source": "web_form", "engagement": "demo_request"}
    async with site.load() as answers, site.client() as http:
        found = (await _taken(http, ada))["contact_id"]
        async with site.superuser() as raw, raw.transaction():
            await raw.execute("select from contacts where contact_id = $1 for update", UUID(found))
            before, seen = len(answers.taken), []
            async with asyncio.timeout(OUTCOME_SECONDS):
                while len(answers.taken) < before + 100:
                    seen.append((await http.post("/v1/contacts", json={**ada, "event_id": uuid4().hex})).status_code)
        assert set(seen) == {503}
        await _taken(http, ada)


async def _taken(http: httpx.AsyncClient, body: dict[str, str]) -> dict[str, Any]:
    async with asyncio.timeout(OUTCOME_SECONDS):
        while (answer := await http.post("/v1/contacts", json=body)).status_code != 202:
            assert answer.status_code == 503, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_sessions_that_all_wait_are_answered_and_recover(site: Site) -> None:
    """X19: a lock on the table holds every connection of the pool."""
    async with site.load() as answers:
        async with site.superuser() as raw, raw.transaction():
            await raw.execute("lock table engagements in access exclusive mode")
            await site.deferred(answers)
            assert await site.answers("/livez") == 200
        await site.ready()


async def test_a_database_that_takes_no_connections_is_waited_for(site: Site) -> None:
    """X46."""
    async with site.load() as answers:
        site.server.execute(
            f"alter database capture with allow_connections false; select pg_terminate_backend(pid) {SESSIONS};"
        )
        try:
            await site.deferred(answers)
            await site.measures(0)
        finally:
            site.server.execute("alter database capture with allow_connections true")
        await site.ready()


async def test_a_password_is_rotated_under_a_running_service(site: Site) -> None:
    """X46: without the new one it waits and says 28P01; with it, it goes on."""
    async with site.load() as answers:
        site.server.execute(f"alter role capture password 'second'; select pg_terminate_backend(pid) {SESSIONS};")
        await site.deferred(answers)
        await site.measures(0)
        # A loop whose session was ended says so first, and what a new one is answered with its twentieth try.
        await site.until(lambda: '"sqlstate": "28P01"' in site.log.read_text(), 180.0)
        site.allow("second")
        await site.ready()


async def test_sessions_cancelled_terminated_and_killed_are_tried_again(site: Site) -> None:
    """X21, Seen 6: by an operator, and by kill -9 of one backend, at which the server ends all the others."""
    async with site.load() as answers:
        for end in ("pg_cancel_backend", "pg_terminate_backend") * 10:
            site.server.execute(f"select {end}(pid) {SESSIONS}")
            before = len(answers.taken)
            await site.until(lambda at=before: len(answers.taken) > at)  # type: ignore[misc]
        for _ in range(3):
            pids = site.server.execute(f"select pid {SESSIONS} and state is not null order by random() limit 1")
            for process in site.server_processes():
                if str(process.pid) in pids.split():
                    process.kill()
            await site.ready()


async def _answering(site: Site) -> None:
    async with asyncio.timeout(60):
        while await site.answers("/livez") != 200:  # noqa: ASYNC110 - an outcome in another process
            await asyncio.sleep(0.05)
