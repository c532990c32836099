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

from capture.domain.cell_texts import email_in, is_email, is_nothing, is_remark, is_several, plain, shows
from capture.domain.cells import BADGE, GIVEN, Style, add_dial_code, split_whole_name, translate
from capture.domain.headings import DIAL_CODE, WHOLE_NAME, bare, field_of, is_field, is_weak, names_badge, names_others
from capture.domain.submission import LONGEST_FACT, MOST_FACTS, Values
from capture.domain.times import find_order
from events.spreadsheets import neutral, restored

MOST_COLUMNS = 2_000
_TIMES = ("occurred_at", "preferred_at", "consent.at")


class MappingRefused(ValueError):
    """A mapping names a field or a column that is not there. `code` says which; `column` is its number, from 1."""

    def __init__(self, code: str, column: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.column = column


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns tell which field, and what holds for every row."""

    header: tuple[str, ...]
    places: tuple[tuple[str, tuple[int, ...]], ...]
    """Each field's name and the numbers of its columns, from 0: the first that is filled counts."""
    defaults: Mapping[str, str]
    style: Style = setting(default_factory=Style)
    lists_badges: bool = False
    """Whether this is an organiser's list of who wore which badge."""
    asked: Mapping[str, str | None] = setting(default_factory=dict)
    """What the sender mapped by hand."""

    @classmethod
    def of(
        cls,
        header: Sequence[str],
        asked: Mapping[str, str | None],
        defaults: Mapping[str, str],
        style: Style = Style(),  # noqa: B008 - a value
        *,
        lists_badges: bool = False,
    ) -> "Columns":
        """Map what was asked for, then what the header says by itself; raises `MappingRefused`."""
        columns = tuple(cell.strip() for cell in header)
        if not columns or len(columns) > MOST_COLUMNS:
            raise MappingRefused("header_invalid")
        found: dict[str, tuple[int, ...]] = {}
        for number, column in sorted(enumerate(columns), key=lambda each: is_weak(each[1])):
            field = BADGE if lists_badges and names_badge(column) else field_of(column)
            if field is not None and field not in asked and column not in asked.values():
                found[field] = (*found.get(field, ()), number)
        for field, name in asked.items():
            if not is_field(field, lists_badges=lists_badges):
                raise MappingRefused("mapping_field_unknown")
            if name is not None and name not in columns:
                raise MappingRefused("mapping_column_unknown")
            if name is not None:
                found[field] = (columns.index(name),)
        _check_names(found, lists_badges=lists_badges)
        if sum(field.startswith("facts.") for field in found) > MOST_FACTS:
            raise MappingRefused("too_many_facts")
        return cls(columns, tuple(sorted(found.items())), defaults, style, lists_badges, asked)

    def of_table(self, header: Sequence[str]) -> "Columns":
        """Return the columns of a further table of the same file; what was asked for holds where it has the column.

        Where it names nobody, no column is taken: its rows are refused.
        """
        asked = {field: name for field, name in self.asked.items() if name is None or name in header}
        try:
            return Columns.of(header, asked, self.defaults, self.style, lists_badges=self.lists_badges)
        except MappingRefused:
            return replace(self, header=tuple(header), places=())

    def unmapped(self) -> list[str]:
        """Return the named columns that no field is taken from."""
        taken = {number for _, numbers in self.places for number in numbers}
        return [name for number, name in enumerate(self.header) if name and number not in taken]

    def unmapped_addresses(self, rows: Iterable[Sequence[str]]) -> int | None:
        """Return the number (from 1) of the column that may hold the e-mails, where none was mapped nor left out."""
        if "email" in dict(self.places) or "email" in self.asked:
            return None
        return address_column(self.header, {n for _, numbers in self.places for n in numbers}, rows)

    def mapping(self) -> dict[str, str]:
        """Return each field's first column by name."""
        return {field: self.header[numbers[0]] for field, numbers in self.places}

    def ambiguous_times(self, rows: Iterable[Sequence[str]]) -> int | None:
        """Return the number (from 1) of a column of times whose day and month could be either, None where none is."""
        if self.style.order is not None:
            return None
        seen = [*rows]
        for field, numbers in self.places:
            for number in numbers if field in _TIMES else ():
                if find_order(row[number] for row in seen if number < len(row)) == "ambiguous":
                    return number + 1
        return None

    def with_order(self, rows: Iterable[Sequence[str]]) -> "Columns":
        """Return these columns with the order of day and month that their times show."""
        if self.style.order is not None:
            return self
        seen = [*rows]
        numbers = [number for field, numbers in self.places if field in _TIMES for number in numbers]
        order = find_order(row[number] for row in seen for number in numbers if number < len(row))
        style = self.style._replace(order=None if order == "ambiguous" else order)
        return replace(self, style=style)

    def values(self, cells: Sequence[str]) -> Values:
        """Return a row as a sender of JSON would have written it, named by what it says."""
        found: Values = dict(self.defaults)
        whole = dial_code = ""
        for field, numbers in self.places:
            number, cell, passed_over = _chosen(field, numbers, cells)
            style = self._style_of(field, number)
            group, _, name = field.partition(".")
            if field == WHOLE_NAME:
                whole = cell
            elif field == DIAL_CODE:
                dial_code = cell
            elif field == BADGE:
                found[BADGE] = cell
            elif cell and name:
                found.setdefault(group, {})[name] = translate(field, cell, style)
            elif cell:
                found[field] = cell if self._is_footer(field, cell, cells) else translate(field, cell, style)
                if given := passed_over or (cell if is_several(field, cell) else ""):
                    found.setdefault("facts", {})[field + GIVEN] = given[:LONGEST_FACT]
        if whole:
            split_whole_name(found, whole)
        add_dial_code(found, dial_code)
        if "event_id" not in found:
            contents = json.dumps(found, sort_keys=True).encode()
            found["event_id"] = "csv:" + hashlib.blake2b(contents, digest_size=16).hexdigest()
        return found

    def _is_footer(self, field: str, cell: str, cells: Sequence[str]) -> bool:
        """Return whether a row is a remark below the table: its one cell shows an address of nobody in the list."""
        if field != "email" or " " not in cell or len(self.header) == 1:
            return False
        return sum(bool(each.strip()) for each in cells) == 1 and is_remark(cell)

    def _style_of(self, field: str, number: int) -> Style:
        """Return how a column's times are written: `Submit date (UTC)` is, whatever the file's zone."""
        is_utc = field in _TIMES and bare(self.header[number]).endswith("_utc")
        return self.style._replace(zone=ZoneInfo("UTC")) if is_utc else self.style


def _check_names(found: Mapping[str, tuple[int, ...]], *, lists_badges: bool) -> None:
    """Refuse columns that name nobody, and a badge that could be more than one column."""
    if lists_badges and len(found.get(BADGE, ())) != 1:
        raise MappingRefused("badge_ambiguous" if BADGE in found else "mapping_names_no_badge")
    if not found.keys() & {"email", "phone", BADGE}:
        raise MappingRefused("mapping_names_nobody")


def _chosen(field: str, numbers: Sequence[int], cells: Sequence[str]) -> tuple[int, str, str]:
    """Return the number of the first column that is filled, its cell, and "".

    Of several for an e-mail or a phone it is the first that may be one, and the text of an earlier one comes with it.
    """
    filled = ((number, cell) for number in numbers if number < len(cells) and (cell := _taken(cells[number])))
    first, before = next(filled, (0, "")), ""
    if len(numbers) > 1 and not shows(field, first[1]):
        fitting = next(((number, cell) for number, cell in filled if shows(field, cell)), None)
        first, before = (first, "") if fitting is None else (fitting, first[1])
    return *first, before


def address_column(header: Sequence[str], taken: Collection[int], rows: Iterable[Sequence[str]]) -> int | None:
    """Return the number (from 1) of a column that holds addresses under a name that does not say so; None for none.

    One that names somebody else, such as the owner, is none; nor is one that has the same few addresses all over.
    """
    seen = [*rows]
    for number, column in enumerate(header):
        if number in taken or not column or names_others(column):
            continue
        filled = [cell for row in seen if number < len(row) and (cell := _taken(row[number]))]
        shown = [found for cell in filled if is_email(found := email_in(cell))]
        if shown and len(shown) * 2 >= len(filled) and len(set(shown)) * 2 >= len(shown):
            return number + 1
    return None


def _taken(cell: str) -> str:
    """Return a cell as its writer meant it, "" where it says that there is nothing."""
    text = plain(restored(cell).strip()).strip()
    return "" if is_nothing(text) else text


def write(rows: Iterable[Sequence[str]]) -> bytes:
    """Write rows as CSV (UTF-8), each cell harmless in a spreadsheet."""
    text = io.StringIO()
    csv.writer(text).writerows([neutral(cell) for cell in row] for row in rows)
    return text.getvalue().encode()
