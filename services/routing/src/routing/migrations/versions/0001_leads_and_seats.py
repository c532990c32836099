"""Leads, decisions, reps and their seats; what is known of accounts and campaigns.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from events.runtime.schema import create_runtime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_runtime(op)
    op.create_table(
        "leads",
        sa.Column("lead_id", sa.Uuid, primary_key=True),
        sa.Column("contact_id", sa.Uuid, nullable=False),
        sa.Column("cycle", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("placement", sa.Integer, nullable=False),
        sa.Column("decisions", sa.Integer, nullable=False),
        sa.Column("worked", sa.Boolean, nullable=False),
        sa.Column("lead_type", sa.Text),
        sa.Column("fit", sa.Text),
        sa.Column("team", sa.Text),
        sa.Column("queue", sa.Text),
        sa.Column("rep_id", sa.Text),
        sa.Column("handed_over_at", INSTANT),
        sa.Column("placed_at", INSTANT),
        sa.Column("facts", JSONB),
        sa.CheckConstraint("state in ('unplaced', 'queued', 'assigned', 'closed', 'released')", name="leads_state"),
        sa.CheckConstraint("state <> 'queued' or (rep_id is null and team is not null)", name="leads_queued"),
        sa.CheckConstraint("state <> 'assigned' or (rep_id is not null and team is not null)", name="leads_assigned"),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index("leads_contact", "leads", ["contact_id"])
    op.create_index(
        "leads_waiting",
        "leads",
        ["team", "queue", "fit", "handed_over_at", "lead_id"],
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "leads_of_rep", "leads", ["rep_id", "placed_at", "lead_id"], postgresql_where=sa.text("state = 'assigned'")
    )
    op.create_table(
        "decisions",
        sa.Column("lead_id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("contact_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("placement", sa.Integer, nullable=False),
        sa.Column("team", sa.Text),
        sa.Column("queue", sa.Text),
        sa.Column("rep_id", sa.Text),
        sa.Column("previous_rep_id", sa.Text),
        sa.Column("by", sa.Text),
        sa.Column("note", sa.Text),
        sa.Column("tried", JSONB, nullable=False),
        sa.Column("playbook_version", sa.Text, nullable=False),
        sa.CheckConstraint(
            "kind in ('assigned', 'queued', 'released', 'kept', 'escalated', 'not_placed')", name="decisions_kind"
        ),
    )
    op.create_index("decisions_contact", "decisions", ["contact_id"])
    _reps()
    _reference()


def _reps() -> None:
    op.create_table("pools", sa.Column("team", sa.Text, primary_key=True))
    op.create_table(
        "reps",
        sa.Column("rep_id", sa.Text, primary_key=True),
        sa.Column("put_at", INSTANT, nullable=False),
        sa.Column("team", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("weight", sa.Double, nullable=False),
        sa.Column("capacity", JSONB, nullable=False),
        sa.Column("hours", JSONB, nullable=False),
        sa.Column("absences", JSONB, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.CheckConstraint("status in ('active', 'paused', 'left')", name="reps_status"),
        sa.CheckConstraint("weight > 0", name="reps_weight"),
    )
    op.create_table(
        "seats",
        sa.Column("rep_id", sa.Text, primary_key=True),
        sa.Column("team", sa.Text, nullable=False),
        sa.Column("weight", sa.Double, nullable=False),
        sa.Column("position", sa.Double, nullable=False),
        sa.Column("taking_part", sa.Boolean, nullable=False),
        sa.Column("open", sa.Integer, nullable=False),
        sa.Column("day", sa.Date),
        sa.Column("today", sa.Integer, nullable=False),
        postgresql_with={"fillfactor": "50"},
    )


def _reference() -> None:
    op.create_table(
        "accounts",
        sa.Column("domain", sa.Text, primary_key=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("owner", sa.Text),
    )
    op.create_table(
        "campaigns",
        sa.Column("campaign", sa.Text, primary_key=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("brief", sa.Text),
        sa.Column("content", JSONB, nullable=False),
    )
    op.create_table("erased", sa.Column("contact_id", sa.Uuid, primary_key=True))


def downgrade() -> None:
    for table in ("erased", "campaigns", "accounts", "seats", "reps", "pools", "decisions", "leads"):
        op.drop_table(table)
