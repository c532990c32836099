"""Who is SQL, has an opportunity or is won was SAL before; and when a contact asked to be called or to meet.

Leads that got further without an accept are counted as accepted and as SAL from now on. A lead of somebody who was
erased stays as it was counted. SQL without SAL is added where the sums of cohorts are read.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)

FURTHER = "least(l.sal_at, l.confirmed_at, l.opportunity_at, l.won_at)"
KIND = """
case when l.lead_type = 'customer' then 'customers'
     when l.lead_type in ('hand_raiser', 'fast_track') then 'hand_raisers'
     when l.cycle > 1 then 'requalified' else 'mql' end
"""
COUNT_COHORTS = f"""
insert into tallies as t (dimension, "group", day, kind, shard, accepted, sal)
select d.dimension, coalesce(d.value, ''), (l.qualified_at at time zone 'UTC')::date, {KIND}, 0,
       nullif(count(*) filter (where l.accepted_at is null), 0), count(*)
from leads l left join people p using (contact_id)
cross join lateral (values ('all', ''), ('source', l.source), ('campaign', l.campaign), ('lead_type', l.lead_type),
    ('grade', l.fit), ('playbook_version', l.playbook_version), ('team', l.team), ('origin', p.origin)
) as d(dimension, value)
where l.qualified_at is not null and l.sal_at is null and l.confirmed_at is null and {FURTHER} is not null
group by 1, 2, 3, 4
on conflict (dimension, day, "group", kind, shard) do update
set accepted = nullif(coalesce(t.accepted, 0) + coalesce(excluded.accepted, 0), 0),
    sal = nullif(coalesce(t.sal, 0) + excluded.sal, 0)
"""  # noqa: S608 - our own text alone
COUNT_DAYS = f"""
insert into tallies as t (dimension, "group", day, kind, shard, leads)
select 'reached', d.stage, ({FURTHER} at time zone 'UTC')::date, '', 0, count(*)
from leads l cross join lateral (values ('sal', l.sal_at), ('accepted', l.accepted_at)) as d(stage, known)
where l.qualified_at is not null and d.known is null and {FURTHER} is not null
group by 2, 3
on conflict (dimension, day, "group", kind, shard) do update
set leads = nullif(coalesce(t.leads, 0) + excluded.leads, 0)
"""  # noqa: S608 - our own text alone
DATE_LEADS = f"""
update leads l set sal_at = {FURTHER}, accepted_at = least(l.accepted_at, {FURTHER})
where l.sal_at is null and {FURTHER} is not null
"""  # noqa: S608 - our own text alone


def upgrade() -> None:
    op.add_column("leads", sa.Column("asked_at", INSTANT))
    op.add_column("leads", sa.Column("waits_until", INSTANT))
    for statement in (COUNT_COHORTS, COUNT_DAYS, DATE_LEADS):
        op.execute(statement)


def downgrade() -> None:
    op.drop_column("leads", "waits_until")
    op.drop_column("leads", "asked_at")
