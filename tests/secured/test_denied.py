"""A service that lacks rights on Kafka: each is named when its turn comes, nothing is lost, and the process goes on."""

import asyncio
import json
import secrets
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from baton import kafka_apache
from baton.ports import LOOPBACK, free_port
from baton.processes import Program, Running
from baton.stack_processes import playbook_directory
from events.acls import INSTALLATION, AclRight, list_rights
from events.runtime import topic_setup
from events.runtime.kafka_refusals import GRANT
from events.topics import CONTACTS_ERASED, CONTACTS_RECEIPTS, dead_letter_topic_name
from tests.containers import Server
from tests.fuzz.poison import examples_of, good
from tests.fuzz.raw import Raw
from tests.secured.broker import SecuredKafka
from tests.secured.certificates import Authority

pytestmark = pytest.mark.skipif(
    not kafka_apache.can_run_apache_kafka() or shutil.which("openssl") is None,
    reason="needs Java 17+, Maven and openssl",
)

SERVICE = "routing"
PATIENCE_SECONDS = 180
LACKS = (
    AclRight("topic", INSTALLATION, ("Write",)),
    AclRight("topic", INSTALLATION, ("Read",)),
    AclRight("topic", dead_letter_topic_name(SERVICE), ("Read",)),
    AclRight("group", SERVICE, ("Read",)),
    AclRight("topic", CONTACTS_ERASED.name, ("Read",)),
    AclRight("topic", CONTACTS_RECEIPTS.name, ("Write",)),
)
"""In the order in which the service meets them: whose Kafka it is, what it had sent, what to read, what to send."""


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[SecuredKafka]:
    """A Kafka with all topics, on which the service has all rights but those."""
    started = SecuredKafka(tmp_path / "kafka", Authority.make(tmp_path / "certificates"))
    try:
        await asyncio.to_thread(started.start)
        await topic_setup.TopicSetup(
            servers=started.internal, service=SERVICE, replication_factor=1, partitions=1
        ).create_missing()  # fmt: skip
        await started.grant(SERVICE, remaining())
        yield started
    finally:
        await asyncio.to_thread(started.stop)


def remaining() -> Iterator[AclRight]:
    """Yield the rights of the service without those that it lacks."""
    lacks = {(each.kind, each.name, operation) for each in LACKS for operation in each.operations}
    for right in list_rights(SERVICE):
        kept = tuple(each for each in right.operations if (right.kind, right.name, each) not in lacks)
        yield AclRight(right.kind, right.name, kept)


async def test_each_right_that_is_missing_is_named_in_its_turn_and_nothing_is_lost(
    broker: SecuredKafka, server: Server, tmp_path: Path
) -> None:
    erasure = good(examples_of(CONTACTS_ERASED)[0], 0, 1)
    await put(broker, CONTACTS_ERASED.name, erasure)
    await put(broker, dead_letter_topic_name(SERVICE), erasure)  # somebody else's: an empty topic would not be read
    url = await asyncio.to_thread(server.create_database, "denied")
    port, log = free_port(), tmp_path / "service.log"
    environment = broker.login(SERVICE) | {
        "BATON_DATABASE_URL": url, "BATON_SECRET": secrets.token_hex(32), "BATON_HOST": LOOPBACK,
        "BATON_PORT": str(port), "BATON_PLAYBOOK_DIR": str(playbook_directory()), "PATH": "/usr/bin:/bin",
    }  # fmt: skip
    program = Program(
        name=SERVICE, argv=(sys.executable, "-m", SERVICE), log=log, environment=environment, directory=tmp_path
    )
    running = Running(program, program.spawn())
    try:
        async with httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{port}", timeout=30) as http:
            for right in LACKS:
                (operation,) = right.operations
                reason = f"User:{SERVICE} has no right {operation} on the {right.kind} {right.name}: {GRANT}"
                await named(reason, log, running)
                if right.name != CONTACTS_RECEIPTS.name:
                    await shown(reason, http)
                await broker.grant(SERVICE, [right])
            await sent(broker)
            assert (await http.get("/livez")).is_success
            metrics = (await http.get("/metrics")).text
        assert f'baton_records_total{{outcome="applied",topic="{CONTACTS_ERASED.name}"}} 1.0' in metrics
        assert running.is_alive(), "it is the process that was started"
    finally:
        await asyncio.to_thread(running.stop)
        await asyncio.to_thread(server.drop_database, "denied")


async def named(reason: str, log: Path, running: Running) -> None:
    """Wait until the log has a line with this reason."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while reason not in [json.loads(line).get("reason") for line in complete_lines(log)]:
            assert running.is_alive()
            await asyncio.sleep(0.1)


def complete_lines(log: Path) -> list[str]:
    return log.read_text().rpartition("\n")[0].splitlines()


async def shown(reason: str, http: httpx.AsyncClient) -> None:
    """Wait until the readiness says so."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while f"kafka: {reason}" not in (await http.get("/readyz")).text:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.1)


async def put(broker: SecuredKafka, topic: str, raw: Raw) -> None:
    """Put a record on a topic, as an administrator may."""
    producer = AIOKafkaProducer(bootstrap_servers=broker.internal)
    await producer.start()
    try:
        headers = [(name.decode(), value) for name, value in raw.headers]
        await producer.send_and_wait(topic, raw.value, key=raw.key, headers=headers)
    finally:
        await producer.stop()


async def sent(broker: SecuredKafka) -> None:
    """Wait until the receipt is on its topic."""
    place = TopicPartition(CONTACTS_RECEIPTS.name, 0)
    consumer = AIOKafkaConsumer(bootstrap_servers=broker.internal, enable_auto_commit=False)
    await consumer.start()
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (await consumer.end_offsets([place]))[place] == 0:  # noqa: ASYNC110 - what another process sends
                await asyncio.sleep(0.1)
    finally:
        await consumer.stop()
