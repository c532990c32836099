"""All that contacts said of when to call or to meet, with the slots that were booked and called off.

Of leads that nobody has touched they are taken from the history, as these alone may be listed as ignored: until when
their contact waits was not kept before 0013, and not of slots that routing booked. A meeting that was held counts as
a touch; of a lead that has no other one it is taken from the history too, with its hours from hand-over.

The history is read before the table is locked. What the version before writes meanwhile stays as it wrote it: a lead
that it touched is left alone, and the time that it wrote is one more request (`feedback.domain.lead`).

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

FIND_MEETINGS = """
create temporary table held_meetings on commit drop as
select m.lead_id, count(*)::int as touches, min(m.at) as first, max(m.at) as last,
       jsonb_agg(distinct to_jsonb(m.at)) as touch_times
from (
    select lead_id, least(at, (details ->> 'starts_at')::timestamptz) as at from history
    where kind = 'meeting.changed' and details ->> 'outcome' = 'held'
) as m join leads l on l.lead_id = m.lead_id and l.touches = 0 group by 1
"""
COUNT_MEETINGS = """
with touched as (
    update leads l set touches = h.touches, touch_times = h.touch_times, first_touched_at = h.first,
        last_touched_at = h.last, answered_at = greatest(l.answered_at, h.last)
    from held_meetings h where h.lead_id = l.lead_id and l.touches = 0
    returning l.*
)
insert into tallies as t (dimension, "group", day, kind, shard, leads)
select 'hours_to_touch', greatest(0, floor(extract(epoch from first_touched_at - handed_over_at) / 3600))::bigint::text,
       (first_touched_at at time zone 'UTC')::date, '', 0, count(*)
from touched where handed_over_at is not null and qualified_at is not null group by 2, 3
on conflict (dimension, day, "group", kind, shard) do update
set leads = nullif(coalesce(t.leads, 0) + excluded.leads, 0)
"""
FIND_REQUESTS = """
create temporary table found_requests on commit drop as
with said as (
    select h.lead_id, h.details, h.kind,
           case when h.kind in ('lead.qualified', 'lead.upgraded') then (h.details ->> 'captured_at')::timestamptz
                else h.at end as asked_at,
           coalesce(h.details ->> 'preferred_at', h.details ->> 'meeting_at', h.details ->> 'starts_at')::timestamptz
               as named
    from history h join leads l on l.lead_id = h.lead_id and l.touches = 0
    where not exists (select from held_meetings m where m.lead_id = h.lead_id)
      and (h.kind in ('lead.scheduled', 'meeting.changed')
       or h.kind in ('lead.qualified', 'lead.upgraded') and h.details ->> 'preference' in ('book', 'call_me', 'not_now')
       or h.kind = 'lead.assigned' and h.details ->> 'meeting_at' is not null)
), requests as (
    select distinct lead_id, asked_at, false as called_off,
        case when named is null and (kind = 'lead.scheduled' or details ->> 'preference' = 'call_me') then asked_at
             else named end as until
    from said where kind <> 'meeting.changed' or details ->> 'outcome' in ('booked', 'rescheduled')
    union
    select lead_id, asked_at, true, named from said
    where kind = 'meeting.changed' and details ->> 'outcome' in ('cancelled', 'no_show') and asked_at < named
), numbered as (
    select *, row_number() over (partition by lead_id order by asked_at desc, called_off desc, until desc) as number
    from requests where until is not null
), latest as (
    select distinct on (lead_id) lead_id, asked_at, until from numbered where number <= 50 and not called_off
    order by lead_id, asked_at desc, until desc
), off as (
    select l.lead_id, min(n.asked_at) as at from latest l join numbered n using (lead_id)
    where number <= 50 and n.called_off and n.until = l.until and n.asked_at >= l.asked_at group by 1
)
select l.lead_id, w.requests, l.asked_at as asked_before, l.waits_until as waited_before,
       coalesce(o.at, t.asked_at) as asked_at, coalesce(o.at, t.until) as waits_until
from (
    select lead_id,
           jsonb_agg(jsonb_build_array(asked_at, called_off, until) order by asked_at, called_off, until) as requests
    from numbered where number <= 50 group by 1
) as w
join leads l using (lead_id) left join latest t using (lead_id) left join off o using (lead_id)
"""
FILL_REQUESTS = """
update leads l set requested_times = f.requests,
    asked_at = case when l.asked_at is distinct from f.asked_before or l.waits_until is distinct from f.waited_before
        then l.asked_at else f.asked_at end,
    waits_until = case when l.asked_at is distinct from f.asked_before or l.waits_until is distinct from f.waited_before
        then l.waits_until else f.waits_until end
from found_requests f where f.lead_id = l.lead_id and l.touches = 0
"""
COMPUTE, FILL = (FIND_MEETINGS, FIND_REQUESTS), (COUNT_MEETINGS, FILL_REQUESTS)


def upgrade() -> None:
    for statement in COMPUTE:
        op.execute(statement)
    op.add_column("leads", sa.Column("requested_times", JSONB, nullable=False, server_default="[]"))
    for statement in FILL:
        op.execute(statement)


def downgrade() -> None:
    op.drop_column("leads", "requested_times")
