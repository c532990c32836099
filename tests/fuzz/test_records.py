"""Poison in every part of a record, on every topic of every service: parked, the good ones applied, nobody ends."""

from collections.abc import AsyncIterator

import pytest

from baton import kafka_apache
from events.topics import SERVICES, TOPICS, Topic
from tests.bench import parts as benches
from tests.fuzz.poison import consumed_by, examples_of, good, named
from tests.fuzz.raw import Writer
from tests.fuzz.records import BATCH, EVERY, PARTITIONS, Sent, Services, fire, under_fire

pytestmark = pytest.mark.skipif(
    not kafka_apache.can_run_apache_kafka(),
    reason="needs Java 17+ and Maven: the broker in memory reads what it is sent",
)

EVERYWHERE = [(service, topic) for service in SERVICES for topic in consumed_by(service)]


@pytest.fixture(scope="module")
async def services() -> AsyncIterator[Services]:
    """The services after poison by name on each topic they consume, and some thousand records bent at random."""
    async with benches.up() as parts, under_fire(parts) as started, Writer(parts.servers) as writer:
        for topic in (topic for topic in TOPICS if topic.consumers):
            records = list(_named(topic))
            for turn, start in enumerate(range(0, len(records), BATCH)):
                await started.send(writer, turn % PARTITIONS, records[start : start + BATCH])
        await fire(started, 3_000, seed=7)
        await started.settle()
        yield started


def _named(topic: Topic) -> list[Sent]:
    found = []
    examples = examples_of(topic)
    for nth, poison in enumerate(named(good(examples[0], 0, 3)).values()):
        number = EVERY * nth
        found += [Sent(topic, good(examples[k % len(examples)], number + k, 4), is_good=True) for k in range(EVERY)]
        found.append(Sent(topic, poison, is_good=False))
    return found


@pytest.mark.parametrize(("service", "topic"), EVERYWHERE, ids=lambda each: getattr(each, "name", each))
async def test_poison_is_parked_and_the_good_ones_are_applied(services: Services, service: str, topic: Topic) -> None:
    """X45, X23, X24."""
    verdict = await services.verdict(service, [topic])
    assert verdict.sound, verdict
    assert verdict.parked > 0
