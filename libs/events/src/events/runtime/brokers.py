"""The topics a service needs: made where they are missing, left alone where they are."""

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError

from events.runtime.logging import logger
from events.topics import KEEP_30_DAYS, TOPICS, Topic, dead_letters

log = logger()


async def make_topics(servers: str, service: str, replication_factor: int) -> None:
    """Make the topics of the catalogue and the service's own dead letters; raises while Kafka is away."""
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        there = set(await admin.list_topics())
        wanted = [
            NewTopic(topic.name, topic.partitions, replication_factor, topic_configs=topic.settings())
            for topic in (*TOPICS, _dead_letters(service))
            if topic.name not in there
        ]
        if wanted:
            try:
                await admin.create_topics(wanted)
            except TopicAlreadyExistsError:
                log.info("topics_made_elsewhere")
    finally:
        await admin.close()


def _dead_letters(service: str) -> Topic:
    return Topic(
        dead_letters(service),
        (),
        (service,),
        (),
        "Pointers to parked records.",
        "as it was",
        retention_ms=KEEP_30_DAYS,
        partitions=1,
    )
