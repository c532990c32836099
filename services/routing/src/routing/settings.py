"""Routing's settings, from the environment."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator

from events.runtime import Settings
from events.runtime.outgoing import parse_allowed_targets


class RoutingSettings(Settings):
    """The common settings, where visitors find routing's pages, and how the reps' own calendars are read."""

    booking_url: str = "http://127.0.0.1:8003"
    """Under which address visitors choose a slot and calendars are subscribed to: it stands in links."""
    calendar_minutes: Annotated[int, Field(ge=1, le=1440)] = 15
    """After how many minutes a rep's own calendar is read again."""
    calendar_hosts: str = ""
    """Private networks and hosts at which calendars may be read all the same (`10.1.0.0/16, mail.internal`)."""
    calendar_ca: Path | None = None
    """A file of further authorities (PEM) that are trusted when a calendar is read."""

    @field_validator("calendar_hosts")
    @classmethod
    def _are_networks_or_hosts(cls, text: str) -> str:
        parse_allowed_targets(text)
        return text
