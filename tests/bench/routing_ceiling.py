"""The ceiling of a routing hop: consume, inbox, lead with its facts, whose turn it is, outbox; then the relay.

The same durability as the real hop and one reader of each lead, but no rules, no claims, no hours, no records of
decisions, no journal, no stream rows, no retry.
"""

import sys
from itertools import cycle
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import uvloop

from events.topics import LEADS_ASSIGNED, LEADS_QUALIFIED
from tests.bench.ceiling import Ceiling

DDL = """
create table inbox (ce_id uuid primary key);
create table leads (lead_id uuid primary key, contact_id uuid, rep_id text, facts text);
create table outbox (id bigint generated always as identity primary key, key text, ce_id uuid, value text);
create table positions (topic text, partition int, next_offset bigint, primary key (topic, partition));
"""


class RoutingCeiling(Ceiling):
    """Round robin among fifty, as bare as it can be."""

    heard = LEADS_QUALIFIED
    spoken = LEADS_ASSIGNED
    turns = cycle([f"rep-{number:02}" for number in range(50)])

    async def apply(self, raw: asyncpg.Connection, records: list[Any]) -> None:
        """Write one batch."""
        ids = [UUID(dict(record.headers)["ce_id"].decode()) for record in records]
        unseen = {
            row["ce_id"]
            for row in await raw.fetch(
                "insert into inbox select unnest($1::uuid[]) on conflict do nothing returning ce_id", ids
            )
        }
        events = [orjson.loads(record.value) for record, ce_id in zip(records, ids, strict=True) if ce_id in unseen]
        given = [{**event, "rep_id": next(self.turns)} for event in events]
        await raw.execute(
            "insert into leads select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[])"
            " on conflict do nothing",
            [UUID(event["lead_id"]) for event in given],
            [UUID(event["contact_id"]) for event in given],
            [event["rep_id"] for event in given],
            [orjson.dumps(event).decode() for event in events],
        )
        await raw.execute(
            "insert into outbox (key, ce_id, value) select * from unnest($1::text[], $2::uuid[], $3::text[])",
            [event["contact_id"] for event in given],
            [UUID(event["lead_id"]) for event in given],
            [orjson.dumps(event).decode() for event in given],
        )
        await self.reached(raw, records)


if __name__ == "__main__":
    uvloop.run(RoutingCeiling(sys.argv[1], sys.argv[2]).run())
