"""What a command prints: a document on stdout for programs, a table for people.

With `--json` stdout holds exactly one document; all that is said besides goes to stderr.
"""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from baton.data_dir import DEFAULT
from baton.exit_codes import DONE

Data = Annotated[Path, Parameter(name="--data", env_var="BATON_DATA", help="Where the stack lives")]
AsJson = Annotated[bool, Parameter(name="--json", negative=(), help="Print one JSON document")]
DEFAULT_DATA = DEFAULT


class PipedConsole(Console):
    """A console whose reader may leave early: they have seen enough (`baton status | head`)."""

    def on_broken_pipe(self) -> None:
        """End without a word."""
        with suppress(SystemExit):
            super().on_broken_pipe()
        raise SystemExit(DONE)


console = PipedConsole(width=None if sys.stdout.isatty() else 160)
errors = Console(stderr=True)


def document(value: Any) -> None:
    """Print one JSON document."""
    sys.stdout.write(json.dumps(value, indent=2, default=str) + "\n")


def say(sentence: str) -> None:
    """Print something for the user that is not the command's result."""
    errors.print(sentence, highlight=False)


def table(title: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Print rows of the same keys as a table."""
    shown = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    for column in columns:
        shown.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        shown.add_row(*(_cell(row.get(column)) for column in columns))
    console.print(shown)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value)
    return str(value)
