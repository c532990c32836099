"""Who may see and do what: pages and actions by role, leads by owner and team."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

Role = Literal["rep", "manager", "marketing", "operator"]
Page = Literal[
    "leads", "today", "promises", "returned", "funnel", "digest", "reviews", "rules", "operator", "person", "data",
    "forms", "settings",
]  # fmt: skip
Action = Literal["work", "reassign", "pause", "reply", "review", "operate", "identify", "erase", "route", "embed"]

PAGES: dict[Role, tuple[Page, ...]] = {
    "rep": ("leads", "promises", "rules", "person", "settings"),
    "manager": ("today", "promises", "funnel", "digest", "rules", "person", "settings"),
    "marketing": (
        "returned",
        "reviews",
        "funnel",
        "digest",
        "promises",
        "rules",
        "forms",
        "person",
        "data",
        "settings",
    ),
    "operator": (
        "today",
        "promises",
        "returned",
        "reviews",
        "funnel",
        "digest",
        "rules",
        "forms",
        "operator",
        "person",
        "data",
        "settings",
    ),
}
"""The pages of each role, the first being where it begins."""
ACTIONS: dict[Role, frozenset[Action]] = {
    "rep": frozenset({"work"}),
    "manager": frozenset({"work", "reassign", "pause", "route"}),
    "marketing": frozenset({"reply", "review", "identify", "embed"}),
    "operator": frozenset(
        {"work", "reassign", "pause", "reply", "review", "operate", "identify", "erase", "route", "embed"}
    ),
}


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at a page or acts on it."""

    user_id: str
    role: Role
    rep_id: str | None = None
    team: str | None = None
    email: str | None = None
    chat_url: str | None = None
    zone: str = "UTC"
    language: str | None = None
    """In which they read the pages; None: the browser's."""
    signs_as: str | None = None
    """The approver of the rules as whom they sign, as `definitions.yaml` names it."""

    @property
    def by(self) -> str:
        """The id under which what they do is recorded."""
        return self.rep_id or self.user_id

    @property
    def reach(self) -> tuple[str | None, str | None]:
        """The owner and the team whose leads they may see; None is no limit."""
        if self.role == "rep":
            return self.rep_id or "", None
        return None, (self.team or "") if self.role == "manager" else None

    def decides_on_rules(self, approvers: Collection[str]) -> bool:
        """Check that they may propose, activate and take back rules of these approvers: as one of them, or operator."""
        return self.may("operate") or self.signs_as in approvers

    def sees(self, page: Page) -> bool:
        """Check a page."""
        return page in PAGES[self.role]

    def may(self, action: Action) -> bool:
        """Check an action; on which leads is decided by `reach`."""
        return action in ACTIONS[self.role]
