"""Several warnings a clock; who ended a lead and why; a timer when another version of the playbook comes in force."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_ENDS = """
update leads set facts = jsonb_set(facts, '{ends}', (
    select coalesce(jsonb_object_agg(key, %s), '{}'::jsonb) from jsonb_each(facts->'ends')
)) where facts->'ends' <> '{}'::jsonb
"""

_ACTIVATED = """
create function playbook_activated() returns trigger language plpgsql as $$
begin
    insert into timers (kind, key, contact_id, due_at)
    select 'agreement', nobody, nobody, new.activated_at
    from (values ('00000000-0000-0000-0000-000000000000'::uuid)) as of_all (nobody)
    on conflict do nothing;
    return null;
end
$$
"""


def upgrade() -> None:
    op.add_column("clocks", sa.Column("warnings", sa.Integer, nullable=False, server_default="0"))
    op.execute("update clocks set warnings = 1 where warned_at is not null")
    op.execute(_ENDS % "jsonb_build_object('at', value)")
    op.execute("""update leads set facts = replace(facts::text, '"deed": "work"', '"deed": "confirm"')::jsonb""")
    op.execute(_ACTIVATED)
    op.execute(
        "create trigger playbook_activated after insert on playbooks for each row execute function playbook_activated()"
    )


def downgrade() -> None:
    op.execute("drop trigger playbook_activated on playbooks")
    op.execute("drop function playbook_activated")
    op.drop_column("clocks", "warnings")
    op.execute(_ENDS % "value->'at'")
