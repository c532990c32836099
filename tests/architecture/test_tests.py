"""Tests wait for outcomes, use the real parts, and skip nothing in silence."""

import ast
from pathlib import Path

import pytest

from tests.architecture.code import ROOT, calls, imports, modules, named, tree

TESTS = modules(ROOT / "tests")
every_test_file = pytest.mark.parametrize("path", TESTS, ids=named)


@every_test_file
def test_no_test_sleeps(path: Path) -> None:
    """Only machinery may pause between two looks at an outcome with a deadline."""
    asleep = [
        function.name
        for function in ast.walk(tree(path))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {"asyncio.sleep", "time.sleep", "sleep"}
        and not pauses_for_nothing(node)
    ]
    assert [name for name in asleep if name.startswith("test_")] == []


def pauses_for_nothing(call: ast.Call) -> bool:
    """`sleep(0)` gives way to other tasks; it waits for no time."""
    return bool(call.args) and isinstance(call.args[0], ast.Constant) and call.args[0].value == 0


@every_test_file
def test_nothing_of_our_own_is_mocked(path: Path) -> None:
    assert not {name for name in imports(path) if name.split(".")[-1] == "mock"}
    assert not [line for name, line in calls(path) if name.endswith(("mocker.patch", "mock.patch"))]


@every_test_file
def test_a_skip_says_why(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"pytest.skip", "pytest.mark.skip"}:
            assert node.args or node.keywords, f"{named(path)}:{node.lineno}"
