"""How teams, queues, rules and reps are named."""

from typing import Annotated

from pydantic import Field

UrlSafeName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.@-]{0,79}$")]
"""Teams, queues, rules and reps go by names that are safe in a URL."""
