"""Which contacts are one person."""

from alembic import op

from events.runtime.merges import create_merges

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_merges(op)


def downgrade() -> None:
    op.drop_table("merges")
