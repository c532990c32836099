"""What services answer of records that could not be applied."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import ConfigDict

from events.runtime.answers import EMPTY, EXAMPLE_ID, Answer, example


class ParkedRecord(Answer):
    """A record that could not be applied, without its bytes."""

    id: UUID
    topic: str
    partition: int | None
    """None for a record of ours that Kafka refused."""
    offset: int | None
    ce_id: str | None
    ce_type: str | None
    contact_id: UUID | None
    reason: str
    detail: str | None
    attempts: int
    parked_at: datetime
    state: str


class WholeParkedRecord(ParkedRecord):
    """A record that could not be applied, with its bytes: as text, or as hexadecimal digits where they are none."""

    model_config: ClassVar[ConfigDict] = example(
        {"value": None, "headers": [], "state": "replayed"},
        id=EXAMPLE_ID, topic="contacts.receipts.v1", partition=3, offset=1207, ce_id=EXAMPLE_ID,
        ce_type="lead.worked.v1", contact_id=EXAMPLE_ID, reason="value_unreadable", detail="Extra data", attempts=1,
        parked_at="2026-03-02T09:00:00Z", state="parked", key=EXAMPLE_ID, value="{}}", headers=[["ce_id", EXAMPLE_ID]],
    )  # fmt: skip

    key: str | None
    value: str | None
    headers: list[tuple[str, str | None]]


class ParkedRecords(Answer):
    """Parked records, newest first."""

    model_config: ClassVar[ConfigDict] = example(
        EMPTY,
        items=[
            {
                "id": EXAMPLE_ID, "topic": "contacts.receipts.v1", "partition": 3, "offset": 1207, "ce_id": EXAMPLE_ID,

                "ce_type": "lead.worked.v1", "contact_id": EXAMPLE_ID, "reason": "value_unreadable",
                "detail": "Extra data", "attempts": 1,
                "parked_at": "2026-03-02T09:00:00Z", "state": "parked",
            }
        ],
        next="WzgxMl0",
    )  # fmt: skip

    items: list[ParkedRecord]
    next: str | None
