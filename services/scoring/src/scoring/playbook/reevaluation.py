"""What new rules may do about those already known when they come into force."""

import math
import re
from typing import Self

from pydantic import Field

from events.playbook import Section

_CHOICE = re.compile(r"publish|list|(?P<most>\d{1,9})(?P<a_day>/day)?")


class ReevaluationRules(Section):
    """What an activation of new rules may publish about those already known; the rest is listed."""

    publishes: bool = True
    """False: nothing is published, all is listed."""
    most_qualified: int | None = Field(default=None, ge=0)
    """So many new leads at most; None: no limit."""
    most_qualified_a_day: int | None = Field(default=None, ge=1)
    """So many of them a day, the others on the days after; None: all at once."""
    most_cooled: int | None = Field(default=None, ge=0)
    """So many leads at most cool by it; None: no limit."""

    def with_choice(self, choice: str) -> Self:
        """Return these rules with what whoever activates chose: `publish`, `list`, `N` in all or `N/day`.

        Raises:
            ValueError: The choice is none of these.
        """
        found = _CHOICE.fullmatch(choice.strip())
        if found is None:
            raise ValueError(f"{choice}: is none of publish, list, a number of leads, or a number a day as in 50/day")
        most = int(found["most"]) if found["most"] else None
        if found["a_day"]:
            limits = {"most_qualified": None, "most_qualified_a_day": most}
        else:
            limits = {"most_qualified": most, "most_qualified_a_day": None}
        return type(self).model_validate({**self.model_dump(), **limits, "publishes": choice.strip() != "list"})

    @property
    def summary(self) -> str:
        """What it lets an activation publish, as a sentence part."""
        if not self.publishes:
            return "nothing is published, all is listed"
        limits = [(self.most_qualified_a_day, " a day"), (self.most_qualified, " in all")]
        named = [f"{most}{each}" for most, each in limits if most is not None]
        return f"new leads: at most {', '.join(named)}" if named else "all new leads are published at once"

    def remaining_leads(self, qualified: int, cooled: int, today: int = 0) -> tuple[float, float, float]:
        """Return how many leads may still be published, cool, and be published today, so many being done."""
        if not self.publishes:
            return 0, 0, 0
        most = (self.most_qualified, self.most_cooled, self.most_qualified_a_day)
        made, cool, a_day = (math.inf if each is None else each for each in most)
        return made - qualified, cool - cooled, a_day - today
