"""Capture's tables. Direct identifiers stand in `profiles` and `engagements` alone, by their contact."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Double, Integer, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import SQLModel

from capture.domain.submission import Values
from events.parts import JsonObject, Scalar
from events.runtime.columns import INSTANT, nullable, primary, required


class Table(SQLModel):
    """A table of capture's, apart from the other services' tables of the same name."""

    metadata: ClassVar[sa.MetaData] = sa.MetaData()


class KeyOwners(Table, table=True):
    """Whom a keyed name (of an e-mail, of a phone) belongs to. Survives an erasure, with nobody behind it."""

    __tablename__ = "identities"

    key: UUID = primary(Uuid)
    contact_id: UUID | None = nullable(Uuid, index=True)
    incarnation: int = required(Integer, server_default="0")


class Profiles(Table, table=True):
    """What is known of each contact now; `fact_times` is when each fact was last sent, `consents` the last answers."""

    __tablename__ = "profiles"

    contact_id: UUID = primary(Uuid)
    revision: int = required(Integer)
    first_seen_at: datetime = required(INSTANT)
    fact_times: dict[str, str] = required(JSONB, "told")
    engagements: int = required(Integer)
    email: str | None = nullable(Text)
    email_ascii: str | None = nullable(Text)
    email_domain: str | None = nullable(Text)
    email_kind: str | None = nullable(Text)
    phone: str | None = nullable(Text)
    first_name: str | None = nullable(Text)
    last_name: str | None = nullable(Text)
    company: str | None = nullable(Text)
    job_title: str | None = nullable(Text)
    country: str | None = nullable(Text)
    region: str | None = nullable(Text)
    postal_code: str | None = nullable(Text)
    industry: str | None = nullable(Text)
    employees: int | None = nullable(Integer)
    message: str | None = nullable(Text)
    """What the person wrote last."""
    referrer: str | None = nullable(Text)
    consents: list[JsonObject] = required(JSONB)
    suppressed: list[str] = required(JSONB, server_default="[]")


class Engagements(Table, table=True):
    """Everything that contacts did, as it was sent: the submission without the profile."""

    __tablename__ = "engagements"

    engagement_id: UUID = primary(Uuid)
    contact_id: UUID = required(Uuid)
    engagement: str = required(Text)
    source: str = required(Text)
    occurred_at: datetime = required(INSTANT)
    received_at: datetime = required(INSTANT)
    event_id: str | None = nullable(Text)
    repeat_key: UUID | None = nullable(Uuid)
    """The keyed name of (source, event_id) where the client gave one, else of what was said."""
    content: str | None = nullable(Text)
    campaign: str | None = nullable(Text)
    utm: dict[str, str] | None = nullable(JSONB)
    referrer: str | None = nullable(Text)
    talk_to_sales: bool = required(Boolean)
    talk_to_sales_when: str | None = nullable(Text)
    preference: str | None = nullable(Text)
    preferred_at: datetime | None = nullable(INSTANT)
    facts: dict[str, Scalar] = required(JSONB)
    out_of_audience: list[str] = required(JSONB, server_default="[]")


class Consents(Table, table=True):
    """Every answer ever given or withdrawn, named by what it says, so that the same answer is kept once."""

    __tablename__ = "consents"

    consent_id: UUID = primary(Uuid)
    contact_id: UUID = required(Uuid, index=True)
    purpose: str = required(Text)
    channel: str | None = nullable(Text)
    granted: bool = required(Boolean)
    """Whether it holds: what waits for its confirmation does not."""
    state: str = required(Text, server_default="told")
    wording_version: str = required(Text)
    form_version: str | None = nullable(Text)
    at: datetime = required(INSTANT)
    source: str = required(Text)
    received_at: datetime = required(INSTANT)


class Erasures(Table, table=True):
    """Who was forgotten, and by whose key that was asked."""

    __tablename__ = "erasures"

    erasure_id: UUID = primary(Uuid)
    contact_id: UUID = required(Uuid, index=True)
    requested_at: datetime = required(INSTANT)
    requested_by: str = required(Text)


class KeptApartContacts(Table, table=True):
    """Two contacts who were looked at and are two people; a row for each of the two."""

    __tablename__ = "kept_apart"

    contact_id: UUID = primary(Uuid)
    other_id: UUID = primary(Uuid, index=True)
    at: datetime = required(INSTANT)
    by: str = required(Text)
    """The key of whoever said so."""


class ErasureReceipts(Table, table=True):
    """Each service's receipt for an erasure."""

    __tablename__ = "receipts"

    erasure_id: UUID = primary(Uuid)
    service: str = primary(Text)
    rows: int = required(Integer)
    erased_at: datetime = required(INSTANT)


class Suppressions(Table, table=True):
    """A keyed name that must not be written to or called, by channel. Survives an erasure and names nobody."""

    __tablename__ = "suppressions"

    key: UUID = primary(Uuid)
    channel: str = primary(Text)
    reason: str = required(Text)
    since: datetime = required(INSTANT)


class Imports(Table, table=True):
    """A CSV file that was sent, how far it got, and at how many a day its people are released."""

    __tablename__ = "imports"

    import_id: UUID = primary(Uuid)
    state: str = required(Text)
    sent_by: str = required(Text)
    begun_at: datetime = required(INSTANT)
    ended_at: datetime | None = nullable(INSTANT)
    header: list[str] = required(JSONB)
    mapping: dict[str, str] = required(JSONB)
    per_day: int | None = nullable(Integer)
    rows: int = required(BigInteger)
    accepted: int = required(BigInteger)
    duplicates: int = required(BigInteger)
    rejected: int = required(BigInteger)
    waiting: int = required(BigInteger)
    left_today: int = required(Integer)
    file: JsonObject = required(JSONB)
    """What the file is and what became of its lines: encoding, separator, header's line, blank and joined lines."""
    put_aside: list[dict[str, str | int]] = required(JSONB)
    """How many cells of which field were not taken as they stood, by code."""


class SavedMappings(Table, table=True):
    """What is asked of a kind of list, saved under a name."""

    __tablename__ = "mappings"

    name: str = primary(Text)
    asked: JsonObject = required(JSONB)
    """`mapping` and the other parameters of an import, by name."""


class WaitingImportRows(Table, table=True):
    """Rows that wait for their release, as they were sent; until then nothing of them is published."""

    __tablename__ = "import_rows"

    import_id: UUID = primary(Uuid)
    row: int = primary(BigInteger)
    key: UUID = required(Uuid, index=True)
    values: Values = required(JSONB, "told")


class RejectedImportRows(Table, table=True):
    """Rows that were not taken, with their cells, to be repaired and sent again; kept for thirty days."""

    __tablename__ = "import_rejects"

    import_id: UUID = primary(Uuid)
    row: int = primary(BigInteger)
    cells: list[str] | None = nullable(JSONB)
    """None where the row could not be read at all."""
    field: str = required(Text)
    code: str = required(Text)
    line: int | None = nullable(BigInteger)
    """The row's first line in the file, from 1, as an editor counts."""


class Accounts(Table, table=True):
    """Companies by registrable domain, as the CRM or marketing tells of them."""

    __tablename__ = "accounts"

    domain: str = primary(Text)
    revision: int = required(Integer)
    name: str | None = nullable(Text)
    kind: str = required(Text)
    owner: str | None = nullable(Text)
    parent: str | None = nullable(Text)
    aliases: list[str] = required(ARRAY(Text))
    open_opportunity: bool = required(Boolean)


class Campaigns(Table, table=True):
    """What marketing runs or is about to run."""

    __tablename__ = "campaigns"

    campaign: str = primary(Text)
    revision: int = required(Integer)
    name: str = required(Text)
    starts_at: datetime | None = nullable(INSTANT)
    ends_at: datetime | None = nullable(INSTANT)
    brief: str | None = nullable(Text)
    content: list[str] = required(ARRAY(Text))
    spend: float | None = nullable(Double)


class ContentPieces(Table, table=True):
    """The content catalogue behind openers and suggestions."""

    __tablename__ = "content_pieces"

    content: str = primary(Text)
    title: str = required(Text)
    url: str | None = nullable(Text)
    stage: str | None = nullable(Text)
    topic: str | None = nullable(Text)
    persona: str | None = nullable(Text)


class QuarantinedSubmissions(Table, table=True):
    """A submission that a program seems to have sent; the sender knows its id as that of the engagement."""

    __tablename__ = "quarantined"

    quarantine_id: UUID = primary(Uuid)
    received_at: datetime = required(INSTANT)
    reason: str = required(Text)
    form: str = required(Text)
    names: list[UUID] = required(ARRAY(Uuid))
    """The keyed names of the person, so that an erasure finds the submission."""
    submission: Values | None = nullable(JSONB)
    state: str = required(Text)
    settled_at: datetime | None = nullable(INSTANT)
    settled_by: str | None = nullable(Text)
    answer: dict[str, str] | None = nullable(JSONB)
    """What a release came to."""


class KeyBindings(Table, table=True):
    """What a key is bound to: a form and the origins that may use it, or a source."""

    __tablename__ = "key_bindings"

    key_id: str = primary(Text)
    form: str | None = nullable(Text)
    """None: every form."""
    origins: list[str] = required(ARRAY(Text))
    source: str | None = nullable(Text)
