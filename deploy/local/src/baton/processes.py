"""Starting, recognising and ending operating-system processes.

A pid alone proves nothing: it may have been reused, or belong to a zombie that nobody reaped.
So a process is remembered by pid and start time, and a zombie counts as dead.
"""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from baton.exit_codes import CannotStartError

POLL_SECONDS = 0.05
STARTED_WITHIN_SECONDS = 1.0
PRIVATE = 0o077
"""The umask of all that is started: what a part writes, its owner alone may read."""
LAST_LINES, LONGEST_LINE = 30, 400
ERROR_LINE = re.compile(r"^[\w.]+(Error|Exception|Exit)\b|\b(FATAL|PANIC)\b|\[Errno \d+\]")


@dataclass(frozen=True)
class Program:
    """What to run, and how to ask it to stop."""

    name: str
    argv: tuple[str, ...]
    log: Path
    environment: Mapping[str, str] | None = None
    user: int | None = None
    group: int | None = None
    directory: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    niceness: int = 0
    """By how much others come before it where the processor is wanted by many."""

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the program in a session of its own, so a Ctrl-C reaches the supervisor alone."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            started = subprocess.Popen(  # noqa: S603 - the argv is ours
                self.argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment,
                cwd=self.directory,
                user=self.user,
                group=self.group,
                extra_groups=None if self.user is None else [],
                start_new_session=True,
                umask=PRIVATE,
            )
        if self.niceness:
            with suppress(ProcessLookupError):  # it has ended already, as its log will say
                os.setpriority(os.PRIO_PROCESS, started.pid, os.getpriority(os.PRIO_PROCESS, 0) + self.niceness)
        return started


@dataclass
class Running:
    """A program that was started by this process."""

    program: Program
    process: subprocess.Popen[bytes] = field(repr=False)

    @property
    def pid(self) -> int:
        """The process id."""
        return self.process.pid

    def is_alive(self) -> bool:
        """Return whether the process still runs (and reap it if it does not)."""
        return self.process.poll() is None

    def ask_to_stop(self) -> None:
        """Send the program its stop signal and return at once."""
        if self.is_alive():
            self.process.send_signal(self.program.stop_signal)

    def wait_stopped(self, seconds: float) -> bool:
        """Wait for the end, kill the process after `seconds`; say whether it went by itself."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return False
        return True

    def stop(self, seconds: float = 25) -> bool:
        """Ask the program to stop, wait, kill it after `seconds`."""
        self.ask_to_stop()
        return self.wait_stopped(seconds)


def start_program(program: Program, is_ready: Callable[[], bool], seconds: float) -> Running:
    """Start `program` and wait until `is_ready`, or raise with the last line of its log."""
    running = Running(program, program.spawn())
    try:
        await_ready(running, is_ready, seconds)
    except BaseException:
        running.stop(5)
        raise
    return running


def await_ready(running: Running, is_ready: Callable[[], bool], seconds: float) -> None:
    """Return as soon as `is_ready`; raise when the process ends or `seconds` have passed."""
    deadline = time.monotonic() + seconds
    while not is_ready():
        if not running.is_alive():
            raise CannotStartError(
                f"{running.program.name} ended with code {running.process.returncode}:"
                f" {find_telling_line(running.program.log)}"
            )
        if time.monotonic() > deadline:
            raise CannotStartError(
                f"{running.program.name} was not ready after {seconds:.0f} s: {find_telling_line(running.program.log)}"
            )
        time.sleep(POLL_SECONDS)


def find_telling_line(log: Path) -> str:
    """Return the line of a log that says best why a program ended, short enough for one message.

    What comes after an exception or a fatal error is mostly the program saying goodbye.
    """
    last_lines = read_final_lines(log)
    telling = [line for line in last_lines if ERROR_LINE.search(line)]
    return (telling or last_lines)[-1]


def read_final_lines(log: Path) -> list[str]:
    """Return the last lines of a log that say something, at least one."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 8_192))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        return ["it left no log"]
    last_lines = [line.strip()[:LONGEST_LINE] for line in lines[-LAST_LINES:] if line.strip()]
    return last_lines or [f"its log {log} is empty"]


def find_start_time(pid: int) -> float | None:
    """Return when the process `pid` started (seconds since the epoch), or None if it is dead."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return process.create_time()
    except psutil.Error:
        return None


def is_same_process(pid: int, created: float) -> bool:
    """Return whether `pid` is alive and still the process that started at `created`."""
    now = find_start_time(pid)
    return now is not None and abs(now - created) < STARTED_WITHIN_SECONDS


def end_leftover_process(pid: int, created: float, stop_signal: signal.Signals, seconds: float) -> bool:
    """End a process another supervisor left behind; say whether there was one."""
    if not is_same_process(pid, created):
        return False
    with suppress(ProcessLookupError):  # it has just ended
        os.kill(pid, stop_signal)
    deadline = time.monotonic() + seconds
    while is_same_process(pid, created):
        if time.monotonic() > deadline:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            deadline += seconds
        time.sleep(POLL_SECONDS)
    return True
