"""Sign in by a link or at the identity provider, stay signed in by a cookie, sign out; invite somebody."""

from typing import Annotated, ClassVar, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator
from starlette.responses import Response

from desk import handlers, store
from desk.api.forms import COOKIE, read_signed_form
from desk.api.pages import PageRoute, redirect_to, render_page
from desk.domain import Viewer
from desk.settings import PageSettings
from events.names import PATH_SAFE_NAME
from events.runtime.answers import Answer, example
from events.runtime.audit_log import record_action
from events.runtime.bodies import OPEN_TO_ALL, describe_body, read_body_as
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires

router = APIRouter(tags=["access"], route_class=PageRoute)

PathSafeName = Annotated[str, StringConstraints(pattern=PATH_SAFE_NAME)]
Given = Annotated[str, Query(max_length=4000)]
BEGUN = "baton_sign_in"
"""The cookie of a browser that is at the identity provider."""
BEGUN_SECONDS = 600
Token = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{20,80}$")]


async def load_signed_in_viewer(service: ServiceDep[PageSettings], request: Request) -> Viewer:
    """Return who is signed in on this browser; raises `SignInFirst` where nobody is."""
    cookie = request.cookies.get(COOKIE)
    if cookie:
        async with service.transaction() as tx:
            viewer = await store.access.find_signed_in_user(tx, cookie)
        if viewer is not None:
            return viewer
    raise handlers.SignInFirst


ViewerDep = Annotated[Viewer, Depends(load_signed_in_viewer)]


class InvitationBody(BaseModel):
    """Whom to invite, and what they may do."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [
                {"user_id": "mia", "role": "rep", "rep_id": "inbound-1"},
                {"user_id": "lea", "role": "manager", "team": "inbound", "email": "lea@works.example"},
            ]
        },
    )

    user_id: PathSafeName
    role: Literal["rep", "manager", "marketing", "operator"] = "rep"
    rep_id: PathSafeName | None = None
    team: PathSafeName | None = None
    email: Annotated[str, StringConstraints(max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")] | None = None
    signs_as: Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")] | None = None
    """The approver of the rules as whom they sign, as `definitions.yaml` names it."""

    @model_validator(mode="after")
    def _bound(self) -> "InvitationBody":
        if self.role == "rep" and self.rep_id is None:
            raise ValueError("a rep needs rep_id")
        if self.role == "manager" and self.team is None:
            raise ValueError("a manager needs team")
        return self


class InvitationAnswer(Answer):
    """Who was invited, and the link that signs them in once."""

    model_config: ClassVar[ConfigDict] = example(
        {"user_id": "lea", "url": "https://desk.example.com/in/8c1e5d0b9a347f6f0f7f2b113f0c6a52"},
        user_id="mia",
        url="https://desk.example.com/in/2f0c1b7e9d4a4e5f8a6b3c2d1e0f9a8b",
    )

    user_id: str
    url: str


@router.post("/v1/invitations", status_code=201, openapi_extra=describe_body(InvitationBody))
async def invite(
    service: ServiceDep[PageSettings], caller: Annotated[Caller, requires("admin")], request: Request
) -> InvitationAnswer:
    """Add somebody of ours or change them, and return the link that signs them in once."""
    body = await read_body_as(request, InvitationBody)
    viewer = Viewer(body.user_id, body.role, body.rep_id, body.team, body.email, signs_as=body.signs_as)
    token = await handlers.invite_user(service, viewer)
    async with service.transaction() as tx:
        await record_action(tx.raw, caller, "user.invited", body.user_id, body.role)
    base = service.settings.public_url.rstrip("/")
    return InvitationAnswer(user_id=body.user_id, url=f"{base}/in/{token}")


@router.get("/sign-in", include_in_schema=False, openapi_extra=OPEN_TO_ALL)
async def show_sign_in_page(service: ServiceDep[PageSettings], request: Request) -> Response:
    """Show how to get in."""
    values = {"user_id": None, "by_provider": bool(service.settings.oidc_issuer)}
    return render_page(service, request, None, "sign_in.html", values, status=401)


@router.get("/sign-in/start", include_in_schema=False, openapi_extra=OPEN_TO_ALL)
async def redirect_to_provider(service: ServiceDep[PageSettings], request: Request) -> Response:
    """Lead to the identity provider; the browser keeps a secret without which it cannot come back."""
    try:
        secret, url = await handlers.load_identity_provider(service).begin_sign_in(service)
    except handlers.SignInFailed as failed:
        return _refused(service, request, failed)
    answer = redirect_to(url)
    _set_cookie(service, answer, BEGUN, secret, BEGUN_SECONDS, path="/sign-in")
    return answer


@router.get("/sign-in/done", include_in_schema=False, openapi_extra=OPEN_TO_ALL)
async def finish_sign_in_at_provider(
    service: ServiceDep[PageSettings], request: Request, code: Given = "", state: Given = ""
) -> Response:
    """Sign in who comes back with a code of the provider; without one it was broken off there."""
    try:
        secret = request.cookies.get(BEGUN, "")
        cookie, seconds = await handlers.sign_in_by_provider(service, secret, code, state)
    except handlers.SignInFailed as failed:
        answer = _refused(service, request, failed)
    else:
        answer = redirect_to("/")
        _set_cookie(service, answer, COOKIE, cookie, seconds)
    answer.delete_cookie(BEGUN, path="/sign-in")
    return answer


def _refused(service: ServiceDep[PageSettings], request: Request, failed: handlers.SignInFailed) -> Response:
    values = {"user_id": None, "by_provider": bool(service.settings.oidc_issuer), "problem": failed.sentence}
    return render_page(service, request, None, "sign_in.html", values, status=failed.status)


def _set_cookie(  # noqa: PLR0917 - a cookie, field by field
    service: ServiceDep[PageSettings], answer: Response, name: str, value: str, seconds: int, path: str = "/"
) -> None:
    secure = service.settings.public_url.startswith("https:")
    answer.set_cookie(name, value, max_age=seconds, path=path, httponly=True, samesite="lax", secure=secure)


@router.get("/in/{token}", include_in_schema=False)
async def show_invitation(service: ServiceDep[PageSettings], request: Request, token: Token) -> Response:
    """Show whom a link signs in; looking at it, as mail scanners do, does not use it up."""
    async with service.transaction() as tx:
        user_id = await store.access.find_invited_user(tx, token)
    if user_id is None:
        return render_page(service, request, None, "sign_in.html", {"user_id": None, "used": True}, status=410)
    return render_page(service, request, None, "sign_in.html", {"user_id": user_id})


@router.post("/in/{token}", include_in_schema=False)
async def use_invitation(service: ServiceDep[PageSettings], request: Request, token: Token) -> Response:
    """Sign somebody in, once."""
    try:
        cookie, seconds = await handlers.sign_in_by_invitation(service, token)
    except handlers.LinkUsed:
        return render_page(service, request, None, "sign_in.html", {"user_id": None, "used": True}, status=410)
    answer = redirect_to("/")
    _set_cookie(service, answer, COOKIE, cookie, seconds)
    return answer


@router.post("/sign-out", include_in_schema=False)
async def sign_out(service: ServiceDep[PageSettings], request: Request) -> Response:
    """End the session of this browser; its worker forgets the pages that it kept."""
    await read_signed_form(service, request)
    async with service.transaction() as tx:
        await store.access.end_session(tx, request.cookies.get(COOKIE, ""))
    answer = redirect_to("/sign-in")
    answer.delete_cookie(COOKIE)
    return answer
