"""`make new-service NAME=renewals`, in a copy of the repository: what it writes passes every check."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOT_COPIED = {".git", ".venv", ".baton", ".hypothesis", ".pytest_cache", "__pycache__", ".coverage"}
"""What a checkout has beside its files. The cache of mypy comes along: it only saves time."""
OF_ALL = (
    "tests/architecture/test_operations.py",
    "tests/deploy/test_compose.py",
    "tests/deploy/test_helm.py",
    "tests/events/test_acls.py",
    "tests/events/test_contract_catalogue.py",
)
"""Tests that look at all services together."""
OF_EACH = (
    "tests/architecture",
    "tests/bad_input/test_bad_input.py",
    "tests/bad_input/test_statements_by_contact.py",
    "tests/erasure",
    "tests/rights/test_audit_log.py",
    "tests/rights/test_matrix.py",
)
"""Tests that ask each service the same."""
TEN_YEARS = 10 * 365 * 24 * 3600


class Checkout:
    """A copy of the repository that runs its own code with this environment's libraries and tools."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(ROOT, folder, symlinks=True, ignore=lambda _, names: NOT_COPIED & set(names))
        (folder / ".venv").symlink_to(ROOT / ".venv")
        self.folder = folder
        self.ready = folder / ".ready"
        self.ready.touch()
        os.utime(self.ready, (self.ready.stat().st_mtime + TEN_YEARS,) * 2)

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        sources = [
            *self.folder.glob("libs/*/src"),
            *self.folder.glob("services/*/src"),
            self.folder / "services/renewals/src",
            self.folder / "deploy/local/src",
        ]
        given = {name: text for name, text in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "COV_"))}
        return subprocess.run(
            arguments,
            cwd=self.folder,
            env=given | {"PYTHONPATH": os.pathsep.join(map(str, sources)), "UV_OFFLINE": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def make(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a target without installing anything into the environment that the tests share."""
        return self.run("make", f"READY={self.ready}", *arguments)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    if not (ROOT / ".venv" / "bin" / "ruff").exists():
        pytest.skip("the tools are not in .venv: make new-service was not tried")
    return Checkout(tmp_path_factory.mktemp("new_service") / "baton")


@pytest.mark.parametrize("name", ["", "Renewals", "two-words", "capture", "events", "json", "e2e"])
def test_a_name_that_is_none_or_taken_is_refused_and_nothing_written(checkout: Checkout, name: str) -> None:
    before = sorted(checkout.folder.glob("services/*")), (checkout.folder / "pyproject.toml").read_text()
    done = checkout.run(".venv/bin/python", "deploy/new_service/write.py", name)
    assert done.returncode == 2, done.stdout
    assert done.stdout.startswith(("a name is", f"there is a {name} already"))
    assert (sorted(checkout.folder.glob("services/*")), (checkout.folder / "pyproject.toml").read_text()) == before


def test_what_it_writes_passes_every_check(checkout: Checkout) -> None:
    """Lint, types, import rules, dependencies, freshness; shape, rights, bad input, erasure; and its own tests."""
    made = checkout.make("new-service", "NAME=renewals")
    assert made.returncode == 0, made.stdout
    checked = checkout.make("check")
    assert checked.returncode == 0, checked.stdout
    tested = checkout.run(".venv/bin/pytest", "-q", "tests/renewals", "--cov", "--cov-report=")
    assert tested.returncode == 0, tested.stdout
    covered = checkout.run(
        ".venv/bin/coverage", "report", "--include=services/renewals/src/renewals/domain/*", "--fail-under=100"
    )
    assert covered.returncode == 0, covered.stdout
    tested = checkout.run(".venv/bin/pytest", "-q", *OF_ALL)
    assert tested.returncode == 0, tested.stdout
    tested = checkout.run(".venv/bin/pytest", "-q", "-k", "renewals", *OF_EACH)
    assert tested.returncode == 0, tested.stdout
