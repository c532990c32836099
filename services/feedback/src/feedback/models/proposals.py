"""From feedback of sales to what marketing changed; and the sums of the funnel."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy
from sqlalchemy import Column, Date, Double, Index, SmallInteger, Text

from feedback.domain.funnel import MEASURES
from feedback.models.columns import Table, document, instant, text, uuid


class FeedbackRow(Table, table=True):
    """Feedback of sales to marketing, with its text: it leaves this table only to a caller who asks."""

    __tablename__: ClassVar[Any] = "feedbacks"
    __table_args__: ClassVar[Any] = (Index("ix_feedbacks_at", "at"), Index("ix_feedbacks_contact_id", "contact_id"))

    feedback_id: UUID = uuid(key=True)
    contact_id: UUID | None = uuid(required=False)
    about: str = text(required=True)
    campaign: str | None = text()
    topic: str | None = text()
    content: str | None = text()
    note: str | None = text()
    at: datetime = instant(required=True)
    by: str = text(required=True)
    answered_at: datetime | None = instant()
    answered_by: str | None = text()
    answer: str | None = text()
    answer_content: str | None = text()
    answer_note: str | None = text()


class ProposalRow(Table, table=True):
    """A change of a playbook that somebody proposed because of feedback."""

    __tablename__: ClassVar[Any] = "proposals"

    proposal_id: UUID = uuid(key=True)
    service: str = text(required=True)
    change: str = text(required=True)
    diff: str = text(required=True)
    playbook_version: str = text(required=True)
    simulation: dict[str, Any] = document()
    reason: str | None = text()
    campaign: str | None = text()
    topic: str | None = text()
    trend: list[dict[str, str | int]] = document()
    state: str = text(required=True)
    approvals: dict[str, dict[str, str]] = document()
    proposed_by: str = text(required=True)
    proposed_at: datetime = instant(required=True)
    activated_at: datetime | None = instant()


class ProposalSource(Table, table=True):
    """Whose feedback led to a proposal, and so who is answered."""

    __tablename__: ClassVar[Any] = "proposal_sources"
    __table_args__: ClassVar[Any] = (Index("ix_proposal_sources_contact_id", "contact_id"),)

    proposal_id: UUID = uuid(key=True)
    feedback_id: UUID = uuid(key=True)
    contact_id: UUID | None = uuid(required=False)
    campaign: str | None = text()
    rep_id: str | None = text()


class Activation(Table, table=True):
    """Since when a version of a service's playbook was in force first."""

    __tablename__: ClassVar[Any] = "activations"

    service: str = text(key=True)
    version: str = text(key=True)
    activated_at: datetime = instant(required=True)


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
