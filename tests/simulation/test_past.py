"""The real past, read from scoring's database and from the topics."""

from datetime import UTC, datetime

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from baton.simulation.past import HEARD, read_past_from_database, read_past_from_topics
from events.contacts import AccountChanged, ContactErased
from events.envelope import Envelope, Event
from events.topics import TOPIC_OF
from scoring.domain import capture_as_engagement
from tests.containers import Broker
from tests.scoring.builders import IDEAL, became, captured, day, did, recycled, woken, won
from tests.simulation.conftest import Database
from tests.simulation.test_comparison import who

ANN, BOB, EVE = who(1), who(2), who(3)


async def test_the_database_gives_each_contact_with_all_it_did_and_what_became_of_it(database: Database) -> None:
    scan = did("event_scan", 1, contact=ANN, **IDEAL)
    await database.keep(scan, did("contact_sales", 2, contact=ANN), did("pricing_view", 1, contact=BOB))
    await database.keep(*became(won(9, contact=ANN)))
    await database.raw.execute("insert into accounts values ('example.com', 'example.com', 'customer', 1)")
    past, histories = await read_past_from_database(database.url)
    found = {history.contact_id: history async for history in histories}
    assert past.engagements == 3
    assert set(found) == {ANN, BOB}
    assert found[ANN].engagements[scan.engagement_id] == scan
    assert [turn.kind for turn in found[ANN].lifecycle.values()] == ["won"]
    assert found[ANN].accounts == {"example.com": "customer"}
    assert found[ANN].leads == {}


async def test_the_topics_give_the_same_without_those_who_asked_to_be_forgotten(broker: Broker) -> None:
    await _make_topics(broker.bootstrap)
    await _publish(
        broker.bootstrap,
        captured("contact_sales", 1, contact=ANN, **IDEAL),
        captured("contact_sales", 1, contact=ANN, **IDEAL),
        captured("pricing_view", 1, contact=EVE),
        ContactErased(occurred_at=day(2), contact_id=EVE, erasure_id=who(9)),
        recycled(20, contact=ANN),
        woken(50, contact=ANN),
        AccountChanged(occurred_at=day(1), domain="example.com", kind="customer", revision=2),
        AccountChanged(occurred_at=day(1), domain="example.com", kind="prospect", revision=1),
    )
    past, histories = await read_past_from_topics(broker.bootstrap)
    (ann,) = [history async for history in histories if history.contact_id in {ANN, EVE}]
    asked = capture_as_engagement(captured("contact_sales", 1, contact=ANN, **IDEAL))
    assert sorted(each.engagement for each in ann.engagements.values()) == ["contact_sales", "wake_up"]
    assert ann.engagements[asked.engagement_id] == asked
    assert [turn.kind for turn in ann.lifecycle.values()] == ["recycled"]
    assert past.accounts["example.com"] == "customer"


async def _make_topics(bootstrap: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        there = await admin.list_topics()
        await admin.create_topics([NewTopic(topic.name, 2, 1) for topic in HEARD if topic.name not in there])
    finally:
        await admin.close()


async def _publish(bootstrap: str, *events: Event) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    try:
        for event in events:
            headers = Envelope(str(event.ce_id), event.ce_type, "test", datetime.now(UTC), 1).headers()
            topic = TOPIC_OF[type(event)].name
            await producer.send_and_wait(topic, event.encode(), event.key.encode(), headers=headers)
    finally:
        await producer.stop()
