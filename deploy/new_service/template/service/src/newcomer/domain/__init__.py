"""Which people are cases, and which cases are open, as pure functions."""

from newcomer.domain.cases import Case, is_open
from newcomer.domain.from_events import case_of
from newcomer.domain.to_events import receipts

__all__ = ["Case", "case_of", "is_open", "receipts"]
