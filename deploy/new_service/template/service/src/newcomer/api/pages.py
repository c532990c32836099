"""What responses have in common: a case as it is shown."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from events.runtime.answers import EXAMPLE_ID, example
from newcomer.domain import Case

CASE = {
    "contact_id": EXAMPLE_ID,
    "lead_id": EXAMPLE_ID,
    "state": "recycled",
    "since": "2026-03-02T09:00:00Z",
    "handled_at": "2026-03-03T09:00:00Z",
    "handled_by": "lea",
}


class CaseView(BaseModel):
    """A person whose last cycle stands at `state`, and who looked."""

    model_config = example({"state": "disqualified", "handled_at": None, "handled_by": None}, **CASE)

    contact_id: UUID
    lead_id: UUID
    state: str
    since: datetime
    handled_at: datetime | None
    handled_by: str | None


def shown(case: Case) -> CaseView:
    """Return a case as it is shown."""
    return CaseView(
        contact_id=case.contact_id,
        lead_id=case.lead_id,
        state=case.state,
        since=case.since,
        handled_at=case.handled_at,
        handled_by=case.handled_by,
    )
