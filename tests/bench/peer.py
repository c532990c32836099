"""The peer: the pipeline most teams write, a FastStream handler with a SQLModel session and a publish a message."""

import asyncio
import sys
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import uvloop
from faststream.kafka import KafkaBroker
from sqlalchemy import TIMESTAMP, Column
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlmodel import Field, MetaData, SQLModel

from events.topics import CONTACTS_CAPTURED, LEADS_QUALIFIED


class Base(SQLModel):
    """Tables of the peer, apart from everybody else's."""

    metadata = MetaData()


class Contact(Base, table=True):
    """A contact, last facts."""

    __tablename__ = "peer_contacts"
    contact_id: UUID = Field(primary_key=True)
    company: str | None = None


class Engagement(Base, table=True):
    """What a contact did."""

    __tablename__ = "peer_engagements"
    engagement_id: UUID = Field(primary_key=True)
    contact_id: UUID
    engagement: str
    occurred_at: datetime = Field(sa_column=Column(TIMESTAMP(timezone=True)))


class Lead(Base, table=True):
    """A lead, once a contact."""

    __tablename__ = "peer_leads"
    lead_id: UUID = Field(primary_key=True)
    contact_id: UUID


async def start(url: str, servers: str) -> KafkaBroker:
    """Start the pipeline; stop the broker to end it."""
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    broker = KafkaBroker(servers)

    @broker.subscriber(CONTACTS_CAPTURED.name, group_id="peer", auto_offset_reset="earliest")
    async def on_captured(event: dict[str, Any]) -> None:
        async with AsyncSession(engine) as session:
            contact_id = UUID(event["contact_id"])
            engagement_id = UUID(event["engagement_id"])
            if await session.get(Engagement, engagement_id) is not None:
                return
            contact = await session.get(Contact, contact_id)
            if contact is None:
                session.add(Contact(contact_id=contact_id, company=event["company"]))
            session.add(
                Engagement(
                    engagement_id=engagement_id,
                    contact_id=contact_id,
                    engagement=event["engagement"],
                    occurred_at=datetime.fromisoformat(event["occurred_at"]),
                )
            )
            lead_id = uuid5(contact_id, "1")
            raised = event["engagement"] in {"demo_request", "contact_sales"}
            new = raised and await session.get(Lead, lead_id) is None
            if new:
                session.add(Lead(lead_id=lead_id, contact_id=contact_id))
            await session.commit()
        if new:
            await broker.publish({**event, "lead_id": str(lead_id)}, LEADS_QUALIFIED.name, key=str(contact_id).encode())

    await broker.start()
    return broker


async def main(url: str, servers: str) -> None:
    """Run the pipeline until the process is told to stop."""
    await start(url, servers)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], sys.argv[2]))
