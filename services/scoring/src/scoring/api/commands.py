"""Commands: overrides, decided by a person against the rules (D7), facts that somebody learned, candidates (Q16)."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID, uuid4

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from events.ids import derive_id
from events.moments import Moment
from events.parts import Scalar
from events.runtime.answers import EXAMPLE_ID, example, examples
from events.runtime.audit_log import record_action
from events.runtime.bodies import describe_body, read_body_as
from events.runtime.commands import parse_idempotency_key
from events.runtime.problems import Problem
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires
from scoring import domain, handlers
from scoring.api.pages import EXAMPLE_RULES, Admin, OverrideAnswer, parse_rules
from scoring.domain import CONFIDENCE, OverrideKind
from scoring.handlers.enriching import FactName, FactValue

router = APIRouter(prefix="/v1")

Worker = Annotated[Caller, requires("leads:work")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True, pattern=r"^[^\x00]*$")]
Key = Annotated[str | None, Header(alias="Idempotency-Key")]


class OverrideBody(BaseModel):
    """Lift a contact's exclusion, or make a lead of it by hand."""

    model_config = ConfigDict(extra="forbid") | examples(
        {"kind": "push", "reason": "Met at the fair", "by": "lea"},
        {"kind": "lift_exclusion", "reason": "No competitor any more", "by": "lea"},
    )

    kind: OverrideKind
    reason: Text
    by: Text | None = None
    """Who decided; a key that is bound to a rep acts for that rep alone."""


class LearnedFactsBody(BaseModel):
    """Facts about a contact, with whose they are and since when. Null withdraws what the same source said before."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False) | examples(
        {"facts": {"employees": 4}, "source": "sales"},
        {"facts": {"facts.crm": "none"}, "source": "enrichment", "confidence": 0.8, "at": "2026-03-02T09:00:00Z"},
    )

    facts: dict[FactName, FactValue] = Field(min_length=1, max_length=50)
    """Fields of the profile (`employees`, `job_title`, ...), and others as `facts.<name>`."""
    source: Literal["sales", "enrichment", "import"]
    """Corrections by sales outrank forms, and forms outrank imports and enrichment."""
    at: Moment | None = None
    """Since when it is known; left out: now."""
    confidence: float | None = Field(default=None, strict=True, ge=0, le=1)
    """How sure the source is. Facts below the playbook's `knowledge.least_confidence` do not count."""
    by: Text | None = None

    @model_validator(mode="after")
    def _check_fact_names_and_values(self) -> Self:
        for name, value in self.facts.items():
            fault = domain.find_fact_fault(name, value)
            if fault == "fact_malformed":
                raise PydanticCustomError(fault, "A field of the profile has a value of another kind.")
            if fault is not None:
                raise PydanticCustomError(fault, "No field of the profile; other facts are facts.<name>.")
        return self


class LearnedFactsAnswer(BaseModel):
    """Learned facts as they are kept."""

    model_config = example(
        {"source": "enrichment", "facts": {"facts.crm": "none"}},
        facts_id=EXAMPLE_ID,
        contact_id=EXAMPLE_ID,
        source="sales",
        at="2026-03-02T09:00:00Z",
        facts={"employees": 4},
    )

    facts_id: UUID
    contact_id: UUID
    source: str
    at: datetime
    facts: dict[str, Scalar]


class CandidateRulesBody(BaseModel):
    """A scoring playbook that is to decide beside the one in force."""

    model_config = ConfigDict(extra="forbid") | examples(
        {"body": EXAMPLE_RULES, "by": "mia"}, {"body": EXAMPLE_RULES.replace("most: 3", "most: 5"), "by": "eva"}
    )

    body: str
    """The text of a `scoring.yaml`."""
    by: Text


class StopShadowBody(BaseModel):
    """Who stops a candidate."""

    model_config = ConfigDict(extra="forbid") | examples({"by": "mia"}, {"by": "eva"})

    by: Text


class ShadowVersionAnswer(BaseModel):
    """Which candidate was started or stopped."""

    model_config = example({"version": "1e0f9a7b3c2d"}, version="9a7b3c2d1e0f")

    version: str


@router.put("/contacts/{contact_id}/facts", tags=["facts"], openapi_extra=describe_body(LearnedFactsBody))
async def learn_facts(
    service: ServiceDep, caller: Worker, request: Request, contact_id: UUID, key: Key = None
) -> LearnedFactsAnswer:
    """Correct or add facts about a contact; who is a lead, and its grade, follow at once."""
    wanted = await read_body_as(request, LearnedFactsBody)
    found = parse_idempotency_key(key)
    facts_id = uuid4() if found is None else derive_id("facts", caller.key_id, found)
    by = caller.rep_id or wanted.by
    notes = {CONFIDENCE: wanted.confidence, "learned.by": by}
    facts = dict(wanted.facts) | {name: value for name, value in notes.items() if value is not None}
    async with service.transaction() as tx:
        learned = domain.learned_facts_as_engagement(facts_id, contact_id, wanted.source, wanted.at or tx.now, facts)
        saved = await handlers.record_learned_facts(tx, learned)
        await record_action(tx.raw, caller, "facts.learned", contact_id)
    shown = {name: value for name, value in saved.facts.items() if name not in notes}
    return LearnedFactsAnswer(
        facts_id=facts_id, contact_id=contact_id, source=saved.source, at=saved.occurred_at, facts=shown
    )


@router.post("/contacts/{contact_id}/overrides", tags=["overrides"], openapi_extra=describe_body(OverrideBody))
async def record_override(
    service: ServiceDep, caller: Worker, request: Request, contact_id: UUID, key: Key = None
) -> OverrideAnswer:
    """Lift an exclusion or push a lead by hand, with who and why."""
    wanted = await read_body_as(request, OverrideBody)
    by = caller.rep_id or wanted.by
    if by is None:
        raise Problem(422, "missing", field="by")
    found = parse_idempotency_key(key)
    override_id = uuid4() if found is None else derive_id("override", caller.key_id, found)
    async with service.transaction() as tx:
        saved = await handlers.override_rules(tx, override_id, contact_id, wanted.kind, by=by, reason=wanted.reason)
        await record_action(tx.raw, caller, f"override.{wanted.kind}", contact_id)
    return OverrideAnswer(**saved.as_dict())


@router.post("/shadows", tags=["shadows"], openapi_extra=describe_body(CandidateRulesBody))
async def start_shadow(service: ServiceDep, caller: Admin, request: Request) -> ShadowVersionAnswer:
    """Let a candidate decide beside the playbook in force, recorded and never sent; one that runs is stopped."""
    wanted = await read_body_as(request, CandidateRulesBody)
    parse_rules(wanted.body)
    async with service.transaction() as tx:
        version = await handlers.start_shadow(tx, wanted.body, wanted.by)
        await record_action(tx.raw, caller, "shadow.started", version)
    return ShadowVersionAnswer(version=version)


@router.post("/shadows/stop", tags=["shadows"], openapi_extra=describe_body(StopShadowBody))
async def stop_shadow(service: ServiceDep, caller: Admin, request: Request) -> ShadowVersionAnswer:
    """Let the candidate decide no more; what it decided stays."""
    wanted = await read_body_as(request, StopShadowBody)
    async with service.transaction() as tx:
        version = await handlers.stop_shadow(tx, wanted.by)
        await record_action(tx.raw, caller, "shadow.stopped", version)
    return ShadowVersionAnswer(version=version)
