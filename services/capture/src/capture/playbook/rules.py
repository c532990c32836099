"""What every section of the playbook is made of."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class Rules(BaseModel):
    """A section of the playbook: a key that is not known is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)
