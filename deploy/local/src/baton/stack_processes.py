"""A process of the stack: it answers when it is ready, is looked after, and is started again."""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from baton import clusters, kafka, postgres
from baton.data_dir import DataDir, RememberedProcess, StackSecrets, StackState
from baton.exit_codes import CannotStartError
from baton.ports import LOOPBACK, keep_or_free
from baton.postgres import Postgres
from baton.processes import Program, Running, find_start_time, find_telling_line
from baton.services import BY_NAME, Service
from baton.stack import database_url

FIRST_BACK_OFF, LONGEST_BACK_OFF = 0.2, 10.0
STEADY_SECONDS = 30.0
SERVICE_START_SECONDS = 120.0
READY_SECONDS = 5.0
PARTITIONS = "2"
"""Of each topic, on one machine with one process a service: one for each lane of its consumer."""
LOOK_SECONDS, LOOK_TIMEOUT_SECONDS, STRIKES = 5.0, 2.0, 6


@dataclass
class StackProcess:
    """One process of the stack and what to do about it; instants are of the monotonic clock."""

    name: str
    program: Callable[[], Program]
    is_ready: Callable[[], bool]
    start_seconds: float
    prepare: Callable[[], None] = lambda: None
    is_live: Callable[[], bool] = lambda: True
    running: Running | None = None
    restarts: int = 0
    back_off: float = FIRST_BACK_OFF
    started: float = 0.0
    due: float | None = None
    strikes: int = 0
    looked: float = 0.0
    came_up: bool = False
    """Whether it has answered since its last start: until then it is starting, not stuck."""

    def start(self) -> None:
        """Start the process; it is not ready yet."""
        program = self.program()
        self.running = Running(program, program.spawn())
        self.started = time.monotonic()
        self.strikes, self.came_up = 0, False

    def has_come_up(self) -> bool:
        """Return whether it answers; raise when it ended or took too long to get there."""
        if self.is_ready():
            return True
        if self.running is None or not self.running.is_alive():
            raise CannotStartError(f"{self.name} could not start: {self.last_line()}")
        if time.monotonic() - self.started > self.start_seconds:
            raise CannotStartError(f"{self.name} was not ready in {self.start_seconds:.0f} s: {self.last_line()}")
        return False

    def notice_death(self, now: float) -> bool:
        """Return whether it has died since the last look, and plan the next start.

        Who lived for a while is back soon; who keeps dying is tried less and less often.
        """
        if self.running is None or self.running.is_alive():
            return False
        self.running = None
        if now - self.started > STEADY_SECONDS:
            self.back_off = FIRST_BACK_OFF
        self.delay_next_start(now)
        return True

    def end_if_stuck(self, now: float) -> bool:
        """End a process that runs and does no work any more; say whether that was needed.

        A busy machine may miss a few answers, so it takes half a minute of silence; after each start it has as long
        as at the first to answer at all.
        """
        if self.running is None or now - self.looked < LOOK_SECONDS:
            return False
        self.looked = now
        if self.is_live():
            self.strikes, self.came_up = 0, True
        elif self.came_up or now - self.started > self.start_seconds:
            self.strikes += 1
        if self.strikes < STRIKES:
            return False
        self.strikes = 0
        self.running.process.kill()
        return True

    def delay_next_start(self, now: float) -> None:
        """Plan the next start, later each time."""
        self.due = now + self.back_off
        self.back_off = min(self.back_off * 2, LONGEST_BACK_OFF)

    def is_start_due(self, now: float) -> bool:
        """Return whether it is time to start it again."""
        return self.due is not None and now >= self.due

    def restart(self, now: float) -> None:
        """Start it again where it was."""
        self.due = None
        self.restarts += 1
        self.prepare()
        self.start()
        self.started = now

    def ask_to_stop(self) -> None:
        """Send its stop signal."""
        self.due = None
        if self.running is not None:
            self.running.ask_to_stop()

    def wait_stopped(self, seconds: float) -> None:
        """Wait for its end, or make one."""
        if self.running is not None:
            self.running.wait_stopped(seconds)

    def last_line(self) -> str:
        """Return the last line it logged."""
        return find_telling_line(self.program().log)

    def as_remembered(self) -> RememberedProcess | None:
        """Return what a later supervisor needs to recognise the process."""
        if self.running is None:
            return None
        created = find_start_time(self.running.pid)
        return None if created is None else RememberedProcess(self.running.pid, created, self.restarts)


def postgres_process(data_dir: DataDir, state: StackState, secrets: StackSecrets) -> tuple[Postgres, StackProcess]:
    """Return PostgreSQL, prepared, on its old port if that can still be had."""
    state.postgres_port = keep_or_free(state.postgres_port)
    cluster = Postgres(
        data_dir.postgres_folder, state.postgres_port, secrets.superuser, data_dir.log_file_of("postgres")
    )
    cluster.prepare()
    part = StackProcess("postgres", cluster.program, cluster.is_ready, postgres.START_SECONDS, cluster.prepare)
    return cluster, part


def kafka_process(data_dir: DataDir, state: StackState, secrets: StackSecrets) -> StackProcess | None:
    """Return Kafka, prepared; None if it is somebody else's."""
    state.rung = kafka.choose_kafka()
    if state.rung == "given":
        state.bootstrap = os.environ["KAFKA_BOOTSTRAP_SERVERS"]
        clusters.check_access(state.bootstrap, secrets.installation)
        return None
    state.kafka_port = keep_or_free(state.kafka_port)
    broker = kafka.prepare_broker(data_dir.kafka_folder, state.kafka_port, data_dir.log_file_of("kafka"))
    state.rung, state.bootstrap = broker.rung, broker.bootstrap
    return StackProcess(
        "kafka",
        broker.program,
        lambda: kafka.is_kafka_ready(broker.bootstrap),
        kafka.START_SECONDS,
        broker.prepare,
    )


def service_process(
    service: Service, data_dir: DataDir, state: StackState, secrets: StackSecrets, log_level: str
) -> StackProcess:
    """Return one of the six services; it migrates its database by itself."""
    environment = {
        "BATON_PARTITIONS": PARTITIONS,
        **{name: value for name, value in os.environ.items() if not _is_of_a_given_kafka(name, state)},
        "BATON_SERVICE": service.name,
        "BATON_DATABASE_URL": database_url(state, secrets, service.module),
        "KAFKA_BOOTSTRAP_SERVERS": state.bootstrap,
        "BATON_HOST": LOOPBACK,
        "BATON_PORT": str(service.port(state.port_base)),
        "BATON_CLOCK": state.clock,
        "BATON_PLAYBOOK_DIR": str(playbook_directory()),
        "BATON_SECRET": secrets.installation,
        "BATON_LOG_LEVEL": log_level,
    }
    if service.name == "desk":
        environment |= addresses_for_pages(state, secrets)
    if service.name in ("capture", "routing"):
        booking = BY_NAME["routing"].url(state.port_base)
        environment["BATON_BOOKING_URL"] = os.environ.get("BATON_BOOKING_URL", booking)
    if state.clock_start is not None:
        environment["BATON_CLOCK_START"] = state.clock_start
    if state.rung == "memory":
        environment["BATON_RELAY_BATCH_RECORDS"] = "1"
    elif state.rung == "apache":
        environment["BATON_INSTANCE"] = f"{service.name}-0"
    program = service_program(service, data_dir, environment)
    url = service.url(state.port_base)
    return StackProcess(
        service.name,
        lambda: program,
        lambda: answers_with_200(f"{url}/readyz", READY_SECONDS),
        SERVICE_START_SECONDS,
        is_live=lambda: answers_with_200(f"{url}/livez", LOOK_TIMEOUT_SECONDS),
    )


def addresses_for_pages(state: StackState, secrets: StackSecrets) -> dict[str, str]:
    """Return what the pages need to send commands to the other services, and under which address they are read."""
    urls = {f"BATON_{each.short}_URL": each.url(state.port_base) for each in BY_NAME.values()}
    pages = urls.pop("BATON_DESK_URL")
    return {
        "BATON_API_KEY": secrets.api_key, **urls, "BATON_PUBLIC_URL": os.environ.get("BATON_PUBLIC_URL", pages),
        "BATON_CAPTURE_PUBLIC_URL": os.environ.get("BATON_CAPTURE_PUBLIC_URL", ""),
    }  # fmt: skip


def _is_of_a_given_kafka(name: str, state: StackState) -> bool:
    """Return whether a variable is a login that was set for a Kafka which this stack does not use."""
    return state.rung != "given" and name.startswith(("KAFKA_SASL_", "KAFKA_SSL_", "KAFKA_SECURITY_"))


def service_program(service: Service, data_dir: DataDir, environment: dict[str, str]) -> Program:
    """Return how a service is run."""
    return Program(
        name=service.name,
        argv=(sys.executable, "-m", service.module),
        log=data_dir.log_file_of(service.name),
        environment=environment,
        directory=data_dir.directory,
        niceness=service.niceness,
    )


def answers_with_200(url: str, seconds: float) -> bool:
    """Check whether a GET of `url`, on this machine, is answered with 200; no wait in it is longer than `seconds`.

    It is asked often, so with the least there is: each client of httpx loads all certificates first, half of what an
    idle stack cost.
    """
    parts = urlsplit(url)
    asked = HTTPConnection(parts.netloc, timeout=seconds)
    try:
        asked.request("GET", parts.path)
        return asked.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        asked.close()


def playbook_directory() -> Path:
    """Return the folder of the default playbook: `deploy/playbook` of the checkout."""
    given = os.environ.get("BATON_PLAYBOOK_DIR")
    if given:
        return Path(given).resolve()
    for folder in Path(__file__).resolve().parents:
        candidate = folder / "deploy" / "playbook"
        if candidate.is_dir():
            return candidate
    raise CannotStartError("no playbook found: set BATON_PLAYBOOK_DIR to its folder")
