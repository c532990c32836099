"""A part that dies comes back, on the same port, with the same data."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from baton.data_dir import RememberedProcess, StackState
from baton.leftovers import end_leftovers
from baton.processes import Program
from baton.stack import StartOptions
from baton.stack_processes import STRIKES, StackProcess, kafka_process, postgres_process
from baton.supervisor import Supervisor


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Return when `condition` holds; fail when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"


@pytest.fixture
def supervisor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    """A supervisor with the two stores up and no services."""
    monkeypatch.setenv("BATON_KAFKA", "memory")
    supervisor = Supervisor(StartOptions(str(tmp_path / "d")))
    data_dir, state = supervisor.data_dir, supervisor.state
    data_dir.create_folders()
    secrets = data_dir.ensure_secrets()
    _, postgres = postgres_process(data_dir, state, secrets)
    kafka = kafka_process(data_dir, state, secrets)
    assert kafka is not None
    supervisor._start_side_by_side([postgres, kafka])
    yield supervisor
    supervisor._stop_all()


def _kill(part: StackProcess) -> int:
    assert part.running is not None
    pid = part.running.pid
    part.running.process.kill()
    part.running.process.wait()
    return pid


@pytest.mark.parametrize("which", [0, 1], ids=["postgres", "kafka"])
def test_a_killed_part_is_started_again(supervisor: Supervisor, which: int) -> None:
    part, state = supervisor.processes[which], supervisor.state
    ports = state.postgres_port, state.kafka_port
    killed = _kill(part)
    assert not part.is_ready()

    def back() -> bool:
        supervisor._restart_dead_processes()
        return part.is_ready()

    until(back)
    assert part.restarts == 1
    assert (state.postgres_port, state.kafka_port) == ports
    remembered = supervisor.data_dir.read_state().parts[part.name]
    assert remembered.pid != killed
    assert remembered.restarts == 1


def test_who_keeps_dying_is_tried_less_often(supervisor: Supervisor) -> None:
    part = supervisor.processes[0]
    waits = []
    for _ in range(8):
        part.delay_next_start(0.0)
        assert part.due is not None
        waits.append(part.due)
    assert waits == sorted(waits)
    assert waits[0] < 1
    assert waits[-1] == waits[-2] == 10
    part.due = None


def test_what_a_killed_supervisor_left_running_is_ended(supervisor: Supervisor) -> None:
    """The state names the processes; one that only has the same number by now is left alone."""
    state = supervisor.data_dir.read_state()
    bystander = RememberedProcess(1, 0.0)
    state.parts["capture"] = bystander
    assert end_leftovers(supervisor.data_dir, state)
    until(lambda: not any(part.running and part.running.is_alive() for part in supervisor.processes))
    after = supervisor.data_dir.read_state()
    assert (after.phase, after.parts) == ("stopped", {})
    assert not end_leftovers(supervisor.data_dir, StackState())


def test_a_stop_stops_everything(supervisor: Supervisor) -> None:
    processes = [part.running for part in supervisor.processes]
    supervisor._stop_all()
    assert not any(running and running.is_alive() for running in processes)


def test_a_service_that_is_still_starting_is_left_alone(tmp_path: Path) -> None:
    """Seen 7: after a restart it has as long as at `up` to answer; who has answered once has half a minute."""
    program = Program("slow", (sys.executable, "-c", "import time; time.sleep(60)"), tmp_path / "log")
    answers = False
    part = StackProcess("slow", lambda: program, lambda: True, 120.0, is_live=lambda: answers)
    part.start()
    try:
        start = part.started
        assert not any(part.end_if_stuck(start + seconds) for seconds in range(5, 121, 5))
        answers = True
        assert not part.end_if_stuck(start + 126)
        answers = False
        ended = [seconds for seconds in range(131, 170, 5) if part.end_if_stuck(start + seconds)]
        assert ended == [131 + 5 * (STRIKES - 1)]
    finally:
        assert part.running is not None
        part.running.stop()
    part.restart(start + 200)
    try:
        assert not any(part.end_if_stuck(start + seconds) for seconds in range(205, 321, 5))
        never = [seconds for seconds in range(325, 400, 5) if part.end_if_stuck(start + seconds)]
        assert never[:1] == [325 + 5 * (STRIKES - 1)]
    finally:
        part.running.stop()
