"""What the company's own enrichment service is asked, and how that ended.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "enrichments",
        sa.Column("contact_id", sa.Uuid, primary_key=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("email_domain", sa.Text, nullable=False),
        sa.Column("company", sa.Text),
        sa.Column("country", sa.Text),
        sa.Column("missing", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("outcome", sa.Text),
        sa.CheckConstraint("outcome in ('answered', 'later', 'unknown', 'failed', 'off')", name="enrichments_outcome"),
    )
    op.create_index("enrichments_due", "enrichments", ["due_at"], postgresql_where=sa.text("due_at is not null"))


def downgrade() -> None:
    op.drop_table("enrichments")
