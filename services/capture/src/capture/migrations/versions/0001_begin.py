"""Begin: people by their keyed names, what they did, what they agreed to, and the registers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from events.runtime.schema import create_runtime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_runtime(op)
    _people()
    _engagements()
    _erasures()
    _registers()


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text) for name in names]


def _people() -> None:
    op.create_table(
        "identities",
        sa.Column("key", sa.Uuid, nullable=False),
        sa.Column("contact_id", sa.Uuid),
        sa.Column("incarnation", sa.Integer, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("key", name="pk_identities"),
    )
    op.create_index("ix_identities_contact_id", "identities", ["contact_id"])
    op.create_table(
        "profiles",
        sa.Column("contact_id", sa.Uuid, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("first_seen_at", AT, nullable=False),
        sa.Column("told", JSONB, nullable=False),
        sa.Column("engagements", sa.Integer, nullable=False),
        *_text("email", "email_ascii", "email_domain", "email_kind", "phone", "first_name"),
        *_text("last_name", "company", "job_title", "country", "region", "postal_code"),
        sa.Column("industry", sa.Text),
        sa.Column("employees", sa.Integer),
        sa.Column("referrer", sa.Text),
        sa.Column("consents", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("contact_id", name="pk_profiles"),
        sa.CheckConstraint(
            "email_kind in ('corporate', 'free', 'disposable', 'role')",
            name="ck_profiles_email_kind",
        ),
        postgresql_with={"fillfactor": 80},
    )
    op.create_table(
        "consents",
        sa.Column("consent_id", sa.Uuid, nullable=False),
        sa.Column("contact_id", sa.Uuid, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("granted", sa.Boolean, nullable=False),
        sa.Column("wording_version", sa.Text, nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("received_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("consent_id", name="pk_consents"),
    )
    op.create_index("ix_consents_contact_id", "consents", ["contact_id"])


def _engagements() -> None:
    op.create_table(
        "engagements",
        sa.Column("engagement_id", sa.Uuid, nullable=False),
        sa.Column("contact_id", sa.Uuid, nullable=False),
        sa.Column("engagement", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("occurred_at", AT, nullable=False),
        sa.Column("received_at", AT, nullable=False),
        sa.Column("event_id", sa.Text),
        sa.Column("repeat_key", sa.Uuid),
        sa.Column("content", sa.Text),
        sa.Column("campaign", sa.Text),
        sa.Column("utm", JSONB),
        sa.Column("referrer", sa.Text),
        sa.Column("talk_to_sales", sa.Boolean, nullable=False),
        *_text("talk_to_sales_when", "preference"),
        sa.Column("preferred_at", AT),
        sa.Column("facts", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("engagement_id", name="pk_engagements"),
    )
    op.create_index("ix_engagements_contact_id", "engagements", ["contact_id", "occurred_at"])
    op.create_index(
        "uq_engagements_event", "engagements", ["repeat_key"], unique=True,
        postgresql_where=sa.text("event_id is not null"),
    )  # fmt: skip
    op.create_index(
        "ix_engagements_words", "engagements", ["repeat_key"],
        postgresql_where=sa.text("event_id is null"),
    )  # fmt: skip


def _erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("erasure_id", sa.Uuid, nullable=False),
        sa.Column("contact_id", sa.Uuid, nullable=False),
        sa.Column("requested_at", AT, nullable=False),
        sa.Column("requested_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("erasure_id", name="pk_erasures"),
    )
    op.create_table(
        "receipts",
        sa.Column("erasure_id", sa.Uuid, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("erased_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("erasure_id", "service", name="pk_receipts"),
    )


def _registers() -> None:
    op.create_table(
        "accounts",
        sa.Column("domain", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("kind", sa.Text, nullable=False),
        *_text("owner", "parent"),
        sa.Column("aliases", ARRAY(sa.Text), nullable=False),
        sa.Column("open_opportunity", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("domain", name="pk_accounts"),
        sa.CheckConstraint(
            "kind in ('prospect', 'customer', 'competitor', 'partner', 'own')",
            name="ck_accounts_kind",
        ),
    )
    op.create_table(
        "campaigns",
        sa.Column("campaign", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("starts_at", AT),
        sa.Column("ends_at", AT),
        sa.Column("brief", sa.Text),
        sa.Column("content", ARRAY(sa.Text), nullable=False),
        sa.Column("spend", sa.Double),
        sa.PrimaryKeyConstraint("campaign", name="pk_campaigns"),
    )
    op.create_table(
        "content_pieces",
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        *_text("url", "stage", "topic", "persona"),
        sa.PrimaryKeyConstraint("content", name="pk_content_pieces"),
    )


def downgrade() -> None:
    for table in (
        "content_pieces", "campaigns", "accounts", "receipts", "erasures", "engagements", "consents",
        "profiles", "identities",
    ):  # fmt: skip
        op.drop_table(table)
