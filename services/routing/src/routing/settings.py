"""Routing's settings, from the environment."""

from events.runtime import Settings


class RoutingSettings(Settings):
    """Routing has only the settings that every service has."""
