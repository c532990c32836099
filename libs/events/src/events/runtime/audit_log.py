"""What operators did: who, what, about which id, by which key, and how it ended.

A row is written in the transaction of the action, so there is no action without its row and no row without its action.
It names nobody: a rep's id or a role, a key's id, the id of what was changed.
"""

from datetime import datetime

from events.runtime.rows import Row, read_rows
from events.runtime.security import Caller
from events.runtime.transaction import DriverConnection, Transaction

COMMAND_LINE = "command line"
"""Who acted, where `baton` wrote to the database itself."""


async def record_action(  # noqa: PLR0917 - one action, field by field
    connection: DriverConnection,
    caller: Caller | None,
    action: str,
    subject: object,
    outcome: str = "done",
    by: str = COMMAND_LINE,
) -> None:  # fmt: skip
    """Write down an action in the transaction that carries it out; `by` is who acted where no key did."""
    by = by if caller is None else caller.rep_id or caller.role or "key"
    await connection.execute(
        "insert into audit_log (by, key_id, action, subject, outcome) values ($1, $2, $3, $4, $5)",
        by, caller.key_id if caller else None, action, str(subject), outcome,
    )  # fmt: skip


async def record_action_once(
    connection: DriverConnection, action: str, subject: object, outcome: str = "done", by: str = COMMAND_LINE
) -> None:
    """Write down an action that may come again about the same subject, where it is not written down already."""
    known = await connection.fetch(
        "select from audit_log where action = $1 and subject = $2 limit 1", action, str(subject)
    )
    if not known:
        await record_action(connection, None, action, subject, outcome, by)


class OperatorActionRow(Row):
    """What an operator did."""

    id: int
    at: datetime
    by: str
    key_id: str | None
    action: str
    subject: str
    outcome: str


async def load_actions(
    tx: Transaction, *, before: int | None, since: datetime | None, limit: int
) -> list[OperatorActionRow]:
    """Return actions, the newest first, from behind a position on, none older than `since`."""
    return await read_rows(
        tx, OperatorActionRow,
        "select id, at, by, key_id, action, subject, outcome from audit_log"
        " where ($1::bigint is null or id < $1) and ($2::timestamptz is null or at >= $2) order by id desc limit $3",
        before, since, limit,
    )  # fmt: skip
