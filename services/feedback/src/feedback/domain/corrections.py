"""What sales may correct about a contact: facts of the profile, and the competitor with the end of their contract."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StrictStr, StringConstraints, model_validator

from events.moments import Moment

MOST_EMPLOYEES = 10_000_000
Line = Annotated[StrictStr, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]


class CorrectedFacts(BaseModel):
    """What the contact and their company really are; at least one fact."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [{"employees": 35}]})

    company: Line | None = None
    country: Annotated[StrictStr, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    region: Line | None = None
    postal_code: Line | None = None
    industry: Line | None = None
    employees: Annotated[int, Field(strict=True, ge=0, le=MOST_EMPLOYEES)] | None = None
    job_title: Line | None = None
    competitor: Line | None = None
    renewal_at: Moment | None = None
    """When the contract with the competitor ends."""

    @model_validator(mode="after")
    def _check_any_fact_given(self) -> Self:
        if not self.model_dump(exclude_none=True):
            msg = "at least one fact"
            raise ValueError(msg)
        return self
