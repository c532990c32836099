"""Columns for what marketing answers to feedback by itself.

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
    for name in ("answered_by", "answer", "answer_content", "answer_note"):
        op.add_column("feedbacks", sa.Column(name, sa.Text))
