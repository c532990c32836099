"""How the booking page is written: in the visitor's language and zone, without a script, under a strict policy."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import Response

from events.runtime.html import TOKENS, build_inline_source
from events.runtime.html import answer_with_page as page_of
from routing.domain import Slot

HERE = Path(__file__).parent
WORDINGS: Mapping[str, Mapping[str, str]] = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((HERE / "wordings").glob("*.json"))
}
"""What the page says, by language; a further file is a further language."""
LANGUAGES = sorted(WORDINGS, key=lambda language: (language != "en", language))
"""English is for those who want none of the others."""
_ENVIRONMENT = Environment(
    loader=PackageLoader("routing", "api/pages/templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
)


@cache
def _load_style_sheet() -> str:
    return TOKENS + (HERE / "page.css").read_text(encoding="utf-8")


def zone_or_utc(name: str) -> tzinfo:
    """Return the zone of this name; UTC where there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


class SlotButton(NamedTuple):
    """A slot as the page sends it and as it shows it."""

    at: str
    name: str


class SlotDay(NamedTuple):
    """A day with its slots."""

    name: str
    slots: list[SlotButton]


def group_slots_by_day(slots: Sequence[Slot], zone: tzinfo, language: str) -> list[SlotDay]:
    """Return the slots day by day, as the page shows them."""
    locale = Locale(language)
    local = [slot.starts_at.astimezone(zone) for slot in slots]
    return [
        SlotDay(
            format_date(day, "full", locale),
            [SlotButton(at.astimezone(UTC).isoformat(), format_time(at, "short", locale=locale)) for at in times],
        )
        for day, times in groupby(local, key=lambda at: at.date())
    ]


def format_moment(at: datetime, zone: tzinfo, language: str) -> str:
    """Return a day and a time as a sentence has them."""
    local, locale = at.astimezone(zone), Locale(language)
    return f"{format_date(local.date(), 'full', locale)}, {format_time(local, 'short', locale=locale)}"


def render_page(template: str, language: str, status: int = 200, **values: Any) -> Response:
    """Answer with a page that may send nothing but to us."""
    style = _load_style_sheet()
    html = _ENVIRONMENT.get_template(template).render(
        words=WORDINGS[language], language=language, style=style, **values
    )
    return page_of(html, status, style_src=build_inline_source(style), form_action="'self'")
