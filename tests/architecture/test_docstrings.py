"""Docstrings name what is there: the arguments that a function takes, and errors that exist."""

import ast
import builtins
import doctest
import functools
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.code import ROOT, modules, named, tree

PRODUCTS, ANY_OTHER = {"OpenAPI", "PostgreSQL"}, {"handler", "items", "connect"}
FILES = [*modules(), *modules(ROOT / "libs" / "filereader" / "src", ROOT / "libs" / "leaks" / "src")]


def section(docstring: str, title: str) -> list[str]:
    """The names that a Google style section explains."""
    found = re.search(rf"^{title}:\n((?:    .*\n|\n)*)", docstring + "\n", re.MULTILINE)
    lines = found[1].splitlines() if found else []
    heads = [
        head for line in lines if (head := re.match(r"    (\*{0,2}\w[\w.]*(?:(?:, | or )\*{0,2}\w[\w.]*)*):", line))
    ]
    return [name.strip("*") for head in heads for name in re.split(", | or ", head[1])]


def explained(module: ast.Module, title: str) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, str]]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for name in section(ast.get_docstring(node) or "", title):
                yield node, name


@functools.cache
def classes() -> frozenset[str]:
    """Every class that our code defines, and Python's own."""
    nodes = (node for path in FILES for node in ast.walk(tree(path)))
    return frozenset(node.name for node in nodes if isinstance(node, ast.ClassDef)) | frozenset(vars(builtins))


def imported(module: ast.Module) -> set[str]:
    nodes = (node for node in ast.walk(module) if isinstance(node, ast.Import | ast.ImportFrom))
    return {(alias.asname or alias.name).partition(".")[0] for node in nodes for alias in node.names}


def arguments(node: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    taken = node.args
    return {
        each.arg for each in (*taken.posonlyargs, *taken.args, *taken.kwonlyargs, taken.vararg, taken.kwarg) if each
    }


def untrue(module: ast.Module) -> list[str]:
    """What a module's docstrings explain that is not there."""
    known = classes() | imported(module)
    return [
        *(
            f"{node.name} raises no {name}"
            for node, name in explained(module, "Raises")
            if name.split(".")[0] not in known
        ),
        *(f"{node.name} takes no {name}" for node, name in explained(module, "Args") if name not in arguments(node)),
    ]


@pytest.mark.parametrize("path", FILES, ids=named)
def test_docstrings_explain_what_is_there(path: Path) -> None:
    assert untrue(tree(path)) == []


def test_the_check_sees_what_is_gone() -> None:
    text = "Args:\n    a, b: Two.\n\nRaises:\n    NoSuchError: Never.\n    ValueError or OSError: Else.\n"
    assert untrue(ast.parse(f"def f(a):\n    {text!r}")) == ["f raises no NoSuchError", "f takes no b"]


def with_examples() -> list[Path]:
    return [path for path in FILES if ">>> " in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("path", with_examples(), ids=named)
def test_examples_in_docstrings_come_out_so(path: Path) -> None:
    module = importlib.import_module(".".join(path.with_suffix("").parts[path.parts.index("src") + 1 :]))
    assert doctest.testmod(module).failed == 0


def functions() -> frozenset[str]:
    nodes = (node for path in FILES for node in ast.walk(tree(path)))
    return frozenset(node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("path", [*ROOT.glob("services/*/README.md"), ROOT / "docs" / "architecture.md"], ids=named)
def test_drawings_and_examples_name_functions_that_exist(path: Path) -> None:
    blocks = "".join(
        re.findall(r"^```(?:python)?\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    )
    assert set(re.findall(r"(?<!\w)([a-z_]+)\(", blocks)) <= functions() | ANY_OTHER
    assert set(re.findall(r"\b[A-Z][a-z]+[A-Z]\w+", blocks)) <= classes() | PRODUCTS
