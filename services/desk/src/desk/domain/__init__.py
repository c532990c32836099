"""What the pages show, as pure functions of facts: rows of leads, lines of stories, rights, wording, messages."""

from desk.domain import wording
from desk.domain.facts import Lead
from desk.domain.from_events import StoryEntry, add_event, make_story_entry, with_lifecycle
from desk.domain.leads import OPEN, compute_lead_state, find_next_due_promise, make_lead_columns, make_lead_page_facts
from desk.domain.promises import read_promise_fact
from desk.domain.rights import PAGES, Viewer
from desk.domain.to_events import make_erasure_receipts

__all__ = [
    "OPEN",
    "PAGES",
    "Lead",
    "StoryEntry",
    "Viewer",
    "add_event",
    "compute_lead_state",
    "find_next_due_promise",
    "make_erasure_receipts",
    "make_lead_columns",
    "make_lead_page_facts",
    "make_story_entry",
    "read_promise_fact",
    "with_lifecycle",
    "wording",
]
