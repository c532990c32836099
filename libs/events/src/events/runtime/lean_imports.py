"""Imports without what only draws on consoles: structlog, httpx and Mako load it where it is installed.

The command `baton` needs these packages, services do not: 4 MB of each, and 6 MB more of one that has migrated.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

FOR_CONSOLES = ("pygments", "rich")


@contextmanager
def hide_console_packages() -> Iterator[None]:
    """Let imports fail to find these packages, as if they were not installed.

    >>> with hide_console_packages():
    ...     import rich
    Traceback (most recent call last):
    ModuleNotFoundError: import of rich halted; None in sys.modules
    """
    before = {name: sys.modules[name] for name in FOR_CONSOLES if name in sys.modules}
    for name in FOR_CONSOLES:
        sys.modules[name] = None  # type: ignore[assignment]  # `None` is how Python marks what is not to be found
    try:
        yield
    finally:
        for name in FOR_CONSOLES:
            del sys.modules[name]
        sys.modules.update(before)
