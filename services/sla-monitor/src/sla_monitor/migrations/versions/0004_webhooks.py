"""Webhooks, and the messages to them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

INSTANT = sa.DateTime(timezone=True)
CLOCK = sa.text("clock_timestamp()")


def upgrade() -> None:
    op.create_table(
        "webhooks",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("events", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("teams", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("clocks", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("each_hour", sa.Integer, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False, server_default="1"),
        sa.Column("disabled_at", INSTANT),
    )
    op.create_table(
        "deliveries",
        sa.Column("delivery_id", sa.Uuid, primary_key=True),
        sa.Column("webhook", sa.Text, nullable=False),
        sa.Column("contact_id", sa.Uuid),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False, server_default=CLOCK),
        sa.Column("released_at", INSTANT),
        sa.Column("collected", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("due_at", INSTANT, server_default=CLOCK),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("sent_at", INSTANT),
        sa.Column("failed_at", INSTANT),
        sa.Column("last_error", sa.Text),
        sa.Column("digest_id", sa.Uuid),
    )
    op.create_index(
        "deliveries_due", "deliveries", ["webhook", "due_at"], postgresql_where=sa.text("due_at is not null")
    )
    op.create_index("deliveries_made", "deliveries", ["made_at", "delivery_id"])
    op.create_index(
        "deliveries_released", "deliveries", ["webhook", "released_at"], postgresql_where=sa.text("kind <> 'digest'")
    )
    op.create_index("deliveries_contact", "deliveries", ["contact_id"])


def downgrade() -> None:
    op.drop_table("deliveries")
    op.drop_table("webhooks")
