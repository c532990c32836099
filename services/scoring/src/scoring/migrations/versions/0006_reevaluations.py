"""Runs that evaluate everybody near the line again under new rules, and whom they changed.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "reevaluations",
        sa.Column("reevaluation_id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("activated_at", INSTANT, nullable=False),
        sa.Column("last_contact_id", sa.Uuid),
        sa.Column("evaluated", sa.Integer, nullable=False),
        sa.Column("finished_at", INSTANT),
    )
    op.create_index("reevaluations_activated_at", "reevaluations", ["activated_at"])
    op.create_table(
        "reevaluated",
        sa.Column("reevaluation_id", sa.Uuid, primary_key=True),
        sa.Column("lead_id", sa.Uuid, primary_key=True),
        sa.Column("change", sa.Text, primary_key=True),
        sa.Column("contact_id", sa.Uuid, nullable=False),
    )
    op.create_index("reevaluated_contact", "reevaluated", ["contact_id"])


def downgrade() -> None:
    op.drop_table("reevaluated")
    op.drop_table("reevaluations")
