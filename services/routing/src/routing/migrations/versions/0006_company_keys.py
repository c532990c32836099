"""Look accounts up by the key of a company's name that all services share.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

from events.names import normalize_company_name

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_NAMED = sa.text("select domain, name, block from accounts where name is not null order by domain")
_MOVE = sa.text("update accounts set block = :block where domain = :domain")


def upgrade() -> None:
    connection = op.get_bind()
    wanted = [
        {"domain": domain, "block": block}
        for domain, name, before in connection.execute(_NAMED).all()
        if (block := (normalize_company_name(name) or "").partition(" ")[0] or None) != before
    ]
    if wanted:
        connection.execute(_MOVE, wanted)
