"""Each service's OpenAPI document says all that a client needs: names, meanings, bodies and an example of each."""

import importlib
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from events.runtime import Service
from tests.architecture.code import SERVICE_SOURCES
from tests.rights.table import RUNTIME

JSON = "application/json"
LINES = "application/x-ndjson"
ENOUGH = 2
OF_ALL = RUNTIME.keys()
"""The operations of the runtime."""


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


def check_examples(service: str, schema: dict[str, Any]) -> None:
    """Assert that there are two examples at least, of different cases, and that the schema allows each."""
    schema = schema if "examples" in schema else schema.get("items", schema)
    examples = resolved(service, schema).get("examples", [])
    assert len({json.dumps(each, sort_keys=True) for each in examples}) >= ENOUGH
    whole = schema | {"components": {"schemas": document_of(service)["components"]["schemas"]}}
    validator = Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)
    assert [error.message for each in examples for error in validator.iter_errors(each)] == []


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
def test_each_answer_has_a_schema_and_two_examples_that_it_allows(service: str, subtests: pytest.Subtests) -> None:
    """The usual case, and another that a reader has to expect: nothing found, refused, repeated, without a rep."""
    for name, operation in operations(service):
        for status, answer in operation["responses"].items():
            for kind, content in answer.get("content", {}).items() if status.startswith("2") else ():
                assert content.get("schema"), f"{name} {status} {kind} has no schema"
                if kind in {JSON, LINES}:
                    with subtests.test(f"{name} {status}"):
                        check_examples(service, content["schema"])


@every_service
def test_each_body_has_a_schema_and_two_examples_that_it_allows(service: str, subtests: pytest.Subtests) -> None:
    for name, operation in operations(service):
        for kind, body in operation.get("requestBody", {}).get("content", {}).items():
            assert body.get("schema"), f"{name} {kind}"
            if kind == JSON:
                with subtests.test(f"{name} {kind}"):
                    check_examples(service, body["schema"])


def listed_in(row: str) -> set[str]:
    """Return the paths that a row of a README names; behind `/v1/a`, `/b` also means `/v1/a/b` and `/v1/b`."""
    spans = " ".join(re.findall(r"`([^`]*)`", row))
    named = re.findall(r"(?<![\w}])/[\w/{}.-]*[\w}]", spans)
    starts = {path[: match.start()] for path in named for match in re.finditer(r"/|$", path)}
    return {start + path for start in starts for path in named}


@every_service
def test_the_readme_lists_each_endpoint(service: str) -> None:
    """What all services have is in docs/operations.md."""
    source = next(each for each in SERVICE_SOURCES if each.name == service)
    text = (source.folder / "README.md").read_text(encoding="utf-8")
    chapter = text.partition("## Endpoints")[2].partition("\n## ")[0]
    rows = [(row, listed_in(row)) for row in chapter.splitlines() if row.startswith("|")]
    wanted = [name.split(" ", 1) for name, _ in operations(service) if name not in OF_ALL]
    lacking = [
        f"{method} {path}"
        for method, path in wanted
        if not any(path in paths and re.search(rf"\b{method}\b", row) for row, paths in rows)
    ]
    assert lacking == []


def test_a_path_is_read_from_a_row_with_its_short_forms() -> None:
    found = listed_in("| `POST /v1/a/{id}/merge` `{into}`, `/unmerge` | or `/v1/b?x=` |")
    assert {"/v1/a/{id}/merge", "/v1/a/{id}/unmerge", "/v1/b"} <= found
    assert "/v1/a/{id}" not in found
