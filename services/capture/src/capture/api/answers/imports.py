"""How far an import is, and what a file would become."""

from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import ConfigDict

from events.runtime.answers import EMPTY, EXAMPLE_ID, Answer, example

_MAPPING = {
    "name": "fair-scanner", "mapping": {"email": "Kontakt"}, "source": None, "engagement": None, "campaign": None,
    "country": "DE", "dates": "dmy", "time_zone": "Europe/Berlin",
}  # fmt: skip


_IMPORT = {
    "import_id": EXAMPLE_ID, "state": "done", "sent_by": "k1", "begun_at": "2026-03-02T09:00:00Z",
    "ended_at": "2026-03-02T09:00:02Z", "header": ["Email"], "mapping": {"email": "Email"}, "per_day": 50, "rows": 1,
    "accepted": 1, "duplicates": 0, "rejected": 0, "waiting": 0, "file": {"encoding": "utf-8"}, "put_aside": [],
}  # fmt: skip


class ImportFileAnswer(Answer):
    """What a file is and what became of its lines; without fields as long as it is read."""

    encoding: str | None = None
    separator: str | None = None
    header_line: int | None = None
    """The line of the column names, from 1."""
    lines: int | None = None
    lines_above: int | None = None
    """Before the line of the column names."""
    lines_blank: int | None = None
    lines_joined: int | None = None
    """Lines that go on the row above them."""
    unmapped: list[str] | None = None
    """Columns of the first table that were not taken."""


class PutAsideCellsAnswer(Answer):
    """How many cells of a field were not taken as they stood, and why."""

    field: str
    code: str
    cells: int
    reason: str


class ColumnPreviewAnswer(Answer):
    """A column: the field that it was taken for, some of its values, and how many of its cells do not fit."""

    column: str
    field: str | None
    samples: list[str]
    unfit: int


class FurtherTablePreviewAnswer(Answer):
    """What the columns of a further table were taken for."""

    mapping: dict[str, str]
    unmapped: list[str]
    dates: str | None
    columns: list[ColumnPreviewAnswer]


class SampleRowAnswer(Answer):
    """A row that would be taken, and its number in the file."""

    row: int
    values: dict[str, Any]


class RefusedRowAnswer(Answer):
    """A row that would be refused, its number in the file, and why."""

    row: int
    field: str
    code: str
    reason: str


class ImportProgressAnswer(Answer):
    """How far an import is."""

    model_config: ClassVar[ConfigDict] = example(
        {
            "state": "releasing", "ended_at": None, "rows": 120, "accepted": 50, "rejected": 2, "waiting": 68,
            "put_aside": [{"field": "phone", "code": "phone_invalid", "cells": 3, "reason": "Not a phone number."}],
        },
        **_IMPORT,
    )  # fmt: skip

    import_id: UUID
    state: Literal["reading", "releasing", "done", "broken_off"]
    sent_by: str
    begun_at: datetime
    ended_at: datetime | None
    header: list[str]
    mapping: dict[str, str]
    per_day: int | None
    rows: int
    accepted: int
    duplicates: int
    rejected: int
    waiting: int
    file: ImportFileAnswer
    put_aside: list[PutAsideCellsAnswer]


class ImportsPage(Answer):
    """Imports, the latest first."""

    model_config: ClassVar[ConfigDict] = example(EMPTY, items=[_IMPORT], next="WzgxMl0")

    items: list[ImportProgressAnswer]
    next: str | None


class ImportPreviewAnswer(Answer):
    """What an import would make of a file; nothing of it was stored."""

    model_config: ClassVar[ConfigDict] = example(
        {
            "good": 0, "bad": 1,
            "further_tables": [
                {
                    "mapping": {"email": "Attendee e-mail"}, "unmapped": [], "dates": "dmy",
                    "columns": [{"column": "Attendee e-mail", "field": "email", "samples": ["nobody"], "unfit": 0}],
                }
            ],
            "rejected": [{"row": 2, "field": "email", "code": "email_invalid", "reason": "Not an e-mail address."}],
        },
        good=1, bad=0, file={"encoding": "utf-8"}, mapping={"email": "Email"}, unmapped=[], dates="dmy",
        columns=[{"column": "Email", "field": "email", "samples": ["ada@lovelace.example"], "unfit": 0}],
        further_tables=[], put_aside=[], sample=[], rejected=[],
    )  # fmt: skip

    good: int
    bad: int
    file: ImportFileAnswer
    mapping: dict[str, str]
    unmapped: list[str]
    dates: str | None
    columns: list[ColumnPreviewAnswer]
    further_tables: list[FurtherTablePreviewAnswer]
    """Those below the first."""
    put_aside: list[PutAsideCellsAnswer]
    sample: list[SampleRowAnswer]
    rejected: list[RefusedRowAnswer]


class SavedMappingAnswer(Answer):
    """What is asked of a kind of list each time it comes."""

    model_config: ClassVar[ConfigDict] = example(
        {
            "name": "webinar", "mapping": {}, "source": "webinar", "engagement": "webinar_attended",
            "campaign": "webinar-7", "country": None, "dates": None, "time_zone": None,
        },
        **_MAPPING,
    )  # fmt: skip

    name: str
    mapping: dict[str, str | None]
    source: str | None
    engagement: str | None
    campaign: str | None
    country: str | None
    dates: str | None
    time_zone: str | None


class SavedMappingsAnswer(Answer):
    """All saved mappings."""

    model_config: ClassVar[ConfigDict] = example({"items": []}, items=[_MAPPING])

    items: list[SavedMappingAnswer]
