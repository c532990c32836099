"""Texts without end: whatever reads what strangers send takes time in proportion to it, or one post holds up all."""

from collections.abc import Callable
from contextlib import suppress
from zoneinfo import ZoneInfo

import pytest

from capture.domain import cell_texts, headings, phones, sizes, times
from capture.domain.cells import TimeStyle, translate_cell
from tests.endless import ended_after

LENGTH = 100_000
MOST_SECONDS = 25
"""Of the processor for one text. What is in proportion takes 0.1 at most; what is not took 3 for a fifth of the length,
which is 75 for all of it."""
PATTERNS = [
    "_a", "-a", "a", "1", "-", "(", "@", ".", ",", "'", "\u0301", "+;", "<1", "&amp;", "&amp;(", "&#64;", "%40", "1,",
    "a@a.", "[", "\\", "\u00a0", "|", "(=", ")\u0301", "1\u0301",
]  # fmt: skip
AROUND = [("", ""), ("ada@works.example", ""), ("", "ada@works.example"), ("+49", ""), ("1", "x")]
UTC = ZoneInfo("UTC")
READERS: dict[str, Callable[[str], object]] = {
    "heading": headings.find_field_of_heading,
    "header row": lambda text: headings.has_contact_column([text, text]),
    "size": sizes.read_company_size,
    "time": lambda text: times.read_time(text, None, UTC),
    "phone": lambda text: phones.parse_phone_number(text, "DE"),
    "address": cell_texts.extract_email,
    "number": cell_texts.extract_phone,
    "original text": cell_texts.restore_original_text,
    "remark": cell_texts.is_footer_with_address,
    "several": lambda text: cell_texts.holds_several("phone", text),
    **{
        f"cell of {field}": lambda text, field=field: translate_cell(field, text, TimeStyle(None, UTC))  # type: ignore[misc]
        for field in ("email", "employees", "occurred_at", "country", "facts.a")
    },
}


@pytest.mark.parametrize("reader", READERS)
def test_reading_ends_whatever_a_long_text_repeats(reader: str) -> None:
    for pattern in PATTERNS:
        for before, behind in AROUND:
            text = before + (pattern * LENGTH)[: LENGTH - len(before) - len(behind)] + behind
            with ended_after(MOST_SECONDS), suppress(ValueError):
                READERS[reader](text)
