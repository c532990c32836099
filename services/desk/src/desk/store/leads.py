"""What handlers load and save: leads, people, stories, promises, campaigns, each as a set.

A batch loads with one statement, and saves with one that is put together of the writes that are returned here.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

import orjson

from desk import domain
from desk.domain import Lead, StoryEntry
from desk.domain.promises import PromiseFact
from desk.models import LeadRow, StoryEntryRow
from events.contacts import CampaignAnnounced, ContactProfile
from events.runtime import Transaction, bulk
from events.runtime.bulk import Write

_KNOWN = """
select array(select contact_id from erasures where contact_id = any($1)) as erased,
    exists (select from users where disabled_at is null and (email is not null or chat_url is not null)) as reachable,
    found.*
from (
    select array_agg(lead_id) as lead_ids, array_agg(contact_id) as contact_ids, array_agg(cycle) as cycles,
        array_agg(facts::text) as facts, array_agg(distinct owner_id) as owners, array_agg(distinct team) as teams
    from leads where contact_id = any($1) or lead_id = any($2)
) as found
"""
_NAME = "nullif(trim(concat_ws(' ', n.first_name, n.last_name)), '')"
_PEOPLE = f"""
insert into people
select contact_id, revision, {_NAME}, email, phone, company, job_title, country, message,
    array(select jsonb_array_elements_text(suppressed::jsonb))
from unnest($1::uuid[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::text[], $11::text[])
    as n(contact_id, revision, first_name, last_name, email, phone, company, job_title, country, message, suppressed)
on conflict (contact_id) do update set (revision, name, email, phone, company, job_title, country, message, suppressed)
    = (excluded.revision, excluded.name, excluded.email, excluded.phone, excluded.company, excluded.job_title,
       excluded.country, excluded.message, excluded.suppressed)
where people.revision < excluded.revision
"""
_PROFILE = ("contact_id", "revision", "first_name", "last_name", "email", "phone", "company", "job_title", "country",
            "message")  # fmt: skip
_CAMPAIGNS = """
insert into campaigns
select * from unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[])
on conflict (campaign) do update set (revision, name, brief, starts_at, ends_at)
    = (excluded.revision, excluded.name, excluded.brief, excluded.starts_at, excluded.ends_at)
where campaigns.revision < excluded.revision
"""
_PROMISES = """
insert into promises as p (clock_id, lead_id, contact_id, clock, policy, rep_id, team, started_at, due_at, as_of,
    breached_at, met_at, late_seconds, rescinded_at)
select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::timestamptz[], $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[],
    $13::double precision[], $14::timestamptz[])
on conflict (clock_id) do update set
    breached_at = coalesce(p.breached_at, excluded.breached_at),
    met_at = coalesce(p.met_at, excluded.met_at),
    late_seconds = coalesce(p.late_seconds, excluded.late_seconds),
    rescinded_at = coalesce(p.rescinded_at, excluded.rescinded_at),
    as_of = greatest(p.as_of, excluded.as_of),
    policy = case when later then excluded.policy else p.policy end,
    rep_id = case when later then excluded.rep_id else p.rep_id end,
    team = case when later then excluded.team else p.team end,
    started_at = case when later then excluded.started_at else p.started_at end,
    due_at = case when later then excluded.due_at else p.due_at end
""".replace(
    "later",
    "(excluded.as_of, excluded.started_at, coalesce(excluded.due_at, '-infinity'), coalesce(excluded.rep_id, ''),"
    " excluded.policy, coalesce(excluded.team, '')) > (p.as_of, p.started_at, coalesce(p.due_at, '-infinity'),"
    " coalesce(p.rep_id, ''), p.policy, coalesce(p.team, ''))",
)


class KnownState(NamedTuple):
    """What is known before a batch is applied."""

    erased: set[UUID]
    """Those of its contacts who were erased."""
    leads: dict[UUID, Lead]
    """Its leads, and all others of its contacts."""
    owners: set[str]
    """The reps and teams who have these leads."""
    reachable: bool
    """Whether anybody of ours can be sent messages."""


async def load_known(tx: Transaction, contact_ids: Collection[UUID], lead_ids: Collection[UUID] = ()) -> KnownState:
    """Load what is known of contacts and leads, in one statement."""
    [row] = await tx.raw.fetch(_KNOWN, list(contact_ids), list(lead_ids))
    columns = [row[name] or () for name in ("lead_ids", "contact_ids", "cycles", "facts")]
    leads = {
        lead_id: Lead(lead_id, contact_id, cycle, orjson.loads(facts))
        for lead_id, contact_id, cycle, facts in zip(*columns, strict=True)
    }
    owners = {name for name in (*(row["owners"] or ()), *(row["teams"] or ())) if name}
    return KnownState(set(row["erased"]), leads, owners, row["reachable"])


def build_lead_writes(changed: Iterable[Lead]) -> tuple[list[Write], set[str]]:
    """Return how to save what is known of leads, and the reps and teams who have them now."""
    rows = [domain.make_lead_columns(lead) for lead in changed]
    names = {name for row in rows for name in (row["owner_id"], row["team"]) if name}
    return [bulk.build_upsert(LeadRow, rows)] if rows else [], names


def build_story_writes(made: Iterable[StoryEntry]) -> list[Write]:
    """Return how to add lines to the stories of contacts; those that are there stay."""
    rows = [entry._asdict() for entry in made]
    return [bulk.build_insert(StoryEntryRow, rows)] if rows else []


def build_profile_writes(profiles: Sequence[ContactProfile]) -> list[Write]:
    """Return how to save profiles; the newest of each contact counts."""
    newest = {
        profile.contact_id: profile for profile in sorted(profiles, key=lambda profile: profile.revision)
    }.values()
    if not newest:
        return []
    suppressed = [orjson.dumps(profile.suppressed).decode() for profile in newest]
    return [(_PEOPLE, [*([getattr(profile, name) for profile in newest] for name in _PROFILE), suppressed])]


async def save_campaigns(tx: Transaction, announced: Sequence[CampaignAnnounced]) -> None:
    """Save campaigns; the newest announcement of each counts."""
    newest = {event.campaign: event for event in sorted(announced, key=lambda event: event.revision)}.values()
    columns = ("campaign", "revision", "name", "brief", "starts_at", "ends_at")
    if newest:
        await tx.raw.execute(_CAMPAIGNS, *([getattr(event, name) for event in newest] for name in columns))


def build_promise_writes(facts: Sequence[PromiseFact]) -> list[Write]:
    """Return how to add facts to what is known of promises: one write for each round of different clocks."""
    waiting = list(facts)
    rounds: list[Write] = []
    while waiting:
        first: dict[UUID, PromiseFact] = {}
        later = []
        for fact in waiting:
            if fact.clock_id in first:
                later.append(fact)
            else:
                first[fact.clock_id] = fact
        rounds.append((_PROMISES, list(map(list, zip(*first.values(), strict=True)))))
        waiting = later
    return rounds
