"""The client that we hand out, on the running stack: the life of a lead as the README types it."""

import asyncio
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from baton.stack import Stack
from baton_client import AnswerUnreadable, AsyncBaton, Baton, ClientError, NotReached, Refused, messages
from baton_client.generated.answers.common import Ready

pytestmark = pytest.mark.e2e

PAGE = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
(PROGRAM,) = (each for each in re.findall(r"```python\n(.+?)```", PAGE, re.DOTALL) if "baton_client" in each)
MOST_LINES = 30


def test_the_page_leads_one_lead_through_its_life(stack: Stack, tmp_path: Path) -> None:
    """Typed by a stranger into a file, with what `baton env` prints: it runs as it stands."""
    program = tmp_path / "life.py"
    program.write_text(PROGRAM, encoding="utf-8")
    done = subprocess.run(
        (sys.executable, program), env={"PATH": "/usr/bin:/bin"} | stack.environment_variables(),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    why, who, due, won, refused = done.stdout.splitlines()
    assert why.startswith("why a lead: hand_raiser A ['")
    assert "rotation" in who or "next in turn" in who
    assert "('first_touch', datetime.datetime(2026, " in due
    assert won.startswith("won ['")
    for kind in ("lead.touched", "lead.accepted", "lead.confirmed", "opportunity.opened", "lead.won"):
        assert kind in won
    assert "['" in refused
    assert sum(bool(line) for line in PROGRAM.splitlines()) <= MOST_LINES


def test_the_page_is_typed(tmp_path: Path) -> None:
    program = tmp_path / "life.py"
    program.write_text(PROGRAM, encoding="utf-8")
    command = (sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), program)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    program.write_text(PROGRAM.replace("currency=", "curency="), encoding="utf-8")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert 'Unexpected keyword argument "curency"' in done.stdout


async def test_the_same_can_be_awaited(stack: Stack) -> None:
    """Commands in a stream, a refusal with its codes, and what every service has."""
    async with AsyncBaton(stack.urls, stack.api_key) as baton:
        known = await baton.capture.post_contact(email="eve@async.example", source="chat", engagement="contact_sales")
        assert (await baton.capture.find_contact(email="Eve@async.example")).contact_id == known.contact_id
        lines = [{"lead_id": str(known.contact_id), "command": "accept", "by": "mia"}]
        answers = [line async for line in baton.feedback.carry_out_stream(lines)]
        assert (answers[0].status, answers[0].code, answers[1].refused) == ("refused", "lead_unknown", 1)
        with pytest.raises(Refused, match="404") as refused:
            await baton.feedback.show_lead(known.contact_id)
        assert refused.value.codes == {"lead_id": "lead_unknown"}
        assert (await baton.service("routing").status()).service == "routing"


def test_nobody_there_is_an_error_of_its_own() -> None:
    with Baton({"capture": "http://127.0.0.1:9"}, "key") as baton:
        with pytest.raises(NotReached, match="does not answer"):
            baton.capture.readyz()
        with pytest.raises(ValueError, match="BATON_SLA_URL"):
            _ = baton.sla_monitor
    asyncio.run(_nobody_awaited())


@pytest.mark.parametrize(
    "body", [b"", b"<html>Welcome</html>", b"[]", b'{"ready": [7]}', b"\xff", b'{"x": ' + b"[" * 9_000]
)
def test_an_answer_of_somebody_else_is_an_error_of_the_client(body: bytes) -> None:
    """A proxy's page or a later version's answer ends no program with an error of a library beneath."""
    with pytest.raises(AnswerUnreadable, match="not the service expected") as unread:
        messages.read_body_as(httpx.Response(200, content=body), Ready)
    assert isinstance(unread.value, ClientError)
    with pytest.raises(AnswerUnreadable):
        messages.read_line_as(body.decode("latin-1"), Ready)


def test_a_problem_that_is_none_has_no_codes() -> None:
    request = httpx.Request("GET", "http://127.0.0.1/v1/leads")
    for content in (b"", b"[1]", b'{"errors": null}', b'{"errors": "no"}', b'{"errors": ["no", 1]}'):
        with pytest.raises(Refused) as refused:
            messages.raise_unless_success(httpx.Response(502, content=content, request=request))
        assert (refused.value.codes, refused.value.title) == ({}, "The service refused it")


async def _nobody_awaited() -> None:
    async with AsyncBaton({"capture": "http://127.0.0.1:9"}, "key") as baton:
        with pytest.raises(NotReached, match="does not answer"):
            await baton.capture.livez()
