"""The people of one account: who speaks for it, and which roles a purchase needs."""

from pydantic import Field

from events.playbook import Section


class BuyingRole(Section):
    """A role of the people who decide on a purchase together."""

    name: str
    titles: dict[str, tuple[str, ...]] = {}
    """Levels of the job title, by table, of which each table must say one."""
    uses_product: bool = False
    """Whether who has the role uses the product."""


class BuyingGroupRules(Section):
    """What is published of the people behind an open lead."""

    seniority: str = "seniority"
    """The table of titles that says who is senior."""
    senior: tuple[str, ...] = ("director", "manager")
    """Its levels, the highest first; the most senior person is the lead's main contact."""
    department: str = "function"
    """The table that says in which department somebody works."""
    leading: tuple[str, ...] = ("leadership",)
    """The departments that rank before others of the same level."""
    roles: tuple[BuyingRole, ...] = ()
    most_people: int = Field(default=50, ge=2, le=200)
    """So many of an account are looked at, those who were active last."""
    most_leads: int = Field(default=50, ge=1, le=200)
    """So many open leads of an account get the news of a colleague, those that were opened last.

    Where a company has thousands, one visitor would be news for all of them.
    """

    @property
    def title_table_names(self) -> tuple[str, ...]:
        """The tables of titles that it names."""
        return (self.seniority, self.department, *(name for role in self.roles for name in role.titles))
