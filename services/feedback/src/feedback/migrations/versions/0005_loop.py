"""Proposals that come of feedback, and who is answered."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def _added(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "proposals",
        sa.Column("proposal_id", sa.Uuid, nullable=False),
        *_added("service", "change", "diff", "playbook_version", "state", "proposed_by"),
        *(sa.Column(name, sa.Text) for name in ("reason", "campaign", "topic")),
        *(sa.Column(name, JSONB, nullable=False) for name in ("simulation", "trend", "approvals")),
        sa.Column("proposed_at", AT, nullable=False),
        sa.Column("activated_at", AT),
        sa.PrimaryKeyConstraint("proposal_id", name="pk_proposals"),
        sa.CheckConstraint("state in ('open', 'approved', 'activated')", name="ck_proposals_state"),
    )
    op.create_table(
        "proposal_sources",
        sa.Column("proposal_id", sa.Uuid, nullable=False),
        sa.Column("feedback_id", sa.Uuid, nullable=False),
        sa.Column("contact_id", sa.Uuid),
        sa.Column("campaign", sa.Text),
        sa.Column("rep_id", sa.Text),
        sa.PrimaryKeyConstraint("proposal_id", "feedback_id", name="pk_proposal_sources"),
    )
    op.create_index("ix_proposal_sources_contact_id", "proposal_sources", ["contact_id"])
    op.create_table(
        "activations",
        *_added("service", "version"),
        sa.Column("activated_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("service", "version", name="pk_activations"),
    )


def downgrade() -> None:
    for table in ("activations", "proposal_sources", "proposals"):
        op.drop_table(table)
