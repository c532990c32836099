"""`baton dead-letters` and `baton republish`: what went wrong, and what is sent again."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from cyclopts import App

from baton import dead_letters, remote
from baton.access import ServiceAddresses
from baton.cli.output import DEFAULT_DATA, AsJson, Data, console, print_json, print_notice, print_table
from baton.exit_codes import DONE, WrongUsageError
from baton.stack import Stack
from events.topics import TOPICS

app = App(name="dead-letters", help="Parked records of every service.")


@app.command(name="list")
def list_parked_records(*, everything: bool = False, data: Data = DEFAULT_DATA, json: AsJson = False) -> int:
    """List what is parked, and why.

    * `baton dead-letters list`

    Parameters
    ----------
    everything
        Also what was replayed or discarded since.
    """
    services = ServiceAddresses.from_environment()
    asked = (
        dead_letters.list_parked_by_services(services, everything=everything)
        if services
        else dead_letters.list_parked(Stack.load(data), everything=everything)
    )
    found = asyncio.run(asked)
    if json:
        print_json(found)
    else:
        print_table("Parked", ("id", "service", "topic", "ce_type", "reason", "parked_at"), found)
    return DONE


@app.command
def show(which: UUID, *, data: Data = DEFAULT_DATA, json: AsJson = False) -> int:
    """Show one parked record whole.

    * `baton dead-letters show 0b0e6b7e-5d2f-4a53-9a44-0d6ad3a3b1c1`
    """
    services = ServiceAddresses.from_environment()
    found = asyncio.run(
        remote.read_parked(services, which) if services else dead_letters.read_parked(Stack.load(data), which)
    )
    if json:
        print_json(found)
    else:
        console.print_json(data=found, default=str)
    return DONE


@app.command
def replay(which: UUID, *, data: Data = DEFAULT_DATA) -> int:
    """Send a parked record to its service again, after the cause was mended.

    * `baton dead-letters replay 0b0e6b7e-5d2f-4a53-9a44-0d6ad3a3b1c1`
    """
    print_notice(f"replayed by {asyncio.run(_replay_or_discard(which, 'replay', data))}")
    return DONE


@app.command
def replay_refused(*, topic: str | None = None, data: Data = DEFAULT_DATA) -> int:
    """Send again what Kafka refused and the services set aside, after the cause was mended.

    * `baton dead-letters replay-refused`
    * `baton dead-letters replay-refused --topic leads.assigned.v1`

    Parameters
    ----------
    topic
        Only records of this topic.
    """
    counts = asyncio.run(dead_letters.send_refused_again(ServiceAddresses.find(data), topic))
    print_notice("sent again: " + ", ".join(f"{name} {count}" for name, count in counts.items()))
    return DONE


@app.command
def discard(which: UUID, *, data: Data = DEFAULT_DATA) -> int:
    """Discard a parked record for good. It stays in the database, marked.

    * `baton dead-letters discard 0b0e6b7e-5d2f-4a53-9a44-0d6ad3a3b1c1`
    """
    print_notice(f"discarded by {asyncio.run(_replay_or_discard(which, 'discard', data))}")
    return DONE


@app.command
def resume(*, topic: str | None = None, park_all: bool = False, data: Data = DEFAULT_DATA) -> int:
    """Let partitions go on that were stopped because too many of their records were parked.

    * `baton dead-letters resume`
    * `baton dead-letters resume --topic leads.worked.v1 --park-all`

    Parameters
    ----------
    topic
        Only those of this topic.
    park_all
        Park whatever cannot be applied of what is on them now, without stopping again.
    """
    found = asyncio.run(dead_letters.resume_partitions(ServiceAddresses.find(data), topic, park_all=park_all))
    named = [f"{name} {place}" for name, places in found.items() for place in places]
    print_notice("resumed: " + (", ".join(named) or "nothing was stopped"))
    return DONE


def _replay_or_discard(which: UUID, verb: Literal["replay", "discard"], data: Path) -> Coroutine[Any, Any, str]:
    services = ServiceAddresses.from_environment()
    if services:
        return dead_letters.settle_parked_by_services(services, which, verb)
    return dead_letters.settle_parked(Stack.load(data), which, verb)


def republish(*, topic: str | None = None, since: datetime | None = None, data: Data = DEFAULT_DATA) -> int:
    """Send the journals' bytes again: heals a broker that lost its log.

    A consumer that skips every `ce_id` it has seen is not affected.

    * `baton republish`
    * `baton republish --topic leads.assigned.v1 --since 2026-05-01T00:00:00Z`

    Parameters
    ----------
    topic
        Only this topic.
    since
        Only what was published from this instant on (RFC 3339, real time).
    """
    if topic is not None and topic not in {each.name for each in TOPICS}:
        raise WrongUsageError(f"there is no topic {topic}; there are {', '.join(each.name for each in TOPICS)}")
    at = since.astimezone() if since else None
    counts = asyncio.run(dead_letters.republish_journals(ServiceAddresses.find(data), topic, at))
    print_notice("sent again: " + ", ".join(f"{name} {count}" for name, count in counts.items()))
    return DONE
