"""Why Kafka lets nobody in, in one line: aiokafka logs the reason and raises only that it could not connect."""

import asyncio
import ssl
from collections.abc import Sequence
from typing import Any

from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import (
    IllegalSaslStateError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)
from aiokafka.protocol.metadata import MetadataRequest

from events.runtime.kafka import Cluster, Security, Servers, Unusable, client
from events.runtime.tokens import TokenRefused

ANSWER_SECONDS = 5.0
SENTENCES: Sequence[tuple[type[Exception], str]] = (
    (ssl.SSLCertVerificationError, "the certificate of {server} is not accepted ({detail}): see KAFKA_SSL_CA_LOCATION"),
    (ssl.SSLError, "{server} does not agree on TLS ({detail}): is {protocol} right?"),
    (SaslAuthenticationFailed, "{server} refuses {login} ({mechanism})"),
    (UnsupportedSaslMechanismError, "{server} does not offer KAFKA_SASL_MECHANISM={mechanism}"),
    (IllegalSaslStateError, "{server} expects no login: is {protocol} right?"),
    (ConnectionResetError, "{server} ends the connection: is {protocol} right?"),
    (ConnectionRefusedError, "nobody listens at {server}"),
    (TimeoutError, "{server} does not answer in time: is {protocol} right?"),
    (ValueError, "{server} answers the login with something else: is KAFKA_SASL_MECHANISM={mechanism} right?"),
    (KafkaError, "{server} ends the connection ({expected}): is {protocol} right?"),
)
"""What an error of connecting means; the first kind that fits counts."""


async def refusal(servers: Servers) -> str:
    """Return why none of the servers lets us in, or an empty string where one does."""
    try:
        options = client(servers)
    except Unusable as error:
        return str(error)
    security = servers.security if isinstance(servers, Cluster) else Security.model_construct()
    found: dict[str, None] = {}
    for host, port, _ in collect_hosts(options.pop("bootstrap_servers")):
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await _log_in(host, port, options)
        except (OSError, KafkaError, TimeoutError, ValueError) as error:
            found[_sentence(error, f"{host}:{port}", security)] = None
        else:
            return ""
    return "; ".join(found)


async def _log_in(host: str, port: int, options: dict[str, Any]) -> None:
    """Connect, log in and ask for the brokers; raises whatever keeps us from it."""
    connection = await create_conn(host, port, request_timeout_ms=int(ANSWER_SECONDS * 1000), **options)
    try:
        await connection.send(MetadataRequest([]))
    finally:
        await connection.close()


def _sentence(error: Exception, server: str, security: Security) -> str:
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
                detail=_detail(error),
                expected=_expected(security),
            )
    return f"cannot connect to {server}: {_detail(error)}"


def _detail(error: Exception) -> str:
    names = ("verify_message", "reason", "strerror")
    return next((str(found) for name in names if (found := getattr(error, name, None))), type(error).__name__)


def _expected(security: Security) -> str:
    """Return what a broker that ends the connection probably expects."""
    if not security.uses_tls:
        return "it expects TLS or a login"
    return (
        "it does not accept our certificate, or expects a login"
        if security.ssl_certificate_location
        else "it expects a certificate or a login"
    )
