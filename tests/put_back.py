"""What a service whose database was put back finds: its own records on its topics."""

from events.envelope import Envelope
from events.runtime.recovery import Recovered, owned
from events.runtime.testing import ServiceHarness
from events.topics import EVENT_TYPES


async def published(harness: ServiceHarness) -> list[Recovered]:
    """Return what is on a service's topics, in the order in which its start takes it up."""
    name = harness.service.name
    order = {topic.name: place for place, topic in enumerate(owned(name))}
    topics = {topic.name: topic for topic in owned(name)}
    rows = await harness.raw.fetch("select topic, key, ce_id, ce_type, sequence, time, value from journal order by id")
    return [
        Recovered(
            topics[row["topic"]],
            row["key"],
            row["value"],
            Envelope(str(row["ce_id"]), row["ce_type"], f"baton/{name}", row["time"], row["sequence"]),
            EVENT_TYPES[row["ce_type"]].decode(row["value"]),
        )
        for row in sorted(rows, key=lambda row: order[row["topic"]])
    ]
