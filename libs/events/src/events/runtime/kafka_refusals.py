"""Why Kafka lets nobody in, or not do something, in one line.

aiokafka logs why it could not connect and raises only that; of a missing right it knows neither whose nor which it is.
"""

import asyncio
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    IllegalSaslStateError,
    KafkaError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    UnsupportedSaslMechanismError,
)
from aiokafka.protocol.metadata import MetadataRequest

from events.runtime.kafka import KafkaCluster, KafkaSecurity, KafkaUnusable, Servers, client_arguments
from events.runtime.tokens import TokenRefused

Operation = Literal["Read", "Write"]

ANSWER_SECONDS = 5.0
GRANT = "grant what `python -m events.acls` prints"
SENTENCES: Sequence[tuple[type[Exception], str]] = (
    (ssl.SSLCertVerificationError, "the certificate of {server} is not accepted ({detail}): see KAFKA_SSL_CA_LOCATION"),
    (ssl.SSLError, "{server} does not agree on TLS ({detail}): is {protocol} right?"),
    (SaslAuthenticationFailed, "{server} refuses {login} ({mechanism})"),
    (UnsupportedSaslMechanismError, "{server} does not offer KAFKA_SASL_MECHANISM={mechanism}"),
    (IllegalSaslStateError, "{server} expects no login: is {protocol} right?"),
    (ConnectionResetError, "{server} ends the connection: is it Kafka's port, and is {protocol} right?"),
    (ConnectionRefusedError, "nobody listens at {server}"),
    (TimeoutError, "{server} does not answer in time: is it Kafka's port, open to us, and is {protocol} right?"),
    (ValueError, "{server} answers the login with something else: is KAFKA_SASL_MECHANISM={mechanism} right?"),
    (KafkaError, "{server} ends the connection ({expected}): is {protocol} right?"),
)
"""What an error of connecting means; the first kind that fits counts."""


async def find_login_refusal(servers: Servers) -> str:
    """Return why none of the servers lets us in, or an empty string where one does."""
    try:
        options = client_arguments(servers)
    except KafkaUnusable as error:
        return str(error)
    security = servers.security if isinstance(servers, KafkaCluster) else KafkaSecurity.model_construct()
    found: dict[str, None] = {}
    for host, port, _ in collect_hosts(options.pop("bootstrap_servers")):
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await _connect_and_log_in(host, port, options)
        except (OSError, KafkaError, TimeoutError, ValueError) as error:
            found[_describe_login_error(error, f"{host}:{port}", security)] = None
        else:
            return ""
    return "; ".join(found)


class RightMissing(TopicAuthorizationFailedError):  # type: ignore[misc]  # aiokafka has no types
    """A right on Kafka is missing: says whose, which, on what, and what to do."""


def describe_missing_right(error: BaseException) -> str | None:
    """Return what a `RightMissing` says; None for an error about something else."""
    return str(error.args[0]) if isinstance(error, RightMissing) else None


@contextmanager
def raise_right_missing(servers: Servers, operation: Operation) -> Iterator[None]:
    """Raise `RightMissing` for what Kafka does not let us do; `operation` is the one that is tried on topics."""
    try:
        yield
    except Exception as error:
        found = find_missing_right(error, servers, operation)
        if found is None:
            raise
        raise found.with_traceback(error.__traceback__) from error


def find_missing_right(error: BaseException, servers: Servers, operation: Operation) -> RightMissing | None:
    """Return what an error says about a missing right; None where it is about something else."""
    if isinstance(error, RightMissing):
        return error
    if isinstance(error, BaseExceptionGroup):
        found = (find_missing_right(each, servers, operation) for each in error.exceptions)
        return next(filter(None, found), None)
    if isinstance(error, GroupAuthorizationFailedError):
        lacks = f"Read on the group {_names_in_error(error)}"
    elif isinstance(error, TopicAuthorizationFailedError):
        lacks = f"{operation} on the topic {_names_in_error(error)}"
    else:
        return None
    return RightMissing(f"{describe_principal(servers)} has no right {lacks}: {GRANT}")


def describe_principal(servers: Servers) -> str:
    """Return as whom Kafka knows us, as far as our settings say it."""
    security = servers.security if isinstance(servers, KafkaCluster) else KafkaSecurity.model_construct()
    if security.sasl_mechanism == "OAUTHBEARER":
        return f"the principal of KAFKA_SASL_OAUTHBEARER_CLIENT_ID={security.sasl_oauthbearer_client_id}"
    if security.uses_sasl:
        return f"User:{security.sasl_username}"
    if security.ssl_certificate_location is not None:
        return f"the principal of KAFKA_SSL_CERTIFICATE_LOCATION={security.ssl_certificate_location}"
    return "User:ANONYMOUS"


def _names_in_error(error: BaseException) -> str:
    """Return the names that an error of Kafka's client carries: one, or a set of them."""
    names = error.args[0] if error.args else ()
    return names if isinstance(names, str) else ", ".join(sorted(map(str, names))) or "in question"


async def _connect_and_log_in(host: str, port: int, options: dict[str, Any]) -> None:
    """Connect, log in and ask for the brokers; raises whatever keeps us from it."""
    connection = await create_conn(host, port, request_timeout_ms=int(ANSWER_SECONDS * 1000), **options)
    try:
        await connection.send(MetadataRequest([]))
    finally:
        await connection.close()


def _describe_login_error(error: Exception, server: str, security: KafkaSecurity) -> str:
    """Return what an error means to whoever set up the connection."""
    if isinstance(error, TokenRefused):
        return str(error.args[0])
    for kind, sentence in SENTENCES:
        if isinstance(error, kind):
            return sentence.format(
                server=server,
                protocol=f"KAFKA_SECURITY_PROTOCOL={security.security_protocol}",
                mechanism=security.sasl_mechanism,
                login="the token" if security.sasl_mechanism == "OAUTHBEARER" else "KAFKA_SASL_USERNAME or password",
                detail=_error_detail(error),
                expected=_describe_expected_security(security),
            )
    return f"cannot connect to {server}: {_error_detail(error)}"


def _error_detail(error: Exception) -> str:
    names = ("verify_message", "reason", "strerror")
    return next((str(found) for name in names if (found := getattr(error, name, None))), type(error).__name__)


def _describe_expected_security(security: KafkaSecurity) -> str:
    """Return what a broker that ends the connection probably expects."""
    if not security.uses_tls:
        return "it expects TLS or a login"
    return (
        "it does not accept our certificate, or expects a login"
        if security.ssl_certificate_location
        else "it expects a certificate or a login"
    )
