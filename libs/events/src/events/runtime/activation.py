"""The rules in force over HTTP: which they are, and others that take their place once their approvers agreed."""

from datetime import datetime
from typing import Annotated, Any, ClassVar

import yaml
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.responses import Response

from events.runtime.answers import Answer, example, examples
from events.runtime.bodies import body_of, described
from events.runtime.json_answers import json_answer
from events.runtime.playbooks import LOCK, PlaybookText, approvers_of
from events.runtime.problems import Invalid, Problem, faults
from events.runtime.queries import ShortText
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires

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


class ActivatedRules(Answer):
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
    return json_answer({**found, "approvals": yaml.safe_load(found["approvals"])})


@router.put("/v1/playbook", response_model=ActivatedRules, openapi_extra=described(NewRules))
async def activate_playbook(service: ServiceDep, caller: Admin, request: Request) -> Response:
    """Put rules in force in this service, if all approvers that they name agreed; the same again changes nothing.

    One file of a playbook goes to one service: `baton playbook activate` checks that the files fit each other first.
    """
    wanted = await body_of(request, NewRules)
    definitions = read_rules(wanted.definitions, "definitions")
    body = read_rules(wanted.body, "body")
    if not isinstance(definitions, dict):
        raise Problem(422, "no_mapping", field="definitions")
    missing = set(approvers_of(definitions)) - set(wanted.approvals)
    if missing:
        raise Problem(409, "approvals_missing", field="approvals", title="Not all approvers have agreed")
    try:
        service.playbooks.model.model_validate(body)
    except ValidationError as error:
        raise Invalid(faults(error, service.playbooks.model)) from None
    source = PlaybookText(wanted.definitions, wanted.body)
    async with service.transaction() as tx:
        await tx.raw.execute("select pg_advisory_xact_lock($1)", LOCK)
        changed = await service.playbooks.activate(tx, source, wanted.by, wanted.approvals, caller)
    return json_answer({"version": source.version, "changed": changed})


def read_rules(text: str, field: str) -> Any:
    """Return what a file says; one that refers to itself so often that it would not end is refused."""
    try:
        found = yaml.safe_load(text)
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
