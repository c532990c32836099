"""Every fault that the system is to survive, and what shows that it does.

A fault is covered by an injection of `python -m tests.chaos` that names it, or by a test whose docstring (or whose
module's) names it. `python -m tests.chaos --catalogue` prints both.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.chaos.fault import FAULTS
from tests.chaos.faults import __all__ as groups  # noqa: F401 - importing it registers all faults

TESTS = Path(__file__).parents[1]
NAMED = re.compile(r"\bX\d+\b")

CATALOGUE: Mapping[str, str] = {
    "X1": "capture killed under load, clients retry with keys",
    "X2": "the relay killed again and again",
    "X3": "scoring, routing and feedback killed in a loop",
    "X4": "sla-monitor killed between lock and commit",
    "X5": "all killed at once, started in random order",
    "X6": "a consumer stopped beyond its session, then let go on, under load",
    "X7": "the relay stopped in the middle of its transaction",
    "X8": "Kafka cut off for seconds or minutes",
    "X9": "Kafka accepts and never answers",
    "X10": "Kafka is reached in one direction only",
    "X11": "the broker refuses writes: not enough replicas",
    "X13": "a topic is missing and cannot be made",
    "X14": "a topic is deleted and made anew",
    "X15": "retention passes a stopped consumer",
    "X16": "partitions are added at run time",
    "X17": "PostgreSQL is stopped at once and started again, under load",
    "X18": "PostgreSQL cannot be reached",
    "X19": "the connections to PostgreSQL are used up",
    "X20": "PostgreSQL's disk is full, or the database is read-only",
    "X21": "backends are cancelled, terminated and killed under load",
    "X22": "a session keeps one contact's row locked",
    "X23": "a value that nobody can read",
    "X24": "an event type or major version that nobody knows",
    "X25": "a handler fails for one lead",
    "X26": "every record is poison: the wrong topic is wired",
    "X27": "every record is delivered twice",
    "X28": "two relays at once",
    "X29": "consumers come and go every few seconds",
    "X30": "more consumers than partitions; the owner dies after a long idle time",
    "X31": "the same key from many clients at once, after a commit whose answer was lost",
    "X32": "the same key with another body",
    "X33": "ten thousand timers are due at a restart",
    "X35": "the clock of a service's machine is an hour off",
    "X36": "a change to summer time and a holiday inside a promise",
    "X37": "a service is asked to stop under load",
    "X39": "a migration runs while the service serves",
    "X40": "a slow consumer, and one that keeps the processor busy",
    "X41": "an event larger than the broker takes",
    "X42": "a row or batch that Kafka always refuses, a partition without a leader",
    "X43": "an erasure while posts, touches and imports about the person are in flight",
    "X44": "metrics are scraped every second under load, with many leads",
    "X45": "poison in headers, keys and timestamps, on every topic of every service",
    "X46": "PostgreSQL away for minutes, frozen, closed to one database, its password rotated",
    "X47": "one service restored to an older instant",
    "X48": "two installations on one broker by mistake",
    "X49": "a rep's key used on other reps' leads",
    "X50": "fewer in-sync replicas than the topic asks for",
    "X51": "the release before and this one side by side",
}
"""The numbers are stable; those that are missing were never given."""

OPEN: Mapping[str, str] = {}
"""Faults that nothing may cover yet, each with the reason; what covers one wins over its line here."""


def covered_by() -> dict[str, list[str]]:
    """Return what covers each fault: injections as `chaos NAME`, tests as `path::name`."""
    found: dict[str, list[str]] = defaultdict(list)
    for fault in FAULTS.values():
        for number in fault.covers:
            found[number].append(f"chaos {fault.name}")
    for path in sorted(TESTS.rglob("test_*.py")):
        for name, docstring in _tests(path):
            for number in sorted(set(NAMED.findall(docstring))):
                found[number].append(f"{path.relative_to(TESTS.parent)}{name}")
    return dict(found)


def lines() -> Iterator[str]:
    """Return the catalogue as text: each fault, then what covers it."""
    covered = covered_by()
    for number, title in CATALOGUE.items():
        yield f"{number:4} {title}"
        yield from (f"       {cover}" for cover in covered.get(number, ()))
        if number in OPEN and number not in covered:
            yield f"       open: {OPEN[number]}"


def _tests(path: Path) -> Iterator[tuple[str, str]]:
    module = ast.parse(path.read_text(encoding="utf-8"))
    yield "", ast.get_docstring(module) or ""
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield f"::{node.name}", ast.get_docstring(node) or ""
