"""A guard against work without end, for what strangers send: it measures nothing, it stops what would never stop."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def ended_after(processor_seconds: float) -> Iterator[None]:
    """Raise AssertionError in whatever still runs after so many seconds of this process's processor.

    Choose hundreds of times what the work takes. A busy machine or a garbage collection never reaches that,
    work that grows with the square of its input does.
    """

    def end(_signal_number: int, _frame: FrameType | None) -> None:
        message = f"still running after {processor_seconds} s of the processor"
        raise AssertionError(message)

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, processor_seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
