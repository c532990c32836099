"""A list file in a request: what is asked of it, what it is, and its rows while they arrive."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Query, Request
from pydantic import Field, TypeAdapter, ValidationError
from starlette.requests import ClientDisconnect

from capture import handlers
from capture.domain.cells import TimeStyle
from capture.domain.headings import has_contact_column
from capture.domain.scan import LISTED, SOURCE
from capture.domain.sheet import ColumnMapping, MappingRefused, find_address_column
from capture.domain.submission import StrictModel
from capture.domain.times import Order
from capture.store.imports import FileFacts
from events.names import CODE
from events.runtime.answers import example
from events.runtime.multipart import find_parameter
from events.runtime.problems import Problem
from events.runtime.queries import ShortText
from events.runtime.web import ServiceDep
from filereader import Decoder, FileRow, HeaderMissing, NotAList, TableReader

_MAPPING = TypeAdapter(dict[Annotated[str, Field(max_length=100)], Annotated[str, Field(max_length=300)] | None])
_TITLES = {
    "mapping_names_nobody": 'No column was taken for an e-mail or a phone: name one, as mapping={"email": "its name"}',
    "addresses_unmapped": "A column holds addresses, and its name does not say whose: name it, as "
    'mapping={"email": "its name"}, or leave it out by mapping={"email": null}',
    "mapping_column_unknown": "The mapping names a column that the header does not have",
    "mapping_field_unknown": "The mapping names a field that nobody may set",
    "header_invalid": "The header has no names, or too many",
    "header_missing": "No line near the top names the columns: put one there, such as Email,First name,Company",
    "file_is_workbook": "This is a workbook: open it, save its sheet as CSV, and send that",
    "file_is_no_list": "This is no list: send rows of cells below a header, as CSV",
    "date_order_ambiguous": "Day and month could be either in every date of a column: say dates=dmy or dates=mdy",
    "encoding_unknown": "The content type names an encoding that is not known; leave it out, and it is found",
    "mapping_names_no_badge": 'No column was taken for the badge: name one, as mapping={"badge": "its name"}',
    "badge_ambiguous": 'Several columns could be the badge: name the one in its code, as mapping={"badge": "its name"}',
    "attendees_at_once": "An organiser's list is taken in at once: leave out per_day",
    "too_many_facts": "More than 50 columns are mapped to facts",
}


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What is asked of a file beside its rows."""

    mapping: dict[str, str | None]
    defaults: dict[str, str]
    per_day: int | None
    style: TimeStyle = field(default_factory=TimeStyle)
    event: str | None = None
    """The event whose organiser wrote the list."""


class SavedImportOptions(StrictModel):
    """What is asked of a kind of list each time it comes."""

    model_config = StrictModel.model_config | example(
        {"mapping": {}, "source": "webinar", "engagement": "webinar_attended"},
        mapping={"email": "Kontakt", "company": "Firma"},
        dates="dmy",
        time_zone="Europe/Berlin",
    )

    mapping: dict[Annotated[str, Field(max_length=100)], Annotated[str, Field(max_length=300)] | None] = Field(
        default_factory=dict, max_length=200
    )
    source: ShortText | None = None
    engagement: ShortText | None = None
    campaign: Annotated[str, Field(max_length=200)] | None = None
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = None
    dates: Order | None = None
    time_zone: Annotated[str, Field(max_length=64)] | None = None


async def read_import_options(  # noqa: PLR0917 - a query has no order
    service: ServiceDep,
    mapping: Annotated[str | None, Query(max_length=6_000, description="JSON: field to column")] = None,
    source: Annotated[ShortText | None, Query(description="Where the people come from; `import` if left out")] = None,
    engagement: Annotated[ShortText | None, Query(description="What they did; left out, as the source has it")] = None,
    campaign: Annotated[str | None, Query(max_length=200, description="The campaign of every row")] = None,
    country: Annotated[str | None, Query(pattern="^[A-Z]{2}$", description="Of rows that name none")] = None,
    per_day: Annotated[int | None, Query(ge=1, le=1_000_000, description="How many rows to release a day")] = None,
    dates: Annotated[Order | None, Query(description="What stands first in a date such as 2/3/2026")] = None,
    time_zone: Annotated[
        str | None, Query(max_length=64, description="The zone of times that name none; `UTC` if left out")
    ] = None,
    saved: Annotated[str | None, Query(pattern=CODE, description="The name of a saved mapping")] = None,
    event: Annotated[str | None, Query(pattern=CODE, description="The list says who wore which badge there")] = None,
) -> ImportOptions:
    """Read what the query asks of the file, and what was saved for such files; what is no mapping or zone is 422."""
    try:
        columns = _MAPPING.validate_json(mapping or "{}")
    except ValidationError:
        raise Problem(422, "mapping_invalid", field="mapping") from None
    given = {"source": source, "engagement": engagement, "campaign": campaign, "country": country}
    if saved is not None:
        async with service.transaction() as tx:
            before = SavedImportOptions.model_validate((await handlers.show_mapping(saved, tx)).asked)
        columns = {**before.mapping, **columns}
        given = {name: getattr(before, name) if value is None else value for name, value in given.items()}
        dates, time_zone = dates or before.dates, before.time_zone if time_zone is None else time_zone
    return _build_import_options(columns, given, TimeStyle(dates, parse_time_zone(time_zone or "UTC")), per_day, event)


def _build_import_options(
    columns: dict[str, str | None],
    given: dict[str, str | None],
    style: TimeStyle,
    per_day: int | None,
    event: str | None,
) -> ImportOptions:
    if event is not None and per_day is not None:
        raise make_import_problem("attendees_at_once", "per_day")
    usual = ("import", None) if event is None else (SOURCE, LISTED)
    usual_values = {"source": usual[0], "engagement": usual[1], "campaign": event}
    values = {name: value or usual_values.get(name) for name, value in given.items()}
    defaults = {name: value for name, value in values.items() if value is not None}
    return ImportOptions(columns, defaults, per_day, style, event)


def parse_time_zone(name: str) -> ZoneInfo:
    """Return a time zone by its name; one that is none is 422."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise Problem(422, "time_zone_unknown", field="time_zone") from None


FOUND_BY_THEMSELVES = {"utf-8", "utf8", "utf-16", "utf16", "utf-32", "utf32"}
"""Encodings that a file shows, in which order its bytes come too."""


def find_declared_encoding(request: Request) -> str | None:
    """Return the encoding that the content type names, None where it names none."""
    named = find_parameter(request.headers.get("content-type", ""), "charset")
    if named is None or named.lower() in FOUND_BY_THEMSELVES:
        return None
    try:
        return Decoder(named).encoding
    except LookupError:
        raise make_import_problem("encoding_unknown", "Content-Type", 415) from None


def make_import_problem(code: str, field: str, status: int = 422, **where: int) -> Problem:
    """Return the problem of a list with its title in words, and where in the file it is."""
    return Problem(status, code, field=field, title=_TITLES.get(code), where=where)


class ImportFile:
    """The rows of a request's body, in groups, numbered as a spreadsheet numbers them."""

    def __init__(self, request: Request, limit: int, encoding: str | None = None) -> None:
        self._chunks = request.stream()
        self._reader = TableReader(limit=limit, encoding=encoding, is_header=has_contact_column)
        self._ahead: list[FileRow] = []
        self._is_empty = True
        self.tables: list[ColumnMapping] = []
        """The columns of each table that was read so far."""

    async def read_columns(self, import_options: ImportOptions) -> ColumnMapping:
        """Read the header, and of the first rows how they write dates."""
        async for group in self.read_row_groups():
            self._ahead = group
            break
        facts = self._reader.facts
        cells = [row.cells for row in self._ahead if row.cells is not None]
        try:
            columns = ColumnMapping.map_header(
                facts.header,
                import_options.mapping,
                import_options.defaults,
                import_options.style,
                lists_badges=import_options.event is not None,
            )
        except MappingRefused as error:
            place = "mapping" if error.code.startswith(("mapping", "badge")) else "body"
            where = {"line": facts.header_line}
            if error.code == "mapping_names_nobody" and (column := find_address_column(facts.header, (), cells)):
                where["column"] = column
            raise make_import_problem(error.code, place, **where) from None
        if column := columns.find_unmapped_email_column(cells):
            raise make_import_problem("addresses_unmapped", "mapping", line=facts.header_line, column=column)
        if column := columns.find_ambiguous_time_column(cells):
            raise make_import_problem("date_order_ambiguous", "dates", line=facts.header_line, column=column)
        self.tables = [columns.with_date_order(cells)]
        return self.tables[0]

    def columns_of(self, row: FileRow) -> ColumnMapping:
        """Return the columns of the table that a row stands in."""
        while len(self.tables) <= row.table:
            self.tables.append(self.tables[0].for_further_table(self._reader.facts.tables[len(self.tables)]))
        return self.tables[row.table]

    async def read_row_groups(self) -> AsyncIterator[list[FileRow]]:
        """Yield the rows as they arrive."""
        if self._ahead:
            ahead, self._ahead = self._ahead, []
            yield ahead
        try:
            async for chunk in self._chunks:
                self._is_empty = self._is_empty and not chunk.strip()
                if group := self._reader.feed(chunk):
                    yield group
            if group := self._reader.end():
                yield group
        except ClientDisconnect:
            raise Problem(400, "body_incomplete", field="body") from None
        except NotAList as foreign:
            raise make_import_problem(
                "file_is_workbook" if foreign.kind == "workbook" else "file_is_no_list", "body"
            ) from None
        except HeaderMissing as missing:
            if self._is_empty:
                raise Problem(400, "body_empty", field="body") from None
            raise make_import_problem("header_missing", "body", line=missing.line) from None

    def file_facts(self) -> FileFacts:
        """Return what the file is and what became of its lines."""
        facts = self._reader.facts
        return {
            "encoding": facts.encoding,
            "separator": facts.separator,
            "header_line": facts.header_line,
            "lines": facts.lines,
            "lines_above": facts.above,
            "lines_blank": facts.blank,
            "lines_joined": facts.continued,
        }
