"""What was last published about when each rep works; a playbook that is put in force publishes what it changes.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SET_TIMER = """
insert into timers (kind, key, contact_id, due_at)
select 'calendars', nobody, nobody, %s
from (values ('00000000-0000-0000-0000-000000000000'::uuid)) as of_all (nobody)
"""
PLAYBOOK_ACTIVATED = f"""
create function playbook_activated() returns trigger language plpgsql as $$
begin
    {SET_TIMER % "new.activated_at"} on conflict do nothing;
    return null;
end
$$
"""


def upgrade() -> None:
    op.create_table(
        "published_calendars",
        sa.Column("rep_id", sa.Text(), primary_key=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
    )
    op.execute(PLAYBOOK_ACTIVATED)
    op.execute(
        "create trigger playbook_activated after insert on playbooks for each row execute function playbook_activated()"
    )
    op.execute(f"{SET_TIMER % 'business_now()'} where exists (select from playbooks) on conflict do nothing")


def downgrade() -> None:
    op.execute("drop trigger playbook_activated on playbooks")
    op.execute("drop function playbook_activated")
    op.execute("delete from timers where kind = 'calendars'")
    op.drop_table("published_calendars")
