"""Which pages did somebody look at before they filled in a form? Their own browser remembers, nobody else.

A text of the visits script: a number of the browser, then when (seconds since 1970) and where, parted by `|`, as in
`9f86d081884c7d65|1772442000.%2Fpricing`. What is none of these is left out: a form is never refused for it.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import unquote
from zlib import crc32

from capture.domain.text import LONGEST_LINE
from capture.playbook import VisitRules

COOKIE = "baton_visits"
LONGEST = 8_000

_BROWSER = re.compile(r"[0-9a-f]{16}", re.ASCII)
_VISIT = re.compile(r"(?P<at>\d{9,10})\.(?P<path>(?:%2F|/)[!-{}~]*)", re.ASCII | re.IGNORECASE)


class PageVisit(NamedTuple):
    """A page that somebody looked at."""

    at: datetime
    path: str
    engagement: str
    event_id: str
    """The same for the same visit, however often a browser sends it."""


def read_visits(text: str, rules: VisitRules, now: datetime) -> list[PageVisit]:
    """Return the latest visits that are not too old, as the playbook names them, the first first."""
    browser, *parts = text[:LONGEST].split("|")
    if not _BROWSER.fullmatch(browser):
        return []
    found = sorted(_parse_visit_parts(browser, parts, rules))
    kept = [visit for visit in found if now - timedelta(days=rules.keep_days) < visit.at <= now]
    return kept[-rules.most :]


def _parse_visit_parts(browser: str, parts: list[str], rules: VisitRules) -> Iterator[PageVisit]:
    for part in dict.fromkeys(parts):
        read = _VISIT.fullmatch(part)
        path = unquote(read["path"]).partition("?")[0].partition("#")[0] if read else ""
        if read and path.isprintable() and len(path) <= LONGEST_LINE:
            at = datetime.fromtimestamp(int(read["at"]), UTC)
            yield PageVisit(
                at, path, rules.engagement_of(path), f"visit:{browser}:{read['at']}:{crc32(path.encode()):x}"
            )
