"""The people of an account as they were published with its open leads.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_people",
        sa.Column("lead_id", sa.Uuid, primary_key=True),
        sa.Column("person_id", sa.Uuid, primary_key=True),
        sa.Column("contact_id", sa.Uuid, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("roles", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("is_main", sa.Boolean, nullable=False),
    )
    op.create_index("account_people_contact", "account_people", ["contact_id"])
    op.create_index("account_people_person", "account_people", ["person_id"])
    op.create_index(
        "leads_open", "leads", ["email_domain"], postgresql_where=sa.text("ended_at is null and cooled_at is null")
    )


def downgrade() -> None:
    op.drop_index("leads_open")
    op.drop_table("account_people")
