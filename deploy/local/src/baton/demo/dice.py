"""Chance that is the same in every run: each throw is a hash of what it is about.

Never a random generator: its answers would depend on who asks first, and the order in which six
services speak is nobody's to promise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")
STEPS = 2**64


@dataclass(frozen=True, slots=True)
class Dice:
    """Throws about one subject: a seed, somebody, and which time it is."""

    subject: str

    @classmethod
    def for_subject(cls, *parts: object) -> "Dice":
        """Return the dice for what these parts name."""
        return cls("|".join(str(part) for part in parts))

    def draw_number(self, name: str) -> float:
        """Return a number from 0 up to 1 for this name."""
        digest = blake2b(f"{self.subject}|{name}".encode(), digest_size=8).digest()
        return int.from_bytes(digest) / STEPS

    def happens(self, name: str, probability: float) -> bool:
        """Return whether something with this probability (0 to 1) happens."""
        return self.draw_number(name) < probability

    def between(self, name: str, low: float, high: float) -> float:
        """Return a number from `low` up to `high`."""
        return low + (high - low) * self.draw_number(name)

    def whole_between(self, name: str, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return int(self.between(name, low, high + 1))

    def choose(self, name: str, options: Sequence[T]) -> T:
        """Return one of equally likely options."""
        return options[int(self.draw_number(name) * len(options))]

    def choose_weighted(self, name: str, options: Mapping[T, float]) -> T:
        """Return one of the options; the more weight, the likelier."""
        left = self.draw_number(name) * sum(options.values())
        for option, weight in options.items():
            chosen = option
            left -= weight
            if left < 0:
                break
        return chosen
