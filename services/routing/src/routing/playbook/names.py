"""What every section of the playbook is made of."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.@-]{0,79}$")]
"""Teams, queues, rules and reps go by names that are safe in a URL."""


class Section(BaseModel):
    """A part of the playbook; an unknown key is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)
