"""Domains and playbooks take values and `now`, and give values: no I/O, no clock, no chance.

import-linter keeps frameworks out; what is left for here are the names that no import betrays.
"""

import ast
import sys
from pathlib import Path

import pytest

from tests.architecture.code import ROOT, SERVICE_SOURCES, calls, imports, named, tree

PURE = [path for service in SERVICE_SOURCES for layer in ("domain", "playbook") for path in service.part(layer)]
PURE += sorted((ROOT / "libs/events/src/events/business_time").glob("*.py"))
every_pure_module = pytest.mark.parametrize("path", PURE, ids=named)

CLOCKS_AND_CHANCE = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "time.monotonic",
    "uuid1",
    "uuid4",
    "uuid.uuid1",
    "uuid.uuid4",
    "token_hex",
}
TOUCHES_THE_WORLD = {"open", "print", "input", "exec", "eval", "getenv"}
LIBRARIES = {
    "events",
    "pydantic",
    "pydantic_core",  # the errors of pydantic's validators
    "babel",  # tables of how languages write dates
    "holidays",  # a table of dates
    "vobject",  # a reader of vCards
    "phonenumbers",  # a table of numbering plans
    "email_validator",  # syntax only
    "disposable_email_domains",  # a list
    "dateutil",  # dates that recur
    "icalendar",  # the syntax of calendar files
    "yaml",  # the syntax of files of rules
    "rapidfuzz",  # how alike two words are
    "tldextract",  # the public suffix list it carries; a test forbids the one it would fetch
}


@every_pure_module
def test_it_neither_reads_the_clock_nor_draws_lots_nor_touches_the_world(path: Path) -> None:
    forbidden = CLOCKS_AND_CHANCE | TOUCHES_THE_WORLD
    assert [(name, line) for name, line in calls(path) if name in forbidden] == []


@every_pure_module
def test_it_waits_for_nothing(path: Path) -> None:
    waiting = ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith
    assert not [node.lineno for node in ast.walk(tree(path)) if isinstance(node, waiting)]


@every_pure_module
def test_it_imports_the_standard_library_the_contract_and_tables_of_facts(path: Path) -> None:
    mine = {service.module for service in SERVICE_SOURCES}
    roots = {name.split(".")[0] for name in imports(path)}
    assert roots <= sys.stdlib_module_names | LIBRARIES | mine
    assert not {name for name in imports(path) if name.startswith("events.runtime")}


def test_the_list_of_public_suffixes_is_the_one_that_came_along() -> None:
    for path in PURE:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("TLDExtract"):
                given = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
                assert given == {"suffix_list_urls": "()", "cache_dir": "None"}
