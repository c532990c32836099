"""What the teams agreed on: where a lead must stand for somebody to look."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

State = Literal["mql", "accepted", "sal", "sql", "opportunity", "won", "customer", "lost", "recycled", "disqualified"]


class NewcomerPlaybook(BaseModel):
    """The whole of it; a misspelt term is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    states: tuple[State, ...]
    """A person whose last cycle stands at one of these is a case."""
