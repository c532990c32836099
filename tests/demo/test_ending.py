"""The demonstration is ended in order by Ctrl-C and by SIGTERM, wherever it was started."""

import subprocess
import sys

import pytest

PROGRAM = """
import asyncio, os, signal
from baton.demo.command import _sigterm_as_ctrl_c

async def play():
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.Event().wait()
    finally:
        print("ended in order")

{ignored}
with _sigterm_as_ctrl_c():
    try:
        asyncio.run(play())
    except KeyboardInterrupt:
        print("interrupted")
"""


@pytest.mark.parametrize("ignored", ["", "signal.signal(signal.SIGINT, signal.SIG_IGN)"])
def test_a_sigterm_ends_it_also_in_the_background_of_a_script(ignored: str) -> None:
    """A shell without job control starts what stands in the background with Ctrl-C ignored."""
    program = PROGRAM.format(ignored=ignored)
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (ran.stdout.split("\n")[:2], ran.returncode) == (["ended in order", "interrupted"], 0), ran.stderr
