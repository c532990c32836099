"""Cases and erasures, beside the runtime's tables."""

import sqlalchemy as sa
from alembic import op

from events.runtime.schema import create_runtime, upgrade_runtime

revision = "0001"
down_revision = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_runtime(op)
    op.create_table(
        "cases",
        sa.Column("contact_id", sa.Uuid, primary_key=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("lead_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("handled_at", INSTANT),
        sa.Column("handled_by", sa.Text),
    )
    op.create_index("cases_since", "cases", ["since", "contact_id"])
    op.create_table(
        "erasures",
        sa.Column("contact_id", sa.Uuid, primary_key=True),
        sa.Column("erased_at", INSTANT, nullable=False),
    )
    upgrade_runtime(op)


def downgrade() -> None:
    for table in ("erasures", "cases"):
        op.drop_table(table)
