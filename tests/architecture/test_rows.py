"""Rows have types: what a statement returns is named from the store to the answer (ADR 0080)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.code import SERVICE_SOURCES, ServiceSource, named, tree
from tests.architecture.test_service_shape import every_service

UNTYPED = re.compile(r"\b(?:dict|Mapping)\[str, (?:Any|object)\]")

MOST_UNTYPED = {
    "capture": 72,
    "desk": 19,
    "feedback": 103,
    "routing": 42,
    "scoring": 6,
    "sla-monitor": 25,
}
"""Lines with such a type: what senders wrote, columns of JSON, parts of answers, parts of the OpenAPI document. It may
only fall, and a new service has none."""

RETURNED = {
    "services/desk/src/desk/handlers/upstream.py:send": "the JSON of another service",
}
"""Functions of stores and handlers that return values without types, as `path:name`, each with its reason."""


def functions(paths: list[Path]) -> Iterator[tuple[str, str]]:
    """Each public function as `path:name`, and what it returns as it is written."""
    for path in paths:
        classes = [node for node in tree(path).body if isinstance(node, ast.ClassDef)]
        for node in [*tree(path).body, *(member for each in classes for member in each.body)]:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
                yield f"{named(path)}:{node.name}", ast.unparse(node.returns) if node.returns else ""


def returning_untyped(service: ServiceSource) -> set[str]:
    paths = service.part("store") + service.part("handlers")
    return {name for name, returned in functions(paths) if UNTYPED.search(returned)}


@every_service
def test_stores_and_handlers_return_types(service: ServiceSource) -> None:
    assert returning_untyped(service) <= RETURNED.keys()


def test_an_exception_that_is_needed_no_more_is_none() -> None:
    assert set().union(*map(returning_untyped, SERVICE_SOURCES)) == RETURNED.keys()


@every_service
def test_types_without_names_do_not_grow_back(service: ServiceSource) -> None:
    lines = [line for path in service.source.rglob("*.py") for line in path.read_text(encoding="utf-8").splitlines()]
    assert sum(bool(UNTYPED.search(line)) for line in lines) <= MOST_UNTYPED.get(service.name, 0)


@every_service
def test_a_statement_is_text_of_the_driver_or_made_of_parts(service: ServiceSource) -> None:
    """One way to write text: `$1` for asyncpg. `sqlalchemy.text` would be a second one."""
    calls = [
        f"{named(path)}:{node.lineno}"
        for path in service.part("store")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"text", "sa.text", "sqlalchemy.text"}
    ]
    assert calls == []
