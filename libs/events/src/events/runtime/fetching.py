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
REST_MS, REST_POLLS = 2_000, 8
"""After so many polls without a record, a fetch may wait so long for one. It is no longer, since what else is asked of
that broker on the same connection (a partition taken up again, the bounds of one newly assigned) waits behind it."""


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """What a fetch asks for: `least_bytes`, or what there is after `wait_ms`."""

    wait_ms: int = IDLE_MS
    least_bytes: int = LEAST_BYTES


AT_ONCE = FetchRequest()
AT_REST = FetchRequest(REST_MS)


def choose_fetch_after_empty_polls(polls: int) -> FetchRequest:
    """Return what the fetch after so many polls in a row without a record asks for: the first record, and less often.

    >>> choose_fetch_after_empty_polls(1).wait_ms, choose_fetch_after_empty_polls(8).wait_ms
    (500, 2000)
    """
    return AT_REST if polls >= REST_POLLS else AT_ONCE


def choose_fetch_after_round(seconds: float) -> FetchRequest:
    """Return what the fetch after a round of few records asks for, which took so many seconds.

    >>> [choose_fetch_after_round(seconds).wait_ms for seconds in (0.01, 0.02, 2.0)]
    [90, 180, 300]
    """
    pause = min(LONGEST_SECONDS, seconds * (1 - SHARE) / SHARE)
    return FetchRequest(round(1000 * pause), ENOUGH_BYTES)


def choose_next_fetch(empty_polls: int, gathering_seconds: float | None) -> FetchRequest:
    """Return what the next fetch asks for.

    Args:
        empty_polls: So many polls in a row brought nothing.
        gathering_seconds: What the last round took; None where somebody waits for what is consumed.
    """
    return (
        choose_fetch_after_empty_polls(empty_polls)
        if empty_polls or gathering_seconds is None
        else choose_fetch_after_round(gathering_seconds)
    )


def set_fetch_request(client: Any, fetch: FetchRequest) -> None:
    """Have a consumer's fetches ask for this from now on; aiokafka itself takes it at the start only."""
    client._fetcher._fetch_max_wait_ms = fetch.wait_ms  # noqa: SLF001
    client._fetcher._fetch_min_bytes = fetch.least_bytes  # noqa: SLF001
