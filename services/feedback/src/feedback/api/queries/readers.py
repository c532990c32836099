"""Who may read."""

from datetime import date
from typing import Annotated

from pydantic import Field

from events.runtime.security import RESTRICTED_ROLES, Caller
from events.runtime.web import requires

Reader = Annotated[Caller, requires("leads:read")]
LeadReader = Annotated[Caller, requires("leads:read", *RESTRICTED_ROLES)]
"""Of the leads in the caller's reach."""
TeamsReader = LeadReader
"""Of sums that name no lead: both teams read the same, whoever has which leads."""

Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2099, 12, 31))]
"""A day of this century."""
