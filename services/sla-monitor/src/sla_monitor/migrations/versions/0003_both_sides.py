"""What both sides promised can be counted: what came with a lead, who has it, how often it was touched, what is odd."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"

INSTANT = sa.DateTime(timezone=True)
TEXTS = ("lead_type", "source", "segment", "fit", "lacks", "rep_id", "team")


def upgrade() -> None:
    op.add_column("leads", sa.Column("qualified_at", INSTANT))
    for name in TEXTS:
        op.add_column("leads", sa.Column(name, sa.Text))
    op.add_column("leads", sa.Column("touches", sa.Integer, nullable=False, server_default="0"))
    op.add_column("leads", sa.Column("odd", JSONB))
    op.create_index("leads_qualified", "leads", ["qualified_at"])
    op.create_index("leads_odd", "leads", ["lead_id"], postgresql_where=sa.text("odd is not null"))
    op.create_index(
        "leads_ownerless",
        "leads",
        ["handed_over_at", "lead_id"],
        postgresql_where=sa.text("ended_at is null and handed_over_at is not null and rep_id is null"),
    )
    op.create_index(
        "clocks_review",
        "clocks",
        ["warned_at", "clock_id"],
        postgresql_where=sa.text("clock = 'review' and state = 'warned'"),
    )
    op.create_table(
        "comments",
        sa.Column("comment_id", sa.Uuid, primary_key=True),
        sa.Column("lead_id", sa.Uuid, nullable=False),
        sa.Column("contact_id", sa.Uuid, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
    )
    op.create_index("comments_lead", "comments", ["lead_id", "at"])
    op.create_index("comments_contact", "comments", ["contact_id"])
    # Leads that are known already are looked at once more, so that their new columns are filled.
    op.execute(
        "insert into timers (kind, key, contact_id, due_at) "
        " select 'replan', lead_id, contact_id, business_now() from leads"
        " on conflict do nothing"
    )


def downgrade() -> None:
    op.drop_table("comments")
    op.drop_index("clocks_review", "clocks")
    op.drop_index("leads_ownerless", "leads")
    op.drop_index("leads_odd", "leads")
    op.drop_index("leads_qualified", "leads")
    for name in ("qualified_at", *TEXTS, "touches", "odd"):
        op.drop_column("leads", name)
