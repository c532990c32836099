"""How long Kafka gathers records before it answers a fetch, where nobody waits for what a service consumes.

The fixed cost of a round (a fetch over all partitions, a transaction for each topic) is many times that of a record in
it. So the broker holds small answers back, for longer the busier the machine is: a round that took long is followed by
a long wait, and what others wait for gets the processor meanwhile. Where little comes, the first record goes at once.
"""

from dataclasses import dataclass
from typing import Any

SHARE = 0.1
"""Of its time, about, a service that gathers spends on small rounds."""
LONGEST_SECONDS = 0.3
ENOUGH_BYTES = 65_536
"""With so many bytes, records of a few hundred contacts, an answer comes at once: a round of them is cheap for each."""
IDLE_MS, LEAST_BYTES = 500, 1


@dataclass(frozen=True, slots=True)
class Fetch:
    """What a fetch asks for: `least_bytes`, or what there is after `wait_ms`."""

    wait_ms: int = IDLE_MS
    least_bytes: int = LEAST_BYTES


AT_ONCE = Fetch()


def following(records: int, seconds: float) -> Fetch:
    """Return what the fetch after a round of so many records asks for, which took so many seconds.

    >>> following(0, 0.5)
    Fetch(wait_ms=500, least_bytes=1)
    >>> following(3, 0.01).wait_ms, following(3, 0.02).wait_ms, following(3, 2.0).wait_ms
    (90, 180, 300)
    """
    if not records:
        return AT_ONCE
    pause = min(LONGEST_SECONDS, seconds * (1 - SHARE) / SHARE)
    return Fetch(round(1000 * pause), ENOUGH_BYTES)


def ask(client: Any, fetch: Fetch) -> None:
    """Have a consumer's fetches ask for this from now on; aiokafka itself takes it at the start only."""
    client._fetcher._fetch_max_wait_ms = fetch.wait_ms  # noqa: SLF001
    client._fetcher._fetch_min_bytes = fetch.least_bytes  # noqa: SLF001
