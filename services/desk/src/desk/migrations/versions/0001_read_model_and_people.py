"""The read model of the pages, those who read it, and the messages to them; beside the runtime's tables.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from events.runtime.merges import create_merges
from events.runtime.schema import create_runtime, upgrade_runtime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
OPEN = "state in ('mql', 'accepted', 'sal', 'sql', 'opportunity')"
ROLES = ("rep", "manager", "marketing", "operator")


def text(name: str, *, null: bool = False, key: bool = False) -> sa.Column:
    return sa.Column(name, sa.Text, nullable=null, primary_key=key)


def uuid(name: str, *, null: bool = False, key: bool = False) -> sa.Column:
    return sa.Column(name, sa.Uuid, nullable=null, primary_key=key)


def instant(name: str, *, null: bool = True) -> sa.Column:
    return sa.Column(name, INSTANT, nullable=null)


def number(name: str, kind: type = sa.Integer, *, null: bool = False) -> sa.Column:
    return sa.Column(name, kind, nullable=null)


def upgrade() -> None:
    create_runtime(op)
    upgrade_runtime(op)
    create_merges(op)
    _create_leads()
    _create_stories()
    _create_people_of_ours()
    _create_messages()


def _create_leads() -> None:
    op.create_table(
        "leads",
        uuid("lead_id", key=True), uuid("contact_id"), number("cycle"),
        sa.Column("facts", JSONB, nullable=False), text("state"),
        *(text(name, null=True) for name in ("rep_id", "owner_id", "team", "queue")),
        number("placement"),
        *(text(name, null=True) for name in ("lead_type", "fit", "source", "campaign")),
        *(instant(name) for name in ("captured_at", "qualified_at", "handed_over_at", "placed_at", "due_at")),
        text("due_clock", null=True), sa.Column("missed", sa.Boolean, nullable=False), number("touches"),
        *(instant(name) for name in ("touched_at", "accepted_at", "confirmed_at", "opportunity_at", "ended_at")),
        text("reason", null=True), number("amount", sa.Double, null=True),
    )  # fmt: skip
    op.execute("alter table leads set (fillfactor = 70)")  # each fact rewrites its lead's row
    op.create_index("leads_contact", "leads", ["contact_id"])
    op.create_index("leads_owner", "leads", ["owner_id", "due_at"], postgresql_where=sa.text(OPEN))
    op.create_index("leads_team", "leads", ["team", "due_at"], postgresql_where=sa.text(OPEN))
    op.create_index("leads_due", "leads", ["due_at"], postgresql_where=sa.text(OPEN))
    op.create_index("leads_qualified", "leads", ["qualified_at"])
    op.create_index("leads_ended", "leads", ["ended_at"], postgresql_where=sa.text("ended_at is not null"))


def _create_stories() -> None:
    op.create_table(
        "people",
        uuid("contact_id", key=True), number("revision"),
        *(text(name, null=True) for name in ("name", "email", "phone", "company", "job_title", "country", "message")),
        sa.Column("suppressed", sa.ARRAY(sa.Text), nullable=False),
    )  # fmt: skip
    op.create_table(
        "entries",
        uuid("entry_id", key=True), uuid("contact_id"), uuid("lead_id", null=True), text("kind"),
        instant("at", null=False), sa.Column("body", JSONB, nullable=False),
    )  # fmt: skip
    op.create_index("entries_contact", "entries", ["contact_id", "at"])
    op.create_table(
        "promises",
        uuid("clock_id", key=True), uuid("lead_id"), uuid("contact_id"), text("clock"), text("policy"),
        text("rep_id", null=True), text("team", null=True), instant("started_at", null=False), instant("due_at"),
        instant("as_of", null=False), instant("breached_at"), instant("met_at"),
        number("late_seconds", sa.Double, null=True), instant("rescinded_at"),
    )  # fmt: skip
    op.create_index("promises_due", "promises", ["due_at"])
    op.create_index("promises_contact", "promises", ["contact_id"])
    op.create_table(
        "campaigns",
        text("campaign", key=True), number("revision"), text("name"), text("brief", null=True), instant("starts_at"),
        instant("ends_at"),
    )  # fmt: skip
    op.create_table("erasures", uuid("contact_id", key=True), instant("erased_at", null=False))
    op.create_table(
        "remarks",
        uuid("remark_id", key=True), uuid("lead_id"), uuid("contact_id"), text("kind"), text("by"),
        instant("at", null=False), sa.Column("body", JSONB, nullable=False),
    )  # fmt: skip
    op.create_index("remarks_contact", "remarks", ["contact_id"])
    op.create_index("remarks_lead", "remarks", ["lead_id"])


def _create_people_of_ours() -> None:
    op.create_table(
        "users",
        text("user_id", key=True), text("role"), text("rep_id", null=True), text("team", null=True),
        text("email", null=True), text("chat_url", null=True),
        sa.Column("zone", sa.Text, nullable=False, server_default="UTC"),
        sa.Column("created_at", INSTANT, nullable=False, server_default=sa.text("clock_timestamp()")),
        instant("disabled_at"),
        sa.CheckConstraint(sa.column("role").in_(ROLES), name="users_role"),
        sa.CheckConstraint("role <> 'rep' or rep_id is not null", name="users_rep"),
        sa.CheckConstraint("role <> 'manager' or team is not null", name="users_manager"),
    )  # fmt: skip
    op.create_table(
        "invitations",
        text("hash", key=True), text("user_id"), instant("expires_at", null=False), instant("used_at"),
    )  # fmt: skip
    op.create_table(
        "sessions",
        text("hash", key=True), text("user_id"),
        sa.Column("created_at", INSTANT, nullable=False, server_default=sa.text("clock_timestamp()")),
        instant("expires_at", null=False),
    )  # fmt: skip


def _create_messages() -> None:
    op.create_table(
        "messages",
        uuid("message_id", key=True), text("user_id"), text("channel"), text("kind"), uuid("lead_id"),
        uuid("contact_id"), instant("made_at", null=False), instant("due_at"), number("attempts"),
        instant("sent_at"), instant("failed_at"), text("last_error", null=True),
    )  # fmt: skip
    op.create_index("messages_due", "messages", ["due_at"], postgresql_where=sa.text("due_at is not null"))
    op.create_index("messages_contact", "messages", ["contact_id"])
    op.create_index("messages_user", "messages", ["user_id", "sent_at"])
    op.create_table(
        "action_links",
        text("hash", key=True), text("user_id"), uuid("lead_id"), uuid("contact_id"), text("action"),
        instant("expires_at", null=False), instant("used_at"),
    )  # fmt: skip
    op.create_index("action_links_contact", "action_links", ["contact_id"])


def downgrade() -> None:
    tables = ("action_links", "messages", "sessions", "invitations", "users", "remarks", "erasures", "campaigns",
              "promises", "entries", "people", "leads")  # fmt: skip
    for table in tables:
        op.drop_table(table)
