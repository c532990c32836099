"""Starts the processes of a stack in order, keeps them running, stops them in order.

One thread and one loop: each part is either running or has an instant at which it is tried again.
A process that dies comes back on the same port with the same data, whoever killed it.
"""

import asyncio
import fcntl
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from baton import keys, processes
from baton.data_dir import DataDir, RememberedProcess, StackState
from baton.exit_codes import BatonError, CannotStartError
from baton.leftovers import SERVICES_STOP_SECONDS, STORES, STORES_STOP_SECONDS, end_leftovers
from baton.ports import LOOPBACK, is_free
from baton.services import SERVICES
from baton.stack import Stack, StartOptions
from baton.stack_processes import StackProcess, kafka_process, postgres_process, service_process

TICK_SECONDS, POLL_SECONDS = 0.5, 0.05


class Supervisor:
    """One stack while it is up."""

    def __init__(self, options: StartOptions) -> None:
        self.options = options
        self.data_dir = DataDir.of_folder(Path(options.data))
        self.processes: list[StackProcess] = []
        self.asked_to_stop = threading.Event()
        self.state = StackState()

    def run(self, when_ready: Callable[[Stack], None]) -> None:
        """Bring everything up, call `when_ready`, keep it up until a signal, take it down."""
        os.umask(processes.PRIVATE)
        self.data_dir.create_folders()
        with self._exclusive_lock():
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, lambda *_: self.asked_to_stop.set())
            try:
                self._start_all()
                when_ready(Stack.load(self.data_dir.directory))
                while not self.asked_to_stop.wait(TICK_SECONDS):
                    self._restart_dead_processes()
            except BatonError as error:
                self.state.phase, self.state.failure = "failed", str(error)
                raise
            finally:
                self._stop_all()

    @contextmanager
    def _exclusive_lock(self) -> Iterator[None]:
        with self.data_dir.lock_file.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CannotStartError(f"a stack is already up (or coming up) in {self.data_dir.directory}") from None
            yield

    def _start_all(self) -> None:
        before = self.data_dir.read_state()
        end_leftovers(self.data_dir, before)
        self._open_state(before)
        secrets = self.data_dir.ensure_secrets()
        self._check_ports()
        cluster, postgres = postgres_process(self.data_dir, self.state, secrets)
        kafka = kafka_process(self.data_dir, self.state, secrets)
        stores = [postgres, *([kafka] if kafka else [])]
        self._start_side_by_side(stores)
        for service in SERVICES:
            cluster.create_database(service.module, secrets.databases[service.module])
        self._start_side_by_side(
            [
                service_process(service, self.data_dir, self.state, secrets, self.options.log_level)
                for service in SERVICES
            ]
        )
        stack = Stack(self.data_dir, self.state, secrets)
        asyncio.run(_store_local_keys(stack))
        self.state.phase = "ready"
        self._write_state()

    def _open_state(self, before: StackState) -> None:
        wanted = self.options
        self.state = StackState(
            supervisor=_this_process(),
            postgres_port=before.postgres_port,
            kafka_port=before.kafka_port,
            port_base=wanted.port_base or before.port_base,
            clock=wanted.clock or before.clock,
            clock_start=wanted.clock_start or before.clock_start,
        )
        self._write_state()

    def _check_ports(self) -> None:
        for service in SERVICES:
            port = service.port(self.state.port_base)
            if not is_free(port):
                raise CannotStartError(
                    f"{service.name}: port {port} is taken on {LOOPBACK} (choose others with --port-base)"
                )

    def _start_side_by_side(self, processes: list[StackProcess]) -> None:
        """Start processes side by side: the slowest decides how long it takes, the first to fail ends it."""
        for process in processes:
            self.processes.append(process)
            process.start()
        self._write_state()
        coming = processes
        while coming := [process for process in coming if not process.has_come_up()]:
            if self.asked_to_stop.wait(POLL_SECONDS):
                names = ", ".join(process.name for process in coming)
                raise CannotStartError(f"stopped while {names} came up")

    def _restart_dead_processes(self) -> None:
        now = time.monotonic()
        for process in self.processes:
            if process.end_if_stuck(now):
                _log_to_stderr(f"{process.name} does no work any more, ending it: {process.last_line()}")
            if process.notice_death(now):
                _log_to_stderr(f"{process.name} died, starting it again: {process.last_line()}")
                if process.name == "kafka" and self.state.rung == "memory":
                    _log_to_stderr("its events are gone: run `baton republish` when it is back")
            if process.is_start_due(now):
                try:
                    process.restart(now)
                except (BatonError, OSError) as error:
                    process.delay_next_start(now)
                    _log_to_stderr(f"{process.name} did not start, trying again: {error}")
                self._write_state()

    def _stop_all(self) -> None:
        if self.state.phase != "failed":
            self.state.phase = "stopping"
            self._write_state()
        services = [process for process in self.processes if process.name not in STORES]
        for process in services:
            process.ask_to_stop()
        deadline = time.monotonic() + SERVICES_STOP_SECONDS
        for process in services:
            process.wait_stopped(max(0.1, deadline - time.monotonic()))
        for name in reversed(STORES):
            for process in self.processes:
                if process.name == name:
                    process.ask_to_stop()
                    process.wait_stopped(STORES_STOP_SECONDS)
        self.processes.clear()
        if self.state.supervisor is not None:
            self.state.phase = "stopped" if self.state.phase == "stopping" else self.state.phase
            self.state.supervisor = None
            self._write_state()

    def _write_state(self) -> None:
        self.state.parts = {
            process.name: remembered for process in self.processes if (remembered := process.as_remembered())
        }
        self.data_dir.write_state(self.state)


async def _store_local_keys(stack: Stack) -> None:
    local = "local stack"
    await keys.store_key(stack.databases, stack.secrets.api_key, label=local)
    await keys.store_key(
        {"capture": stack.databases["capture"]},
        stack.secrets.form_key,
        kind="form",
        label=local,
        scopes=("capture:write",),
    )
    anywhere = keys.KeyBinding(origins=("http://localhost:*", "http://127.0.0.1:*"))
    await keys.bind_key(stack.databases, keys.key_id_of(stack.secrets.form_key), anywhere)


def _this_process() -> RememberedProcess:
    pid = os.getpid()
    return RememberedProcess(pid, processes.find_start_time(pid) or time.time())


def _log_to_stderr(sentence: str) -> None:
    sys.stderr.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {sentence}\n")
    sys.stderr.flush()


def run_detached() -> int:
    """Run detached: the options come as JSON in the first argument, the log is stderr."""
    try:
        Supervisor(StartOptions(**json.loads(sys.argv[1]))).run(lambda _: _log_to_stderr("ready"))
    except BatonError as error:
        sys.stderr.write(f"{error}\n")
        return error.code
    return 0


if __name__ == "__main__":
    sys.exit(run_detached())
