"""What the supervisor does all day: it looks whether the parts answer, and that must cost next to nothing."""

import os
import socket
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from baton.ports import LOOPBACK
from baton.processes import Program
from baton.services import BY_NAME
from baton.stack_processes import answers_with_200


@contextmanager
def saying(answer: bytes | None) -> Iterator[str]:
    """Answer whatever is asked with these bytes, or with nothing at all; yield where."""
    with socket.create_server((LOOPBACK, 0)) as server:

        def serve() -> None:
            taken, _ = server.accept()
            with taken:
                taken.recv(65_536)
                if answer is None:
                    taken.recv(1)
                else:
                    taken.sendall(answer)

        thread = Thread(target=serve)
        thread.start()
        yield f"http://{LOOPBACK}:{server.getsockname()[1]}/livez"
        thread.join()


@pytest.mark.parametrize(
    ("answer", "is_there"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", True),
        (b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", False),
        (b"\x00\xff not HTTP\r\n\r\n", False),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1_000 + b"\r\n", False),
        (b"", False),
        (None, False),
    ],
    ids=["ok", "unavailable", "no HTTP", "too many headers", "hung up", "silent"],
)
def test_only_200_in_time_is_an_answer(answer: bytes | None, is_there: bool) -> None:
    with saying(answer) as url:
        assert answers_with_200(url, 0.3) is is_there


def test_where_nobody_listens_there_is_no_answer() -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
    assert not answers_with_200(f"http://{LOOPBACK}:{port}/livez", 0.3)


def test_a_look_loads_no_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssl, "SSLContext", None)
    with saying(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as url:
        assert answers_with_200(url, 0.3)


def test_the_visitor_comes_first_where_many_want_the_processor(tmp_path: Path) -> None:
    """Capture before those who hand a lead over, and these before those that nobody waits for."""
    behind = [BY_NAME[name].niceness for name in ("capture", "scoring", "routing", "sla-monitor", "feedback")]
    assert behind == sorted(behind)
    assert behind[0] == 0 < behind[1] == behind[2] < behind[3] == behind[4]
    program = Program("later", (sys.executable, "-c", "input()"), tmp_path / "log", niceness=behind[-1])
    started = program.spawn()
    try:
        wanted = min(19, os.getpriority(os.PRIO_PROCESS, 0) + behind[-1])
        assert os.getpriority(os.PRIO_PROCESS, started.pid) == wanted
    finally:
        started.kill()
        started.wait()
