"""All SQL of the service, set-based: a statement per question, whatever the number of rows."""

from capture.store.audit import audit as audit
