"""What the clients saw, written down as it happens: the only witness that is not part of the system."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Self

UNKNOWN = 0
"""The status of an attempt that was never answered: it may have had its effect, or not."""


@dataclass
class Call:
    """One thing a client wanted, over all its attempts: each has a status, `UNKNOWN` without an answer."""

    kind: str
    key: str
    about: str
    """The event id of a post, the lead of a command."""
    statuses: list[int] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)

    @property
    def accepted(self) -> bool:
        """Return whether any attempt was answered with success."""
        return any(200 <= status < 300 for status in self.statuses)

    @property
    def uncertain(self) -> bool:
        """Return whether it may have had an effect without an answer."""
        return not self.accepted and UNKNOWN in self.statuses


@dataclass
class History:
    """Every attempt of every client, appended to a file of JSON lines and kept in memory."""

    path: Path
    calls: dict[str, Call] = field(default_factory=dict)
    _file: IO[str] | None = None

    def __enter__(self) -> Self:
        self._file = self.path.open("a", encoding="utf-8")
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def note(self, kind: str, key: str, about: str, status: int, answer: Mapping[str, Any] | None = None) -> Call:
        """Add the outcome of one attempt."""
        call = self.calls.setdefault(key, Call(kind, key, about))
        call.statuses.append(status)
        if answer is not None and 200 <= status < 300:
            call.answers.append(dict(answer))
        line = {"at": time.time(), "kind": kind, "key": key, "about": about, "status": status, "answer": answer}
        if self._file is not None:
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()
        return call

    def of(self, kind: str) -> list[Call]:
        """Return the calls of one kind, in the order of their first attempts."""
        return [call for call in self.calls.values() if call.kind == kind]

    def erased(self, *, surely: bool = False) -> set[str]:
        """Return the contacts whose erasure was asked for; `surely`: and answered."""
        return {call.about for call in self.of("erase") if call.accepted or (call.uncertain and not surely)}

    def summary(self) -> dict[str, int]:
        """Count calls and attempts by what became of them."""
        calls = list(self.calls.values())
        return {
            "calls": len(calls),
            "attempts": sum(len(call.statuses) for call in calls),
            "accepted": sum(call.accepted for call in calls),
            "uncertain": sum(call.uncertain for call in calls),
            "refused": sum(not call.accepted and not call.uncertain for call in calls),
        }
