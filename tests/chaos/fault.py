"""What a fault is, and the register of all that `python -m tests.chaos` can inject."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.chaos.rig import QUORUM, Rig

Injection = Callable[[Rig, random.Random], Awaitable[str]]
"""Breaks something, keeps it broken for a while, undoes it; returns what it did, for the report."""


@dataclass(frozen=True)
class Fault:
    """One kind of fault. `covers` names the faults of the catalogue that it injects."""

    name: str
    covers: tuple[str, ...]
    inject: Injection
    lacks: Callable[[Rig], str]
    """Says why it cannot be injected here; empty where it can."""
    short: bool
    """Whether the two-minute form has it."""
    final: bool
    """Whether it changes the system for good, so that it comes last."""

    @property
    def title(self) -> str:
        """What it does, in one sentence."""
        return (self.inject.__doc__ or "").splitlines()[0]


FAULTS: dict[str, Fault] = {}


def nothing(_: Rig) -> str:
    """Lack nothing."""
    return ""


def no_proxy(rig: Rig) -> str:
    """Lack the fault proxy."""
    return "" if rig.proxy is not None else "no Toxiproxy (neither toxiproxy-server nor Go is on the PATH)"


def no_quorum(rig: Rig) -> str:
    """Lack three brokers."""
    return "" if rig.cluster.replicas >= QUORUM else "needs three brokers (--brokers 3)"


def fault(
    name: str,
    *covers: str,
    lacks: Callable[[Rig], str] = nothing,
    short: bool = False,
    final: bool = False,
) -> Callable[[Injection], Injection]:
    """Register an injection."""

    def register(inject: Injection) -> Injection:
        FAULTS[name] = Fault(name, covers, inject, lacks, short, final)
        return inject

    return register
