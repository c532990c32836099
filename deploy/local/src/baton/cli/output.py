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
SHORT = 12
"""Cells of so many letters stay on one line."""
WIDE = 100
"""Columns of a terminal that has room between those of a table."""


class PipedConsole(Console):
    """A console whose reader may leave early: they have seen enough (`baton status | head`)."""

    def on_broken_pipe(self) -> None:
        """End without a word."""
        with suppress(SystemExit):
            super().on_broken_pipe()
        raise SystemExit(DONE)


console = PipedConsole(width=None if sys.stdout.isatty() else 160)
errors = Console(stderr=True)


def print_json(value: Any) -> None:
    """Print one JSON document."""
    sys.stdout.write(json.dumps(value, indent=2, default=str) + "\n")


def print_notice(sentence: str) -> None:
    """Print something for the user that is not the command's result."""
    errors.print(sentence, highlight=False)


def print_table(title: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Print rows of the same keys as a table; where a terminal is too narrow, long cells alone are folded."""
    cells = [[_format_cell(row.get(column)) for column in columns] for row in rows]
    shown = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    shown.padding = (0, 1 if console.width >= WIDE else 0)
    for number, column in enumerate(columns):
        short = all(len(row[number]) <= SHORT for row in cells)
        shown.add_column(column.replace("_", " "), overflow="fold", no_wrap=short)
    for row in cells:
        shown.add_row(*row)
    console.print(shown)


def _format_cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value)
    return str(value)
