"""Which pages of a site say what, and how long they count."""

from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import Field

from capture.playbook.names import SnakeName
from events.playbook import Section


class PageRule(Section):
    """Pages by their path, a `*` standing for any letters, and the engagement of whoever looks at one."""

    path: Annotated[str, Field(pattern=r"^[/*]", max_length=200)]
    engagement: SnakeName


class VisitRules(Section):
    """Page views that a visitor's own browser remembered and sends with a form."""

    engagement: SnakeName = "page_view"
    """Of pages that no row of `pages` names."""
    pages: list[PageRule] = Field(default_factory=list)
    """The first that fits counts."""
    keep_days: Annotated[int, Field(ge=1, le=365)] = 30
    most: Annotated[int, Field(ge=1, le=50)] = 20
    """The latest so many are kept."""

    def engagement_of(self, path: str) -> str:
        """Return the name of the engagement that a visit to a page is, by its path; case does not count."""
        path = path.casefold()
        found = (page.engagement for page in self.pages if fnmatchcase(path, page.path.casefold()))
        return next(found, self.engagement)
