"""Where Kafka is and how to log in: one place for every client, with the names that Kafka's users know."""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

from aiokafka import AIOKafkaConsumer
from pydantic import SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from events.runtime import tokens

CANCEL_SECONDS = 0.1


class KafkaUnusable(OSError):
    """What was set for Kafka cannot be used as it is; an `OSError`, since a file that is missing may still come."""


class KafkaSecurity(BaseSettings):
    """How clients log in to Kafka (`KAFKA_SECURITY_PROTOCOL` and so on). Files are read for each new client."""

    model_config = SettingsConfigDict(
        env_prefix="KAFKA_", env_ignore_empty=True, frozen=True, extra="ignore", hide_input_in_errors=True
    )

    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] | None = None
    sasl_username: str | None = None
    sasl_password: SecretStr | None = None
    sasl_password_file: Path | None = None
    sasl_oauthbearer_token_endpoint_url: str | None = None
    sasl_oauthbearer_client_id: str | None = None
    sasl_oauthbearer_client_secret: SecretStr | None = None
    sasl_oauthbearer_client_secret_file: Path | None = None
    sasl_oauthbearer_scope: str | None = None
    ssl_ca_location: Path | None = None
    """Certificates (PEM) of who signs the brokers'; those of the system where it is not set."""
    ssl_certificate_location: Path | None = None
    """Our own certificate (PEM) and those above it, for mutual TLS."""
    ssl_key_location: Path | None = None
    ssl_key_password: SecretStr | None = None
    ssl_key_password_file: Path | None = None
    ssl_endpoint_identification_algorithm: Literal["https", "none"] = "https"
    """`none` accepts a certificate that is made out for another host."""

    @model_validator(mode="after")
    def _check_settings_fit_together(self) -> Self:
        """Check that what is set fits together; raises `ValueError` with the names of what is missing."""
        given = {f"KAFKA_{name.upper()}" for name in type(self).model_fields if getattr(self, name) is not None}
        for name in ("SASL_PASSWORD", "SASL_OAUTHBEARER_CLIENT_SECRET", "SSL_KEY_PASSWORD"):
            if {f"KAFKA_{name}", f"KAFKA_{name}_FILE"} <= given:
                raise ValueError(f"KAFKA_{name} and KAFKA_{name}_FILE are both set; set only one of them")
        if not self.uses_sasl:
            if self.sasl_mechanism is not None:
                raise ValueError(
                    f"KAFKA_SASL_MECHANISM needs SASL_SSL (or SASL_PLAINTEXT), not {self._protocol_setting}"
                )
        elif self.sasl_mechanism is None:
            raise ValueError(f"{self._protocol_setting} needs KAFKA_SASL_MECHANISM")
        else:
            self._check_credentials(given)
        if (self.ssl_key_location is None) != (self.ssl_certificate_location is None):
            raise ValueError("KAFKA_SSL_CERTIFICATE_LOCATION and KAFKA_SSL_KEY_LOCATION need each other")
        return self

    def _check_credentials(self, given: set[str]) -> None:
        names = (
            ("SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL", "SASL_OAUTHBEARER_CLIENT_ID", "SASL_OAUTHBEARER_CLIENT_SECRET")
            if self.sasl_mechanism == "OAUTHBEARER"
            else ("SASL_USERNAME", "SASL_PASSWORD")
        )
        if absent := [f"KAFKA_{name}" for name in names if not {f"KAFKA_{name}", f"KAFKA_{name}_FILE"} & given]:
            raise ValueError(f"KAFKA_SASL_MECHANISM={self.sasl_mechanism} needs {' and '.join(absent)}")

    @property
    def _protocol_setting(self) -> str:
        return f"KAFKA_SECURITY_PROTOCOL={self.security_protocol}"

    @property
    def uses_sasl(self) -> bool:
        """Whether clients log in with a name or a token."""
        return self.security_protocol.startswith("SASL_")

    @property
    def uses_tls(self) -> bool:
        """Whether connections are encrypted."""
        return self.security_protocol.endswith("SSL")

    def options(self) -> dict[str, Any]:
        """Return what aiokafka's clients take; raises `KafkaUnusable` for a file that cannot be read."""
        found: dict[str, Any] = {"security_protocol": self.security_protocol}
        if self.uses_tls:
            found["ssl_context"] = self._build_tls_context()
        if not self.uses_sasl:
            return found
        found["sasl_mechanism"] = self.sasl_mechanism
        if self.sasl_mechanism == "OAUTHBEARER":
            found["sasl_oauth_token_provider"] = tokens.TokenProvider(
                endpoint=self.sasl_oauthbearer_token_endpoint_url or "",
                client_id=self.sasl_oauthbearer_client_id or "",
                secret=_read_secret(self, "sasl_oauthbearer_client_secret") or "",
                scope=self.sasl_oauthbearer_scope,
            )
        else:
            found["sasl_plain_username"] = self.sasl_username
            found["sasl_plain_password"] = _read_secret(self, "sasl_password")
        return found

    def _build_tls_context(self) -> ssl.SSLContext:
        ca, own = self.ssl_ca_location, self.ssl_certificate_location
        try:
            context = ssl.create_default_context(cafile=ca)
        except OSError as error:
            raise KafkaUnusable(
                f"KAFKA_SSL_CA_LOCATION: {ca} is no file of certificates (PEM): {_tls_fault(error)}"
            ) from error
        if own is not None and self.ssl_key_location is not None:
            try:
                context.load_cert_chain(own, self.ssl_key_location, _read_secret(self, "ssl_key_password") or "")
            except OSError as error:
                raise KafkaUnusable(
                    f"KAFKA_SSL_CERTIFICATE_LOCATION and KAFKA_SSL_KEY_LOCATION: cannot be used: {_tls_fault(error)}"
                ) from error
        if self.ssl_endpoint_identification_algorithm == "none":
            context.check_hostname = False
        return context


def _read_secret(security: KafkaSecurity, name: str) -> str | None:
    """Return a secret as it is set, or as its file has it now; raises `KafkaUnusable` for an unreadable file."""
    path: Path | None = getattr(security, f"{name}_file")
    if path is None:
        value: SecretStr | None = getattr(security, name)
        return None if value is None else value.get_secret_value()
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise KafkaUnusable(f"KAFKA_{name.upper()}_FILE: {path} cannot be read: {_tls_fault(error)}") from error


TLS_FILES: Mapping[str | None, str] = {
    "NO_CERTIFICATE_OR_CRL_FOUND": "there is no certificate in it",
    "KEY_VALUES_MISMATCH": "the key belongs to another certificate",
    None: "no PEM, or a key that KAFKA_SSL_KEY_PASSWORD does not open",
}
"""What the TLS library's reasons mean, and what it means where it has none."""


def _tls_fault(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return TLS_FILES.get(error.reason, str(error.reason))
    return getattr(error, "strerror", None) or getattr(error, "reason", None) or type(error).__name__


def check_servers(servers: str) -> str:
    """Return the addresses of servers as they are; raises `ValueError` for what is no list of `host:port`."""
    for server in servers.split(","):
        port = server.strip().rpartition("]")[2].rpartition(":")[2] if ":" in server else ""
        if "://" in server or not server.strip() or (port and not port.isdecimal()):
            raise ValueError("host:port,host:port of the brokers, without a scheme")
    return servers


@dataclass(frozen=True)
class KafkaCluster:
    """A Kafka: where to connect first, and how."""

    servers: str
    security: KafkaSecurity

    @property
    def addresses(self) -> list[str]:
        """Each server's `host:port`."""
        return [server.strip() for server in self.servers.split(",") if server.strip()]


Servers = str | KafkaCluster
"""A plain address is a Kafka without security."""


def client_arguments(servers: Servers) -> dict[str, Any]:
    """Return the keyword arguments of aiokafka's clients that say where and how to connect; raises `KafkaUnusable`."""
    if isinstance(servers, str):
        return {"bootstrap_servers": servers}
    return {"bootstrap_servers": servers.servers, **servers.security.options()}


async def close_consumer(consumer: AIOKafkaConsumer) -> None:
    """Stop a consumer, whatever it is doing.

    Its own `stop` waits for ever where it comes right after another assignment: the task that fetches takes being
    cancelled for the end of a fetch that it is giving up just then, and goes on.
    """
    fetching = consumer._fetcher and consumer._fetcher._fetch_task  # noqa: SLF001 - nothing else ends it for sure
    while fetching and not fetching.done():
        fetching.cancel()
        await asyncio.wait([fetching], timeout=CANCEL_SECONDS)
    await consumer.stop()
