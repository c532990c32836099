"""What every service answers. Written by `make docs`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from baton_client.model import Model


class ActivationResult(Model):
    """Which version is in force, and whether that is new."""

    version: str
    changed: bool


class Alive(Model):
    """Whether all loops of the process run."""

    alive: bool
    stuck: list[str]


class AuditResult(Model):
    """The rows that break an invariant."""

    residual: int
    rows: list[dict[str, Any]]


class Gap(Model):
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


class Gaps(Model):
    """Gaps, newest first."""

    items: list[Gap]
    next: str | None


class KeyWithoutSecret(Model):
    """A key without its secret: who it is for, what it may do, and when it was used last."""

    key_id: str
    kind: str
    label: str
    scopes: list[str]
    role: str | None = None
    team: str | None = None
    rep_id: str | None = None
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None


class KeysWithoutSecret(Model):
    """The keys that a service knows, the oldest first."""

    items: list[KeyWithoutSecret]
    next: str | None = None


class NewKeyShown(Model):
    """A new key, shown this once; none where the caller drew it."""

    key_id: str
    key: str | None = None


class OperatorAction(Model):
    """What an operator did: when, by whom and which key, to what, with what outcome."""

    id: int
    at: datetime
    by: str
    key_id: str | None
    action: str
    subject: str
    outcome: str


class OperatorActions(Model):
    """Actions, newest first."""

    items: list[OperatorAction]
    next: str | None


class ParkedRecord(Model):
    """A record that could not be applied, without its bytes."""

    id: UUID
    topic: str
    partition: int | None
    offset: int | None
    ce_id: str | None
    ce_type: str | None
    contact_id: UUID | None
    reason: str
    detail: str | None
    attempts: int
    parked_at: datetime
    state: str


class ParkedRecords(Model):
    """Parked records, newest first."""

    items: list[ParkedRecord]
    next: str | None


class PartitionOfTopic(Model):
    """A partition of a topic."""

    topic: str
    partition: int


class PublishedRecord(Model):
    """What the journal knows of a published record: identifiers, never its value."""

    offset: int
    id: int | None
    ce_id: UUID | None
    ce_type: str | None
    key: str | None
    sequence: int | None
    time: datetime | None


class PublishedRecords(Model):
    """Published records, by offset."""

    items: list[PublishedRecord]
    next: str | None


class Ready(Model):
    """Whether the service can do its work, and what is missing."""

    ready: bool
    missing: list[str]


class ReplayedCount(Model):
    """How many refused records are sent again."""

    replayed: int


class RepublishedCount(Model):
    """How many records of the journal are sent again."""

    republished: int


class ResumedPartitions(Model):
    """The partitions that are read again."""

    resumed: list[PartitionOfTopic]


class RevokedKey(Model):
    """Since when a key is worthless."""

    key_id: str
    revoked_at: datetime


class RuleFault(Model):
    """A term of a file that the service does not take."""

    field: str
    code: str


class RulesCheckResult(Model):
    """What the service finds in rules: what it does not take, what never works, and what is probably not meant."""

    faults: list[RuleFault]
    mistakes: list[str]
    warnings: list[str]


class RulesInForce(Model):
    """The rules in force: their texts, their version, since when, by whom and who agreed."""

    version: str
    definitions: str
    body: str
    activated_at: datetime
    activated_by: str
    approvals: list[str]


class StateAfterAction(Model):
    """The state of what was acted on, afterwards."""

    state: str


class Status(Model):
    """The state of a service's outbox, inbox, timers and commands."""

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


class StoppedPartition(Model):
    """A partition that is not read."""

    topic: str
    partition: int
    stopped_at: datetime
    passing: bool


class StoppedPartitions(Model):
    """The partitions that are not read."""

    items: list[StoppedPartition]


class StoredContactRows(Model):
    """The rows about a contact, by table."""

    contact_id: UUID
    held: dict[str, list[dict[str, Any]]]


class WholeParkedRecord(Model):
    """A record that could not be applied, with its bytes: as text, or as hexadecimal digits where they are none."""

    id: UUID
    topic: str
    partition: int | None
    offset: int | None
    ce_id: str | None
    ce_type: str | None
    contact_id: UUID | None
    reason: str
    detail: str | None
    attempts: int
    parked_at: datetime
    state: str
    key: str | None
    value: str | None
    headers: list[list[Any]]
