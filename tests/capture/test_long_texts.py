"""Texts without end: whatever reads what strangers send takes time in proportion to it, or one post holds up all."""

import time
from collections.abc import Callable
from contextlib import suppress
from zoneinfo import ZoneInfo

import pytest

from capture.domain import cell_texts, headings, phones, sizes, times
from capture.domain.cells import Style, translate

LENGTH = 20_000
MOST_SECONDS = 1.0
"""Of the processor. What is in proportion takes a tenth at most, what is not took three seconds."""
PATTERNS = [
    "_a", "-a", "a", "1", "-", "(", "@", ".", ",", "'", "\u0301", "+;", "<1", "&amp;", "&amp;(", "&#64;", "%40", "1,",
    "a@a.", "[", "\\", "\u00a0", "|", "(=", ")\u0301", "1\u0301",
]  # fmt: skip
AROUND = [("", ""), ("ada@works.example", ""), ("", "ada@works.example"), ("+49", ""), ("1", "x")]
UTC = ZoneInfo("UTC")
READERS: dict[str, Callable[[str], object]] = {
    "heading": headings.field_of,
    "header row": lambda text: headings.names_somebody([text, text]),
    "size": sizes.read_size,
    "time": lambda text: times.read_time(text, None, UTC),
    "phone": lambda text: phones.read_phone(text, "DE"),
    "address": cell_texts.email_in,
    "number": cell_texts.phone_in,
    "plain": cell_texts.plain,
    "remark": cell_texts.is_remark,
    "several": lambda text: cell_texts.is_several("phone", text),
    **{
        f"cell of {field}": lambda text, field=field: translate(field, text, Style(None, UTC))  # type: ignore[misc]
        for field in ("email", "employees", "occurred_at", "country", "facts.a")
    },
}


@pytest.mark.parametrize("reader", READERS)
def test_reading_takes_time_in_proportion_to_the_text(reader: str) -> None:
    slow = []
    for pattern in PATTERNS:
        for before, behind in AROUND:
            text = before + (pattern * LENGTH)[: LENGTH - len(before) - len(behind)] + behind
            began = time.process_time()
            with suppress(ValueError):
                READERS[reader](text)
            seconds = time.process_time() - began
            if seconds > MOST_SECONDS:
                slow.append((before + pattern, round(seconds, 1)))
    assert slow == []
