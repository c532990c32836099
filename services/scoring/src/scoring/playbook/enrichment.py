"""About whom the company's own enrichment service is asked, and how long a lead waits for its answer."""

from typing import Annotated

from pydantic import Field, StringConstraints

from events.playbook import Section

_OF_COMPANIES = "company|country|region|postal_code|industry|employees"
Fact = Annotated[str, StringConstraints(pattern=rf"^({_OF_COMPANIES}|facts\.[A-Za-z][A-Za-z0-9_.-]*)$", max_length=100)]


class EnrichmentRules(Section):
    """Who works at a company of which one of `facts` is missing is asked about, once."""

    facts: tuple[Fact, ...] = Field(min_length=1)
    waits_seconds: int = Field(default=60, ge=0, le=3600)
    """Who raised no hand becomes a lead so much later at most; the answer corrects its grade all the same."""
