"""From feedback of sales to what marketing changed; and the sums of the funnel."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy
from sqlalchemy import Column, Date, Double, Index, SmallInteger, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from events.parts import JsonObject
from events.runtime.columns import INSTANT, nullable, primary, required
from feedback.domain.funnel import MEASURES
from feedback.models.tables import Table


class FeedbackRow(Table, table=True):
    """Feedback of sales to marketing, with its text: it leaves this table only to a caller who asks."""

    __tablename__: ClassVar[Any] = "feedbacks"
    __table_args__: ClassVar[Any] = (Index("ix_feedbacks_at", "at"), Index("ix_feedbacks_contact_id", "contact_id"))

    feedback_id: UUID = primary(Uuid)
    contact_id: UUID | None = nullable(Uuid)
    about: str = required(Text)
    campaign: str | None = nullable(Text)
    topic: str | None = nullable(Text)
    content: str | None = nullable(Text)
    note: str | None = nullable(Text)
    at: datetime = required(INSTANT)
    by: str = required(Text)
    answered_at: datetime | None = nullable(INSTANT)
    answered_by: str | None = nullable(Text)
    answer: str | None = nullable(Text)
    answer_content: str | None = nullable(Text)
    answer_note: str | None = nullable(Text)


class ProposalRow(Table, table=True):
    """A change of a playbook that somebody proposed because of feedback."""

    __tablename__: ClassVar[Any] = "proposals"

    proposal_id: UUID = primary(Uuid)
    service: str = required(Text)
    change: str = required(Text)
    diff: str = required(Text)
    playbook_version: str = required(Text)
    simulation: JsonObject = required(JSONB)
    reason: str | None = nullable(Text)
    campaign: str | None = nullable(Text)
    topic: str | None = nullable(Text)
    trend: list[dict[str, str | int]] = required(JSONB)
    state: str = required(Text)
    approvals: dict[str, dict[str, str]] = required(JSONB)
    """As proposals were approved until the desk's candidate took their place."""
    proposed_by: str = required(Text)
    proposed_at: datetime = required(INSTANT)
    activated_at: datetime | None = nullable(INSTANT)


class ProposalSourceRow(Table, table=True):
    """Whose feedback led to a proposal, and so who is answered."""

    __tablename__: ClassVar[Any] = "proposal_sources"
    __table_args__: ClassVar[Any] = (Index("ix_proposal_sources_contact_id", "contact_id"),)

    proposal_id: UUID = primary(Uuid)
    feedback_id: UUID = primary(Uuid)
    contact_id: UUID | None = nullable(Uuid)
    campaign: str | None = nullable(Text)
    rep_id: str | None = nullable(Text)


class ActivationRow(Table, table=True):
    """Since when a version of a service's playbook was in force first, and the last time."""

    __tablename__: ClassVar[Any] = "activations"

    service: str = primary(Text)
    version: str = primary(Text)
    activated_at: datetime = required(INSTANT)
    last_activated_at: datetime | None = nullable(INSTANT)
    """None: only once, before this was kept."""


class PromisedSharesRow(Table, table=True):
    """From an instant on, how large a share of its promises sales promises to keep, by clock."""

    __tablename__: ClassVar[Any] = "promised_shares"

    activated_at: datetime = primary(INSTANT)
    shares: JsonObject = required(JSONB)


TALLIES = sqlalchemy.Table(
    "tallies",
    Table.metadata,
    Column("dimension", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("group", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("shard", SmallInteger, primary_key=True),
    *(Column(name, Double) for name in MEASURES),
)
"""Sums of the funnel: what the leads of one group and one cohort day amount to, null for nothing. Names nobody."""
