"""What sla-monitor is told by its environment beyond what every service is."""

from events.runtime import Settings


class SlaSettings(Settings):
    """Settings of sla-monitor."""

    webhook_networks: str = ""
    """Private networks and hosts that webhooks may reach all the same (`10.1.0.0/16, ...`), also without TLS."""
