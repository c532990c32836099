"""What the playbook's model of probability said of each lead.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("leads", sa.Column("probability", sa.Double))
    op.add_column("leads", sa.Column("probability_model", sa.Text))
    op.create_index("leads_probability", "leads", ["qualified_at"], postgresql_where=sa.text("probability is not null"))


def downgrade() -> None:
    op.drop_index("leads_probability")
    op.drop_column("leads", "probability_model")
    op.drop_column("leads", "probability")
