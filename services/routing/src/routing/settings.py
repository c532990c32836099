"""Routing's settings, from the environment."""

from events.runtime import Settings


class RoutingSettings(Settings):
    """The common settings, and where visitors and calendars find the pages of routing."""

    booking_url: str = "http://127.0.0.1:8003"
    """Under which address visitors choose a slot and calendars are subscribed to: it stands in links."""
