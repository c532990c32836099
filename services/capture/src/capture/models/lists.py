"""Lists that were brought, and the registers of companies, campaigns and content."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Double, Integer, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from capture.domain.submission import Values
from capture.models.tables import Table
from events.parts import JsonObject
from events.runtime.columns import INSTANT, nullable, primary, required


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
