"""The code as the architecture tests look at it: where it lies, and what it says."""

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from events.topics import SERVICES

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class ServiceSource:
    """One service: its folder name and its module."""

    name: str

    @property
    def module(self) -> str:
        return self.name.replace("-", "_")

    @property
    def folder(self) -> Path:
        return ROOT / "services" / self.name

    @property
    def source(self) -> Path:
        return self.folder / "src" / self.module

    def part(self, layer: str) -> list[Path]:
        """The files of a layer: one, or those of the folder it grew into."""
        file = self.source / f"{layer}.py"
        return [file] if file.is_file() else sorted((self.source / layer).rglob("*.py"))


SERVICE_SOURCES = [ServiceSource(name) for name in SERVICES]
RUNTIME = ROOT / "libs" / "events" / "src" / "events"
LOCAL = ROOT / "deploy" / "local" / "src" / "baton"
CLIENT = ROOT / "libs" / "client" / "src" / "baton_client"
GENERATED = CLIENT / "generated"
"""Written from the services' documents: its names are theirs, and nobody writes it by hand."""
SOURCES = [*(service.source for service in SERVICE_SOURCES), RUNTIME, LOCAL, CLIENT]


def modules(*folders: Path) -> list[Path]:
    found = (path for folder in folders or SOURCES for path in folder.rglob("*.py"))
    return sorted(path for path in found if not path.is_relative_to(GENERATED))


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@functools.cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def calls(path: Path) -> Iterator[tuple[str, int]]:
    """Each call's dotted name and line: `datetime.now`, `asyncio.sleep`."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
