"""All SQL of capture, set-based: a statement a question, whatever the number of rows."""

from capture.store.audit import find_violations

__all__ = ["find_violations"]
