"""What all answers have in common."""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A body, or a part of it. Fields that this client does not know are left out."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)
    """Validators are built when the first answer of a kind comes: most programs need few of them."""
