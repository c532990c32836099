"""All SQL of capture, set-based: a statement a question, whatever the number of rows."""

from capture.store.audit import audit

__all__ = ["audit"]
