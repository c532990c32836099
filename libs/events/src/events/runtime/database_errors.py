"""What each error of PostgreSQL and its driver means: wait and try again, or no later try can help.

Two tables, so that every class of the driver has an entry; a test walks the driver's own list. What is about the
session, the server or its resources passes, and never is a record's fault. What is about values or statements stays.
"""

from collections.abc import Iterator

import asyncpg
from sqlalchemy import exc

TRANSIENT: frozenset[str] = frozenset(
    {
        "08",  # connection
        "25006",  # read-only transaction: a standby, or a disk that is nearly full
        "25P03",  # idle in transaction for too long
        "25P04",  # transaction for too long
        "26",  # prepared statement unknown: the session is another one
        "28",  # password or role refused: being rotated
        "3D",  # database missing: being restored
        "3F",  # schema missing: likewise
        "40",  # rollback: deadlock, serialisation
        "42501",  # right missing: being granted
        "42P01",  # table missing: being restored
        "53",  # disk full, out of memory, too many connections
        "55",  # not in the state needed: a lock, a database that takes no connections
        "57",  # operator: cancelled, terminated, shutting down, starting up
        "58",  # system: input and output
        "72",  # snapshot too old
        "F0",  # configuration file
        "XX001",  # data corrupted: parking good records would not mend it
        "XX002",  # index corrupted
    }
)
"""Beginnings of SQLSTATEs that pass; the longest beginning of both tables decides."""

PERMANENT: frozenset[str] = frozenset(
    {
        "03", "09", "0A", "0B", "0F", "0L", "0P", "0Z", "10", "20", "21", "22", "23", "24", "25", "27", "2B", "2D",
        "2F", "34", "38", "39", "3B", "42", "44", "54", "HV", "P0", "XX",
    }
)  # fmt: skip
"""Beginnings of SQLSTATEs that stay: values, constraints, statements, limits of a program, bugs."""

TRANSIENT_CLASSES: dict[type[BaseException], bool] = {
    asyncpg.InvalidCachedStatementError: True,
    asyncpg.InterfaceError: True,
    asyncpg.exceptions.ClientConfigurationError: False,
    asyncpg.exceptions._base.DataError: False,  # noqa: SLF001 - shadowed by PostgreSQL's own error of this name
    asyncpg.exceptions.UnsupportedClientFeatureError: False,
    asyncpg.exceptions.UnsupportedServerFeatureError: False,
    asyncpg.InternalClientError: True,
    asyncpg.exceptions.OutdatedSchemaCacheError: True,
    asyncpg.exceptions.ProtocolError: True,
    asyncpg.exceptions.TargetServerAttributeNotMatched: True,
    exc.DisconnectionError: True,
    exc.PendingRollbackError: True,
    exc.ResourceClosedError: True,
    exc.TimeoutError: True,
}
"""Classes without a SQLSTATE of their own, of the driver and of SQLAlchemy: whether they pass."""


class SessionLost(Exception):
    """The session with PostgreSQL ended within a transaction, whatever was raised meanwhile."""


def iterate_causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what caused it, as SQLAlchemy wraps the driver's."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = getattr(cause, "orig", None) or cause.__cause__


def find_sqlstate(error: BaseException) -> str:
    """Return the SQLSTATE of an error or of what caused it; empty where PostgreSQL did not answer."""
    states = (getattr(cause, "sqlstate", None) for cause in iterate_causes(error))
    return next((state for state in states if isinstance(state, str)), "")


def is_transient(error: BaseException) -> bool | None:
    """Return whether an error of the database passes; None where it is none."""
    if isinstance(error, SessionLost):
        return True
    if isinstance(error, exc.StatementError):
        origin = error.orig
        cause = origin.__cause__ if origin is not None and origin.__cause__ is not None else origin
        lost = isinstance(error, exc.DBAPIError) and error.connection_invalidated
        return lost or (is_transient(cause) if cause is not None else False)
    for kind in type(error).__mro__:
        if kind in TRANSIENT_CLASSES:
            return TRANSIENT_CLASSES[kind]
    if isinstance(error, asyncpg.PostgresError):
        return is_transient_state(str(error.sqlstate or "")) or False
    return None


def is_transient_state(state: str) -> bool | None:
    """Return whether a SQLSTATE passes; None where neither table has it."""
    for length in range(len(state), 1, -1):
        if state[:length] in TRANSIENT:
            return True
        if state[:length] in PERMANENT:
            return False
    return None
