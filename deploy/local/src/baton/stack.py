"""A stack from outside: its addresses, and the commands that start and stop it."""

import json
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from baton import processes
from baton.chosen_kafka import PRINTED, PRINTED_FROM
from baton.data_dir import DataDir, RememberedProcess, StackSecrets, StackState
from baton.exit_codes import CannotStartError, WrongUsageError
from baton.leftovers import end_leftovers
from baton.ports import LOOPBACK
from baton.services import SERVICES

UP_SECONDS = 900.0
DOWN_SECONDS = 90.0
POLL_SECONDS = 0.05


@dataclass(frozen=True)
class StartOptions:
    """How to start a stack; what is None stays as it was the last time."""

    data: str
    port_base: int | None = None
    clock: str | None = None
    clock_start: str | None = None
    log_level: str = "INFO"


@dataclass(frozen=True)
class Stack:
    """The address book of a stack that is up."""

    data_dir: DataDir
    state: StackState
    secrets: StackSecrets = field(repr=False)

    @classmethod
    def load(cls, directory: Path) -> "Stack":
        """Return the stack that is up in `directory`."""
        data_dir = DataDir.of_folder(directory)
        state = data_dir.read_state()
        if not is_stack_up(state):
            raise WrongUsageError(f"nothing is up in {directory} (`baton up` starts a stack)")
        return cls(data_dir, state, data_dir.read_secrets())

    @property
    def urls(self) -> dict[str, str]:
        """Each service's HTTP address, by name."""
        return {service.name: service.url(self.state.port_base) for service in SERVICES}

    @property
    def api_key(self) -> str:
        """The stack's own key, which may do everything."""
        return self.secrets.api_key

    @property
    def bootstrap(self) -> str:
        """Where Kafka's clients begin."""
        return self.state.bootstrap

    @property
    def rung(self) -> str:
        """Whose Kafka it is: one that was given may need a login."""
        return self.state.rung

    @property
    def databases(self) -> dict[str, str]:
        """Each service's database URL, by name."""
        return {service.name: database_url(self.state, self.secrets, service.module) for service in SERVICES}

    def environment_variables(self) -> dict[str, str]:
        """Return the variables that `baton env` prints."""
        return {
            PRINTED_FROM: str(self.data_dir.directory),
            "KAFKA_BOOTSTRAP_SERVERS": self.state.bootstrap,
            **({} if self.state.rung == "given" else {PRINTED: self.state.bootstrap}),
            **{f"BATON_{s.short}_URL": self.urls[s.name] for s in SERVICES},
            "BATON_API_KEY": self.secrets.api_key,
            "BATON_FORM_KEY": self.secrets.form_key,
            **{f"BATON_{s.short}_DATABASE_URL": self.databases[s.name] for s in SERVICES},
        }


def database_url(state: StackState, secrets: StackSecrets, database: str) -> str:
    """Return the URL of a service's database for the role that owns it."""
    password = secrets.databases[database]
    return f"postgresql://{database}:{password}@{LOOPBACK}:{state.postgres_port}/{database}"


def is_process_running(process: RememberedProcess | None) -> bool:
    """Return whether a process of the state file still runs."""
    return process is not None and processes.is_same_process(process.pid, process.created)


def is_stack_up(state: StackState) -> bool:
    """Return whether the stack is ready and its supervisor runs."""
    return state.phase == "ready" and is_process_running(state.supervisor)


def start_detached(options: StartOptions) -> Stack:
    """Start a supervisor that outlives this process; return when all parts are ready.

    A stack that is up already is returned as it is.
    """
    directory = Path(options.data)
    data_dir = DataDir.of_folder(directory)
    if is_stack_up(data_dir.read_state()):
        return Stack.load(directory)
    data_dir.create_folders()
    data_dir.log_file_of("supervisor").touch(mode=0o600)
    with data_dir.log_file_of("supervisor").open("ab") as log:
        supervisor = subprocess.Popen(  # noqa: S603
            (sys.executable, "-m", "baton.supervisor", json.dumps(asdict(options))),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            umask=processes.PRIVATE,
        )
    deadline = time.monotonic() + UP_SECONDS
    while supervisor.poll() is None:
        state = data_dir.read_state()
        ours = state.supervisor is not None and state.supervisor.pid == supervisor.pid
        if ours and state.phase == "ready":
            supervisor.returncode = 0  # it goes on without us: nobody here will wait for it
            return Stack.load(directory)
        if time.monotonic() > deadline:
            supervisor.terminate()
        time.sleep(POLL_SECONDS)
    raise CannotStartError(processes.read_final_lines(data_dir.log_file_of("supervisor"))[-1])


def stop_stack(directory: Path) -> bool:
    """Stop the stack in `directory` in order; say whether anything of it was running.

    Where the supervisor is gone (killed, say), its parts are stopped from here.
    """
    data_dir = DataDir.of_folder(directory)
    state = data_dir.read_state()
    supervisor = state.supervisor
    was_running = False
    if supervisor is not None and is_process_running(supervisor):
        was_running = processes.end_leftover_process(supervisor.pid, supervisor.created, signal.SIGTERM, DOWN_SECONDS)
        state = data_dir.read_state()
    return end_leftovers(data_dir, state) or was_running


def delete_stack_data(directory: Path) -> None:
    """Delete all a stopped stack has kept, its secrets included."""
    shutil.rmtree(DataDir.of_folder(directory).directory, ignore_errors=True)
