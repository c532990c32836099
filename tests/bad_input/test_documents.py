"""What each service's OpenAPI document promises is what it does: requests made from it, valid and broken, find nothing.

A few for each service on every run; `make fuzz` asks for thousands. Left out of the tool's checks: that whatever a
schema takes is taken (none says which phone numbers exist), and that keys matter (`test_bad_input` tries every door).
"""

import copy
import json
import os
from http import HTTPStatus
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks

from tests.bad_input.conftest import Target
from tests.bad_input.doors import NAMES, NDJSON

FEW = 200
REQUESTS = int(os.environ.get("BATON_FUZZ_REQUESTS", FEW))
PROMISES: list[CheckFunction] = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.missing_required_header,
    checks.unsupported_method,
    checks.allow_header_conformance,
]

PROMISES_TO_MANY = [check for check in PROMISES if check is not checks.negative_data_rejection]
"""Where many are taken at once, each is refused in its own answer: `test_bad_input` looks into those."""


def takes_many(case: Case[Any]) -> bool:
    return NDJSON in {body.media_type for body in case.operation.body}


def cases_of(target: Target) -> list[Case[Any]]:
    """Requests to every operation, valid and, where there is anything to spoil, broken.

    Made before the first is sent: what the tool learns from an answer would change what it makes next.
    """
    strategies: list[st.SearchStrategy[Case[Any]]] = []
    for found in schemathesis.openapi.from_dict(document_of(target)).get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        strategies.append(operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
        if operation.body or list(operation.query) or list(operation.path_parameters):
            strategies.append(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    made: list[Case[Any]] = []

    @settings(
        max_examples=REQUESTS,
        deadline=None,
        database=None,
        derandomize=REQUESTS == FEW,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(strategies))
    def make(case: Case[Any]) -> None:
        made.append(case)

    make()
    return made


@schemathesis.serializer(NDJSON)
def lines(_: schemathesis.SerializationContext, value: Any) -> bytes:
    """A stream is whatever text the tool thinks of."""
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else json.dumps(value).encode()


def document_of(target: Target) -> dict[str, Any]:
    """The service's document without the keys, which every request has, and without what Kafka is needed for."""
    document = copy.deepcopy(target.harness.http._transport.app.openapi())  # type: ignore[attr-defined]
    del document["components"]["securitySchemes"], document["paths"]["/readyz"]
    for operations in document["paths"].values():
        for operation in operations.values():
            operation.pop("security", None)
    found: dict[str, Any] = document
    return found


@pytest.mark.parametrize("target", NAMES, indirect=True)
async def test_a_service_does_what_its_document_says(target: Target) -> None:
    broken = []
    for case in cases_of(target):
        prepared = requests.Request(**case.as_transport_kwargs(base_url="http://service")).prepare()
        body = prepared.body.encode() if isinstance(prepared.body, str) else prepared.body
        answer = await target.send(
            prepared.method or "GET", str(prepared.url), content=body, headers=dict(prepared.headers)
        )
        too_large = answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE  # refused, and not for what it says
        try:
            case.validate_response(answer, checks=PROMISES_TO_MANY if too_large or takes_many(case) else PROMISES)
        except FailureGroup as found:
            messages = "; ".join(f"{each.title}: {each.message}" for each in found.exceptions)
            broken.append(f"{case.as_curl_command()}\n  {messages}\n  {answer.status_code} {answer.text[:200]}")
    assert not broken, "\n".join(broken)
