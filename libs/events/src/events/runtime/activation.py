"""The rules in force over HTTP: which they are, and others that take their place once their approvers agreed."""

from datetime import datetime
from typing import Annotated, Any, ClassVar

import yaml
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.responses import Response

from events.runtime.answers import Answer, example, examples
from events.runtime.bodies import describe_body, read_body_as
from events.runtime.json_answers import json_answer
from events.runtime.playbooks import LOCK, PlaybookText, list_named_approvers
from events.runtime.problems import BodyInvalid, Problem, list_faults
from events.runtime.queries import ShortText
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires
from events.yaml_text import load_yaml

router = APIRouter(tags=["playbook"])

Admin = Annotated[Caller, requires("admin")]
BROKEN = (yaml.YAMLError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)
"""What PyYAML raises for a text that is none; its constructors of scalars say so by whatever breaks in them."""
MOST_NODES = 100_000
"""Of a file's values, each counted as often as it is referred to."""

IN_FORCE = """
select version, definitions, body, activated_at, activated_by, approvals::text as approvals from playbooks
order by nth desc limit 1
"""


class NewRules(BaseModel):
    """The service's own file, `definitions.yaml`, and who agreed to these very texts: the first example lacks one."""

    model_config = ConfigDict(extra="forbid") | examples(
        {
            "definitions": "approvers: [sales:ann, marketing:max]\n", "body": "states: [accepted]\n",
            "by": "ada", "approvals": ["sales:ann"],
        },
        {
            "definitions": "approvers: [sales:ann, marketing:max]\n", "body": "states: [accepted]\n",
            "by": "ada", "approvals": ["sales:ann", "marketing:max"],
        },
    )  # fmt: skip

    definitions: str
    body: str
    by: ShortText
    approvals: Annotated[list[ShortText], Field(max_length=100)]


class RulesToCheck(BaseModel):
    """The text of a playbook file, to be checked before it is activated."""

    model_config = ConfigDict(extra="forbid") | examples(
        {"body": "states: [accepted]\n"}, {"body": "states: [accepted, sal]\n"}
    )

    body: str


class RuleFault(Answer):
    """A term of a file that the service does not take."""

    field: str
    code: str


class RulesCheckResult(Answer):
    """What the service finds in rules: what it does not take, what never works, and what is probably not meant."""

    model_config: ClassVar[ConfigDict] = example(
        {"faults": [{"field": "readiness.levels", "code": "missing"}], "warnings": []},
        faults=[],
        mistakes=[],
        warnings=["readiness: the cap of pricing_view is a line: it is lost in a day"],
    )

    faults: list[RuleFault]
    mistakes: list[str]
    warnings: list[str]


class RulesInForce(Answer):
    """The rules in force: their texts, their version, since when, by whom and who agreed."""

    model_config: ClassVar[ConfigDict] = example(
        {"activated_by": "default", "approvals": []},
        version="9a7b3c2d1e0f", definitions="approvers: [sales:ann, marketing:max]\n", body="states: [accepted]\n",
        activated_at="2026-03-02T09:00:00Z", activated_by="ada", approvals=["sales:ann", "marketing:max"],
    )  # fmt: skip

    version: str
    definitions: str
    body: str
    activated_at: datetime
    activated_by: str
    approvals: list[str]


class ActivationResult(Answer):
    """Which version is in force, and whether that is new."""

    model_config: ClassVar[ConfigDict] = example({"changed": False}, version="9a7b3c2d1e0f", changed=True)

    version: str
    changed: bool


@router.get("/v1/playbook", response_model=RulesInForce)
async def show_playbook(service: ServiceDep, _: Admin) -> Response:
    """Return the rules in force as they were written."""
    async with service.transaction() as tx:
        rows = await tx.raw.fetch(IN_FORCE)
    if not rows:
        raise Problem(404, "playbook_missing")
    found = dict(rows[0])
    return json_answer({**found, "approvals": load_yaml(found["approvals"])})


@router.post("/v1/playbook/check", response_model=RulesCheckResult, openapi_extra=describe_body(RulesToCheck))
async def check_playbook(service: ServiceDep, _: Admin, request: Request) -> Response:
    """Read rules as they would be read to put them in force, and say what is wrong with them; nothing is changed."""
    wanted = await read_body_as(request, RulesToCheck)
    body = parse_rules_yaml(wanted.body, "body")
    try:
        found = service.playbooks.model.model_validate(body)
    except ValidationError as error:
        wrong = [{"field": each["field"], "code": each["code"]} for each in list_faults(error, service.playbooks.model)]
        return json_answer({"faults": wrong, "mistakes": [], "warnings": []})
    notes = {name: list(look()) if (look := getattr(found, name, None)) else [] for name in ("mistakes", "warnings")}
    return json_answer({"faults": [], **notes})


@router.put("/v1/playbook", response_model=ActivationResult, openapi_extra=describe_body(NewRules))
async def activate_playbook(service: ServiceDep, caller: Admin, request: Request) -> Response:
    """Put rules in force in this service, if all approvers that they name agreed; the same again changes nothing.

    One file of a playbook goes to one service: `baton playbook activate` checks that the files fit each other first.
    """
    wanted = await read_body_as(request, NewRules)
    definitions = parse_rules_yaml(wanted.definitions, "definitions")
    body = parse_rules_yaml(wanted.body, "body")
    if not isinstance(definitions, dict):
        raise Problem(422, "no_mapping", field="definitions")
    missing = set(list_named_approvers(definitions)) - set(wanted.approvals)
    if missing:
        raise Problem(409, "approvals_missing", field="approvals", title="Not all approvers have agreed")
    try:
        service.playbooks.model.model_validate(body)
    except ValidationError as error:
        raise BodyInvalid(list_faults(error, service.playbooks.model)) from None
    source = PlaybookText(wanted.definitions, wanted.body)
    async with service.transaction() as tx:
        await tx.raw.execute("select pg_advisory_xact_lock($1)", LOCK)
        changed = await service.playbooks.activate(tx, source, wanted.by, wanted.approvals, caller)
    return json_answer({"version": source.version, "changed": changed})


def parse_rules_yaml(text: str, field: str) -> Any:
    """Return what a file says; one that refers to itself so often that it would not end is refused."""
    try:
        found = load_yaml(text)
    except BROKEN:
        raise Problem(422, "yaml_invalid", field=field) from None
    parts, count = [found], 0
    while parts:
        part = parts.pop()
        count += 1
        if count > MOST_NODES:
            raise Problem(422, "yaml_too_large", field=field)
        if isinstance(part, dict):
            parts += part.values()
        elif isinstance(part, list):
            parts += part
    return found
