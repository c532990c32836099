"""Links from the numbers of a page to the lists behind them."""

from html import escape
from typing import NamedTuple

from feedback.domain.figure_lists import LIST, PROPOSAL_SOURCES, TOUCHES
from feedback.domain.funnel_report import FunnelLineWithLists


class ListLinks(NamedTuple):
    """Where the list behind a number is: below `lists` on the desk, else the address of our own API."""

    lists: str | None

    def address(self, address: str | None) -> str | None:
        """Return where a browser finds a list; None where it is a list of another service."""
        if address is None or self.lists is not None:
            return address and f"{self.lists}{address.removeprefix('/v1')}"
        return address if address.startswith((LIST, TOUCHES, PROPOSAL_SOURCES)) else None

    def of(self, shown: object, address: str | None, number: float = 1) -> str:
        """Return a number as a link to its list; of nothing there is none."""
        found = self.address(address) if number else None
        return escape(str(shown)) if found is None else f'<a href="{escape(found)}">{escape(str(shown))}</a>'

    def figures(self, line: FunnelLineWithLists, *names: str) -> list[str]:
        """Return counts of a line of the funnel, each with its list."""
        counts = {name: line[name] for name in names}  # type: ignore[literal-required]  # names of its counts
        return [self.of(f"{count:,}", line["lists"].get(name), count) for name, count in counts.items()]
