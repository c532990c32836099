"""Activities of other systems, and whom the keyed hashes stand for."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "identities",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("contact_id", sa.Uuid, nullable=False),
        sa.Column("learned", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_identities"),
    )
    op.create_index("ix_identities_contact_id", "identities", ["contact_id"])
    op.create_table(
        "activities",
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("external_id", sa.Text, nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("touch", JSONB, nullable=False),
        sa.Column("keys", JSONB, nullable=False),
        sa.Column("problem", sa.Text, nullable=False),
        sa.Column("recorded_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("source", "external_id", name="pk_activities"),
    )


def downgrade() -> None:
    op.drop_table("activities")
    op.drop_table("identities")
