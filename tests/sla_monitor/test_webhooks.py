"""Whoever asked is told of what was flagged: signed, once each, at a bearable rate, and nowhere that is private."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from events.contacts import ContactErased
from events.ids import derive_id
from events.runtime import Service
from events.runtime.testing import START, ServiceHarness
from sla_monitor import handlers
from sla_monitor.app import service as sla_monitor
from sla_monitor.domain.webhook_messages import FIRST_TRIES, compute_retry_wait
from sla_monitor.handlers import sending
from sla_monitor.settings import SlaSettings
from tests.containers import Server
from tests.sla_monitor.committing_service import deliver, fire_all, monitor
from tests.sla_monitor.lead_story import Story, days, hours
from tests.sla_monitor.receiver import Receiver, receiving

HERE = "127.0.0.0/8"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as listening:
        yield listening


@pytest.fixture
def neighbour(harness: ServiceHarness) -> ServiceHarness:
    """A service whose webhooks may reach this machine."""
    harness.service.settings = harness.service.settings.model_copy(update={"webhook_networks": HERE})
    return harness


async def put(harness: ServiceHarness, url: str, **wanted: Any) -> str:
    answer = await harness.http.put("/v1/webhooks/pager", json={"url": url, **wanted})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["secret"])


async def send(harness: ServiceHarness, *, at_least: int = 0) -> int:
    """Carry out rounds until there is nothing to send."""
    assert harness.service is sla_monitor
    tried = 0
    async with sending.make_client() as client:
        while now := await handlers.send_due_messages(sla_monitor, client):
            tried += now
    assert tried >= at_least
    return tried


async def messages(harness: ServiceHarness, **filters: Any) -> list[dict[str, Any]]:
    answer = await harness.http.get("/v1/deliveries", params={"limit": 1000, **filters})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def miss(harness: ServiceHarness, *names: str, team: str = "inbound") -> None:
    """Leads that nobody accepts within their eight hours: a breach and an escalation each."""
    await harness.deliver(*(Story(name=name).assigned(team=team) for name in names))
    await harness.advance(hours(8))


async def test_a_miss_is_sent_signed_with_the_secret_that_was_shown_once(
    neighbour: ServiceHarness, receiver: Receiver
) -> None:
    """L9: an escalation reaches a chat or a pager, in the form of Standard Webhooks."""
    secret = await put(neighbour, receiver.url)
    await miss(neighbour, "lead")
    assert await send(neighbour) == 2
    bodies = receiver.verified(secret)
    assert {body["type"] for body in bodies} == {"clock.breached", "clock.escalated"}
    assert {body["data"]["lead_id"] for body in bodies} == {str(Story(name="lead").lead_id)}
    assert {body["timestamp"] for body in bodies} == {"2026-03-02T17:00:00+00:00"}
    headers = receiver.published[0][0]
    assert headers["request"] == "POST /hook?a=b HTTP/1.1"
    assert headers["host"] == f"127.0.0.1:{receiver.port}"
    assert await send(neighbour) == 0
    assert {item["state"] for item in await messages(neighbour)} == {"sent"}
    again = await neighbour.http.put("/v1/webhooks/pager", json={"url": receiver.url})
    assert again.json()["secret"] is None


async def test_each_webhook_gets_what_it_asked_for(neighbour: ServiceHarness, receiver: Receiver) -> None:
    wanted = {"events": ["clock.breached"], "teams": ["west"], "clocks": ["acceptance"]}
    secret = await put(neighbour, receiver.url, **wanted)
    await miss(neighbour, "east")
    await neighbour.deliver(Story(name="west").assigned(team="west", at=START + hours(8), handed_over_at=START))
    await neighbour.advance(days(3))
    await send(neighbour)
    assert [body["data"]["team"] for body in receiver.verified(secret)] == ["west"]
    (shown,) = (await neighbour.http.get("/v1/webhooks")).json()["items"]
    assert {name: shown[name] for name in wanted} == wanted
    assert shown["secret"] is None


async def test_a_message_that_was_not_taken_is_sent_again_later_with_the_same_id(
    neighbour: ServiceHarness, receiver: Receiver
) -> None:
    """At least once, and recognisable: the receiver may drop what it knows."""
    secret = await put(neighbour, receiver.url, events=["clock.breached"])
    receiver.answers = ["503 Service Unavailable", "302 Found\r\nlocation: http://127.0.0.1/elsewhere", "200 OK"]
    await miss(neighbour, "lead")
    for error in ("answered 503", "answered 302", None):
        assert await send(neighbour) == 1
        (item,) = await messages(neighbour)
        assert item["last_error"] == error
        await neighbour.raw.execute("update deliveries set due_at = clock_timestamp() where due_at is not null")
    assert (item["state"], item["attempts"]) == ("sent", 3)
    assert len(receiver.published) == 3
    assert len(set(receiver.ids)) == 1
    receiver.verified(secret)


async def test_a_message_is_given_up_after_three_days_and_kept_for_a_person_to_retry(
    neighbour: ServiceHarness, receiver: Receiver
) -> None:
    await put(neighbour, receiver.url, events=["clock.breached"])
    receiver.answers = ["500 Internal Server Error"]
    await miss(neighbour, "lead")
    for _ in range(len(FIRST_TRIES) + 1):
        assert await send(neighbour) == 1
        await neighbour.raw.execute("update deliveries set due_at = clock_timestamp() where due_at is not null")
    (item,) = await messages(neighbour, state="failed")
    assert await send(neighbour) == 0
    receiver.answers = ["200 OK"]
    path = f"/v1/deliveries/{item['delivery_id']}/retry"
    assert (await neighbour.http.post(path)).status_code == 202
    assert (await neighbour.http.post(path)).status_code == 404
    assert await send(neighbour) == 1
    assert [item["state"] for item in await messages(neighbour, webhook="pager")] == ["sent"]


def test_the_waits_grow_to_a_day_and_end() -> None:
    waits = [wait for nth in range(1, 20) if (wait := compute_retry_wait(nth)) is not None]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (timedelta(seconds=5), days(1))
    assert days(2) < sum(waits, timedelta()) < days(4)


async def test_a_flood_is_sent_as_one_digest_at_the_hours_end(neighbour: ServiceHarness, receiver: Receiver) -> None:
    secret = await put(neighbour, receiver.url, events=["clock.breached"], each_hour=2)
    await miss(neighbour, *(f"lead {nth}" for nth in range(7)))
    assert await send(neighbour) == 2
    await neighbour.raw.execute("update deliveries set due_at = clock_timestamp() where collected")
    assert await send(neighbour) == 1
    first, second, digest = receiver.verified(secret)
    assert first["type"] == second["type"] == "clock.breached"
    assert (digest["type"], digest["data"]["count"]) == ("digest", 5)
    assert digest["data"]["groups"] == [
        {"type": "clock.breached", "clock": "acceptance", "policy": "standard", "team": "inbound", "count": 5}
    ]
    states = [item["state"] for item in await messages(neighbour)]
    assert sorted(states) == ["digested"] * 5 + ["sent"] * 3
    assert await send(neighbour) == 0


async def test_a_webhook_that_wants_digests_alone_gets_them_alone(
    neighbour: ServiceHarness, receiver: Receiver
) -> None:
    secret = await put(neighbour, receiver.url, each_hour=0)
    await miss(neighbour, "lead")
    assert await send(neighbour) == 0
    await neighbour.raw.execute("update deliveries set due_at = clock_timestamp() where collected")
    assert await send(neighbour) == 1
    assert [body["type"] for body in receiver.verified(secret)] == ["digest"]


async def test_a_receiver_that_answers_gone_gets_nothing_more(neighbour: ServiceHarness, receiver: Receiver) -> None:
    await put(neighbour, receiver.url)
    receiver.answers = ["410 Gone"]
    await miss(neighbour, "lead")
    await send(neighbour)
    await neighbour.raw.execute("update deliveries set due_at = clock_timestamp() where due_at is not null")
    assert await send(neighbour) == 0
    assert (await neighbour.http.get("/v1/webhooks")).json()["items"] == []


async def test_a_new_secret_signs_what_is_sent_from_then_on(neighbour: ServiceHarness, receiver: Receiver) -> None:
    old = await put(neighbour, receiver.url)
    new = (await neighbour.http.post("/v1/webhooks/pager/rotate")).json()["secret"]
    assert new != old
    await miss(neighbour, "lead")
    await send(neighbour, at_least=1)
    receiver.verified(new)
    assert (await neighbour.http.post("/v1/webhooks/nobody/rotate")).status_code == 404


async def test_a_deleted_webhook_gets_nothing_more(neighbour: ServiceHarness, receiver: Receiver) -> None:
    await put(neighbour, receiver.url)
    await miss(neighbour, "lead")
    assert (await neighbour.http.delete("/v1/webhooks/pager")).status_code == 204
    assert (await neighbour.http.delete("/v1/webhooks/pager")).status_code == 404
    assert await send(neighbour) == 0
    assert await messages(neighbour) == []


async def test_an_erased_contact_is_in_no_further_message(neighbour: ServiceHarness, receiver: Receiver) -> None:
    await put(neighbour, receiver.url)
    await miss(neighbour, "lead", "other")
    lead = Story(name="lead")
    await neighbour.deliver(ContactErased(contact_id=lead.contact_id, occurred_at=START, erasure_id=derive_id("x")))
    await send(neighbour, at_least=1)
    assert str(lead.contact_id) not in "".join(body for _, body in receiver.published)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/",
        "https://127.0.0.1/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://100.64.0.1/",
        "https://0.0.0.0/",
        "http://example.com/",
        "https://somebody:secret@example.com/",
        "ftp://example.com/",
        "https://exa mple.com/",
        "https:///nowhere",
    ],
)
async def test_an_address_that_is_not_the_public_internets_is_refused(harness: ServiceHarness, url: str) -> None:
    answer = await harness.http.put("/v1/webhooks/pager", json={"url": url})
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == "url"


async def test_a_receiver_that_cannot_be_asked_stops_nobody_else(neighbour: ServiceHarness, receiver: Receiver) -> None:
    """A label of a name may have 63 letters; looking up a longer one fails in a way of its own."""
    await put(neighbour, receiver.url, events=["clock.breached"])
    odd = {"url": f"https://{'a' * 64}.example/", "events": ["clock.breached"]}
    await neighbour.http.put("/v1/webhooks/odd", json=odd)
    await neighbour.raw.execute("update webhooks set url = $1 where name = 'odd'", odd["url"])
    await miss(neighbour, "lead")
    await send(neighbour, at_least=1)
    assert len(receiver.published) == 1


async def test_a_name_that_leads_inside_is_not_asked(harness: ServiceHarness, receiver: Receiver) -> None:
    """The name is looked up when there is something to tell, and the connection goes to what was looked at."""
    await put(harness, f"https://localhost:{receiver.port}/")
    await miss(harness, "lead")
    await send(harness, at_least=2)
    assert receiver.published == []
    assert {item["last_error"] for item in await messages(harness)} == {"AddressRefused"}


@asynccontextmanager
async def flagged(server: Server, name: str, url: str, leads: int) -> AsyncIterator[tuple[Service[SlaSettings], Any]]:
    """A service on a database of its own, with a webhook, and so many misses that it got no message for yet."""
    database = await asyncio.to_thread(server.create_database, name)
    async with monitor(database, stepped_to=START) as service:
        service.settings = service.settings.model_copy(update={"webhook_networks": HERE})
        raw = await asyncpg.connect(database)
        await raw.execute(
            "insert into webhooks (name, url, events, teams, clocks, each_hour)"
            " values ('pager', $1, '{clock.breached}', '{}', '{}', 10000)",
            url,
        )
        await deliver(service, [Story(name=f"lead {nth}").assigned() for nth in range(leads)])
        await raw.execute("update clock set instant = $1, released = $1", START + hours(8))
        await fire_all(service)
        yield service, raw
        await raw.close()


async def test_senders_that_race_send_each_message_once(server: Server, receiver: Receiver) -> None:
    """And one that dies between sending and writing it down sends again, with the same id."""
    async with flagged(server, "sla_racing_senders", receiver.url, 200) as (service, raw):
        async with sending.make_client() as each, sending.make_client() as other:
            while any(
                await asyncio.gather(
                    *(handlers.send_due_messages(service, client) for client in (each, other, each, other))
                )
            ):
                pass
        assert len(receiver.published) == len(set(receiver.ids)) == 200
        died = "update deliveries set sent_at = null, due_at = clock_timestamp() where delivery_id = $1"
        await raw.execute(died, UUID(receiver.ids[0]))
        async with sending.make_client() as client:
            assert await handlers.send_due_messages(service, client) == 1
    assert len(receiver.published) == 201
    assert len(set(receiver.ids)) == 200


async def test_the_worker_sends_until_it_is_stopped(server: Server, receiver: Receiver) -> None:
    async with flagged(server, "sla_worker", receiver.url, 3) as (service, raw):
        working = asyncio.create_task(handlers.send_messages_forever(service))
        async with asyncio.timeout(10):
            while await raw.fetchval("select count(*) from deliveries where sent_at is not null") < 3:
                pass
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working
