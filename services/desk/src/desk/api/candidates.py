"""The candidate for programs: proposed, signed by persons whom the pages know, put in force."""

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from desk import handlers
from desk.api.pages import PageRoute
from desk.domain import Viewer
from desk.domain.agreement import Candidate
from desk.domain.orders import Target
from desk.settings import PageSettings
from events.runtime.answers import ANOTHER_ID, EXAMPLE_ID, Answer, example, examples
from events.runtime.audit_log import record_action
from events.runtime.bodies import describe_body, read_body_as
from events.runtime.problems import Problem
from events.runtime.queries import ShortText
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires

router = APIRouter(tags=["rules"], route_class=PageRoute)

Admin = Annotated[Caller, requires("admin")]
Yaml = Annotated[str, Field(max_length=200_000)]


class ProposedRulesBody(BaseModel):
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


class ProposedRulesAnswer(Answer):
    """The candidate, and where it is signed."""

    model_config: ClassVar[ConfigDict] = example(
        {"candidate_id": ANOTHER_ID}, candidate_id=EXAMPLE_ID, url="https://desk.example.com/rules"
    )

    candidate_id: UUID
    url: str


class SignatureBody(BaseModel):
    """Who signs: somebody of ours, as the approver for whom they were invited."""

    model_config = ConfigDict(extra="forbid", strict=True) | examples({"by": "eva"}, {"by": "sam"})

    by: ShortText


class SignatureAnswer(Answer):
    """An approver, and who of ours signed for it."""

    model_config: ClassVar[ConfigDict] = example(
        {"name": "sales:head_of_sales_development", "by": "sam", "key": "release pipeline"},
        name="marketing:head_of_demand_generation", by="eva", at="2026-03-02T09:00:00Z",
    )  # fmt: skip

    name: str
    by: str
    at: datetime
    key: str | None = None
    """The name of the API key by which that came, or the public part of one without a name; null: on the page."""


class OpenCandidateAnswer(Answer):
    """The candidate that is being signed: its texts, who signed it, and who has not."""

    model_config: ClassVar[ConfigDict] = example(
        {"signatures": [{"name": "marketing", "by": "eva", "at": "2026-03-02T10:00:00Z"}], "missing": ["sales"]},
        candidate_id=EXAMPLE_ID, definitions="approvers: [marketing, sales]\n",
        bodies={"desk": "session_hours: 8\n"}, signatures=[], missing=["marketing", "sales"], proposed_by="ola",
        proposed_at="2026-03-02T09:00:00Z",
    )  # fmt: skip

    candidate_id: UUID
    definitions: str
    bodies: dict[Target, str]
    """The files that would change."""
    signatures: list[SignatureAnswer]
    missing: list[str]
    proposed_by: str
    proposed_at: datetime


class ActivationBody(BaseModel):
    """Who puts a candidate in force, and which services follow by another way before it is asked for again."""

    model_config = ConfigDict(extra="forbid", strict=True) | examples(
        {"by": "ada"}, {"by": "ada", "leave_out": ["scoring"]}
    )

    by: ShortText
    leave_out: Annotated[list[Target], Field(max_length=10)] = []


class ActivationAnswer(Answer):
    """In which services something changed."""

    model_config: ClassVar[ConfigDict] = example(
        {"changed": {"desk": False, "scoring": False}}, changed={"desk": False, "scoring": True}
    )

    changed: dict[Target, bool]


@router.post("/v1/candidates", status_code=201, openapi_extra=describe_body(ProposedRulesBody))
async def propose(service: ServiceDep[PageSettings], caller: Admin, request: Request) -> ProposedRulesAnswer:
    """Keep rules as the candidate that both teams sign; one that is not in force yet ends by that."""
    body = await read_body_as(request, ProposedRulesBody)
    async with service.transaction() as tx:
        candidate_id = await handlers.rules.propose_rules(tx, body.definitions, body.bodies, body.by)
        await record_action(tx.raw, caller, "rules.proposed", candidate_id)
    url = f"{service.settings.public_url.rstrip('/')}/rules"
    return ProposedRulesAnswer(candidate_id=candidate_id, url=url)


@router.get("/v1/candidates/open")
async def show_open_candidate(service: ServiceDep[PageSettings], _: Admin) -> OpenCandidateAnswer:
    """Return the candidate that is being signed; 404 where there is none."""
    found = await handlers.rules.load_open_candidate(service)
    if found is None:
        raise Problem(404, "no_candidate", title="There is no candidate")
    return _answer(found)


@router.post("/v1/candidates/{candidate_id}/sign", openapi_extra=describe_body(SignatureBody))
async def sign(
    service: ServiceDep[PageSettings], caller: Admin, request: Request, candidate_id: UUID
) -> OpenCandidateAnswer:
    """Sign a candidate for one of ours, as on the page: each as their approver, and nobody for two."""
    body = await read_body_as(request, SignatureBody)
    viewer = await handlers.rules.load_signer(service, body.by)
    return _answer(await handlers.rules.sign_candidate(service, viewer, candidate_id, caller))


@router.post("/v1/candidates/{candidate_id}/activate", openapi_extra=describe_body(ActivationBody))
async def activate(
    service: ServiceDep[PageSettings], caller: Admin, request: Request, candidate_id: UUID
) -> ActivationAnswer:
    """Put a candidate in force in every service once all have signed; after a fault the same again goes on."""
    body = await read_body_as(request, ActivationBody)
    who = Viewer(body.by, "operator")
    return ActivationAnswer(
        changed=await handlers.rule_activation.activate_candidate(service, who, candidate_id, body.leave_out, caller)
    )


def _answer(found: Candidate) -> OpenCandidateAnswer:
    signed = [
        SignatureAnswer(name=each.name, by=each.user_id, at=datetime.fromisoformat(each.at), key=each.key)
        for each in found.signatures
    ]
    return OpenCandidateAnswer(
        candidate_id=found.candidate_id,
        definitions=found.definitions,
        bodies=dict(found.bodies),
        signatures=signed,
        missing=list(found.missing),
        proposed_by=found.proposed_by,
        proposed_at=found.proposed_at,
    )
