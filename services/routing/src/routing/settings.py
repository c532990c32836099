"""What routing is told by its environment."""

from events.runtime import Settings


class RoutingSettings(Settings):
    """Routing needs nothing beside what every service needs."""
