"""Commands: overrides, decided by a person against the rules, with who and why (D7)."""

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, ConfigDict, StringConstraints

from events.ids import derive
from events.runtime.audit_log import record
from events.runtime.bodies import body_of, described
from events.runtime.problems import Problem
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires
from scoring import handlers
from scoring.api.pages import OverrideKept
from scoring.domain import OverrideKind

router = APIRouter(prefix="/v1", tags=["overrides"])

Worker = Annotated[Caller, requires("leads:work")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True, pattern=r"^[^\x00]*$")]
Key = Annotated[str | None, Header(alias="Idempotency-Key")]
LONGEST_KEY = 255


class OverrideAsked(BaseModel):
    """Lift a contact's exclusion, or make a lead of it by hand."""

    model_config = ConfigDict(extra="forbid")

    kind: OverrideKind
    reason: Text
    by: Text | None = None
    """Who decided; a key that is bound to a rep acts for that rep alone."""


@router.post("/contacts/{contact_id}/overrides", openapi_extra=described(OverrideAsked))
async def record_override(
    service: ServiceDep, caller: Worker, request: Request, contact_id: UUID, key: Key = None
) -> OverrideKept:
    """Lift an exclusion or push a lead by hand, with who and why."""
    wanted = await body_of(request, OverrideAsked)
    by = caller.rep_id or wanted.by
    if by is None:
        raise Problem(422, "missing", field="by")
    override_id = uuid4() if key is None else derive("override", caller.key_id, _plain(key))
    async with service.transaction() as tx:
        saved = await handlers.override(tx, override_id, contact_id, wanted.kind, by=by, reason=wanted.reason)
        await record(tx.raw, caller, f"override.{wanted.kind}", contact_id)
    return OverrideKept(**saved)


def _plain(key: str) -> str:
    """Return an idempotency key without the quotes of the IETF draft; raise `Problem` if it is none."""
    found = key.strip().removeprefix('"').removesuffix('"')
    if not (0 < len(found) <= LONGEST_KEY and found.isascii() and found.isprintable()):
        raise Problem(422, "idempotency_key_invalid", field="Idempotency-Key")
    return found
