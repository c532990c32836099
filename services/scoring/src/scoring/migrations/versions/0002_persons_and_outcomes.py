"""Merged contacts, what leads were told as, what became of them, overrides, and crossings that were held back."""

import sqlalchemy as sa
from alembic import op

from events.runtime.merges import create_merges

revision = "0002"
down_revision = "0001"

INSTANT = sa.DateTime(timezone=True)
TURNS = (
    "recycled",
    "disqualified",
    "won",
    "worked",
    "customer",
    "churned",
    "confirmed",
    "opportunity",
    "lost",
)


def upgrade() -> None:
    create_merges(op)
    op.drop_constraint("turns_kind", "turns")
    op.create_check_constraint("turns_kind", "turns", sa.column("kind").in_(TURNS))
    for column in (
        sa.Column("opened_as", sa.Text),
        sa.Column("told_fit", sa.Text),
        sa.Column("told_level", sa.Integer),
        sa.Column("told_points", sa.Double),
        sa.Column("playbook_version", sa.Text),
        sa.Column("email_domain", sa.Text),
    ):
        op.add_column("leads", column)
    op.create_index("leads_product", "leads", ["email_domain"], postgresql_where=sa.text("opened_as = 'product'"))
    op.create_index("leads_qualified_at", "leads", ["qualified_at"])
    op.create_table(
        "overrides",
        sa.Column("override_id", sa.Uuid, primary_key=True),
        sa.Column("contact_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint(sa.column("kind").in_(("lift_exclusion", "push")), name="overrides_kind"),
    )
    op.create_index("overrides_contact", "overrides", ["contact_id"])
    op.create_index("overrides_at", "overrides", ["at"])
    op.create_table(
        "held",
        sa.Column("engagement_id", sa.Uuid, primary_key=True),
        sa.Column("contact_id", sa.Uuid, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_index("held_contact", "held", ["contact_id"])
    op.create_index("held_at", "held", ["at"])


def downgrade() -> None:
    for table in ("held", "overrides", "merges"):
        op.drop_table(table)
    op.drop_index("leads_qualified_at")
    op.drop_index("leads_product")
    for column in ("opened_as", "told_fit", "told_level", "told_points", "playbook_version", "email_domain"):
        op.drop_column("leads", column)
