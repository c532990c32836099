"""What the environment tells this service: nothing beside what it tells every service."""

from events.runtime import Settings


class FeedbackSettings(Settings):
    """Settings of the feedback service."""
