"""A CSV file as people export it: cut into records while it arrives, its columns mapped to the fields of a submission.

A cell that a spreadsheet would run as a formula is neutralised whenever we write one, and taken back when it returns.
"""

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from capture.domain.submission import MOST_FACTS, Submission, UtmGiven

MOST_COLUMNS = 300
_CONSENT = ("purpose", "granted", "wording_version", "at")
_FIELDS = frozenset(Submission.model_fields) - {"consent", "utm", "facts"}
_PLAIN = _FIELDS | {f"consent.{name}" for name in _CONSENT} | {f"utm.{name}" for name in UtmGiven.model_fields}
_SYNONYMS = {
    name: field
    for field, names in {
        "email": "e_mail email_address e_mail_address mail work_email",
        "phone": "phone_number telephone tel mobile mobile_phone",
        "first_name": "firstname given_name forename vorname",
        "last_name": "lastname surname family_name nachname",
        "company": "company_name organisation organization account account_name firma",
        "job_title": "title position role job",
        "country": "country_code",
        "region": "state province",
        "postal_code": "zip zip_code postcode postal",
        "employees": "company_size employee_count number_of_employees",
        "occurred_at": "timestamp created_at date_time",
    }.items()
    for name in names.split()
}
_FACT = re.compile(r"facts\.[A-Za-z][A-Za-z0-9_.-]{0,63}", re.ASCII)
_WHOLE = re.compile(r"-?(0|[1-9]\d{0,14})", re.ASCII)
_DECIMAL = re.compile(r"-?(0|[1-9]\d{0,14})\.\d{1,9}", re.ASCII)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_SEPARATORS = ",;\t|"
_YES_OR_NO = {"true": True, "false": False}


class Records:
    """Cuts bytes into records of at most `limit` bytes. A line break inside quotes belongs to its cell."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._tail = b""
        self._open: list[bytes] = []
        """The lines so far of a record whose quotes are not closed yet."""
        self._skips = False
        self._separator: str | None = None

    def feed(self, chunk: bytes) -> Iterator[list[str] | None]:
        """Give the records that end in this chunk; None for one that cannot be read."""
        *lines, self._tail = (self._tail + chunk).split(b"\n")
        if lines and self._skips:
            lines[0], self._skips = b"x" * (self._limit + 1), False
        if len(self._tail) > self._limit:
            self._tail, self._skips = b"", True
        return self._records(lines, last=False)

    def end(self) -> Iterator[list[str] | None]:
        """Give the last record, which may lack its line break."""
        tail = b"x" * (self._limit + 1) if self._skips else self._tail
        self._tail, self._skips = b"", False
        return self._records([tail], last=True)

    def _records(self, lines: list[bytes], *, last: bool) -> Iterator[list[str] | None]:
        """Join lines until their quotes are even; a record that has no end costs its first line alone."""
        lines, self._open, at = self._open + lines, [], 0
        while at < len(lines):
            taken, end = lines[at], at + 1
            while taken.count(b'"') % 2 and end < len(lines) and len(taken) <= self._limit:
                taken, end = taken + b"\n" + lines[end], end + 1
            unclosed = taken.count(b'"') % 2 == 1
            if unclosed and not last and len(taken) <= self._limit:
                self._open = lines[at:]
                return
            if unclosed or len(taken) > self._limit:
                yield None
                at += 1
            else:
                at = end
                if taken.strip():
                    yield self._cells(taken)

    def _cells(self, record: bytes) -> list[str] | None:
        try:
            text = record.decode("utf-8-sig" if self._separator is None else "utf-8").rstrip("\r")
        except UnicodeDecodeError:
            return None
        if self._separator is None:
            self._separator = max(_SEPARATORS, key=text.count)
        try:
            return next(csv.reader([text], delimiter=self._separator, strict=False))
        except (csv.Error, StopIteration):
            return None


class MappingRefused(Exception):
    """A mapping names a field or a column that is not there. `code` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column tells which field, and what holds for every row."""

    header: tuple[str, ...]
    places: tuple[tuple[str, int], ...]
    """Each field's name and the number of its column."""
    defaults: Mapping[str, str]

    @classmethod
    def of(cls, header: Sequence[str], asked: Mapping[str, str | None], defaults: Mapping[str, str]) -> "Columns":
        """Map what was asked for, then what the header says by itself."""
        columns = tuple(cell.strip() for cell in header)
        if not columns or len(columns) > MOST_COLUMNS or len(set(columns)) < len(columns):
            raise MappingRefused("header_invalid")
        found: dict[str, int] = {}
        for number, column in enumerate(columns):
            field = _field(column)
            if field is not None and field not in asked and column not in asked.values():
                found.setdefault(field, number)
        for field, name in asked.items():
            if field not in _PLAIN and not _FACT.fullmatch(field):
                raise MappingRefused("mapping_field_unknown")
            if name is not None and name not in columns:
                raise MappingRefused("mapping_column_unknown")
            if name is not None:
                found[field] = columns.index(name)
        if not found.keys() & {"email", "phone"}:
            raise MappingRefused("mapping_names_nobody")
        if sum(field.startswith("facts.") for field in found) > MOST_FACTS:
            raise MappingRefused("too_many_facts")
        return cls(columns, tuple(sorted(found.items())), defaults)

    def told(self, cells: Sequence[str]) -> dict[str, Any]:
        """Give a row as a sender of JSON would have written it, named by what it says."""
        told: dict[str, Any] = dict(self.defaults)
        for field, number in self.places:
            cell = _taken(cells[number]) if number < len(cells) else ""
            if cell:
                group, _, name = field.partition(".")
                if name:
                    told.setdefault(group, {})[name] = _fact(cell) if group == "facts" else _value(field, cell)
                else:
                    told[field] = _value(field, cell)
        if "event_id" not in told:
            said = json.dumps(told, sort_keys=True).encode()
            told["event_id"] = "csv:" + hashlib.blake2b(said, digest_size=16).hexdigest()
        return told


def _field(column: str) -> str | None:
    if _FACT.fullmatch(column):
        return column
    name = re.sub(r"[^a-z0-9.]+", "_", column.lower()).strip("_")
    return name if name in _PLAIN else _SYNONYMS.get(name)


def _value(field: str, cell: str) -> Any:
    """Take a number where a field is one, and `true` alone as a yes; the field's own rule judges anything else."""
    if field == "employees" and _WHOLE.fullmatch(cell):
        return int(cell)
    if field in {"talk_to_sales", "consent.granted"}:
        return _YES_OR_NO.get(cell, cell)
    return cell


def _fact(cell: str) -> Any:
    if _WHOLE.fullmatch(cell):
        return int(cell)
    if _DECIMAL.fullmatch(cell):
        return float(cell)
    return _YES_OR_NO.get(cell, cell)


def _taken(cell: str) -> str:
    """Take back what `neutral` did."""
    return cell[1:].strip() if cell[:1] == "'" and cell[1:2] in _FORMULA else cell.strip()


def neutral(cell: str) -> str:
    """Give a cell that no spreadsheet runs as a formula."""
    return "'" + cell if cell.startswith(_FORMULA) else cell


def write(rows: Iterable[Sequence[str]]) -> bytes:
    """Write rows as CSV, each cell harmless in a spreadsheet."""
    text = io.StringIO()
    csv.writer(text).writerows([neutral(cell) for cell in row] for row in rows)
    return text.getvalue().encode()
