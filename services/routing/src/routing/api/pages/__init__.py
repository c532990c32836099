"""Answers in JSON, and the booking page for visitors."""

from routing.api.pages.json_answers import answer, page, page_of

__all__ = ["answer", "page", "page_of"]
