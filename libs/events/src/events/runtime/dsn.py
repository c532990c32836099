"""Where PostgreSQL is, as libpq writes it: one reader of the URL for pool, relay, timers, migrations and `baton`."""

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import asyncpg

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


def options(url: str) -> dict[str, Any]:
    """Return what `asyncpg.connect` takes; raises `ValueError`, without the URL's password, for what cannot be used."""
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        raise ValueError("a database URL begins with postgresql://")
    query = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    if unknown := sorted(set(query) - ACCEPTED - IGNORED):
        raise ValueError(f"a database URL has no parameter {', '.join(unknown)}")
    if query.get("sslmode", "prefer") not in MODES:
        raise ValueError(f"sslmode is one of {', '.join(MODES)}")
    return _arranged(parts._replace(scheme="postgresql"), {k: v for k, v in query.items() if k in ACCEPTED})


def _arranged(parts: Any, query: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if query.get("sslrootcert") == "system":
        del query["sslrootcert"]
        if query.pop("sslmode", "verify-full") != "verify-full":
            raise ValueError("sslrootcert=system needs sslmode=verify-full")
        found["ssl"] = ssl.create_default_context()
    for name in FILES:
        if name in query and name != "passfile" and not Path(query[name]).is_file():
            raise ValueError(f"{name}: {query[name]} is no file")
    return {"dsn": urlunsplit(parts._replace(query=urlencode(query))), **found}


async def connect(url: str, **more: Any) -> Any:
    """Open a session of asyncpg's; raises what the driver raises."""
    return await asyncpg.connect(**options(url), **more)


REASONS: Mapping[type[BaseException], str] = {
    asyncpg.InvalidPasswordError: "the password is refused",
    asyncpg.InvalidAuthorizationSpecificationError: "the role is refused: pg_hba.conf lacks it, or wants TLS",
    asyncpg.InvalidCatalogNameError: "there is no such database",
    ConnectionRefusedError: "nobody listens there",
}
"""What an error of connecting means."""


def reason(error: BaseException) -> str | None:
    """Return in a few words why there is no connection; None where the SQLSTATE has to do."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not accepted ({error.verify_message}): see sslrootcert"
    if isinstance(error, ssl.SSLError):
        return f"no agreement on TLS ({error.reason or type(error).__name__})"
    if isinstance(error, ConnectionError) and "SSL" in str(error):
        return "the server speaks no TLS, and sslmode asks for it"
    return next((text for kind, text in REASONS.items() if isinstance(error, kind)), None)
