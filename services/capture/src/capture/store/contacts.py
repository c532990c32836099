"""SQL of contacts: lock and find them by their keys, find repeats, save profiles and engagements."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY

from capture.domain.from_events import StoredEngagement
from capture.domain.intake import CaptureAnswer, NewEngagement
from capture.domain.key_owners import KeyOwner
from capture.domain.profile import Profile
from capture.domain.to_events import CatalogueEntry
from capture.models import Consents, Engagements, Profiles
from events.contacts import Consent
from events.ids import derive_id
from events.runtime import Transaction
from events.runtime.bulk import get_table


class NextStep(NamedTuple):
    """How somebody wanted to go on, and when (UTC)."""

    preference: str | None
    preferred_at: datetime | None


_CLAIM = """
with waited as materialized (select pg_advisory_xact_lock(number) from unnest($3::bigint[]) as n(number))
insert into identities (key, contact_id)
select * from unnest($1::uuid[], $2::uuid[]) where (select count(*) from waited) >= 0
on conflict do nothing
returning key, exists (select from erasures e where e.contact_id = identities.contact_id) as erased
"""
"""Waits for the events of the same name first, then for the keys: always in that order, each in its own."""
_RETURNING = "update identities set incarnation = 1 where key = any($1::uuid[])"
_HOLD = "select key, contact_id, incarnation from identities where key = any($1::uuid[]) order by key for update"
_REPEATS = """
select repeat_key, contact_id, engagement_id from engagements
where event_id is not null and repeat_key = any($1::uuid[])
union all
select repeat_key, contact_id, engagement_id from engagements
where event_id is null and repeat_key = any($2::uuid[]) and received_at > $3
"""
_NEXT_STEPS = """
select repeat_key, preference, preferred_at from engagements where event_id is not null and repeat_key = any($1::uuid[])
"""
_APART = """
select loser_id as contact_id, survivor_id as other_id from merges
where undone and loser_id = any($1) and survivor_id = any($1)
union all select contact_id, other_id from kept_apart where contact_id = any($1) and other_id = any($1)
"""
_CONTENT = "select content, stage, title from content_pieces where content = any($1::text[])"
_SUPPRESSED = "select key, array_agg(channel) as channels from suppressions where key = any($1) group by key"
_ENDS = "select campaign, ends_at from campaigns where campaign = any($1::text[]) and ends_at is not null"
_MOVE = (
    "insert into identities (key, contact_id) select * from unnest($1::uuid[], $2::uuid[])"
    " on conflict (key) do update set contact_id = excluded.contact_id"
)
_FORGET = "delete from identities where key = any($1::uuid[])"

_profiles, _engagements = get_table(Profiles), get_table(Engagements)
_PROFILE = [column.name for column in _profiles.columns]
_LOAD = sa.select(_profiles).where(_profiles.c.contact_id == sa.any_(sa.bindparam("ids", type_=ARRAY(sa.Uuid))))


_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
_FACT_TIMES = {"told": "fact_times"}
"""The column of `profiles` whose field has another name."""


def _json_insert(table: sa.Table, argument: int, fields: Mapping[str, str] = {}) -> str:
    """Return an insert of rows from one JSON array: a third of the client's work of one array for each column.

    Args:
        table: The table, whose columns are the fields of each row.
        argument: The number of the statement's argument that holds the array.
        fields: The field's name of each column that has another one.
    """
    columns = [(column.name, fields.get(column.name, column.name), column.type) for column in table.columns]
    names = ", ".join(name for name, _, _ in columns)
    wanted = ", ".join(field for _, field, _ in columns)
    typed = ", ".join(f"{field} {kind.compile(dialect=_DIALECT)}" for _, field, kind in columns)
    source = f"json_to_recordset(${argument}::text::json) as r({typed})"
    return f"insert into {table.name} ({names}) select {wanted} from {source}"  # noqa: S608 - own names


_WRITE_PROFILES = (
    _json_insert(_profiles, 1, _FACT_TIMES)
    + " on conflict (contact_id) do update set "
    + ", ".join(f"{name} = excluded.{name}" for name in _PROFILE if name != "contact_id")
)
_WRITE_BOTH = (
    f"with saved as ({_WRITE_PROFILES}), done as ({_json_insert(_engagements, 2)} on conflict do nothing returning 1)"  # noqa: S608 - own names
    " select count(*)::int as n from done"
)


async def lock_or_create_keys(
    tx: Transaction, proposed: Mapping[UUID, UUID], events: Iterable[UUID], users: Iterable[UUID] = ()
) -> tuple[dict[UUID, KeyOwner], set[UUID]]:
    """Lock every key and every event's name to the end of the transaction; new keys get their proposed contact.

    `users` are keys of those who may share a phone or a badge: locked where they are known, and made by nobody here.
    Returns what is on record about each key (a new one has nobody yet), and which are new. Whoever brings the same new
    key at the same instant waits here, and then finds it; so does who brings the same event under another address.
    """
    numbers = sorted({(event.int >> 64) - (1 << 63) for event in events})
    keys = sorted(proposed, key=attrgetter("int"))
    rows = await tx.raw.fetch(_CLAIM, keys, [proposed[key] for key in keys], numbers)
    new = {row["key"] for row in rows}
    found = dict.fromkeys(new, KeyOwner())
    # who was erased, and whose keys a restore lost: the next contact of such a key is another
    returning = sorted(row["key"] for row in rows if row["erased"])
    if returning:
        await tx.raw.execute(_RETURNING, returning)
        found |= dict.fromkeys(returning, KeyOwner(None, 1))
    if len(new) < len(keys):
        for row in await tx.raw.fetch(_HOLD, [*(key for key in keys if key not in new), *users]):
            found[row["key"]] = KeyOwner(row["contact_id"], row["incarnation"])
    return found, new


async def load_profiles(tx: Transaction, contact_ids: Iterable[UUID]) -> dict[UUID, Profile]:
    """Load the profiles of those who have one."""
    ids = sorted(contact_ids)
    rows = await tx.fetch(_LOAD, {"ids": ids}) if ids else []
    return {row["contact_id"]: _row_to_profile(row) for row in rows}


def _row_to_profile(row: Mapping[str, Any]) -> Profile:
    consents = tuple(Consent.read(consent) for consent in row["consents"])
    suppressed = tuple(row["suppressed"])
    fields = {_FACT_TIMES.get(name, name): value for name, value in row.items()}
    fields["fact_times"] = {name: datetime.fromisoformat(at) for name, at in row["told"].items()}
    return Profile(**{**fields, "consents": consents, "suppressed": suppressed})


async def load_pairs_kept_apart(tx: Transaction, contact_ids: Iterable[UUID]) -> frozenset[frozenset[UUID]]:
    """Return the pairs among these contacts whose merge was undone, or who were kept apart."""
    rows = await tx.raw.fetch(_APART, sorted(contact_ids))
    return frozenset(frozenset((row["contact_id"], row["other_id"])) for row in rows)


async def load_suppressed_channels(tx: Transaction, keys: Iterable[UUID]) -> dict[UUID, list[str]]:
    """Return the channels by which whoever bears these keys must not be reached."""
    rows = await tx.raw.fetch(_SUPPRESSED, list(keys))
    return {row["key"]: row["channels"] for row in rows}


async def load_campaign_ends(tx: Transaction, campaigns: Iterable[str]) -> dict[str, datetime]:
    """Return the ends (UTC) of these campaigns; those without one are left out."""
    names = sorted(campaigns)
    rows = await tx.raw.fetch(_ENDS, names) if names else []
    return {row["campaign"]: row["ends_at"] for row in rows}


async def load_catalogue_entries(tx: Transaction, content: Iterable[str]) -> dict[str, CatalogueEntry]:
    """Return what the catalogue says of these pieces of content; those that it does not have are left out."""
    names = sorted(content)
    rows = await tx.raw.fetch(_CONTENT, names) if names else []
    return {row["content"]: CatalogueEntry(row["stage"], row["title"] or None) for row in rows}


async def load_repeats(
    tx: Transaction, events: Sequence[UUID], contents: Sequence[UUID], since: datetime
) -> dict[UUID, CaptureAnswer]:
    """Return earlier submissions: of the same event at any time, with equal contents after `since` (UTC)."""
    if not events and not contents:
        return {}
    rows = await tx.raw.fetch(_REPEATS, events, contents, since)
    return {row["repeat_key"]: CaptureAnswer(row["contact_id"], row["engagement_id"], "duplicate") for row in rows}


async def lock_next_steps(tx: Transaction, engagement_id: UUID) -> None:
    """Lock the next steps after this engagement to the end of the transaction: one is recorded at a time."""
    await tx.raw.execute("select pg_advisory_xact_lock($1)", (engagement_id.int >> 64) - (1 << 63))


async def load_next_steps(tx: Transaction, events: Sequence[UUID]) -> dict[UUID, NextStep]:
    """Return how people wanted to go on, by the keys of these events; those that never came are left out."""
    rows = await tx.raw.fetch(_NEXT_STEPS, events)
    return {row["repeat_key"]: NextStep(row["preference"], row["preferred_at"]) for row in rows}


async def save_identities(tx: Transaction, moved: Mapping[UUID, UUID], unused: Iterable[UUID]) -> None:
    """Save the owners of keys; delete the keys that no submission used."""
    if moved:
        keys = sorted(moved)
        await tx.raw.execute(_MOVE, keys, [moved[key] for key in keys])
    dropped = sorted(unused)
    if dropped:
        await tx.raw.execute(_FORGET, dropped)


async def save_profiles(tx: Transaction, profiles: Iterable[Profile]) -> None:
    """Write profiles whole."""
    await tx.raw.execute(_WRITE_PROFILES, _rows_to_json(profiles))


async def save_profiles_and_engagements(
    tx: Transaction, profiles: Iterable[Profile], engagements: Iterable[NewEngagement]
) -> int:
    """Write profiles whole and new engagements beside them; returns the number of the latter."""
    rows = await tx.raw.fetch(
        _WRITE_BOTH,
        _rows_to_json(profiles),
        _rows_to_json(_to_stored_engagement(engagement)._asdict() for engagement in engagements),
    )
    return int(rows[0]["n"])


def _rows_to_json(rows: Iterable[Mapping[str, Any] | Profile]) -> str:
    """Return rows as JSON; a profile's fields are the table's columns, but for `_FACT_TIMES`."""
    return orjson.dumps(list(rows), default=_to_json_value).decode()


def _to_json_value(value: object) -> Any:
    return value.as_json() if isinstance(value, Consent) else str(value)


def _to_stored_engagement(engagement: NewEngagement) -> StoredEngagement:
    submission, event = engagement.arrival.submission, engagement.event
    return StoredEngagement(
        engagement_id=event.engagement_id,
        contact_id=event.contact_id,
        engagement=event.engagement,
        source=event.source,
        occurred_at=event.occurred_at,
        received_at=event.received_at,
        content=submission.content,
        campaign=submission.campaign,
        utm=submission.utm.model_dump(exclude_none=True) if submission.utm else None,
        talk_to_sales=submission.talk_to_sales,
        talk_to_sales_when=submission.talk_to_sales_when,
        preference=submission.preference,
        preferred_at=submission.preferred_at,
        facts=submission.facts,
        out_of_audience=event.out_of_audience,
        event_id=submission.event_id,
        repeat_key=engagement.arrival.repeat_key,
        referrer=submission.referrer,
    )


async def save_consents(
    tx: Transaction,
    given: Iterable[tuple[UUID, str, Consent]],
    received_at: datetime,
) -> None:
    """Keep each answer (contact, source, consent) once."""
    await tx.insert(
        Consents,
        [
            {
                "consent_id": derive_id(
                    "consent",
                    contact_id,
                    consent.purpose,
                    consent.granted,
                    consent.wording_version,
                    consent.at,
                    consent.channel,
                    consent.state,
                ),
                "contact_id": contact_id,
                "source": source,
                "received_at": received_at,
                **{name: getattr(consent, name) for name in Consent.fields()},
            }
            for contact_id, source, consent in given
        ],
    )
