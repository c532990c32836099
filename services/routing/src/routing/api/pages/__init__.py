"""Lists page by page, and the booking page for visitors."""

from routing.api.pages.lists import page, page_of

__all__ = ["page", "page_of"]
