"""Capture's tables. Direct identifiers stand in `profiles` and `engagements` alone, by their contact."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from capture.domain.submission import Values
from events.parts import Scalar

Timestamp = sa.DateTime(timezone=True)


class Table(SQLModel):
    """A table of capture's, apart from the other services' tables of the same name."""

    metadata: ClassVar[sa.MetaData] = sa.MetaData()


class Identities(Table, table=True):
    """Whom a keyed name (of an e-mail, of a phone) belongs to. Survives an erasure, with nobody behind it."""

    __tablename__ = "identities"

    key: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    contact_id: UUID | None = Field(default=None, sa_column=sa.Column(sa.Uuid, index=True))
    incarnation: int = Field(default=0, sa_column=sa.Column(sa.Integer, nullable=False, server_default="0"))


class Profiles(Table, table=True):
    """What is known of each contact now; `fact_times` is when each fact was last sent, `consents` the last answers."""

    __tablename__ = "profiles"

    contact_id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    revision: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    first_seen_at: datetime = Field(sa_column=sa.Column(Timestamp, nullable=False))
    fact_times: dict[str, str] = Field(sa_column=sa.Column("told", JSONB, nullable=False))
    engagements: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    email: str | None = Field(sa_column=sa.Column(sa.Text))
    email_ascii: str | None = Field(sa_column=sa.Column(sa.Text))
    email_domain: str | None = Field(sa_column=sa.Column(sa.Text))
    email_kind: str | None = Field(sa_column=sa.Column(sa.Text))
    phone: str | None = Field(sa_column=sa.Column(sa.Text))
    first_name: str | None = Field(sa_column=sa.Column(sa.Text))
    last_name: str | None = Field(sa_column=sa.Column(sa.Text))
    company: str | None = Field(sa_column=sa.Column(sa.Text))
    job_title: str | None = Field(sa_column=sa.Column(sa.Text))
    country: str | None = Field(sa_column=sa.Column(sa.Text))
    region: str | None = Field(sa_column=sa.Column(sa.Text))
    postal_code: str | None = Field(sa_column=sa.Column(sa.Text))
    industry: str | None = Field(sa_column=sa.Column(sa.Text))
    employees: int | None = Field(sa_column=sa.Column(sa.Integer))
    message: str | None = Field(sa_column=sa.Column(sa.Text))
    """What the person wrote last."""
    referrer: str | None = Field(sa_column=sa.Column(sa.Text))
    consents: list[dict[str, Any]] = Field(sa_column=sa.Column(JSONB, nullable=False))
    suppressed: list[str] = Field(sa_column=sa.Column(JSONB, nullable=False, server_default="[]"))


class Engagements(Table, table=True):
    """Everything that contacts did, as it was sent: the submission without the profile."""

    __tablename__ = "engagements"

    engagement_id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    contact_id: UUID = Field(sa_column=sa.Column(sa.Uuid, nullable=False))
    engagement: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    source: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    occurred_at: datetime = Field(sa_column=sa.Column(Timestamp, nullable=False))
    received_at: datetime = Field(sa_column=sa.Column(Timestamp, nullable=False))
    event_id: str | None = Field(sa_column=sa.Column(sa.Text))
    repeat_key: UUID | None = Field(sa_column=sa.Column(sa.Uuid))
    """The keyed name of (source, event_id) where the client gave one, else of what was said."""
    content: str | None = Field(sa_column=sa.Column(sa.Text))
    campaign: str | None = Field(sa_column=sa.Column(sa.Text))
    utm: dict[str, str] | None = Field(sa_column=sa.Column(JSONB))
    referrer: str | None = Field(sa_column=sa.Column(sa.Text))
    talk_to_sales: bool = Field(sa_column=sa.Column(sa.Boolean, nullable=False))
    talk_to_sales_when: str | None = Field(sa_column=sa.Column(sa.Text))
    preference: str | None = Field(sa_column=sa.Column(sa.Text))
    preferred_at: datetime | None = Field(sa_column=sa.Column(Timestamp))
    facts: dict[str, Scalar] = Field(sa_column=sa.Column(JSONB, nullable=False))
    out_of_audience: list[str] = Field(sa_column=sa.Column(JSONB, nullable=False, server_default="[]"))


class Consents(Table, table=True):
    """Every answer ever given or withdrawn, named by what it says, so that the same answer is kept once."""

    __tablename__ = "consents"

    consent_id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    contact_id: UUID = Field(sa_column=sa.Column(sa.Uuid, nullable=False, index=True))
    purpose: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    channel: str | None = Field(sa_column=sa.Column(sa.Text))
    granted: bool = Field(sa_column=sa.Column(sa.Boolean, nullable=False))
    """Whether it holds: what waits for its confirmation does not."""
    state: str = Field(sa_column=sa.Column(sa.Text, nullable=False, server_default="told"))
    wording_version: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    form_version: str | None = Field(sa_column=sa.Column(sa.Text))
    at: datetime = Field(sa_column=sa.Column(Timestamp, nullable=False))
    source: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    received_at: datetime = Field(sa_column=sa.Column(Timestamp, nullable=False))


class Erasures(Table, table=True):
    """Who was forgotten, and by whose key that was asked."""

    __tablename__ = "erasures"

    erasure_id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    contact_id: UUID = Field(sa_column=sa.Column(sa.Uuid, nullable=False, index=True))
    requested_at: datetime = Field(sa_column=sa.Column(Timestamp, nullable=False))
    requested_by: str = Field(sa_column=sa.Column(sa.Text, nullable=False))


class KeptApart(Table, table=True):
    """Two contacts who were looked at and are two people; a row for each of the two."""

    __tablename__ = "kept_apart"

    contact_id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    other_id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True, index=True))
    at: datetime = Field(sa_column=sa.Column(Timestamp, nullable=False))
    by: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    """The key of whoever said so."""


class Receipts(Table, table=True):
    """Each service's receipt for an erasure."""

    __tablename__ = "receipts"

    erasure_id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    service: str = Field(sa_column=sa.Column(sa.Text, primary_key=True))
    rows: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    erased_at: datetime = Field(sa_column=sa.Column(Timestamp, nullable=False))


class Suppressions(Table, table=True):
    """A keyed name that must not be written to or called, by channel. Survives an erasure and names nobody."""

    __tablename__ = "suppressions"

    key: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    channel: str = Field(sa_column=sa.Column(sa.Text, primary_key=True))
    reason: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    since: datetime = Field(sa_column=sa.Column(Timestamp, nullable=False))


class Imports(Table, table=True):
    """A CSV file that was sent, how far it got, and at how many a day its people are released."""

    __tablename__ = "imports"

    import_id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    state: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    sent_by: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    begun_at: datetime = Field(sa_column=sa.Column(Timestamp, nullable=False))
    ended_at: datetime | None = Field(sa_column=sa.Column(Timestamp))
    header: list[str] = Field(sa_column=sa.Column(JSONB, nullable=False))
    mapping: dict[str, str] = Field(sa_column=sa.Column(JSONB, nullable=False))
    per_day: int | None = Field(sa_column=sa.Column(sa.Integer))
    rows: int = Field(sa_column=sa.Column(sa.BigInteger, nullable=False))
    accepted: int = Field(sa_column=sa.Column(sa.BigInteger, nullable=False))
    duplicates: int = Field(sa_column=sa.Column(sa.BigInteger, nullable=False))
    rejected: int = Field(sa_column=sa.Column(sa.BigInteger, nullable=False))
    waiting: int = Field(sa_column=sa.Column(sa.BigInteger, nullable=False))
    left_today: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    file: dict[str, Any] = Field(sa_column=sa.Column(JSONB, nullable=False))
    """What the file is and what became of its lines: encoding, separator, header's line, blank and joined lines."""
    put_aside: list[dict[str, str | int]] = Field(sa_column=sa.Column(JSONB, nullable=False))
    """How many cells of which field were not taken as they stood, by code."""


class Mappings(Table, table=True):
    """What is asked of a kind of list, saved under a name."""

    __tablename__ = "mappings"

    name: str = Field(sa_column=sa.Column(sa.Text, primary_key=True))
    asked: dict[str, Any] = Field(sa_column=sa.Column(JSONB, nullable=False))
    """`mapping` and the other parameters of an import, by name."""


class ImportRows(Table, table=True):
    """Rows that wait for their release, as they were sent; until then nothing of them is published."""

    __tablename__ = "import_rows"

    import_id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    row: int = Field(sa_column=sa.Column(sa.BigInteger, primary_key=True))
    key: UUID = Field(sa_column=sa.Column(sa.Uuid, nullable=False, index=True))
    values: Values = Field(sa_column=sa.Column("told", JSONB, nullable=False))


class ImportRejects(Table, table=True):
    """Rows that were not taken, with their cells, to be repaired and sent again; kept for thirty days."""

    __tablename__ = "import_rejects"

    import_id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    row: int = Field(sa_column=sa.Column(sa.BigInteger, primary_key=True))
    cells: list[str] | None = Field(sa_column=sa.Column(JSONB))
    """None where the row could not be read at all."""
    field: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    code: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    line: int | None = Field(sa_column=sa.Column(sa.BigInteger))
    """The row's first line in the file, from 1, as an editor counts."""


class Accounts(Table, table=True):
    """Companies by registrable domain, as the CRM or marketing tells of them."""

    __tablename__ = "accounts"

    domain: str = Field(sa_column=sa.Column(sa.Text, primary_key=True))
    revision: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    name: str | None = Field(sa_column=sa.Column(sa.Text))
    kind: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    owner: str | None = Field(sa_column=sa.Column(sa.Text))
    parent: str | None = Field(sa_column=sa.Column(sa.Text))
    aliases: list[str] = Field(sa_column=sa.Column(ARRAY(sa.Text), nullable=False))
    open_opportunity: bool = Field(sa_column=sa.Column(sa.Boolean, nullable=False))


class Campaigns(Table, table=True):
    """What marketing runs or is about to run."""

    __tablename__ = "campaigns"

    campaign: str = Field(sa_column=sa.Column(sa.Text, primary_key=True))
    revision: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    name: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    starts_at: datetime | None = Field(sa_column=sa.Column(Timestamp))
    ends_at: datetime | None = Field(sa_column=sa.Column(Timestamp))
    brief: str | None = Field(sa_column=sa.Column(sa.Text))
    content: list[str] = Field(sa_column=sa.Column(ARRAY(sa.Text), nullable=False))
    spend: float | None = Field(sa_column=sa.Column(sa.Double))


class ContentPieces(Table, table=True):
    """The content catalogue behind openers and suggestions."""

    __tablename__ = "content_pieces"

    content: str = Field(sa_column=sa.Column(sa.Text, primary_key=True))
    title: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    url: str | None = Field(sa_column=sa.Column(sa.Text))
    stage: str | None = Field(sa_column=sa.Column(sa.Text))
    topic: str | None = Field(sa_column=sa.Column(sa.Text))
    persona: str | None = Field(sa_column=sa.Column(sa.Text))


class Quarantined(Table, table=True):
    """A submission that a program seems to have sent; the sender knows its id as that of the engagement."""

    __tablename__ = "quarantined"

    quarantine_id: UUID = Field(sa_column=sa.Column(sa.Uuid, primary_key=True))
    received_at: datetime = Field(sa_column=sa.Column(Timestamp, nullable=False))
    reason: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    form: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    names: list[UUID] = Field(sa_column=sa.Column(ARRAY(sa.Uuid), nullable=False))
    """The keyed names of the person, so that an erasure finds the submission."""
    submission: Values | None = Field(sa_column=sa.Column(JSONB))
    state: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    settled_at: datetime | None = Field(sa_column=sa.Column(Timestamp))
    settled_by: str | None = Field(sa_column=sa.Column(sa.Text))
    answer: dict[str, str] | None = Field(sa_column=sa.Column(JSONB))
    """What a release came to."""


class KeyBindings(Table, table=True):
    """What a key is bound to: a form and the origins that may use it, or a source."""

    __tablename__ = "key_bindings"

    key_id: str = Field(sa_column=sa.Column(sa.Text, primary_key=True))
    form: str | None = Field(sa_column=sa.Column(sa.Text))
    """None: every form."""
    origins: list[str] = Field(sa_column=sa.Column(ARRAY(sa.Text), nullable=False))
    source: str | None = Field(sa_column=sa.Column(sa.Text))
