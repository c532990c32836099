"""An index for the lists of the touches in which a topic was raised.

Revision ID: 0018
Revises: 0017
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

CREATE = """
create index ix_history_topics on history (at, entry_id) where kind = 'lead.touched' and details -> 'topics' <> '[]'
"""


def upgrade() -> None:
    op.execute(CREATE)


def downgrade() -> None:
    op.drop_index("ix_history_topics")
