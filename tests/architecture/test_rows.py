"""Rows have types: what a statement returns is named from the store to the answer (ADR 0080)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.code import LOCAL, RUNTIME, SERVICE_SOURCES, ServiceSource, named, tree
from tests.architecture.test_service_shape import every_service

UNTYPED = re.compile(r"\b(?:dict|Mapping)\[str, (?:Any|object)\]")

MOST_UNTYPED = {
    "capture": 15,
    "desk": 5,
    "feedback": 16,
    "routing": 5,
    "scoring": 4,
    "sla-monitor": 7,
    "libs/events": 45,
    "deploy/local": 108,
}
"""Lines with such a type: what senders wrote, what is unpacked into a constructor, settings of libraries (ADR 0105). It
may only fall, and a new service has none."""

PARTS = {service.name: service.source for service in SERVICE_SOURCES} | {"libs/events": RUNTIME, "deploy/local": LOCAL}


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
    assert returning_untyped(service) == set()


@pytest.mark.parametrize("part", PARTS)
def test_types_without_names_do_not_grow_back(part: str) -> None:
    lines = [line for path in PARTS[part].rglob("*.py") for line in path.read_text(encoding="utf-8").splitlines()]
    assert sum(bool(UNTYPED.search(line)) for line in lines) <= MOST_UNTYPED.get(part, 0)


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


BETWEEN_TEXTS = re.compile(r"\w\s+[<>]=?\s+'[a-z]")
"""A text that is more or less than another: which one is, a database's collation decides."""


@pytest.mark.parametrize("part", PARTS)
def test_no_statement_depends_on_how_a_database_orders_texts(part: str) -> None:
    found = [path for path in PARTS[part].rglob("*.py") if BETWEEN_TEXTS.search(path.read_text(encoding="utf-8"))]
    assert found == []
    assert BETWEEN_TEXTS.search("where dimension >= 'promise:'")
