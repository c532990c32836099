"""All SQL of this service, set-based: one function a query."""

from newcomer.store.audit import find_violations
from newcomer.store.cases import handle, list_open, load, save
from newcomer.store.erasure import erase

__all__ = ["erase", "find_violations", "handle", "list_open", "load", "save"]
