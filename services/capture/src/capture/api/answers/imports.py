"""How far an import is, and what a file would become."""

from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import ConfigDict

from events.runtime.answers import EMPTY, EXAMPLE_ID, Answer, example

_MAPPING: dict[str, Any] = {
    "name": "fair-scanner", "mapping": {"email": "Kontakt"}, "source": None, "engagement": None, "campaign": None,
    "country": "DE", "dates": "dmy", "time_zone": "Europe/Berlin",
}  # fmt: skip


_IMPORT = {
    "import_id": EXAMPLE_ID, "state": "done", "sent_by": "k1", "begun_at": "2026-03-02T09:00:00Z",
    "ended_at": "2026-03-02T09:00:02Z", "header": ["Email"], "mapping": {"email": "Email"}, "per_day": 50, "rows": 1,
    "accepted": 1, "duplicates": 0, "rejected": 0, "waiting": 0, "file": {"encoding": "utf-8"}, "put_aside": [],
}  # fmt: skip


class ImportAnswer(Answer):
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
    mapping: dict[str, Any]
    per_day: int | None
    rows: int
    accepted: int
    duplicates: int
    rejected: int
    waiting: int
    file: dict[str, Any]
    put_aside: list[dict[str, Any]]


class ImportsAnswer(Answer):
    """Imports, the latest first."""

    model_config: ClassVar[ConfigDict] = example(EMPTY, items=[_IMPORT], next="WzgxMl0")

    items: list[ImportAnswer]
    next: str | None


class PreviewAnswer(Answer):
    """What an import would make of a file; nothing of it was stored."""

    model_config: ClassVar[ConfigDict] = example(
        {
            "good": 0, "bad": 1,
            "further_tables": [
                {
                    "mapping": {"email": "Attendee e-mail"}, "unmapped": [], "dates": None,
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
    file: dict[str, Any]
    mapping: dict[str, str]
    unmapped: list[str]
    dates: str | None
    columns: list[dict[str, Any]]
    further_tables: list[dict[str, Any]]
    """`mapping`, `unmapped`, `dates` and `columns` of each table below the first."""
    put_aside: list[dict[str, Any]]
    sample: list[dict[str, Any]]
    rejected: list[dict[str, Any]]


class MappingAnswer(Answer):
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


class Mappings(Answer):
    """All saved mappings."""

    model_config: ClassVar[ConfigDict] = example({"items": []}, items=[_MAPPING])

    items: list[MappingAnswer]
