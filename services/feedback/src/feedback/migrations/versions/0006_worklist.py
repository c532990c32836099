"""Find what waits for marketing without reading every lead."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_leads_returned",
        "leads",
        ["ended_at", "lead_id"],
        postgresql_where="state = 'recycled' and woken_at is null",
    )
    op.create_index(
        "ix_leads_review",
        "leads",
        ["review_opened_at", "lead_id"],
        postgresql_where="review_opened_at is not null and review_closed_at is null",
    )


def downgrade() -> None:
    op.drop_index("ix_leads_review", "leads")
    op.drop_index("ix_leads_returned", "leads")
