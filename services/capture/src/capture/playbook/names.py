"""How sources, engagements and facts are named."""

from typing import Annotated

from pydantic import Field

SnakeName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
"""Lower-case words with underscores between them, as in `web_form`."""
