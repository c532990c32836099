"""What the pages show, as pure functions of facts: rows of leads, lines of stories, rights, wording, messages."""

from desk.domain import wording
from desk.domain.facts import Lead
from desk.domain.from_events import Entry, add_cycle, add_event, entry_of
from desk.domain.leads import OPEN, due_of, parts_of, row_of, state_of
from desk.domain.promises import promise_of
from desk.domain.rights import PAGES, Viewer
from desk.domain.to_events import receipts

__all__ = [
    "OPEN",
    "PAGES",
    "Entry",
    "Lead",
    "Viewer",
    "add_cycle",
    "add_event",
    "due_of",
    "entry_of",
    "parts_of",
    "promise_of",
    "receipts",
    "row_of",
    "state_of",
    "wording",
]
