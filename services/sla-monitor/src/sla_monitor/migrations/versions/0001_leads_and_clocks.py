"""Leads, clocks and erasures, beside the runtime's tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from events.runtime.schema import create_runtime

revision = "0001"
down_revision = None

STATES = ("running", "paused", "warned", "breached", "met", "met_late", "rescinded", "cancelled")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_runtime(op)
    op.create_table(
        "leads",
        sa.Column("lead_id", sa.Uuid, primary_key=True),
        sa.Column("contact_id", sa.Uuid, nullable=False),
        sa.Column("cycle", sa.Integer, nullable=False),
        sa.Column("facts", JSONB, nullable=False),
        sa.Column("handed_over_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.Column("next_at", INSTANT),
    )
    # Each fact rewrites its lead's row: room on the page keeps that from touching the indexes.
    op.execute("alter table leads set (fillfactor = 70)")
    op.create_index("leads_contact", "leads", ["contact_id"])
    op.create_index("leads_open", "leads", ["handed_over_at"], postgresql_where=sa.text("ended_at is null"))
    _create_clocks()
    op.create_table(
        "erasures",
        sa.Column("contact_id", sa.Uuid, primary_key=True),
        sa.Column("erased_at", INSTANT, nullable=False),
    )


def _create_clocks() -> None:
    op.create_table(
        "clocks",
        sa.Column("clock_id", sa.Uuid, primary_key=True),
        sa.Column("lead_id", sa.Uuid, nullable=False),
        sa.Column("contact_id", sa.Uuid, nullable=False),
        sa.Column("cycle", sa.Integer, nullable=False),
        sa.Column("clock", sa.Text, nullable=False),
        sa.Column("run", sa.Integer, nullable=False),
        sa.Column("policy", sa.Text, nullable=False),
        sa.Column("playbook_version", sa.Text, nullable=False),
        sa.Column("lead_type", sa.Text, nullable=False),
        sa.Column("rep_id", sa.Text),
        sa.Column("team", sa.Text),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("warn_at", INSTANT),
        sa.Column("due_at", INSTANT),
        sa.Column("paused_until", INSTANT),
        sa.Column("met_at", INSTANT),
        sa.Column("closed_at", INSTANT),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("warned_at", INSTANT),
        sa.Column("breached_at", INSTANT),
        sa.Column("kept_at", INSTANT),
        sa.Column("rescinded_at", INSTANT),
        sa.Column("escalations", sa.Integer, nullable=False, server_default="0"),
        sa.Column("reassigned", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.CheckConstraint(sa.column("state").in_(STATES), name="clocks_state"),
    )
    op.create_index("clocks_lead", "clocks", ["lead_id"])
    op.create_index(
        "clocks_open",
        "clocks",
        [sa.text("coalesce(due_at, 'infinity'::timestamptz)"), "clock_id"],
        postgresql_where=sa.text("state in ('running', 'paused', 'warned')"),
    )
    op.create_index(
        "clocks_breached", "clocks", ["breached_at", "clock_id"], postgresql_where=sa.text("breached_at is not null")
    )


def downgrade() -> None:
    for table in ("erasures", "clocks", "leads"):
        op.drop_table(table)
