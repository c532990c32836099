"""Settings of newcomer from the environment: those of every service."""

from events.runtime import Settings


class NewcomerSettings(Settings):
    """Settings of newcomer."""
