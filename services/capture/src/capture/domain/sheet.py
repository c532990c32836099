"""A list's columns as the fields of a submission, and lists as we write them.

A cell that a spreadsheet would run as a formula is neutralised whenever we write one, and taken back when it returns.
"""

import csv
import hashlib
import io
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as setting
from zoneinfo import ZoneInfo

from capture.domain.cell_texts import (
    extract_email,
    holds_several,
    is_email,
    is_empty_or_placeholder,
    is_export_remark,
    is_footer_with_address,
    may_hold_field,
    restore_original_text,
    without_text_mark,
)
from capture.domain.cells import BADGE, GIVEN, TimeStyle, add_dial_code, split_whole_name, translate_cell
from capture.domain.headings import (
    DIAL_CODE,
    WHOLE_NAME,
    find_field_of_heading,
    is_badge_heading,
    is_fallback_heading,
    is_mappable_field,
    may_name_somebody_else,
    normalize_heading,
)
from capture.domain.submission import LONGEST_FACT, MOST_FACTS, Values
from capture.domain.times import find_date_order
from events.spreadsheets import neutralize_cell, restore_cell

MOST_COLUMNS = 2_000
_TIMES = ("occurred_at", "preferred_at", "consent.at")


class MappingRefused(ValueError):
    """A mapping names a field or a column that is not there. `code` says which; `column` is its number, from 1."""

    def __init__(self, code: str, column: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.column = column


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Which columns tell which field, and what holds for every row."""

    header: tuple[str, ...]
    places: tuple[tuple[str, tuple[int, ...]], ...]
    """Each field's name and the numbers of its columns, from 0: the first that is filled counts."""
    defaults: Mapping[str, str]
    style: TimeStyle = setting(default_factory=TimeStyle)
    lists_badges: bool = False
    """Whether this is an organiser's list of who wore which badge."""
    asked: Mapping[str, str | None] = setting(default_factory=dict)
    """What the sender mapped by hand."""

    @classmethod
    def map_header(
        cls,
        header: Sequence[str],
        asked: Mapping[str, str | None],
        defaults: Mapping[str, str],
        style: TimeStyle = TimeStyle(),  # noqa: B008 - a value
        *,
        lists_badges: bool = False,
    ) -> "ColumnMapping":
        """Map what was asked for, then what the header says by itself; raises `MappingRefused`."""
        columns = tuple(cell.strip() for cell in header)
        if not columns or len(columns) > MOST_COLUMNS:
            raise MappingRefused("header_invalid")
        found: dict[str, tuple[int, ...]] = {}
        for number, column in sorted(enumerate(columns), key=lambda each: is_fallback_heading(each[1])):
            field = BADGE if lists_badges and is_badge_heading(column) else find_field_of_heading(column)
            is_hosts = field in ("email", "phone") and field in found and is_fallback_heading(column)
            if field is not None and not is_hosts and field not in asked and column not in asked.values():
                found[field] = (*found.get(field, ()), number)
        for field, name in asked.items():
            if not is_mappable_field(field, lists_badges=lists_badges):
                raise MappingRefused("mapping_field_unknown")
            if name is not None and name not in columns:
                raise MappingRefused("mapping_column_unknown")
            if name is not None:
                found[field] = (columns.index(name),)
        _check_mapped_fields(found, lists_badges=lists_badges)
        if sum(field.startswith("facts.") for field in found) > MOST_FACTS:
            raise MappingRefused("too_many_facts")
        return cls(columns, tuple(sorted(found.items())), defaults, style, lists_badges, asked)

    def for_further_table(self, header: Sequence[str]) -> "ColumnMapping":
        """Return the columns of a further table of the same file; what was asked for holds where it has the column.

        Where it names nobody, no column is taken: its rows are refused.
        """
        asked = {field: name for field, name in self.asked.items() if name is None or name in header}
        try:
            return ColumnMapping.map_header(header, asked, self.defaults, self.style, lists_badges=self.lists_badges)
        except MappingRefused:
            return replace(self, header=tuple(header), places=())

    def unmapped_columns(self) -> list[str]:
        """Return the named columns that no field is taken from."""
        taken = {number for _, numbers in self.places for number in numbers}
        return [name for number, name in enumerate(self.header) if name and number not in taken]

    def find_unmapped_email_column(self, rows: Iterable[Sequence[str]]) -> int | None:
        """Return the number (from 1) of the column that may hold the e-mails, where none was mapped nor left out."""
        if "email" in dict(self.places) or "email" in self.asked:
            return None
        return find_address_column(self.header, {n for _, numbers in self.places for n in numbers}, rows)

    def column_by_field(self) -> dict[str, str]:
        """Return each field's first column by name."""
        return {field: self.header[numbers[0]] for field, numbers in self.places}

    def find_ambiguous_time_column(self, rows: Iterable[Sequence[str]]) -> int | None:
        """Return the number (from 1) of a column of times whose day and month could be either, None where none is."""
        if self.style.order is not None:
            return None
        seen = [*rows]
        for field, numbers in self.places:
            for number in numbers if field in _TIMES else ():
                if find_date_order(row[number] for row in seen if number < len(row)) == "ambiguous":
                    return number + 1
        return None

    def with_date_order(self, rows: Iterable[Sequence[str]]) -> "ColumnMapping":
        """Return these columns with the order of day and month that their times show."""
        if self.style.order is not None:
            return self
        seen = [*rows]
        numbers = [number for field, numbers in self.places if field in _TIMES for number in numbers]
        order = find_date_order(row[number] for row in seen for number in numbers if number < len(row))
        style = self.style._replace(order=None if order == "ambiguous" else order)
        return replace(self, style=style)

    def read_row(self, cells: Sequence[str]) -> Values:
        """Return a row as a sender of JSON would have written it, named by what it says."""
        found: Values = dict(self.defaults)
        whole = dial_code = ""
        for field, numbers in self.places:
            number, cell, passed_over = _choose_filled_column(field, numbers, cells)
            style = self._time_style_of_column(field, number)
            group, _, name = field.partition(".")
            if field == WHOLE_NAME:
                whole = cell
            elif field == DIAL_CODE:
                dial_code = cell
            elif field == BADGE:
                found[BADGE] = cell
            elif cell and name:
                found.setdefault(group, {})[name] = translate_cell(field, cell, style)
            elif cell:
                found[field] = self._find_footer_remark(field, cell, cells) or translate_cell(field, cell, style)
                if given := passed_over or (cell if holds_several(field, cell) else ""):
                    found.setdefault("facts", {})[field + GIVEN] = given[:LONGEST_FACT]
        if whole:
            split_whole_name(found, whole)
        add_dial_code(found, dial_code)
        if "event_id" not in found:
            contents = json.dumps(found, sort_keys=True).encode()
            found["event_id"] = "csv:" + hashlib.blake2b(contents, digest_size=16).hexdigest()
        return found

    def _find_footer_remark(self, field: str, cell: str, cells: Sequence[str]) -> str:
        """Return the remark that a row below the table is, whose address is of nobody in it; "" where it is none."""
        if field != "email" or len(self.header) == 1:
            return ""
        filled = [each for each in cells if each.strip()]
        if len(filled) > 2:  # noqa: PLR2004 - a word for it, and the address
            return ""
        is_footer = is_export_remark(filled[0]) if len(filled) > 1 else " " in cell and is_footer_with_address(cell)
        return " ".join(filled) if is_footer else ""

    def _time_style_of_column(self, field: str, number: int) -> TimeStyle:
        """Return how a column's times are written: `Submit date (UTC)` is, whatever the file's zone."""
        is_utc = field in _TIMES and normalize_heading(self.header[number]).endswith("_utc")
        return self.style._replace(zone=ZoneInfo("UTC")) if is_utc else self.style


def _check_mapped_fields(found: Mapping[str, tuple[int, ...]], *, lists_badges: bool) -> None:
    """Refuse columns that name nobody, and a badge that could be more than one column."""
    if lists_badges and len(found.get(BADGE, ())) != 1:
        raise MappingRefused("badge_ambiguous" if BADGE in found else "mapping_names_no_badge")
    if not found.keys() & {"email", "phone", BADGE}:
        raise MappingRefused("mapping_names_nobody")


def _choose_filled_column(field: str, numbers: Sequence[int], cells: Sequence[str]) -> tuple[int, str, str]:
    """Return the number of the first column that is filled, its cell, and "".

    Of several for an e-mail or a phone it is the first that may be one, and the text of an earlier one comes with it.
    """
    filled = ((number, cell) for number in numbers if number < len(cells) and (cell := _clean_cell(cells[number])))
    first, before = next(filled, (0, "")), ""
    if len(numbers) > 1 and not may_hold_field(field, first[1]):
        fitting = next(((number, cell) for number, cell in filled if may_hold_field(field, cell)), None)
        first, before = (first, "") if fitting is None else (fitting, first[1])
    return *first, before


def find_address_column(header: Sequence[str], taken: Collection[int], rows: Iterable[Sequence[str]]) -> int | None:
    """Return the number (from 1) of a column that holds addresses under a name that does not say so; None for none.

    One that names somebody else, such as the owner, is none; nor is one that has the same few addresses all over.
    """
    seen = [*rows]
    for number, column in enumerate(header):
        if number in taken or not column or may_name_somebody_else(column):
            continue
        filled = [cell for row in seen if number < len(row) and (cell := _clean_cell(row[number]))]
        shown = [found for cell in filled if is_email(found := extract_email(cell))]
        if shown and len(shown) * 2 >= len(filled) and len(set(shown)) * 2 >= len(shown):
            return number + 1
    return None


def _clean_cell(cell: str) -> str:
    """Return a cell as its writer meant it, "" where it says that there is nothing."""
    text = restore_original_text(without_text_mark(restore_cell(cell).strip())).strip()
    return "" if is_empty_or_placeholder(text) else text


def write_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Write rows as CSV (UTF-8), each cell harmless in a spreadsheet."""
    text = io.StringIO()
    csv.writer(text).writerows([neutralize_cell(cell) for cell in row] for row in rows)
    return text.getvalue().encode()
