"""Networks that are cut, stall, crawl, or carry in one direction only."""

import asyncio
import random
from collections.abc import Sequence

from tests.chaos.brokers import LANES
from tests.chaos.fault import fault, no_proxy
from tests.chaos.rig import Rig
from tests.chaos.toxiproxy import Link


def _lanes(dice: random.Random) -> tuple[str, ...]:
    """Return one lane or both: with one, the copies on the other carry on."""
    return dice.choice((("a",), ("b",), LANES))


def _databases(rig: Rig, lanes: Sequence[str]) -> list[Link]:
    return [rig.databases[lane] for lane in lanes]


async def _healed(rig: Rig, seconds: float) -> None:
    await asyncio.sleep(seconds)
    assert rig.proxy is not None
    await rig.proxy.heal()


def _detail(lanes: Sequence[str], seconds: float) -> str:
    return f"lane {' and '.join(lanes)} for {seconds:.0f} s"


@fault("kafka-cut", "X8", lacks=no_proxy, short=True)
async def kafka_cut(rig: Rig, dice: random.Random) -> str:
    """Cut the network to Kafka: connections close, new ones are refused."""
    lanes, seconds = _lanes(dice), dice.choice((3.0, 8.0, 25.0))
    for link in rig.links(lanes):
        await link.cut()
    await _healed(rig, seconds)
    return _detail(lanes, seconds)


@fault("kafka-stall", "X9", lacks=no_proxy, short=True)
async def kafka_stall(rig: Rig, dice: random.Random) -> str:
    """Let Kafka accept and never answer."""
    lanes, seconds = _lanes(dice), dice.uniform(8, 20)
    for link in rig.links(lanes):
        await link.spoil("timeout", "upstream", timeout=0)
        await link.spoil("timeout", "downstream", timeout=0)
    await _healed(rig, seconds)
    return _detail(lanes, seconds)


@fault("kafka-half-open", "X10", lacks=no_proxy)
async def kafka_half_open(rig: Rig, dice: random.Random) -> str:
    """Let what is sent to Kafka arrive and no answer come back."""
    lanes, seconds = _lanes(dice), dice.uniform(8, 20)
    for link in rig.links(lanes):
        await link.spoil("timeout", "downstream", timeout=0)
    await _healed(rig, seconds)
    return _detail(lanes, seconds)


@fault("kafka-slow", "X8", lacks=no_proxy)
async def kafka_slow(rig: Rig, dice: random.Random) -> str:
    """Slow the network to Kafka down to some hundred milliseconds and a few dozen kB/s."""
    lanes, seconds = _lanes(dice), dice.uniform(8, 20)
    for link in rig.links(lanes):
        await link.spoil("latency", "downstream", latency=dice.randrange(100, 1200), jitter=100)
        await link.spoil("bandwidth", "upstream", rate=dice.randrange(40, 200))
    await _healed(rig, seconds)
    return _detail(lanes, seconds)


@fault("postgres-cut", "X18", "X46", lacks=no_proxy, short=True)
async def postgres_cut(rig: Rig, dice: random.Random) -> str:
    """Cut the network to PostgreSQL."""
    lanes, seconds = _lanes(dice), dice.choice((1.0, 5.0, 15.0))
    for link in _databases(rig, lanes):
        await link.cut()
    await _healed(rig, seconds)
    return _detail(lanes, seconds)


@fault("postgres-stall", "X18", lacks=no_proxy)
async def postgres_stall(rig: Rig, dice: random.Random) -> str:
    """Let PostgreSQL accept and never answer; then the connections break in the middle of their work."""
    lanes, seconds = _lanes(dice), dice.uniform(5, 20)
    for link in _databases(rig, lanes):
        await link.spoil("timeout", "upstream", timeout=0)
        await link.spoil("timeout", "downstream", timeout=0)
    await _healed(rig, seconds)
    return _detail(lanes, seconds)


@fault("postgres-half-open", "X18", "X31", lacks=no_proxy)
async def postgres_half_open(rig: Rig, dice: random.Random) -> str:
    """Let commits arrive at PostgreSQL whose answers never come back."""
    lanes, seconds = _lanes(dice), dice.uniform(5, 15)
    for link in _databases(rig, lanes):
        await link.spoil("timeout", "downstream", timeout=0)
    await _healed(rig, seconds)
    return _detail(lanes, seconds)


@fault("postgres-reset", "X21", lacks=no_proxy)
async def postgres_reset(rig: Rig, dice: random.Random) -> str:
    """Break connections to PostgreSQL after some kilobytes, in the middle of a message."""
    lanes, seconds = _lanes(dice), dice.uniform(3, 10)
    for link in _databases(rig, lanes):
        await link.spoil("limit_data", "downstream", bytes=dice.randrange(200, 20_000))
    await _healed(rig, seconds)
    return _detail(lanes, seconds)


@fault("postgres-slow", "X19", lacks=no_proxy)
async def postgres_slow(rig: Rig, dice: random.Random) -> str:
    """Slow the network to PostgreSQL down."""
    lanes, seconds = _lanes(dice), dice.uniform(8, 20)
    for link in _databases(rig, lanes):
        await link.spoil("latency", "downstream", latency=dice.randrange(20, 200), jitter=20)
    await _healed(rig, seconds)
    return _detail(lanes, seconds)
