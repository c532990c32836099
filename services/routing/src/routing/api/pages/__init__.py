"""Lists page by page, and the booking page for visitors."""

from routing.api.pages.lists import answer_page_by_name, answer_with_list_page

__all__ = ["answer_page_by_name", "answer_with_list_page"]
