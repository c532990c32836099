"""Engagements, turns, leads, accounts and erasures, beside the runtime's tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from events.runtime.schema import create_runtime

revision = "0001"
down_revision = None

INSTANT = sa.DateTime(timezone=True)
TURNS = ("recycled", "disqualified", "won", "worked", "customer", "churned")
OUTCOMES = ("poor_fit", "mql", "hand_raiser", "customer")


def upgrade() -> None:
    create_runtime(op)
    op.create_table(
        "engagements",
        sa.Column("engagement_id", sa.Uuid, primary_key=True),
        sa.Column("contact_id", sa.Uuid, nullable=False),
        sa.Column("engagement", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("occurred_at", INSTANT, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("content", sa.Text),
        sa.Column("campaign", sa.Text),
        sa.Column("talk_to_sales", sa.Boolean, nullable=False),
        sa.Column("preference", sa.Text),
        sa.Column("preferred_at", INSTANT),
        sa.Column("email_domain", sa.Text),
        sa.Column("facts", JSONB, nullable=False),
    )
    op.create_index("engagements_contact", "engagements", ["contact_id"])
    op.create_index("engagements_email_domain", "engagements", ["email_domain"])
    op.create_table(
        "turns",
        sa.Column("turn_id", sa.Uuid, primary_key=True),
        sa.Column("contact_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("cycle", sa.Integer),
        sa.Column("reason", sa.Text),
        sa.CheckConstraint(sa.column("kind").in_(TURNS), name="turns_kind"),
    )
    op.create_index("turns_contact", "turns", ["contact_id"])
    _create_leads()
    op.create_table(
        "accounts",
        sa.Column("domain", sa.Text, primary_key=True),
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
    )
    op.create_index("accounts_account", "accounts", ["account"])
    op.create_table(
        "erasures",
        sa.Column("contact_id", sa.Uuid, primary_key=True),
        sa.Column("erased_at", INSTANT, nullable=False),
    )


def _create_leads() -> None:
    op.create_table(
        "leads",
        sa.Column("lead_id", sa.Uuid, primary_key=True),
        sa.Column("contact_id", sa.Uuid, nullable=False),
        sa.Column("cycle", sa.Integer, nullable=False),
        sa.Column("lead_type", sa.Text, nullable=False),
        sa.Column("told_type", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("fit", sa.Text, nullable=False),
        sa.Column("by_request", sa.Boolean, nullable=False),
        sa.Column("engagement_id", sa.Uuid, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("qualified_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.Column("cools_at", INSTANT),
        sa.Column("cooled_at", INSTANT),
        sa.CheckConstraint(sa.column("outcome").in_(OUTCOMES), name="leads_outcome"),
        sa.UniqueConstraint("contact_id", "cycle", name="leads_contact_cycle"),
    )


def downgrade() -> None:
    for table in ("erasures", "accounts", "leads", "turns", "engagements"):
        op.drop_table(table)
