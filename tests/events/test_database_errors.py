"""Every error that the driver can raise is one that passes or one that stays, and a lost session always passes."""

import inspect
import ssl

import asyncpg
import pytest
from aiokafka import errors as kafka_errors
from asyncpg.exceptions import _base
from sqlalchemy import exc

from baton.database import DATABASE_ERRORS
from events.runtime import database_errors, retry

WARNINGS = (Warning, asyncpg.PostgresLogMessage)


def driver_errors() -> list[type[BaseException]]:
    """Every exception class of the driver that is raised (warnings and notices are only logged)."""
    found = {
        each
        for module in (asyncpg.exceptions, _base)
        for _, each in inspect.getmembers(module, inspect.isclass)
        if issubclass(each, BaseException) and not issubclass(each, WARNINGS)
    }
    return sorted(found, key=lambda each: (each.__module__, each.__name__))


ROOTS = {asyncpg.PostgresError, asyncpg.exceptions.FatalPostgresError, asyncpg.exceptions.UnknownPostgresError}
"""Classes whose SQLSTATE is that of the answer."""


@pytest.mark.parametrize("kind", driver_errors(), ids=lambda kind: kind.__name__)
def test_every_class_of_the_driver_is_caught_by_the_tools(kind: type[BaseException]) -> None:
    assert issubclass(kind, (*DATABASE_ERRORS, OSError))


@pytest.mark.parametrize("kind", driver_errors(), ids=lambda kind: kind.__name__)
def test_every_class_of_the_driver_has_an_entry(kind: type[BaseException]) -> None:
    """Seen 6: a class that a new release brings fails here, before it ends a process."""
    state = getattr(kind, "sqlstate", None)
    if kind in ROOTS:
        assert state is None
    elif state is None:
        assert kind in database_errors.TRANSIENT_CLASSES
    else:
        assert database_errors.is_transient_state(state) is not None


@pytest.mark.parametrize(
    "name",
    [
        "AdminShutdownError", "CannotConnectNowError", "ConfigurationLimitExceededError", "ConnectionDoesNotExistError",
        "CrashShutdownError", "DatabaseDroppedError", "DeadlockDetectedError", "DiskFullError",
        "IdleInTransactionSessionTimeoutError", "InterfaceError", "InternalClientError",
        "InvalidAuthorizationSpecificationError",
        "InvalidCachedStatementError", "InvalidCatalogNameError", "InvalidPasswordError", "LockNotAvailableError",
        "ObjectNotInPrerequisiteStateError", "OutOfMemoryError", "OutdatedSchemaCacheError", "PostgresIOError",
        "ProtocolError", "ProtocolViolationError", "QueryCanceledError", "ReadOnlySQLTransactionError",
        "SerializationError", "TargetServerAttributeNotMatched", "TooManyConnectionsError", "TransactionTimeoutError",
    ],
)  # fmt: skip
def test_what_is_about_the_session_or_the_server_passes(name: str) -> None:
    error = getattr(asyncpg.exceptions, name)("x")
    assert retry.is_transient(error)
    assert not retry.decide_retry(error, retry.TRIES).park


@pytest.mark.parametrize(
    "name",
    [
        "CheckViolationError", "CharacterNotInRepertoireError", "ClientConfigurationError", "DataError",
        "NumericValueOutOfRangeError", "PostgresSyntaxError", "ProgramLimitExceededError", "RaiseError",
        "UniqueViolationError", "UnknownPostgresError", "UnsupportedServerFeatureError",
    ],
)  # fmt: skip
def test_what_is_about_a_value_or_a_statement_stays(name: str) -> None:
    error = getattr(asyncpg.exceptions, name)("x")
    assert not retry.is_transient(error)
    assert retry.decide_retry(error, retry.TRIES).park


def test_an_error_of_a_value_is_one_whichever_of_the_two_classes_of_that_name_it_has() -> None:
    assert not retry.is_transient(_base.DataError("x"))
    assert not retry.is_transient(asyncpg.DataError("x"))


def wrapped(cause: BaseException, *, invalidated: bool = False) -> exc.DBAPIError:
    """What SQLAlchemy makes of a driver's error."""
    origin = Exception("adapted")
    origin.__cause__ = cause
    return exc.DBAPIError("select", None, origin, connection_invalidated=invalidated)


@pytest.mark.parametrize(
    ("error", "transient"),
    [
        (wrapped(asyncpg.AdminShutdownError("x")), True),
        (wrapped(asyncpg.UniqueViolationError("x")), False),
        (wrapped(ZeroDivisionError(), invalidated=True), True),
        (wrapped(ZeroDivisionError()), False),
        (exc.StatementError("x", "select", None, None), False),
        (exc.StatementError("x", "select", None, ValueError()), False),
        (exc.TimeoutError(), True),
        (exc.DisconnectionError(), True),
        (exc.InvalidatePoolError(), True),
        (exc.PendingRollbackError(), True),
        (exc.ResourceClosedError(), True),
        (exc.ArgumentError(), False),
        (ConnectionRefusedError(), True),
        (ssl.SSLError(), True),
        (TimeoutError(), True),
        (EOFError(), True),
        (database_errors.SessionLost(), True),
        (kafka_errors.KafkaConnectionError(), True),
        (kafka_errors.NotEnoughReplicasError(), True),
        (kafka_errors.TopicAuthorizationFailedError(), False),
        (ExceptionGroup("x", [asyncpg.InternalClientError(), OSError()]), True),
        (ExceptionGroup("x", [OSError(), ZeroDivisionError()]), False),
        (ZeroDivisionError(), False),
    ],
    ids=repr,
)
def test_what_passes_of_all_else(error: BaseException, *, transient: bool) -> None:
    assert retry.is_transient(error) is transient


def test_a_sqlstate_is_found_below_the_wrappers() -> None:
    assert database_errors.find_sqlstate(wrapped(asyncpg.InvalidPasswordError("x"))) == "28P01"
    assert database_errors.find_sqlstate(ConnectionRefusedError()) == ""


def test_an_outage_is_logged_at_its_start_and_now_and_then() -> None:
    assert [attempt for attempt in range(1, 61) if retry.is_attempt_logged(attempt)] == [1, 20, 40, 60]
