"""What sla-monitor is told by its environment: nothing beyond what every service is."""

from events.runtime import Settings


class SlaSettings(Settings):
    """Settings of sla-monitor."""
