"""The settings of a service, from its environment: one frozen class, read once, no default for a secret."""

import re
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from events.runtime import dsn
from events.runtime.kafka import KafkaCluster, KafkaSecurity, check_servers
from events.runtime.secret_files import SecretFiles

FIRST_KEY = re.compile(r"bk_[0-9a-f]{12}_[0-9A-Za-z_-]{32,}", re.ASCII)


class Settings(BaseSettings):
    """Settings of every service; a service adds its own in a subclass."""

    model_config = SettingsConfigDict(
        env_prefix="BATON_", frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True
    )

    database_url: SecretStr
    """`postgresql://role:password@host:port/database`, with libpq's parameters (`?sslmode=verify-full`)."""
    kafka_bootstrap_servers: str = Field(
        validation_alias=AliasChoices("KAFKA_BOOTSTRAP_SERVERS", "kafka_bootstrap_servers")
    )
    kafka_security: KafkaSecurity = Field(default_factory=KafkaSecurity, exclude=True)
    """How to log in to Kafka: `KAFKA_SECURITY_PROTOCOL` and so on."""
    secret: SecretStr
    """The installation's own secret: identities are keyed with it, so that nobody can test an e-mail by hashing it."""
    bootstrap_key: SecretStr | None = None
    """An admin's key that is valid from the start, until it is revoked: `bk_<id>_<secret>`."""
    host: str = "127.0.0.1"
    port: int = 8000
    clock: Literal["system", "stepped"] = "system"
    clock_start: datetime | None = None
    """Where a stepped clock starts (ISO 8601 with a zone); it stands still until it is advanced."""
    playbook_dir: Path = Path("deploy/playbook")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = "INFO"
    instance: str | None = None
    """A name that stays with this process over restarts (a StatefulSet's pod name): as a static member of its consumer
    group it goes on at once after a crash, without waiting for the session to time out."""
    pool_size: int = 10
    """Database connections for requests and handlers; relay, timers and listener have one each beside it."""
    batch_records: int = 1000
    """At most so many records of one topic share a transaction."""
    relay_rows: int = 2000
    """At most so many outbox rows are sent in one round."""
    relay_batch_records: int = 1_000_000
    """Records in one batch to a partition, at most. 1 for the in-memory broker: asked for a topic's end, it counts
    the last batch as one record."""
    replication_factor: int = 1
    """Of the topics that a service makes where they are missing."""
    partitions: int | None = Field(default=None, ge=1, le=12)
    """Of these, at most; the catalogue's (mostly six) by default. Each fetch lists them all, and no more
    processes of a service can work than there are."""
    body_limit: int = 65_536
    """Bytes of a request body; endpoints that stream have limits of their own."""
    request_seconds: float = 10.0
    """For the headers of a request to arrive, and as long again for a body that is no stream."""
    idle_seconds: float = 75.0
    """A connection without a request is closed after so long: later than proxies, which mostly close after 60."""
    most_requests: int = 1000
    """Answered at the same time; more are shed with 503."""
    key_rate: float = Field(default=10_000.0, gt=0)
    """Requests a second of one API key, for each process; more get 429 and are told when to come again."""
    otel_endpoint: str = Field(
        default="",
        pattern=r"^(https?://\S+)?$",
        validation_alias=AliasChoices("OTEL_EXPORTER_OTLP_ENDPOINT", "otel_endpoint"),
    )
    """A collector of traces that takes OTLP over HTTP (`http://collector:4318`); without one nothing is traced."""
    otel_headers: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("OTEL_EXPORTER_OTLP_HEADERS", "otel_headers")
    )
    """What it wants to be sent beside: `name=value,name=value`."""
    otel_share: float = Field(
        default=1.0, ge=0, le=1, validation_alias=AliasChoices("OTEL_TRACES_SAMPLER_ARG", "otel_share")
    )
    """Of the traces that begin here, so many are recorded; of one that a caller names, the caller decides."""
    trusted_proxies: str = ""
    """Addresses or networks (with commas between) whose `X-Forwarded-For` is believed; nobody's by default."""

    @field_validator("database_url")
    @classmethod
    def _check_database_url(cls, value: SecretStr) -> SecretStr:
        dsn.parse_database_url(value.get_secret_value())
        return value

    @field_validator("kafka_bootstrap_servers")
    @classmethod
    def _check_servers(cls, value: str) -> str:
        return check_servers(value)

    @field_validator("log_level", mode="before")
    @classmethod
    def _uppercase(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("bootstrap_key")
    @classmethod
    def _check_bootstrap_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not FIRST_KEY.fullmatch(value.get_secret_value()):
            raise ValueError("a key is bk_<id>_<secret>: 12 hexadecimal digits, then 32 letters or digits or more")
        return value

    @property
    def kafka(self) -> KafkaCluster:
        """Kafka, as clients reach it."""
        return KafkaCluster(self.kafka_bootstrap_servers, self.kafka_security)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read secrets from the files that `<name>_FILE` names, beside the environment."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, SecretFiles(settings_cls)
