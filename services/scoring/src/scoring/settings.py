"""What scoring is told by its environment: nothing beyond what every service is."""

from events.runtime import Settings


class ScoringSettings(Settings):
    """Settings of scoring."""
