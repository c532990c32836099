"""What all response models have in common."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

ShortText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")
]

Lists = dict[str, str]
"""By the name of a figure, the address of the list that it counts."""


class ResponseModel(BaseModel):
    """A part of a response."""

    model_config = ConfigDict(frozen=True)
