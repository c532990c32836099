"""Code that a stranger can read: no long modules, no long functions, no drawer for everything."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.code import ROOT, modules, named, tree

LINES = 300
FUNCTION_LINES = 40
DRAWERS = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "base", "core"}

LONG_MODULES = {
    "libs/events/src/events/leads.py": "a list of facts, read like a table",
    "libs/events/src/events/runtime/service.py": "the wiring of all parts, in the order of a life",
    "libs/events/src/events/runtime/transaction.py": "one class and the statements it commits with",
}
"""Modules over the limit, each with the reason why it is better whole."""

LONG_FUNCTIONS: dict[str, str] = {}
"""Functions over the limit, as `path:name`, each with its reason."""

UNFINISHED = re.compile(r"\b(TODO|FIXME|HACK)\b")
MACHINE = re.compile(r"(?<![\w.])/(work|root|home/\w+)/")
SELF = Path(__file__)


WRITTEN = {".py", ".md", ".yaml", ".yml", ".toml", ".sql", ".json", ".xml", ".sh"}


def written() -> list[Path]:
    """Every text file that a person wrote: without data, generated schemas and vendored files."""
    folders = [ROOT / name for name in ("deploy", "docs", "libs", "services", "tests")]
    found = [path for folder in folders for path in folder.rglob("*") if path.suffix in WRITTEN]
    found += [path for path in ROOT.glob("*") if path.suffix in WRITTEN] + [ROOT / "Makefile"]
    left_out = {"asyncapi", "generated", "schemas", "node_modules", "target"}
    return [path for path in found if path.is_file() and not left_out & set(path.parts)]


@pytest.mark.parametrize("path", modules(), ids=named)
def test_modules_are_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LINES or named(path) in LONG_MODULES


@pytest.mark.parametrize("path", [path for path in modules() if "migrations" not in path.parts], ids=named)
def test_functions_are_short(path: Path) -> None:
    long = [f"{named(path)}:{each.name}" for each in functions(path) if length(each) > FUNCTION_LINES]
    assert set(long) <= set(LONG_FUNCTIONS)


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the first statement on: a signature and a docstring are read, not followed."""
    documented = ast.get_docstring(function) is not None and len(function.body) > 1
    return (function.end_lineno or 0) - function.body[int(documented)].lineno + 1


def test_an_exception_that_is_needed_no_more_is_none() -> None:
    for name in LONG_MODULES:
        assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) > LINES, name
    for name in LONG_FUNCTIONS:
        path, _, function = name.partition(":")
        found = [each for each in functions(ROOT / path) if each.name == function]
        assert any(length(each) > FUNCTION_LINES for each in found), name


def test_no_module_is_a_drawer_for_everything() -> None:
    assert [named(path) for path in modules() if path.stem in DRAWERS] == []


def test_the_colours_of_pages_stand_in_one_place() -> None:
    """The agreement is a paper to print and sign: its colours are its own, and light."""
    places = [ROOT / "libs" / "events", ROOT / "services", ROOT / "deploy" / "local"]
    sheets = [path for place in places for suffix in ("css", "html") for path in place.rglob(f"*.{suffix}")]
    defining = {path.name for path in sheets if re.search(r"--(ink|paper|line)\s*:", path.read_text(encoding="utf-8"))}
    assert defining == {"tokens.css", "agreement.html"}


def test_nothing_written_is_unfinished() -> None:
    assert lines_with(UNFINISHED) == []


def test_nothing_written_knows_the_machine_it_was_written_on() -> None:
    assert lines_with(MACHINE) == []


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{named(path)}:{number}"
        for path in written()
        if path != SELF
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if pattern.search(line)
    ]
