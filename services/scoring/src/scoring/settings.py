"""Settings of scoring from the environment: those of every service."""

from events.runtime import Settings


class ScoringSettings(Settings):
    """Settings of scoring."""
