"""Which Kafka is used on which machine, and that the chosen one speaks the protocol."""

import socket
import uuid
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from baton import kafka, kafka_apache
from baton.exit_codes import WrongUsageError
from baton.ports import free_port


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine with neither Java nor Maven, and no jars from earlier."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def test_a_given_kafka_wins_over_everything() -> None:
    environ = {"KAFKA_BOOTSTRAP_SERVERS": "kafka.example:9092", "BATON_KAFKA": "memory"}
    assert kafka.choose_kafka(environ) == "given"


def test_what_baton_env_printed_chooses_no_kafka() -> None:
    printed = {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:29092", "BATON_ENV_KAFKA": "127.0.0.1:29092"}
    assert kafka.choose_kafka({**printed, "BATON_KAFKA": "memory"}) == "memory"
    assert kafka.choose_kafka({**printed, "KAFKA_BOOTSTRAP_SERVERS": "kafka.example:9092"}) == "given"


def test_a_given_kafka_is_used_as_it_is(tmp_path: Path) -> None:
    given = kafka.start_kafka(tmp_path / "kafka", environ={"KAFKA_BOOTSTRAP_SERVERS": "a:1,b:2"})
    assert (given.bootstrap, given.running) == ("a:1,b:2", None)


@pytest.mark.parametrize("rung", ["apache", "memory"])
def test_a_rung_can_be_forced(rung: str) -> None:
    assert kafka.choose_kafka({"BATON_KAFKA": rung}) == rung


def test_an_unknown_rung_is_wrong_usage() -> None:
    with pytest.raises(WrongUsageError, match="'apache' or 'memory'"):
        kafka.choose_kafka({"BATON_KAFKA": "redpanda"})


@pytest.mark.usefixtures("bare_machine")
def test_without_java_and_maven_the_broker_is_in_memory() -> None:
    assert kafka.choose_kafka({}) == "memory"


@pytest.mark.skipif(not kafka_apache.can_run_apache_kafka(), reason="needs Java 17+ and Maven")
def test_with_java_and_maven_it_is_apache_kafka() -> None:
    assert kafka.choose_kafka({}) == "apache"


@pytest.mark.usefixtures("bare_machine")
def test_the_loss_of_events_is_announced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kafka.prepare_broker(tmp_path / "kafka", free_port(), tmp_path / "kafka.log", {})
    output = capsys.readouterr().err
    assert "EVENTS DO NOT SURVIVE A RESTART" in output
    assert "baton republish" in output


def test_an_open_port_alone_is_no_kafka() -> None:
    """A starting broker listens long before it serves."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert not kafka.is_kafka_ready(f"127.0.0.1:{listener.getsockname()[1]}")


async def test_the_broker_in_memory_takes_and_gives_records(tmp_path: Path) -> None:
    with kafka.start_kafka(tmp_path / "kafka", environ={"BATON_KAFKA": "memory"}) as broker:
        assert await _round_trip(broker.bootstrap) == b"value"


@pytest.mark.e2e
@pytest.mark.skipif(not kafka_apache.can_run_apache_kafka(), reason="needs Java 17+ and Maven")
async def test_apache_kafka_keeps_its_records_through_a_kill(tmp_path: Path) -> None:
    environ = {"BATON_KAFKA": "apache"}
    broker = kafka.start_kafka(tmp_path / "kafka", environ=environ)
    topic = f"kept-{uuid.uuid4()}"
    await _create(broker.bootstrap, topic)
    await _produce(broker.bootstrap, topic)
    assert broker.running is not None
    broker.running.process.kill()
    broker.running.process.wait()
    port = int(broker.bootstrap.rpartition(":")[2])
    with kafka.start_kafka(tmp_path / "kafka", port, environ) as again:
        assert again.bootstrap == broker.bootstrap
        assert await _consume(again.bootstrap, topic) == b"value"


async def _round_trip(bootstrap: str) -> bytes | None:
    topic = f"round-{uuid.uuid4()}"
    await _create(bootstrap, topic)
    await _produce(bootstrap, topic)
    return await _consume(bootstrap, topic)


async def _create(bootstrap: str, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 1, 1)])
    finally:
        await admin.close()


async def _produce(bootstrap: str, topic: str) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    await producer.start()
    try:
        await producer.send_and_wait(topic, b"value", key=b"key")
    finally:
        await producer.stop()


async def _consume(bootstrap: str, topic: str) -> bytes | None:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        value: bytes | None = (await consumer.getone()).value
        return value
    finally:
        await consumer.stop()
