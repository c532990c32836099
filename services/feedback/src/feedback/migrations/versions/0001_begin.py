"""Begin: people, their leads, what happened to them and why."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from events.runtime.schema import create_runtime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
STATES = "'mql', 'accepted', 'sal', 'sql', 'opportunity', 'won', 'lost', 'recycled', 'disqualified'"
SIDES = "'marketing', 'sales', 'customer_success', 'nobody'"


def upgrade() -> None:
    create_runtime(op)
    _people()
    _leads()
    _reported()
    _registers()


def downgrade() -> None:
    for table in (
        "erased_people", "erased_leads", "accounts", "campaigns", "signals", "notes", "history", "evidence",
        "leads", "people",
    ):  # fmt: skip
        op.drop_table(table)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text) for name in names]


def _instants(*names: str) -> list[sa.Column[AT]]:
    return [sa.Column(name, AT) for name in names]


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("contact_id", sa.Uuid, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("origin", sa.Text),
        sa.Column("origin_at", AT),
        sa.Column("origin_from", sa.Uuid),
        *_instants("raised_at", "engaged_at"),
        sa.PrimaryKeyConstraint("contact_id", name="pk_people"),
        postgresql_with={"fillfactor": 80},
    )


def _leads() -> None:
    op.create_table(
        "leads",
        sa.Column("lead_id", sa.Uuid, nullable=False),
        sa.Column("contact_id", sa.Uuid, nullable=False),
        sa.Column("cycle", sa.Integer, nullable=False),
        sa.Column("heard_at", AT, nullable=False),
        *_texts("lead_type", "outcome", "fit", "source", "campaign", "segment", "playbook_version"),
        *_instants("typed_at", "qualified_at", "captured_at", "handed_over_at"),
        sa.Column("placement", sa.Integer, nullable=False),
        *_texts("placed", "rep_id", "team", "queue"),
        sa.Column("roles", JSONB, nullable=False),
        sa.Column("moves", JSONB, nullable=False),
        sa.Column("touches", sa.Integer, nullable=False),
        sa.Column("automated_touches", sa.Integer, nullable=False),
        *_instants("first_touched_at", "last_touched_at", "review_opened_at", "review_closed_at"),
        *_instants("rang_at", "alarm_at", "stalls_at", "woken_at"),
        sa.Column("said_end", sa.Uuid),
        sa.Column("said_woken", sa.Uuid),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("side", sa.Text, nullable=False),
        sa.Column("since", AT, nullable=False),
        *_instants("accepted_at", "sal_at", "confirmed_at", "opportunity_at", "won_at", "lost_at", "ended_at"),
        sa.Column("amount", sa.Double),
        *_texts("reason", "track"),
        sa.Column("wake_at", AT),
        sa.PrimaryKeyConstraint("lead_id", name="pk_leads"),
        sa.CheckConstraint(f"state in ({STATES})", name="ck_leads_state"),
        sa.CheckConstraint(f"side in ({SIDES})", name="ck_leads_side"),
        postgresql_with={"fillfactor": 70},
    )
    op.create_index("ix_leads_contact_id", "leads", ["contact_id"])
    op.create_index("ix_leads_state", "leads", ["state", "lead_id"])
    op.create_index("ix_leads_rep_id", "leads", ["rep_id", "lead_id"])
    op.create_index("ix_leads_queue", "leads", ["queue", "lead_id"], postgresql_where="queue is not null")
    op.create_table(
        "evidence",
        sa.Column("lead_id", sa.Uuid, nullable=False),
        sa.Column("contact_id", sa.Uuid, nullable=False),
        sa.Column("said_at", AT, nullable=False),
        sa.Column("email_domain", sa.Text),
        sa.Column("fit", JSONB, nullable=False),
        sa.Column("readiness", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("lead_id", name="pk_evidence"),
    )
    op.create_index("ix_evidence_contact_id", "evidence", ["contact_id"])


def _reported() -> None:
    op.create_table(
        "history",
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("lead_id", sa.Uuid, nullable=False),
        sa.Column("contact_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("recorded_at", AT, nullable=False),
        sa.Column("by", sa.Text),
        sa.Column("details", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name="pk_history"),
    )
    op.create_index("ix_history_lead_id", "history", ["lead_id", "at"])
    op.create_index("ix_history_contact_id", "history", ["contact_id"])
    op.create_table(
        "notes",
        sa.Column("action_id", sa.Uuid, nullable=False),
        sa.Column("lead_id", sa.Uuid, nullable=False),
        sa.Column("contact_id", sa.Uuid, nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("context", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("action_id", name="pk_notes"),
    )
    op.create_index("ix_notes_lead_id", "notes", ["lead_id"])
    op.create_index("ix_notes_contact_id", "notes", ["contact_id"])
    op.create_table(
        "signals",
        sa.Column("engagement_id", sa.Uuid, nullable=False),
        sa.Column("contact_id", sa.Uuid, nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("hand_raise", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("engagement_id", name="pk_signals"),
    )
    op.create_index("ix_signals_contact_id", "signals", ["contact_id", "at"])


def _registers() -> None:
    op.create_table(
        "campaigns",
        sa.Column("campaign", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        *_instants("starts_at", "ends_at"),
        sa.Column("spend", sa.Double),
        sa.PrimaryKeyConstraint("campaign", name="pk_campaigns"),
    )
    op.create_table(
        "accounts",
        sa.Column("domain", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("owner", sa.Text),
        sa.PrimaryKeyConstraint("domain", name="pk_accounts"),
    )
    op.create_table(
        "erased_leads",
        sa.Column("lead_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("lead_id", name="pk_erased_leads"),
    )
    op.create_table(
        "erased_people",
        sa.Column("contact_id", sa.Uuid, nullable=False),
        sa.Column("erased_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("contact_id", name="pk_erased_people"),
    )
