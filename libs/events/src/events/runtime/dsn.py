"""Where PostgreSQL is, as libpq writes it: one reader of the URL for pool, relay, timers, migrations and `baton`."""

import os
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

import asyncpg

from events.runtime import database_errors

SCHEMES = ("postgresql", "postgres")
ACCEPTED = frozenset(
    {
        "host", "port", "user", "password", "dbname", "database", "passfile", "service", "target_session_attrs",
        "sslmode", "sslrootcert", "sslcert", "sslkey", "sslpassword", "sslcrl", "sslnegotiation",
        "ssl_min_protocol_version", "ssl_max_protocol_version", "application_name", "options",
    }
)  # fmt: skip
"""Parameters that asyncpg knows by the same names."""
IGNORED = frozenset(
    {"channel_binding", "connect_timeout", "gssencmode", "keepalives", "keepalives_idle", "keepalives_interval",
     "keepalives_count", "tcp_user_timeout", "client_encoding", "fallback_application_name"}
)  # fmt: skip
"""Parameters that providers write into their URLs, and that we set by ourselves or that asyncpg does without."""
MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl", "passfile")
ESCAPED = (
    "a database URL is postgresql://role:password@host:port/database, and in its role and password"
    " @ is written as %40, / %2F, : %3A, ? %3F, # %23, [ %5B, % %25"
)
ROOT_CERTIFICATE = "~/.postgresql/root.crt"
"""Where libpq looks for certificates of authorities, if nobody names another file."""


def parse_database_url(url: str) -> dict[str, Any]:
    """Return what `asyncpg.connect` takes; raises `ValueError`, without the URL's password, for what cannot be used."""
    parts = _split_url(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    if unknown := sorted(set(query) - ACCEPTED - IGNORED):
        raise ValueError(f"a database URL has no parameter {', '.join(unknown)}")
    if query.get("sslmode", "prefer") not in MODES:
        raise ValueError(f"sslmode is one of {', '.join(MODES)}")
    return _build_connect_arguments(
        parts._replace(scheme="postgresql"), {k: v for k, v in query.items() if k in ACCEPTED}
    )


def _split_url(url: str) -> SplitResult:
    """Return the parts of a URL; raises `ValueError` where a password was not escaped, which moves all other parts."""
    if url.partition(":")[0] not in SCHEMES:
        raise ValueError("a database URL begins with postgresql://")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ValueError(ESCAPED) from None
    login, _, hosts = parts.netloc.rpartition("@")
    misplaced = "@" in login or (not login and "@" in f"{parts.path}{parts.query}") or parts.fragment
    if misplaced or any(map(_has_invalid_port, hosts.split(","))):
        raise ValueError(ESCAPED)
    return parts


def _has_invalid_port(host: str) -> bool:
    port = host.rpartition("]")[2].partition(":")[2]
    return bool(port) and not port.isdecimal()


def _check_certificate_authority(query: Mapping[str, str]) -> None:
    """Raise `ValueError` where the server's certificate is to be examined, and nothing says whose signature counts."""
    named = "sslrootcert" in query or os.environ.get("PGSSLROOTCERT")
    if query.get("sslmode", "").startswith("verify-") and not named and not _file_exists(ROOT_CERTIFICATE):
        raise ValueError(
            f"sslmode={query['sslmode']} needs sslrootcert=/path/to/ca.pem, or sslrootcert=system with verify-full"
        )


def _file_exists(file: str) -> bool:
    with suppress(RuntimeError):  # nobody's home
        return Path(file).expanduser().is_file()
    return False


def _build_connect_arguments(parts: Any, query: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if query.get("sslrootcert") == "system":
        del query["sslrootcert"]
        if query.pop("sslmode", "verify-full") != "verify-full":
            raise ValueError("sslrootcert=system needs sslmode=verify-full")
        found["ssl"] = ssl.create_default_context()
    else:
        _check_certificate_authority(query)
    for name in FILES:
        if name in query and name != "passfile" and not Path(query[name]).is_file():
            raise ValueError(f"{name}: {query[name]} is no file")
    return {"dsn": urlunsplit(parts._replace(query=urlencode(query))), **found}


async def connect(url: str, **more: Any) -> Any:
    """Open a session of asyncpg's; raises what the driver raises."""
    return await asyncpg.connect(**parse_database_url(url), **more)


REASONS: Mapping[type[BaseException], str] = {
    asyncpg.InvalidPasswordError: "the role or its password is refused",
    asyncpg.InvalidAuthorizationSpecificationError: "the role is refused: pg_hba.conf lacks it, or wants TLS",
    asyncpg.InvalidCatalogNameError: "there is no such database",
    asyncpg.InsufficientPrivilegeError: "the role lacks a right: it must own its database, and what is in it",
    asyncpg.ReadOnlySQLTransactionError: "nothing can be written: a standby, or default_transaction_read_only is on",
    asyncpg.TooManyConnectionsError: (
        "no connection is left: raise max_connections or the role's limit, or lower BATON_POOL_SIZE"
        " (each copy of a service takes some more)"
    ),
    asyncpg.CannotConnectNowError: "the server is starting or stopping",
    asyncpg.ObjectNotInPrerequisiteStateError: "the database takes no connections",
    ConnectionRefusedError: "nobody listens there",
    TimeoutError: "no answer in time: is the address right, is that PostgreSQL's port, does a firewall let us through?",
}
"""What an error of connecting means."""
FILES_UNUSABLE = "sslrootcert, sslcert or sslkey is no PEM, or sslpassword not the key's"
OF_FILES = frozenset({None, "NO_CERTIFICATE_OR_CRL_FOUND", "NO_START_LINE", "BAD_DECRYPT", "KEY_VALUES_MISMATCH"})
"""Reasons of the TLS library about our own files; without one where it could not read a file as PEM."""


def describe_connection_error(error: BaseException) -> str | None:
    """Return in a few words why there is no connection; None where the SQLSTATE has to do."""
    return next(
        (found for cause in database_errors.iterate_causes(error) if (found := _describe_tls_or_network_error(cause))),
        None,
    )


def _describe_tls_or_network_error(error: BaseException) -> str | None:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not accepted ({error.verify_message}): see sslrootcert"
    if isinstance(error, ssl.SSLError):
        what = FILES_UNUSABLE if error.reason in OF_FILES else "no agreement on TLS"
        return f"{what} ({error.reason or type(error).__name__})"
    if isinstance(error, ConnectionError) and "SSL" in str(error):
        return "the server speaks no TLS, and sslmode asks for it"
    if isinstance(error, socket.gaierror):
        return f"the host's name cannot be resolved ({error.strerror})"
    return next((text for kind, text in REASONS.items() if isinstance(error, kind)), None)
