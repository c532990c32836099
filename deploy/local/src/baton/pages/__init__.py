"""Pages that people look at: templates that hold their words and drawings, filled with figures."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from events.runtime.html import TOKENS

_pages = Environment(
    loader=PackageLoader("baton", "pages"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_pages.globals["tokens"] = TOKENS
_pages.filters["percent"] = lambda value: "-" if value is None else f"{value:.1%}"
_pages.filters["thousands"] = lambda value: f"{value:,}"


def fill_template(name: str, **values: Any) -> str:
    """Fill a template."""
    return _pages.get_template(name).render(**values)
