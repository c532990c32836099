"""Links that make a phone a scanner, and forms that were filled in as a test.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "scanner_pairings",
        sa.Column("pairing_id", sa.Uuid, primary_key=True),
        sa.Column("code_hash", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("paired_at", INSTANT),
        sa.Column("key_id", sa.Text),
        sa.Column("ended_at", INSTANT),
        sa.Column("ended_by", sa.Text),
        sa.UniqueConstraint("code_hash", name="uq_scanner_pairings_code_hash"),
    )
    op.create_table(
        "form_tests",
        sa.Column("test_id", sa.Uuid, primary_key=True),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("key_id", sa.Text),
        sa.Column("origin", sa.Text),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("suspicion", sa.Text),
        sa.Column("captured", JSONB, nullable=False),
    )
    op.create_index("ix_form_tests_received_at", "form_tests", ["received_at"])


def downgrade() -> None:
    op.drop_table("form_tests")
    op.drop_table("scanner_pairings")
