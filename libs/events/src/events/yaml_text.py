"""YAML as PyYAML's safe loader reads it, read ten times as fast where its C scanner is installed.

`yaml.CSafeLoader` as it stands ends the process (a full C stack) at a text that nests 200,000 times. So only its
scanner and parser are used, which do not recurse; what recurses is Python, which says so (RecursionError).
"""

from collections.abc import Callable
from typing import Any

import yaml
from yaml.composer import Composer
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

Loader: type[Any] = yaml.SafeLoader
try:
    from yaml._yaml import CParser
except ImportError:  # PyYAML was built without libyaml
    pass
else:

    class _FastLoader(Composer, CParser, SafeConstructor, Resolver):
        def __init__(self, stream: str | bytes) -> None:
            CParser.__init__(self, stream)
            Composer.__init__(self)
            SafeConstructor.__init__(self)
            Resolver.__init__(self)

    Loader = _FastLoader


def load_yaml(text: str | bytes) -> Any:
    """Return the value of a text with one document, None for an empty one.

    Raises:
        yaml.YAMLError: the text is no YAML, or asks for more than plain values; the message shows the line.
        ValueError: a date or number that there is not, or a text of half characters.
        RecursionError: values in values, thousands of times.
    """
    return _with_errors_of_safe_loader(lambda loader: yaml.load(text, loader))  # noqa: S506 - both are safe loaders


def compose_yaml(text: str | bytes) -> yaml.Node | None:
    """Return the nodes of a text with one document, each with its place in it; raise as `load_yaml` does."""
    found: yaml.Node | None = _with_errors_of_safe_loader(lambda loader: yaml.compose(text, loader))
    return found


def _with_errors_of_safe_loader(read: Callable[[type[Any]], Any]) -> Any:
    """Return what the fast loader reads; what it cannot read is left to the other, whose errors show the line."""
    try:
        return read(Loader)
    except Exception:  # noqa: BLE001 - whatever it is, the other one raises it in better words or has the value
        return read(yaml.SafeLoader)
