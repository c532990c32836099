"""Kafka that stops, refuses writes, forgets records, grows partitions, or loses a topic."""

import asyncio
import random
import signal

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import NewPartitions, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from baton import dead_letters
from baton.service_client import open_service_clients
from events.runtime import kafka
from events.topics import (
    CONTACTS_CAPTURED,
    LEADS_ASSIGNED,
    LEADS_QUALIFIED,
    LEADS_WORKED,
    Topic,
)
from tests.chaos.brokers import PARTITIONS
from tests.chaos.fault import fault, no_quorum
from tests.chaos.rig import LONELY_PARTITION, Rig

FLOWING = (CONTACTS_CAPTURED, LEADS_QUALIFIED, LEADS_ASSIGNED, LEADS_WORKED)
"""Topics that carry the load."""
GONE_SECONDS, FLOWS_ON_SECONDS = 30.0, 60.0
LOOK_SECONDS, SENT_AGAIN_SECONDS = 2.0, 90.0
REFUSED = "select count(*) from parked where state = 'parked' and topic = $1"


@fault("broker-restart", "X8", short=True)
async def broker_restart(rig: Rig, dice: random.Random) -> str:
    """Stop a broker, by SIGTERM or SIGKILL, and start it again."""
    node, number = dice.choice(rig.cluster.nodes), dice.choice((signal.SIGTERM, signal.SIGKILL))
    node.signal(number)
    assert node.running is not None
    await asyncio.to_thread(node.running.process.wait)
    await asyncio.sleep(dice.uniform(0, 6))
    await rig.cluster.mend()
    return f"broker {node.number} by {number.name}"


@fault("broker-frozen", "X9")
async def broker_frozen(rig: Rig, dice: random.Random) -> str:
    """Stop a broker where it stands (SIGSTOP) for longer than its session, then let it go on."""
    node, seconds = dice.choice(rig.cluster.nodes), dice.uniform(8, 20)
    node.signal(signal.SIGSTOP)
    await asyncio.sleep(seconds)
    await rig.cluster.mend()
    return f"broker {node.number} for {seconds:.0f} s"


@fault("too-few-replicas", "X11", "X50", short=True)
async def too_few_replicas(rig: Rig, dice: random.Random) -> str:
    """Ask for more in-sync replicas than there are: the broker refuses every write to one topic."""
    topic, seconds = dice.choice(FLOWING), dice.uniform(8, 15)
    await _configure(rig, topic, {"min.insync.replicas": str(rig.cluster.replicas + 1)})
    await asyncio.sleep(seconds)
    await _configure(rig, topic, {})
    return f"{topic.name} for {seconds:.0f} s"


@fault("records-refused", "X42")
async def records_refused(rig: Rig, dice: random.Random) -> str:
    """Lower the largest size of a topic's batches, raise it again, send what was set aside as the page says."""
    topic, seconds = dice.choice((LEADS_QUALIFIED, LEADS_ASSIGNED)), dice.uniform(5, 10)
    rig.mark("disordered", topic.name)
    await _configure(rig, topic, {"max.message.bytes": "1500"})
    await asyncio.sleep(seconds)
    await _configure(rig, topic, {})
    count = 0
    async with asyncio.timeout(SENT_AGAIN_SECONDS):
        while again := await _refused(rig, topic):
            count += again
            await dead_letters.send_refused_again(rig.stack, topic.name)
    return f"{topic.name} for {seconds:.0f} s, {count} set aside and sent again"


@fault("leaderless", "X42", lacks=no_quorum)
async def leaderless(rig: Rig, dice: random.Random) -> str:
    """Stop the only broker of one partition: the others and the other topics have to flow on."""
    node, seconds = rig.cluster.nodes[-1], dice.uniform(8, 20)
    node.signal(signal.SIGTERM)
    try:
        await asyncio.sleep(seconds)
        async with asyncio.timeout(FLOWS_ON_SECONDS):
            before = await _assigned(rig)
            while await _assigned(rig) <= before:  # noqa: ASYNC110 - a database is polled
                await asyncio.sleep(0.5)
    finally:
        await rig.cluster.mend()
    return f"{LONELY_PARTITION.name} 0 for {seconds:.0f} s"


@fault("in-sync-lost", "X50", lacks=no_quorum)
async def in_sync_lost(rig: Rig, dice: random.Random) -> str:
    """Stop two brokers of three: neither a majority of controllers nor enough replicas are left."""
    nodes, seconds = dice.sample(rig.cluster.nodes, 2), dice.uniform(5, 15)
    for node in nodes:
        node.signal(signal.SIGSTOP)
    await asyncio.sleep(seconds)
    await rig.cluster.mend()
    return f"brokers {', '.join(str(node.number) for node in nodes)} for {seconds:.0f} s"


@fault("retention", "X15", short=True)
async def retention(rig: Rig, dice: random.Random) -> str:
    """Delete a topic's records up to their ends while all its consumers of one service are down."""
    topic = dice.choice((CONTACTS_CAPTURED, LEADS_QUALIFIED, LEADS_ASSIGNED))
    service = dice.choice(topic.consumers)
    for copy in rig.of(service):
        copy.kill()
    await asyncio.sleep(dice.uniform(3, 8))
    count = await _forget(rig, topic)
    rig.mark("incomplete", topic.name)
    for copy in rig.of(service):
        copy.start()
    return f"{count} records of {topic.name} behind {service}'s back"


@fault("topic-recreated", "X13", "X14", final=True)
async def topic_recreated(rig: Rig, dice: random.Random) -> str:
    """Delete a topic under load and make it anew; then republish it, as the documentation says."""
    topic = dice.choice(FLOWING)
    rig.mark("incomplete", topic.name)
    rig.mark("recreated", topic.name)
    loop = asyncio.get_running_loop()
    async with rig.cluster.admin() as admin:
        await admin.delete_topics([topic.name])
        deadline = loop.time() + GONE_SECONDS
        while topic.name in await admin.list_topics() and loop.time() < deadline:  # noqa: ASYNC110 - Kafka does not announce it
            await asyncio.sleep(0.2)
        await asyncio.sleep(dice.uniform(0, 3))
        await admin.create_topics(
            [NewTopic(topic.name, PARTITIONS, rig.cluster.replicas, topic_configs=topic.settings())]
        )
    await rig.all_ready()
    return f"{topic.name}, {await republish(rig, topic)} republished"


@fault("partitions-added", "X16", final=True)
async def partitions_added(rig: Rig, dice: random.Random) -> str:
    """Add partitions to a topic under load: keys move to other partitions."""
    topic = dice.choice(FLOWING)
    rig.mark("repartitioned", topic.name)
    async with rig.cluster.admin() as admin:
        await admin.create_partitions({topic.name: NewPartitions(PARTITIONS + 2)})
    return topic.name


async def republish(rig: Rig, topic: Topic) -> int:
    """Have every service that owns a topic's records send them again; return how many there were."""
    async with open_service_clients(rig.stack) as baton:
        return sum([(await baton.service(name).republish(topic=topic.name)).republished for name in topic.producers])


async def _assigned(rig: Rig) -> int:
    """Return how many leads have a rep."""
    return await _count(rig, "routing", "select count(*) from leads where rep_id is not null")


async def _refused(rig: Rig, topic: Topic) -> int:
    """Return how many records of a topic its services have set aside, and wait a moment before."""
    await asyncio.sleep(LOOK_SECONDS)
    return sum([await _count(rig, name, REFUSED, f"outbox:{topic.name}") for name in topic.producers])


async def _count(rig: Rig, service: str, query: str, *given: object) -> int:
    connection = await asyncpg.connect(rig.stack.databases[service])
    try:
        return int(await connection.fetchval(query, *given))
    finally:
        await connection.close()


async def _configure(rig: Rig, topic: Topic, settings: dict[str, str]) -> None:
    """Set a topic's settings to its own and these."""
    configs = {**topic.settings(), **settings}
    async with rig.cluster.admin() as admin:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name, configs=configs)])


async def _forget(rig: Rig, topic: Topic) -> int:
    consumer = AIOKafkaConsumer(bootstrap_servers=rig.cluster.bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        known = (await consumer._client.fetch_all_metadata()).partitions_for_topic(topic.name) or ()
        parts = [TopicPartition(topic.name, number) for number in known]
        begins, ends = await consumer.beginning_offsets(parts), await consumer.end_offsets(parts)
    finally:
        await kafka.close_consumer(consumer)
    async with rig.cluster.admin() as admin:
        await admin.delete_records({part: RecordsToDelete(end) for part, end in ends.items()})
    return sum(ends[part] - begins[part] for part in parts)
