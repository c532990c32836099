"""Overrides: decided by a person against the rules, with who and why, and counted (D7)."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, ConfigDict, StringConstraints

from events.ids import derive
from events.runtime.audit_log import record
from events.runtime.bodies import body_of, described
from events.runtime.problems import Problem
from events.runtime.queries import Cursor, Limit, position_in, written
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires
from scoring import handlers, store
from scoring.domain import OverrideKind

router = APIRouter(prefix="/v1", tags=["overrides"])

Reader = Annotated[Caller, requires("leads:read")]
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
    """Who decided; a key that is bound to a rep speaks for that rep alone."""


class OverrideKept(BaseModel):
    """An override as it is kept."""

    override_id: UUID
    contact_id: UUID
    kind: OverrideKind
    by: str
    reason: str
    at: datetime


class OverridePage(BaseModel):
    """A page of overrides, the newest first."""

    items: list[OverrideKept]
    next: str | None


class OverrideCount(BaseModel):
    """How many of a kind somebody made in a week or month."""

    period: str
    kind: OverrideKind
    by: str
    overrides: int


class OverrideCounts(BaseModel):
    """Overrides by period."""

    items: list[OverrideCount]


@router.post("/contacts/{contact_id}/overrides", openapi_extra=described(OverrideAsked))
async def record_override(
    service: ServiceDep, caller: Worker, request: Request, contact_id: UUID, key: Key = None
) -> OverrideKept:
    """Lift an exclusion or push a lead by hand, with who and why."""
    asked = await body_of(request, OverrideAsked)
    by = caller.rep_id or asked.by
    if by is None:
        raise Problem(422, "missing", field="by")
    override_id = uuid4() if key is None else derive("override", caller.key_id, _plain(key))
    async with service.transaction() as tx:
        kept = await handlers.override(tx, override_id, contact_id, asked.kind, by=by, reason=asked.reason)
        await record(tx.raw, caller, f"override.{asked.kind}", contact_id)
    return OverrideKept(**kept)


def _plain(key: str) -> str:
    """Read an idempotency key, quoted as in the IETF draft or plain."""
    found = key.strip().removeprefix('"').removesuffix('"')
    if not (0 < len(found) <= LONGEST_KEY and found.isascii() and found.isprintable()):
        raise Problem(422, "idempotency_key_invalid", field="Idempotency-Key")
    return found


@router.get("/overrides")
async def list_overrides(
    service: ServiceDep, _caller: Reader, limit: Limit = 100, cursor: Cursor = None
) -> OverridePage:
    """List overrides, the newest first."""
    after: Any = position_in(cursor, datetime, UUID)
    async with service.transaction() as tx:
        rows = await store.list_overrides(tx, after, limit)
    full = len(rows) == limit
    return OverridePage(
        items=[OverrideKept(**row) for row in rows],
        next=written(rows[-1]["at"].isoformat(), rows[-1]["override_id"]) if full else None,
    )


@router.get("/overrides/counts")
async def count_overrides(
    service: ServiceDep, _caller: Reader, per: Literal["week", "month"] = "week"
) -> OverrideCounts:
    """Count overrides by week or month, kind and who."""
    async with service.transaction() as tx:
        rows = await store.count_overrides(tx, per)
    return OverrideCounts(items=[OverrideCount(**{**row, "period": row["period"].isoformat()}) for row in rows])
