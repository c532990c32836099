"""Each service's OpenAPI document says all that a client needs: names, meanings, bodies and an example of each."""

import importlib
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from events.runtime import Service
from tests.architecture.code import SERVICE_SOURCES

JSON = "application/json"
LINES = "application/x-ndjson"


@cache
def document_of(service: str) -> dict[str, Any]:
    module = next(each.module for each in SERVICE_SOURCES if each.name == service)
    described: Service = importlib.import_module(f"{module}.app").service
    return described.document()


def operations(service: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document_of(service)["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def resolved(service: str, schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = document_of(service)["components"]["schemas"][name] if name else schema
    return found


every_service = pytest.mark.parametrize("service", [each.name for each in SERVICE_SOURCES])


@every_service
def test_a_client_generator_makes_good_names(service: str) -> None:
    """Operation ids are the names of the functions, and no two operations share one."""
    found = [operation["operationId"] for _, operation in operations(service)]
    assert len(found) == len(set(found))
    assert [name for name in found if not name.isidentifier() or name.endswith(("_get", "_post", "_put"))] == []


@every_service
def test_each_operation_and_each_parameter_says_what_it_is_for(service: str) -> None:
    lacking = [
        f"{name} {parameter['name']}"
        for name, operation in operations(service)
        for parameter in operation.get("parameters", ())
        if not parameter.get("description")
    ]
    assert lacking == []
    assert [name for name, operation in operations(service) if not operation.get("description")] == []
    assert [name for name, operation in operations(service) if not operation.get("tags")] == []


@every_service
def test_each_answer_has_a_schema_and_an_example_that_it_allows(service: str) -> None:
    schemas = document_of(service)["components"]["schemas"]
    for name, operation in operations(service):
        for status, answer in operation["responses"].items():
            for kind, content in answer.get("content", {}).items() if status.startswith("2") else ():
                assert content.get("schema"), f"{name} {status} {kind} has no schema"
                if kind not in {JSON, LINES}:
                    continue
                examples = resolved(service, content["schema"]).get("examples")
                assert examples, f"{name} {status} has no example"
                validator = Draft202012Validator(content["schema"] | {"components": {"schemas": schemas}})
                for example in examples:
                    assert [error.message for error in validator.iter_errors(example)] == [], name


@every_service
def test_each_body_has_a_schema_and_an_example_that_it_allows(service: str) -> None:
    for name, operation in operations(service):
        for kind, body in operation.get("requestBody", {}).get("content", {}).items():
            assert body.get("schema"), f"{name} {kind}"
            if "$ref" in body["schema"]:
                schemas = document_of(service)["components"]["schemas"]
                validator = Draft202012Validator(body["schema"] | {"components": {"schemas": schemas}})
                examples = resolved(service, body["schema"]).get("examples")
                assert examples, f"{name} {kind} has no example of its body"
                assert [error.message for each in examples for error in validator.iter_errors(each)] == [], name
