"""Keys over HTTP: create, list, rotate, revoke. The key is shown once; a service keeps its fingerprint alone.

A key for all six services is drawn by the caller, who sends its fingerprint to each (`baton keys` does).
"""

from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.responses import Response

from events.moments import Moment
from events.runtime import audit_log, security
from events.runtime.answers import Answer, example, examples
from events.runtime.bodies import describe_body, read_body_as
from events.runtime.json_answers import json_answer
from events.runtime.problems import Problem
from events.runtime.queries import ShortText
from events.runtime.security import SCOPES, Caller, Role
from events.runtime.web import ServiceDep, requires

router = APIRouter(tags=["keys"])

KeyId = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,64}$")]
Fingerprint = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Admin = Annotated[Caller, requires("admin")]

SCOPES_OF: dict[Role, tuple[str, ...]] = {
    "rep": ("leads:read", "leads:work"),
    "manager": ("leads:read", "leads:work"),
    "marketing": ("capture:write", "leads:read", "leads:work"),
    "admin": SCOPES,
}
"""What each role may do."""

LIST = """
select key_id, kind, label, scopes, role, team, rep_id, created_at, expires_at, revoked_at, last_used_at
from api_keys order by created_at, key_id
"""
INSERT = """
insert into api_keys (key_id, hash, label, scopes, rep_id, role, team, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (key_id) do nothing returning key_id
"""
COPY = """
insert into api_keys (key_id, hash, label, scopes, rep_id, role, team)
select $2, $3, label, scopes, rep_id, role, team from api_keys where key_id = $1
on conflict (key_id) do nothing returning key_id
"""
RETIRE = """
update api_keys set expires_at = least(coalesce(expires_at, 'infinity'), now() + $2::interval) where key_id = $1
"""
REVOKE = "update api_keys set revoked_at = coalesce(revoked_at, now()) where key_id = $1 returning revoked_at"


class DrawnKey(BaseModel):
    """A key that the caller drew: its public part and its SHA-256. Without it the service draws one."""

    model_config = ConfigDict(extra="forbid")

    key_id: KeyId | None = None
    hash: Fingerprint | None = None

    @model_validator(mode="after")
    def _check_id_and_hash_together(self) -> "DrawnKey":
        if (self.key_id is None) != (self.hash is None):
            raise ValueError("key_id and hash need each other")
        return self

    def take_or_draw(self) -> tuple[str, str | None, str]:
        """Return the id, the key where it was drawn here, and the fingerprint."""
        return security.draw_key() if self.key_id is None else (self.key_id, None, self.hash or "")


class NewKeyBody(DrawnKey):
    """Who it is for and what it may do; a rep's key is for that rep's leads alone, a manager's for the team's."""

    model_config = ConfigDict(extra="forbid") | examples(
        {"label": "CRM", "role": "marketing"}, {"label": "Mia's phone", "role": "rep", "rep_id": "inbound-1"}
    )

    label: ShortText
    role: Role
    rep_id: ShortText | None = None
    team: ShortText | None = None
    expires_at: Moment | None = None

    @model_validator(mode="after")
    def _check_role_and_owner(self) -> "NewKeyBody":
        if (self.role == "rep") != (self.rep_id is not None):
            raise ValueError("a rep's key, and no other, names a rep_id")
        if (self.role == "manager") != (self.team is not None):
            raise ValueError("a manager's key, and no other, names a team")
        return self


class KeyRotationBody(DrawnKey):
    """The key that takes the place of another, which works for some seconds more."""

    model_config = ConfigDict(extra="forbid") | examples({"overlap_seconds": 3600}, {"overlap_seconds": 0})

    overlap_seconds: Annotated[int, Field(strict=True, ge=0, le=90 * 24 * 3600)] = 24 * 3600


_KEY = {
    "key_id": "4b1f0a7c9d2e", "kind": "api", "label": "CRM", "scopes": ["capture:write"], "role": "marketing",
    "team": None, "rep_id": None, "created_at": "2026-03-02T09:00:00+00:00", "expires_at": None, "revoked_at": None,
    "last_used_at": None,
}  # fmt: skip


class KeyWithoutSecret(Answer):
    """A key without its secret: who it is for, what it may do, and when it was used last."""

    key_id: str
    kind: str
    label: str
    scopes: list[str]
    role: str | None = None
    team: str | None = None
    rep_id: str | None = None
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None


class KeysWithoutSecret(Answer):
    """The keys that a service knows, the oldest first."""

    model_config: ClassVar[ConfigDict] = example(
        {"items": [_KEY | {"role": "rep", "rep_id": "inbound-1", "revoked_at": "2026-03-03T09:00:00+00:00"}]},
        items=[_KEY],
        next=None,
    )

    items: list[KeyWithoutSecret]
    next: str | None = None


class NewKeyShown(Answer):
    """A new key, shown this once; none where the caller drew it."""

    model_config: ClassVar[ConfigDict] = example({"key": "bk_4b1f0a7c9d2e_…"}, key_id="4b1f0a7c9d2e", key=None)

    key_id: str
    key: str | None = None


class RevokedKey(Answer):
    """Since when a key is worthless."""

    model_config: ClassVar[ConfigDict] = example(
        {"key_id": "7d2e4b1f0a9c", "revoked_at": "2026-02-27T16:30:00+00:00"},
        key_id="4b1f0a7c9d2e",
        revoked_at="2026-03-02T09:00:00+00:00",
    )

    key_id: str
    revoked_at: datetime


@router.get("/v1/keys", response_model=KeysWithoutSecret)
async def list_keys(service: ServiceDep, _: Admin) -> Response:
    """List the keys that this service knows, without their secrets."""
    async with service.transaction() as tx:
        return json_answer({"items": [dict(row) for row in await tx.raw.fetch(LIST)], "next": None})


@router.post("/v1/keys", status_code=201, response_model=NewKeyShown, openapi_extra=describe_body(NewKeyBody))
async def create_key(service: ServiceDep, caller: Admin, request: Request) -> Response:
    """Create a key; it is in the answer, this once, unless the caller drew it."""
    wanted = await read_body_as(request, NewKeyBody)
    key_id, key, digest = wanted.take_or_draw()
    async with service.transaction() as tx:
        made = await tx.raw.fetch(
            INSERT, key_id, digest, wanted.label, list(SCOPES_OF[wanted.role]), wanted.rep_id, wanted.role,
            wanted.team, wanted.expires_at,
        )  # fmt: skip
        await _refuse_id_of_another_key(tx.raw, bool(made), key_id, digest)
        await audit_log.record_action(tx.raw, caller, "key.created", key_id, "done" if made else "known")
    return json_answer({"key_id": key_id, "key": key}, 201)


@router.post(
    "/v1/keys/{key_id}/rotate",
    status_code=201,
    response_model=NewKeyShown,
    openapi_extra=describe_body(KeyRotationBody),
)
async def rotate_key(service: ServiceDep, caller: Admin, key_id: KeyId, request: Request) -> Response:
    """Create a key that may do what another may, which ends after the overlap."""
    wanted = await read_body_as(request, KeyRotationBody)
    new_id, key, digest = wanted.take_or_draw()
    async with service.transaction() as tx:
        rows = await tx.raw.fetch("select kind, revoked_at from api_keys where key_id = $1 for update", key_id)
        if not rows:
            raise Problem(404, "key_unknown")
        if rows[0]["revoked_at"] is not None:
            raise Problem(409, "key_revoked")
        if rows[0]["kind"] != "api":
            raise Problem(409, "key_of_a_form_or_sender")
        made = await tx.raw.fetch(COPY, key_id, new_id, digest)
        await _refuse_id_of_another_key(tx.raw, bool(made), new_id, digest)
        await tx.raw.execute(RETIRE, key_id, timedelta(seconds=wanted.overlap_seconds))
        await audit_log.record_action(tx.raw, caller, "key.rotated", key_id)
    return json_answer({"key_id": new_id, "key": key}, 201)


@router.post("/v1/keys/{key_id}/revoke", response_model=RevokedKey)
async def revoke_key(service: ServiceDep, caller: Admin, key_id: KeyId) -> Response:
    """Revoke a key: worthless within a second. A second time changes nothing."""
    async with service.transaction() as tx:
        rows = await tx.raw.fetch(REVOKE, key_id)
        if not rows:
            raise Problem(404, "key_unknown")
        await audit_log.record_action(tx.raw, caller, "key.revoked", key_id)
    return json_answer({"key_id": key_id, "revoked_at": rows[0]["revoked_at"]})


async def _refuse_id_of_another_key(raw: Any, made: bool, key_id: str, digest: str) -> None:
    """Raise a 409 where the id belongs to another key; the same key again is no mistake."""
    if not made:
        known = await security.load_keys(raw, [key_id])
        if known[key_id].hash != digest:
            raise Problem(409, "key_id_taken")
