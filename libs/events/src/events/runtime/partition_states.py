"""What the relay knows of each partition: whether it waits, since when, and how large a batch it takes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from events.runtime import metrics, retry
from events.runtime.kafka_refusals import describe_missing_right
from events.runtime.logging import describe_error, logger
from events.runtime.refusals import TRIES, ErrorMeaning, classify_error

log = logger()

PartitionId = tuple[str, int]
"""A topic and a partition."""

LONGEST_WAIT = 5.0
"""Seconds before a partition that could not be written is tried again, at most."""
LONGEST_TOPIC_WAIT = 30.0
"""Seconds before a topic that refuses everything is tried again, at most."""
SMALL_FOR = 30.0
"""Seconds for which batches stay small when halving them was enough."""
PROVEN_FOR = 60.0
"""Seconds for which a further record that is refused as the last one was is set aside at its first try."""
LARGEST = 4096


@dataclass(slots=True)
class _PartitionState:
    limit: int | None = None
    """Records in a batch, at most, after one was refused."""
    small_until: float = 0.0
    failures: int = 0
    again_at: float = 0.0
    culprit: int = -1
    tries: int = 0
    proven: tuple[type[BaseException], float] | None = None


class PartitionStates:
    """Decides after each answer of Kafka who waits, what is halved and what is set aside. Times are monotonic."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._states: dict[PartitionId, _PartitionState] = {}
        self._topics: dict[str, tuple[float, int]] = {}
        """Topics that wait as a whole: until when, and the failures so far."""
        self._shown: dict[str, int] = {}

    def batch_limit(self, where: PartitionId) -> int | None:
        """Return how many records a batch to this partition may have, at most."""
        state = self._states.get(where)
        return state.limit if state is not None else None

    def batch_limits(self) -> dict[PartitionId, int]:
        """Return the partitions that take small batches only, and how many records."""
        return {where: state.limit for where, state in self._states.items() if state.limit is not None}

    def is_doubtful(self, where: PartitionId) -> bool:
        """Return whether the last batch to this partition failed: nobody waits for the next one."""
        state = self._states.get(where)
        return state is not None and state.failures > 0

    def list_waiting_topics(self) -> list[str]:
        """Return the topics whose rows all wait."""
        now = self._now()
        return sorted(topic for topic, (until, _) in self._topics.items() if until > now)

    def list_waiting_partitions(self) -> list[PartitionId]:
        """Return the partitions whose rows wait."""
        now = self._now()
        return sorted(where for where, state in self._states.items() if state.again_at > now)

    def seconds_until_retry(self, longest: float) -> float:
        """Return the seconds until somebody who waits is to be tried again."""
        now = self._now()
        times = [state.again_at for state in self._states.values()] + [until for until, _ in self._topics.values()]
        return min([longest, *(max(0.001, at - now) for at in times if at > now)])

    def note_topic_failure(
        self, topic: str, error: BaseException | None = None, *, seconds: float | None = None
    ) -> None:
        """Let a whole topic wait: for `seconds`, or the longer the more often it failed."""
        failures = self._topics.get(topic, (0.0, 0))[1] + 1
        wait = min(LONGEST_TOPIC_WAIT, retry.compute_delay(failures + 3)) if seconds is None else seconds
        self._topics[topic] = (self._now() + wait, failures)
        if error is not None:
            reason = describe_missing_right(error)
            log.error("topic_refuses", topic=topic, attempt=failures, reason=reason, error=describe_error(error))

    def note_success(self, where: PartitionId) -> None:
        """Note that a batch was acknowledged."""
        if not self._topics and not self._states:
            return
        self._topics.pop(where[0], None)
        state = self._states.get(where)
        if state is None:
            return
        state.failures, state.culprit, state.tries = 0, -1, 0
        if state.limit is not None and self._now() >= state.small_until:
            state.limit *= 2
        if state.limit is None or state.limit > LARGEST:
            del self._states[where]

    def note_failure(self, where: PartitionId, rows: Sequence[Any], error: BaseException) -> tuple[Any, int] | None:
        """Note that a batch was not taken; return the row to set aside and the number of its tries, if there is one."""
        state = self._states.setdefault(where, _PartitionState())
        what, now = classify_error(error), self._now()
        if what is ErrorMeaning.TOPIC:
            self.note_topic_failure(where[0], error)
        elif what not in TRIES:
            state.failures += 1
            state.again_at = now + min(LONGEST_WAIT, retry.compute_delay(state.failures))
            log.warning(
                "partition_waits",
                topic=where[0],
                partition=where[1],
                attempt=state.failures,
                error=describe_error(error),
            )
        elif len(rows) > 1:
            state.limit, state.small_until = len(rows) // 2, now + SMALL_FOR
        else:
            return self._handle_failed_single_record(state, where, rows[0], error)
        return None

    def _handle_failed_single_record(
        self, state: _PartitionState, where: PartitionId, row: Any, error: BaseException
    ) -> tuple[Any, int] | None:
        now, what = self._now(), classify_error(error)
        state.tries = state.tries + 1 if state.culprit == row["id"] else 1
        state.culprit = row["id"]
        proven = state.proven is not None and state.proven[0] is type(error) and now < state.proven[1]
        log.warning(
            "record_refused", topic=where[0], partition=where[1], attempt=state.tries, error=describe_error(error),
            ce_id=str(row["ce_id"]), ce_type=row["ce_type"],
        )  # fmt: skip
        if state.tries < TRIES[what] and not (proven and what is ErrorMeaning.RECORD):
            state.again_at = now + retry.compute_delay(state.tries)
            return None
        state.proven, state.limit, state.small_until = (type(error), now + PROVEN_FOR), 1, 0.0
        tries, state.culprit, state.tries = state.tries, -1, 0
        metrics.OUTBOX_REFUSED.labels(where[0], type(error).__name__).inc()
        return row, tries

    def show_waiting(self) -> None:
        """Bring the gauge of partitions that wait up to date, those about to be tried again included."""
        counts = dict.fromkeys(self._shown, 0) | dict.fromkeys(self._topics, 1)
        for (topic, _), state in self._states.items():
            if state.failures or state.tries:
                counts[topic] = counts.get(topic, 0) + 1
        if counts != self._shown:
            for topic, count in counts.items():
                metrics.RELAY_WAITING.labels(topic).set(count)
            self._shown = counts
