"""Names and docstrings in plain English: words that a stranger can guess and search for (style, "Language")."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.code import ROOT, modules, named, tree

BANNED = {
    "told": "a fact is published, received or known: `event`, `published_at`, `is_known`",
    "said": "name what it is: `body`, `event`, `changes`, `message`",
    "held": "locked, assigned, blocked or parked: use the one that is meant",
    "hear": "an event is applied: `apply_work`, `on_leads_worked`",
    "heed": "an event is applied, a preference respected",
    "tell": "an event is published, a person notified",
    "give": "`assign` for leads, `return` for results, `grant` for rights",
    "one": "name the element: `for event in events`",
    "kin": "`merged_leads`, `related`",
    "book": "`directory`, `registry`, `ledger`",
    "desk": "a rep's `open_leads`, a batch's `pending`",
    "floor": "`context`, or `minimum` for a lower limit",
    "scene": "`snapshot`",
    "room": "`service` for code, `capacity` for load, `harness` in tests",
    "word": "`text`, `term`, `token`, `reason`",
    "rid": "`freed`, `released`, `removed`",
    "spare": "`idle`, `unused`, `reserve`",
}
"""Names that have meant several things here, or that nobody searches for, each with what to use instead."""

OPENERS = {
    "Give": "Return, Assign, Grant",
    "Say": "Return, Publish, Report",
    "Hear": "Apply, Receive",
    "Tell": "Return, Publish, Notify",
    "Hold": "Lock, Keep, Store",
}
"""How no docstring begins, each with verbs to use instead."""

SENTENCES = frozenset({"one", "give", "held", "word", "book"})
"""What the name of a test may say, since it is a sentence: a number, a plain verb, a meeting that was held."""

NAMED_BEFORE = {"services/routing/src/routing/migrations/versions/0002_hours_accounts_scenes.py"}
"""Migrations keep the name under which they were released."""

FIELDS = {
    ("libs/client/src/baton_client/baton.py", "async_desk"),
    ("libs/client/src/baton_client/baton.py", "desk"),
    ("libs/events/src/events/runtime/answers.py", "held"),
    ("services/feedback/src/feedback/api/answers/leads.py", "said_at"),
}
"""Fields of HTTP bodies keep the name that clients know, and the client calls the sixth service by its name."""

FOLDERS = [ROOT / name for name in ("deploy", "libs", "services", "tests")]
FILES = [path for path in modules(*FOLDERS) if "build" not in path.parts and ".venv" not in path.parts]
PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


SERVICE_NAMES = frozenset({"DeskPlaybook"})
"""The owner chose the name of the sixth service."""


def banned_parts(name: str) -> set[str]:
    """The banned words that a name is made of, in the singular."""
    if name in SERVICE_NAMES:
        return set()
    found = {part.lower() for part in PARTS.findall(name)}
    return {term for term in BANNED if term in found or f"{term}s" in found} - (
        SENTENCES if name.startswith("test_") else frozenset()
    )


def identifiers(module: ast.Module) -> Iterator[tuple[str, int]]:
    """Every name that a module defines, with its line; names that it takes from elsewhere are their owner's."""
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr, node.lineno
        elif isinstance(node, ast.alias) and node.asname:
            yield node.asname, getattr(node, "lineno", 0)


def openers(module: ast.Module) -> Iterator[tuple[str, int]]:
    """The first word of every docstring, with its line."""
    for node in ast.walk(module):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text:
                yield re.split(r"\W", text, maxsplit=1)[0], getattr(node, "lineno", 1)


def faults(path: Path) -> list[str]:
    """What is wrong in a module, each as a sentence that says what to do."""
    module, where = tree(path), named(path)
    names = list(identifiers(module))
    if where not in NAMED_BEFORE:
        names.append((path.stem, 1))
    found = [
        f"{where}:{line}: {name}: {term}: {BANNED[term]}"
        for name, line in names
        if (where, name) not in FIELDS
        for term in sorted(banned_parts(name))
    ]
    return found + [
        f"{where}:{line}: a docstring opens with {opener}: {OPENERS[opener]}"
        for opener, line in openers(module)
        if opener in OPENERS
    ]


@pytest.mark.parametrize("path", FILES, ids=named)
def test_names_and_docstrings_are_plain(path: Path) -> None:
    assert faults(path) == []


def test_the_check_sees_every_kind_of_name() -> None:
    module = ast.parse("class Desk:\n  def f(self, room): self.held = [one for one in room]\nimport x as floor\n")
    assert {name for name, _ in identifiers(module) if banned_parts(name)} == {"Desk", "room", "held", "one", "floor"}
    assert banned_parts("EMPTY_BOOKS") == {"book"}
    assert banned_parts("keyword") == banned_parts("test_one_of_two") == set()
    assert [term for term, _ in openers(ast.parse('"""Give it."""'))] == ["Give"]
