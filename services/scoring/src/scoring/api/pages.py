"""What responses have in common: who may read, a saved override, and the cursor of the next page."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel

from events.runtime.answers import EXAMPLE_ID, example
from events.runtime.queries import written
from events.runtime.rows import Row
from events.runtime.security import Caller
from events.runtime.web import requires
from scoring.domain import OverrideKind

Reader = Annotated[Caller, requires("leads:read")]
Admin = Annotated[Caller, requires("admin")]


class OverrideKept(BaseModel):
    """An override as it is kept."""

    model_config = example(
        {"kind": "lift_exclusion", "reason": "No competitor any more"},
        override_id=EXAMPLE_ID,
        contact_id=EXAMPLE_ID,
        kind="push",
        by="lea",
        reason="Met at the fair",
        at="2026-03-02T09:00:00Z",
    )

    override_id: UUID
    contact_id: UUID
    kind: OverrideKind
    by: str
    reason: str
    at: datetime


def next_cursor(rows: Sequence[Row], limit: int, at: str, key: str) -> str | None:
    """Return the cursor after a full page of rows in the order of the instant `at` and the id `key`; else None."""
    return written(getattr(rows[-1], at).isoformat(), getattr(rows[-1], key)) if len(rows) == limit else None
