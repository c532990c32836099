"""What a service is told by its environment: one frozen class, read once, no default for a secret."""

from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings of every service; a service adds its own in a subclass."""

    model_config = SettingsConfigDict(env_prefix="BATON_", frozen=True, extra="ignore", populate_by_name=True)

    database_url: SecretStr
    """`postgresql://role:password@host:port/database`."""
    kafka_bootstrap_servers: str = Field(
        validation_alias=AliasChoices("KAFKA_BOOTSTRAP_SERVERS", "kafka_bootstrap_servers")
    )
    secret: SecretStr
    """The installation's own secret: identities are keyed with it, so that nobody can test an e-mail by hashing it."""
    host: str = "127.0.0.1"
    port: int = 8000
    clock: Literal["system", "stepped"] = "system"
    clock_start: datetime | None = None
    """Where a stepped clock starts (ISO 8601 with a zone); it stands still until it is advanced."""
    playbook_dir: Path = Path("deploy/playbook")
    log_level: str = "INFO"
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
    trusted_proxies: str = ""
    """Addresses or networks (with commas between) whose `X-Forwarded-For` is believed; nobody's by default."""
