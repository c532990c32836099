"""What the operations that every service has answer. The models are the document; the bytes may be written by hand."""

from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from pydantic.config import JsonDict

EXAMPLE_ID = "5f0c2f0e-7a52-5d0a-9a55-0c2f6f9c1d11"
ANOTHER_ID = "0cfedf97-a3c2-5499-a98e-6a4342f5b2c2"
EMPTY: JsonDict = {"items": [], "next": None}
"""A page of a list in which there is nothing."""


class Answer(BaseModel):
    """The body of an answer: nothing stands in it that its model does not name."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def examples(*values: Any) -> ConfigDict:
    """Return what these examples of its body add to a model's configuration."""
    extra: JsonDict = {"examples": [*values]}
    return ConfigDict(json_schema_extra=extra)


def example(*others: dict[str, Any], **first: Any) -> ConfigDict:
    """Return what an example adds to a model's configuration, and `others`: what differs from the first in each."""
    return examples(first, *(first | other for other in others))


class Alive(Answer):
    """Whether all loops of the process run."""

    model_config: ClassVar[ConfigDict] = example({"alive": False, "stuck": ["timers"]}, alive=True, stuck=[])

    alive: bool
    stuck: list[str]


class Ready(Answer):
    """Whether the service can do its work, and what is missing."""

    model_config: ClassVar[ConfigDict] = example({"ready": False, "missing": ["database"]}, ready=True, missing=[])

    ready: bool
    missing: list[str]


class Status(Answer):
    """The state of a service's outbox, inbox, timers and commands."""

    model_config: ClassVar[ConfigDict] = example(
        {
            "playbook_version": None, "outbox": 120, "outbox_oldest_seconds": 4.2, "parked": 1, "open_commands": 8,
            "lag": {"contacts.receipts.v1": 37}, "lag_seconds": {"contacts.receipts.v1": 4.2}, "stopped_partitions": 1,
        },
        service="capture", now="2026-03-02T09:00:00+00:00", playbook_version="9a7b3c2d1e0f", outbox=0,
        outbox_oldest_seconds=0.0, parked=0, set_aside=0, gaps=0, due_timers=0, open_commands=0,
        lag={"contacts.receipts.v1": 0}, lag_seconds={"contacts.receipts.v1": 0.0}, stopped_partitions=0,
    )  # fmt: skip

    service: str
    now: datetime
    playbook_version: str | None
    outbox: int
    outbox_oldest_seconds: float
    parked: int
    set_aside: int
    gaps: int
    due_timers: int
    open_commands: int
    lag: dict[str, int]
    lag_seconds: dict[str, float]
    stopped_partitions: int


class AuditResult(Answer):
    """The rows that break an invariant."""

    model_config: ClassVar[ConfigDict] = example(
        {"residual": 0, "rows": []}, residual=1, rows=[{"rule": "identity_without_contact", "contact_id": EXAMPLE_ID}]
    )

    residual: int
    rows: list[dict[str, Any]]


class StoredContactRows(Answer):
    """The rows about a contact, by table."""

    model_config: ClassVar[ConfigDict] = example(
        {"held": {}}, contact_id=EXAMPLE_ID, held={"profiles": [{"contact_id": EXAMPLE_ID, "revision": 2}]}
    )

    contact_id: UUID
    held: dict[str, list[dict[str, Any]]]


class StateAfterAction(Answer):
    """The state of what was acted on, afterwards."""

    model_config: ClassVar[ConfigDict] = example({"state": "discarded"}, state="replayed")

    state: str


class StoppedPartition(Answer):
    """A partition that is not read."""

    topic: str
    partition: int
    stopped_at: datetime
    passing: bool


class StoppedPartitions(Answer):
    """The partitions that are not read."""

    model_config: ClassVar[ConfigDict] = example(
        {"items": []},
        items=[
            {"topic": "leads.worked.v1", "partition": 3, "stopped_at": "2026-03-02T09:00:00Z", "passing": False},
        ],
    )

    items: list[StoppedPartition]


class PartitionOfTopic(Answer):
    """A partition of a topic."""

    topic: str
    partition: int


class ResumedPartitions(Answer):
    """The partitions that are read again."""

    model_config: ClassVar[ConfigDict] = example(
        {"resumed": []}, resumed=[{"topic": "leads.worked.v1", "partition": 3}]
    )

    resumed: list[PartitionOfTopic]


class Gap(Answer):
    """A range of records that were deleted before they were applied."""

    id: UUID
    topic: str
    partition: int
    from_offset: int
    to_offset: int | None
    found_at: datetime
    state: Literal["open", "healed", "incomplete", "accepted"]
    republished: int
    erased: int
    answered: list[str]


class Gaps(Answer):
    """Gaps, newest first."""

    model_config: ClassVar[ConfigDict] = example(
        EMPTY,
        items=[
            {
                "id": EXAMPLE_ID, "topic": "leads.worked.v1", "partition": 3, "from_offset": 10, "to_offset": 12,
                "found_at": "2026-03-02T09:00:00Z", "state": "healed", "republished": 2, "erased": 0,
                "answered": ["feedback"],
            }
        ],
        next="WzgxMl0",
    )  # fmt: skip

    items: list[Gap]
    next: str | None


class PublishedRecord(Answer):
    """What the journal knows of a published record: identifiers, never its value."""

    offset: int
    id: int | None
    ce_id: UUID | None
    ce_type: str | None
    key: str | None
    sequence: int | None
    time: datetime | None


class PublishedRecords(Answer):
    """Published records, by offset."""

    model_config: ClassVar[ConfigDict] = example(
        EMPTY,
        items=[
            {
                "offset": 10, "id": 812, "ce_id": EXAMPLE_ID, "ce_type": "contact.captured.v1", "key": EXAMPLE_ID,
                "sequence": 4, "time": "2026-03-02T09:00:00Z",
            }
        ],
        next="WzgxMl0",
    )  # fmt: skip

    items: list[PublishedRecord]
    next: str | None


class ReplayedCount(Answer):
    """How many refused records are sent again."""

    model_config: ClassVar[ConfigDict] = example({"replayed": 0}, replayed=500)

    replayed: int


class RepublishedCount(Answer):
    """How many records of the journal are sent again."""

    model_config: ClassVar[ConfigDict] = example({"republished": 0}, republished=1200)

    republished: int


class OperatorAction(Answer):
    """What an operator did: when, by whom and which key, to what, with what outcome."""

    id: int
    at: datetime
    by: str
    key_id: str | None
    action: str
    subject: str
    outcome: str


class OperatorActions(Answer):
    """Actions, newest first."""

    model_config: ClassVar[ConfigDict] = example(
        EMPTY,
        items=[
            {
                "id": 7, "at": "2026-03-02T09:00:00Z", "by": "ops", "key_id": "k1", "action": "gap.accept",
                "subject": EXAMPLE_ID, "outcome": "accepted",
            }
        ],
        next="WzgxMl0",
    )  # fmt: skip

    items: list[OperatorAction]
    next: str | None
