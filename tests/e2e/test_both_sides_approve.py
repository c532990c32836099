"""Two heads approve the same rules, one on the page and one on the command line (issue 14, point 14; D4)."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from baton.cli import run
from baton.exit_codes import DONE, FOUND_WRONG
from baton.stack import Stack
from baton.stack_processes import playbook_directory
from tests.e2e.heads import APPROVED, MARKETING, SALES, invite_heads

pytestmark = pytest.mark.e2e

Baton = Callable[..., str]


@pytest.fixture
def baton(stack: Stack, capsys: pytest.CaptureFixture[str]) -> Baton:
    """Run a command on the stack, and return what it printed to either stream, on one line."""

    def on_the_stack(*arguments: str, code: int = DONE) -> str:
        found = run([*arguments, "--data", str(stack.data_dir.directory)])
        output = capsys.readouterr()
        assert found == code, output
        return " ".join(f"{output.out} {output.err}".split())

    return on_the_stack


@pytest.fixture
def folder(tmp_path: Path, baton: Baton) -> Iterator[Path]:
    """Rules that differ in one number; those that come with Baton are in force again afterwards."""
    copied = Path(shutil.copytree(playbook_directory(), tmp_path / "playbook"))
    change(copied, "session_hours: 12", "session_hours: 8")
    yield copied
    invite_heads(baton)
    baton("playbook", "propose", str(playbook_directory()), "--by=kim")
    baton("playbook", "activate", str(playbook_directory()), "--by=kim", *APPROVED)


def change(folder: Path, before: str, after: str) -> None:
    rules = folder / "desk.yaml"
    text = rules.read_text()
    assert before in text
    rules.write_text(text.replace(before, after))


@contextmanager
def signed_in(baton: Baton, name: str, signs_as: str) -> Iterator[httpx.Client]:
    """Yield the browser of somebody who followed the link of their invitation."""
    link = baton("desk", "invite", name, "--role=marketing", f"--signs-as={signs_as}").strip()
    address, _, _ = link.partition("/in/")
    with httpx.Client(base_url=address, follow_redirects=True, headers={"Accept": "text/html"}) as browser:
        assert browser.post(link).is_success
        yield browser


def press(browser: httpx.Client, verb: str) -> str:
    """Press a button of the page Rules, and return the page that follows."""
    page = browser.get("/rules").text
    (path,) = re.findall(rf'action="(/rules/\S+/{verb})"', page)
    (token, *_) = re.findall(r'name="token" value="([^"]+)"', page)
    answer = browser.post(path, data={"token": token})
    assert answer.is_success, answer.text
    return answer.text


def test_marketing_approves_on_the_page_and_sales_on_the_command_line(baton: Baton, folder: Path) -> None:
    invite_heads(baton)
    baton("playbook", "propose", str(folder), "--by=kim")
    with signed_in(baton, "eva", MARKETING) as eva:
        press(eva, "sign")
        refused = baton("playbook", "activate", str(folder), "--by=kim", code=FOUND_WRONG)
        assert f"not approved yet by {SALES}" in refused
        assert "approved by eva, sam; approved by all" in baton("playbook", "approve", str(folder), "--by=sam")
        assert "approved by eva, sam; approved by all" in baton("playbook", "approve", str(folder), "--by=sam")
        assert eva.get("/rules").text.count('class="badge good">Signed') == len(APPROVED)
        assert "in force" in baton("playbook", "activate", str(folder), "--by=kim")
        assert "Go back to the rules before" in eva.get("/rules").text
    assert "nothing would change" in baton("playbook", "diff", str(folder))
    assert "in force already" in baton("playbook", "activate", str(folder), "--by=kim")


def test_sales_approves_on_the_command_line_and_marketing_puts_it_in_force_on_the_page(
    baton: Baton, folder: Path
) -> None:
    """Without a proposal the files that somebody approves become the candidate."""
    invite_heads(baton)
    assert f"approved by sam; still to approve: {MARKETING}" in baton("playbook", "approve", str(folder), "--by=sam")
    with signed_in(baton, "eva", MARKETING) as eva:
        press(eva, "sign")
        press(eva, "activate")
    assert "nothing would change" in baton("playbook", "diff", str(folder))


def test_one_person_is_refused_for_the_other_side(baton: Baton, folder: Path) -> None:
    invite_heads(baton)
    baton("playbook", "approve", str(folder), "--by=eva")
    for approver in (MARKETING, SALES):
        with signed_in(baton, "eva", approver) as eva:
            assert "Sign as" not in eva.get("/rules").text
    for command in (("approve", "--by=eva"), ("activate", "--by=kim", "--approved-by=eva")):
        verb, *more = command
        assert "nobody signs for two" in baton("playbook", verb, str(folder), *more, code=FOUND_WRONG)
    invite_heads(baton)
    assert f"still to approve: {SALES}" in baton("playbook", "approve", str(folder), "--by=eva")
    refused = baton("playbook", "activate", str(folder), "--by=kim", "--approved-by=eva", code=FOUND_WRONG)
    assert f"not approved yet by {SALES}" in refused
    assert "Nobody of this name may sign in" in baton(
        "playbook", "approve", str(folder), "--by=nobody", code=FOUND_WRONG
    )


def test_an_approval_of_other_files_does_not_count(baton: Baton, folder: Path) -> None:
    """A changed number is another candidate, which does not take the place of the first by itself."""
    invite_heads(baton)
    for name in ("eva", "sam"):
        baton("playbook", "approve", str(folder), f"--by={name}")
    change(folder, "session_hours: 8", "session_hours: 9")
    for arguments in (("approve", "--by=sam"), ("activate", "--by=kim"), ("activate", "--by=kim", *APPROVED)):
        verb, *more = arguments
        refused = baton("playbook", verb, str(folder), *more, code=FOUND_WRONG)
        assert "other rules are the candidate, proposed by eva" in refused
    baton("playbook", "propose", str(folder), "--by=kim")
    refused = baton("playbook", "activate", str(folder), "--by=kim", code=FOUND_WRONG)
    assert f"not approved yet by {MARKETING}, {SALES}" in refused
