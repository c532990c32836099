"""The tables that every service has: inbox, outbox, journal, streams, positions, timers, parked records, keys, clock.

They are created by the first migration of each service, so that its state and its messages commit together.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Protocol

JOURNAL_DAYS = 30
INBOX_DAYS = 35
"""Five days more than the topics keep, so that replaying a topic from its start changes nothing."""

DDL: Sequence[str] = (
    "create table contacts (contact_id uuid primary key)",
    """create table streams (
        topic text not null, key text not null, sequence bigint not null, primary key (topic, key)
    ) with (fillfactor = 70)""",
    "create sequence journal_ids",
    """create table journal (
        day date not null, id bigint not null default nextval('journal_ids'),
        topic text not null, key text not null, contact_id uuid, ce_id uuid not null, ce_type text not null,
        sequence bigint not null, time timestamptz not null, traceparent text, value bytea,
        primary key (day, id)
    ) partition by range (day)""",
    "create index journal_contact on journal (contact_id)",
    "create table journal_default partition of journal default",
    "create table outbox (id bigint primary key, day date not null)",
    "create table inbox (ce_id uuid not null, day date not null, primary key (ce_id, day)) partition by range (day)",
    "create table inbox_default partition of inbox default",
    """create table positions (
        topic text not null, partition integer not null, next_offset bigint not null, last_ce_id text,
        primary key (topic, partition)
    ) with (fillfactor = 50)""",
    """create table timers (
        kind text not null, key uuid not null, contact_id uuid not null, due_at timestamptz not null,
        primary key (kind, key)
    )""",
    "create index timers_due on timers (due_at) include (kind, key, contact_id)",
    "create index timers_contact on timers (contact_id)",
    """create table parked (
        id uuid primary key, topic text not null, partition integer, "offset" bigint,
        ce_id text, ce_type text, key bytea, headers jsonb not null, value bytea, contact_id uuid,
        reason text not null, detail text not null, attempts integer not null,
        parked_at timestamptz not null default now(),
        state text not null default 'parked' check (state in ('parked', 'replayed', 'discarded'))
    )""",
    "create index parked_open on parked (parked_at) where state = 'parked'",
    "create index parked_contact on parked (contact_id)",
    """create table idempotency (
        scope text not null, key text not null, body_hash text not null, status integer, body bytea,
        created_at timestamptz not null default now(), primary key (scope, key)
    )""",
    "create index idempotency_created on idempotency (created_at)",
    """create table api_keys (
        key_id text primary key, hash text not null, kind text not null default 'api', label text not null default '',
        scopes text[] not null default '{}', rep_id text, created_at timestamptz not null default now(),
        expires_at timestamptz, revoked_at timestamptz, last_used_at timestamptz
    )""",
    """create table clock (
        one boolean primary key default true check (one),
        stepped boolean not null default false, instant timestamptz, released timestamptz
    )""",
    "insert into clock default values",
    """create table playbooks (
        nth bigint generated always as identity primary key, activated_at timestamptz not null,
        version text not null, definitions text not null, body text not null,
        activated_by text not null, approvals jsonb not null default '[]'
    )""",
    """create function business_now() returns timestamptz language sql stable as
        $$ select case when stepped then instant else clock_timestamp() end from clock $$""",
    """create function timer_horizon() returns timestamptz language sql stable as
        $$ select case when stepped then released else clock_timestamp() end from clock $$""",
)

DDL_2: Sequence[str] = (
    # Parked records: headers as the bytes they were (names too), and every contact that the bytes name.
    """alter table parked add column header_names bytea[], add column header_values bytea[],
        add column contact_ids uuid[] not null default '{}'""",
    "create index parked_contact_ids on parked using gin (contact_ids)",
    """create table stopped_partitions (
        topic text not null, partition integer not null, stopped_at timestamptz not null default now(),
        passing boolean not null default false, primary key (topic, partition)
    )""",
    """create table published (
        topic text not null, partition integer not null, next_offset bigint not null, primary key (topic, partition)
    )""",
    "create table recovered (ce_id uuid primary key)",
    "alter table journal add column hash integer",
    """alter table outbox add column topic text not null default '', add column hash integer not null default 0,
        add column lane smallint not null generated always as (hash % 12) stored""",
    "update outbox o set topic = j.topic from journal j where j.day = o.day and j.id = o.id",
    "create index outbox_lanes on outbox (topic, lane, id)",
    """create table sent (
        day date not null, topic text not null, partition integer not null, base_offset bigint not null,
        ids bigint[] not null
    ) partition by range (day)""",
    "create index sent_offsets on sent (topic, partition, base_offset)",
    "create table sent_default partition of sent default",
    """create table gaps (
        id uuid primary key, topic text not null, partition integer not null, from_offset bigint not null,
        to_offset bigint, found_at timestamptz not null default now(),
        state text not null default 'open' check (state in ('open', 'healed', 'incomplete', 'accepted')),
        republished bigint not null default 0, erased bigint not null default 0, answered text[] not null default '{}'
    )""",
    "alter table contacts add column erased boolean not null default false",
    """alter table api_keys
        add column role text check (role in ('rep', 'manager', 'marketing', 'admin')), add column team text,
        add constraint api_keys_rep check (role is distinct from 'rep' or rep_id is not null),
        add constraint api_keys_manager check (role is distinct from 'manager' or team is not null)""",
    """create table audit_log (
        id bigint generated always as identity primary key, at timestamptz not null default clock_timestamp(),
        by text not null, key_id text, action text not null, subject text not null, outcome text not null
    )""",
)
"""Changes since the first release of `DDL`, applied by one later migration of each service."""


class MigrationOperations(Protocol):
    """What of Alembic's `op` is needed here."""

    def execute(self, sqltext: str) -> None:
        """Run one statement."""


def create_runtime(op: MigrationOperations) -> None:
    """Create the runtime's tables; called by the first migration of each service."""
    for statement in DDL:
        op.execute(statement)


def upgrade_runtime(op: MigrationOperations) -> None:
    """Apply `DDL_2` to the runtime's tables; called by one later migration of each service."""
    for statement in DDL_2:
        op.execute(statement)


def build_partition_statements(today: date, ahead: int = 7) -> list[str]:
    """Return the statements that make the day partitions from yesterday to `ahead` days on, where missing."""
    days = [today + timedelta(days=offset) for offset in range(-1, ahead + 1)]
    return [
        f"create table if not exists {table}_{day:%Y%m%d} partition of {table} "
        f"for values from ('{day}') to ('{day + timedelta(days=1)}')"
        for table in ("journal", "inbox", "sent")
        for day in days
    ]
