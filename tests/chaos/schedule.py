"""Which fault comes when: drawn from the seed alone, so that a run can be repeated."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tests.chaos.fault import Fault


@dataclass(frozen=True)
class Planned:
    """One injection. `pause` is the quiet time before it, in seconds; `seed` is what its own dice start from."""

    fault: Fault
    pause: float
    seed: str

    @property
    def dice(self) -> random.Random:
        """Return the dice of this injection, the same at each call."""
        return random.Random(self.seed)  # noqa: S311 - it has to be repeatable


@dataclass(frozen=True)
class Plan:
    """The injections in their order; `last` change the system for good and come when the time is nearly up."""

    passing: list[Planned]
    last: list[Planned]

    def first(self, most: int | None) -> "Plan":
        """Return a plan of at most so many that pass."""
        return replace(self, passing=self.passing[:most])


def plan(seed: int, faults: Sequence[Fault], length: int = 500, longest_pause: float = 3.0) -> Plan:
    """Draw at least `length` injections: every fault once in random order, then all again in another, and so on."""
    dice = random.Random(f"schedule {seed}")  # noqa: S311 - it has to be repeatable
    passing = [fault for fault in faults if not fault.final]
    last = [fault for fault in faults if fault.final]
    order: list[Fault] = []
    while passing and len(order) < length:
        order += dice.sample(passing, len(passing))
    ends = dice.sample(last, len(last))
    planned = [
        Planned(fault, dice.uniform(0, longest_pause), f"{seed} {number} {fault.name}")
        for number, fault in enumerate([*ends, *order])
    ]
    return Plan(planned[len(ends) :], planned[: len(ends)])
