"""The report as a page: printable, readable on a phone, drawn where people look rather than read."""

from collections.abc import Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

_pages = Environment(
    loader=PackageLoader("leaks", "pages"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PARTS = {
    "first_touch": "How soon leads were called",
    "sources": "What became of each source",
    "worth": "What a quarter of the lost leads would be worth",
}
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def format_wait(seconds: float | None) -> str:
    """Return a wait as people say it: `12 min`, `5 h`, `3 days`; `-` for none."""
    if seconds is None:
        return "-"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    if seconds < 2 * _DAY:
        return f"{seconds / _HOUR:.0f} h"
    return f"{seconds / _DAY:.0f} days"


_pages.filters["percent"] = lambda value: "-" if value is None else f"{value:.0%}" if value >= 0.1 else f"{value:.1%}"  # noqa: PLR2004
_pages.filters["thousands"] = lambda value: "-" if value is None else f"{value:,.0f}"
_pages.filters["span"] = format_wait


def render_report_page(document: dict[str, Any], weekdays: Sequence[str]) -> str:
    """Return the page of a report's JSON document."""
    can = [each for each in document["figures"] if "count" in each]
    cannot = [each for each in document["figures"] if "count" not in each]
    cannot += [
        {"title": title, "would_say": document[name]["would_say"]}
        for name, title in _PARTS.items()
        if isinstance(document[name], dict) and document[name].get("cannot_say")
    ]
    return _pages.get_template("leaks.html").render(
        d=document,
        can=can,
        cannot=cannot,
        weekdays=weekdays,
        named=lambda group: group or "(none)",
        nobody=lambda group: group or "(nobody)",
    )
