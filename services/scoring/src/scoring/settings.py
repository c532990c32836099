"""Settings of scoring from the environment."""

from pydantic import SecretStr

from events.runtime import Settings


class ScoringSettings(Settings):
    """Settings of scoring."""

    enricher_url: str = ""
    """The company's own enrichment service: it is asked about whom `enrichment` of the playbook names."""
    enricher_key: SecretStr | None = None
    """Sent to it as `Authorization: Bearer`."""
