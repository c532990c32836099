"""The agreement as a page, and the candidate that `baton playbook propose` puts beside it."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from desk import handlers
from desk.api.access import ViewerDep
from desk.api.forms import signed_form
from desk.api.pages import PageRoute, render, to
from desk.api.queries import check
from desk.domain.orders import Target
from desk.settings import PageSettings
from events.runtime.answers import ANOTHER_ID, EXAMPLE_ID, Answer, example, examples
from events.runtime.audit_log import record
from events.runtime.bodies import body_of, described
from events.runtime.queries import ShortText
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires

router = APIRouter(tags=["rules"], route_class=PageRoute)

Yaml = Annotated[str, Field(max_length=200_000)]


class Proposed(BaseModel):
    """Rules that both teams are asked to sign: the definitions, and each file that would change."""

    model_config = ConfigDict(extra="forbid", strict=True) | examples(
        {
            "definitions": "approvers: [marketing, sales]\n",
            "bodies": {"desk": "session_hours: 8\n"},
            "by": "ola",
        },
        {"definitions": "approvers: {marketing: eva, sales: sam}\n", "bodies": {}, "by": "ola"},
    )

    definitions: Yaml
    bodies: dict[Target, Yaml]
    by: ShortText


class Kept(Answer):
    """The candidate, and where it is signed."""

    model_config: ClassVar[ConfigDict] = example(
        {"candidate_id": ANOTHER_ID}, candidate_id=EXAMPLE_ID, url="https://desk.example.com/rules"
    )

    candidate_id: UUID
    url: str


@router.post("/v1/candidates", status_code=201, openapi_extra=described(Proposed))
async def propose(
    service: ServiceDep[PageSettings], caller: Annotated[Caller, requires("admin")], request: Request
) -> Kept:
    """Keep rules as the candidate that is signed on the page; one that is not in force yet ends by that."""
    body = await body_of(request, Proposed)
    async with service.transaction() as tx:
        kept = await handlers.rules.propose(tx, body.definitions, body.bodies, body.by)
        await record(tx.raw, caller, "rules.proposed", kept)
    return Kept(candidate_id=kept, url=f"{service.settings.public_url.rstrip('/')}/rules")


@router.get("/rules", include_in_schema=False)
async def show_rules(service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request) -> Response:
    """Show the agreement in force, and the candidate with what it would change."""
    check(viewer, "rules")
    return render(service, request, viewer, "rules.html", (await handlers.rules.agreement(service))._asdict())


@router.post("/rules/{candidate_id}/{verb}", include_in_schema=False)
async def decide(
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, candidate_id: UUID,
    verb: Literal["sign", "activate", "back"],
) -> Response:  # fmt: skip
    """Sign a candidate, put it in force, or go back to the rules before it."""
    await signed_form(service, request)
    act = {"sign": handlers.rules.sign, "activate": handlers.rules.activate, "back": handlers.rules.go_back}[verb]
    try:
        done = await act(service, viewer, candidate_id)
    except handlers.ActionRefused as refused:
        done = refused.sentence
    return to("/rules", done)
