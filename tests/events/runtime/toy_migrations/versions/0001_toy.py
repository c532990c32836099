"""The runtime's tables and one of the toy's own."""

from alembic import op

from events.runtime.merges import create_merges
from events.runtime.schema import create_runtime

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_runtime(op)
    create_merges(op)
    op.execute("create table heard (engagement_id uuid primary key, contact_id uuid not null, times integer not null)")
