"""Indexes by which contacts who may be one person are found.

Revision ID: 0010
Revises: 0009
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create index profiles_phone on profiles (phone) where phone is not null")
    op.execute("create index profiles_email_domain on profiles (email_domain) where email_kind = 'corporate'")
    op.execute(
        "create index profiles_name on profiles (lower(last_name), left(lower(first_name), 1))"
        " where last_name is not null"
    )
    op.execute(
        "create index profiles_company on profiles (left(lower(company), 4), left(lower(last_name), 1))"
        " where company is not null"
    )


def downgrade() -> None:
    for name in ("profiles_company", "profiles_name", "profiles_email_domain", "profiles_phone"):
        op.drop_index(name)
