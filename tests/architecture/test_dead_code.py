"""A name in a service that nothing but tests mentions is found. It goes by names alone, so it proves no use.

Whatever is called like a string, an attribute of another class or a local variable elsewhere counts as used, and so do
a function that only calls itself and two that only call each other.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.code import ROOT, SERVICE_SOURCES, modules, named, tree

FOLDERS = [ROOT / name for name in ("deploy", "docs", "libs", "services")]
LAYERS = ("domain", "playbook", "store", "handlers")
"""Where names are looked for: routes and tables are used by whoever registers them."""
TEXTS = {".html", ".js", ".sql", ".toml"}
NAME = re.compile(r"[A-Za-z_]\w*")
LOOKED_AT = {"property", "cached_property", "staticmethod", "classmethod"}
"""Decorators that call nothing: what another one takes, it may call."""


def definitions(module: ast.Module) -> Iterator[tuple[str, int]]:
    """The functions, methods, classes and constants of a module, each with its line."""
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            decorators = {ast.unparse(each) for each in node.decorator_list if not isinstance(node, ast.ClassDef)}
            if decorators <= LOOKED_AT:
                yield node.name, node.lineno
    for statement in module.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        yield from ((each.id, statement.lineno) for each in targets if isinstance(each, ast.Name))


def uses(module: ast.Module) -> Iterator[str]:
    """Every name that a module reads, also within its strings; what it imports or exports as it is is no use."""
    left_out = {id(part) for node in module.body if _is_export(node) for part in ast.walk(node)}
    for node in ast.walk(module):
        if isinstance(node, ast.Expr):
            left_out.add(id(node.value))  # a docstring; what it calls is another node
        if id(node) in left_out:
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from NAME.findall(node.value)
        elif isinstance(node, ast.alias) and node.asname not in {None, node.name}:
            yield node.name


def _is_export(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"


def used_names() -> Counter[str]:
    found = Counter(name for path in modules(*FOLDERS) for name in uses(tree(path)))
    for folder in FOLDERS:
        for path in folder.rglob("*"):
            if path.suffix in TEXTS and not {"vendor", ".venv", "build"} & set(path.parts):
                found.update(NAME.findall(path.read_text(encoding="utf-8")))
    return found


def unused(path: Path, used: Counter[str]) -> list[str]:
    return [
        f"{named(path)}:{line}: {name} is mentioned by tests alone, or by nobody"
        for name, line in definitions(tree(path))
        if not used[name] and not (name.startswith("__") and name.endswith("__"))
    ]


def test_no_name_in_a_service_is_mentioned_by_its_tests_alone() -> None:
    used = used_names()
    paths = [path for service in SERVICE_SOURCES for layer in LAYERS for path in service.part(layer)]
    assert [fault for path in paths for fault in unused(path, used)] == []


def test_the_check_sees_functions_methods_and_constants() -> None:
    module = ast.parse("A = 1\n__all__ = ['f']\ndef f(): 'f'\nclass C:\n  @property\n  def m(self): return A\n")
    used = Counter(uses(module))
    assert [name for name, _ in definitions(module) if not used[name] and name != "__all__"] == ["f", "C", "m"]
