"""`baton up`, `down`, `status`, `env`: the stack as a whole."""

import asyncio
import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from baton import stack as stacks
from baton.cli.output import DEFAULT_DATA, AsJson, Data, console, print_json, print_notice, print_table
from baton.data_dir import DataDir
from baton.exit_codes import DONE, FOUND_WRONG, CannotStartError, FoundWrongError, WrongUsageError
from baton.stack import Stack, StartOptions
from events.moments import read_moment

if TYPE_CHECKING:
    from baton.status import PartStatus, StatusDocument

STATE = ("ready", "lag", "outbox", "parked", "residual")
Flag = Annotated[bool, Parameter(negative=())]


def up(
    *,
    data: Data = DEFAULT_DATA,
    port_base: int | None = None,
    clock: Literal["system", "stepped"] | None = None,
    start: str | None = None,
    playbook: Path | None = None,
    detach: Flag = False,
    log_level: Literal["INFO", "WARNING", "ERROR"] = "INFO",
) -> int:
    """Start PostgreSQL, Kafka and the six services here, and wait until all are ready.

    What is not given stays as it was the last time in the same DIR (at first: ports from 8000,
    the system clock). Without `--detach` it runs until Ctrl-C.

    * `baton up --detach`
    * `baton up --clock stepped --start 2026-01-01T00:00:00Z`
    * `baton up --playbook candidate/` (what `baton leaks --playbook` proposed)

    Parameters
    ----------
    port_base
        The services listen on the six ports after this one.
    clock
        `stepped` stands still until `baton clock advance`.
    start
        First instant of a stepped clock (RFC 3339), for a stack that is new.
    playbook
        The folder of the playbook that a new stack begins with; one that has a playbook in force keeps it.
    detach
        Return when all is ready and leave the stack running.
    """
    from baton.supervisor import Supervisor  # noqa: PLC0415 - needed by no other command

    if playbook is not None:
        _set_first_playbook(playbook)
    options = StartOptions(str(data), port_base, clock, _check_start_instant(start), log_level)
    if detach:
        _print_start_notices(stacks.start_detached(options), detached=True)
        return DONE
    print_notice(f"starting the stack in {data} …")
    Supervisor(options).run(lambda stack: _print_start_notices(stack, detached=False))
    print_notice("stopped; nothing is lost")
    return DONE


def _set_first_playbook(folder: Path) -> None:
    """Have the services of a new stack read this playbook; raises `FoundWrongError` where they would refuse it."""
    from baton.playbook import check_folder  # noqa: PLC0415 - reads every service's rules

    _, faults = check_folder(folder)
    if faults:
        first = faults[0]
        raise FoundWrongError(f"{folder}: {first.file}: {first.field or 'the file'}: {first.message}")
    os.environ["BATON_PLAYBOOK_DIR"] = str(folder.resolve())


def _check_start_instant(start: str | None) -> str | None:
    """Return the first instant of a stepped clock as it was written; raises `WrongUsageError` where it is none."""
    if start is not None:
        try:
            read_moment(start)
        except ValueError as error:
            raise WrongUsageError(f"--start {start}: {error} (2026-01-01T00:00:00Z is one)") from None
    return start


def down(*, data: Data = DEFAULT_DATA, purge: Flag = False, yes: Flag = False) -> int:
    """Stop the stack in order: services, Kafka, PostgreSQL. Nothing is lost.

    * `baton down`
    * `baton down --purge --yes`

    Parameters
    ----------
    purge
        Delete its data as well, after asking.
    yes
        Do not ask.
    """
    print_notice("stopped" if stacks.stop_stack(data) else f"nothing was running in {data}")
    if purge and (yes or _confirm_purge(data)):
        stacks.delete_stack_data(data)
        print_notice(f"deleted {data}")
    return DONE


def status(*, data: Data = DEFAULT_DATA, json: AsJson = False) -> int:
    """Show each part: pid, URL, ready, lag, outbox depth, parked, gaps, audit residual.

    * `baton status --json`

    Exits with 1 if a part is not ready. `BATON_CAPTURE_URL` and its like and `BATON_API_KEY`, where all are set,
    name services elsewhere.
    """
    from baton import remote  # noqa: PLC0415 - asks services
    from baton.access import ServiceAddresses  # noqa: PLC0415
    from baton.status import load_stack_status  # noqa: PLC0415 - asks databases, Kafka and services

    services = ServiceAddresses.from_environment()
    if services:
        return _print_services_status(asyncio.run(remote.load_status(services)), json=json)
    state = DataDir.of_folder(data).read_state()
    if not stacks.is_stack_up(state):
        print_notice(f"nothing is up in {data}" + (f": {state.failure}" if state.failure else ""))
        if json:
            print_json({"phase": state.phase, "failure": state.failure, "parts": []})
        return FOUND_WRONG
    stack = Stack.load(data)
    found = asyncio.run(load_stack_status(stack))
    if json:
        print_json(found)
    else:
        _print_parts(f"Baton in {stack.data_dir.directory}", ("part", "pid", "url", *STATE), found["parts"])
        console.print(f"clock {found['clock']}, Kafka {found['kafka']}", highlight=False)
    return DONE if all(part["ready"] for part in found["parts"]) else FOUND_WRONG


def _print_services_status(found: "StatusDocument", *, json: bool) -> int:
    if json:
        print_json(found)
    else:
        _print_parts("Baton", ("part", "url", *STATE), found["parts"])
    return DONE if all(part["ready"] for part in found["parts"]) else FOUND_WRONG


def _print_parts(title: str, columns: Sequence[str], parts: "Sequence[PartStatus]") -> None:
    """Print what every part has as a table that fits 80 columns, and below it a line for each that has more to say."""
    print_table(title, columns, parts)
    for part in parts:
        counts = [f"{number} {name}" for name in ("gaps", "restarts") if (number := part.get(name))]
        if remarks := [*([part["why"]] if part.get("why") else ()), *counts]:
            console.print(f"{part['part']}: {', '.join(remarks)}", highlight=False, markup=False, soft_wrap=True)


def env(*, data: Data = DEFAULT_DATA) -> int:
    """Print the addresses and keys of the running stack as KEY=VALUE lines.

    export $(baton env)
    """
    for name, value in Stack.load(data).environment_variables().items():
        sys.stdout.write(f"{name}={value}\n")
    return DONE


def demo(
    *,
    leads: int = 8_000,
    report: Path | None = None,
    data: Data = Path(".baton-demo"),
    seed: int = 1,
    port_base: int | None = None,
) -> int:
    """Replay a real year of a marketing funnel through the front door, and check what came of it.

    * `baton demo --leads 500 --report demo.json`

    Exits with 1 if anything came out otherwise than the data has it. A run that was cut short goes
    on where it was.

    Parameters
    ----------
    leads
        How many leads of the year to post.
    report
        Write the figures to this file as JSON.
    seed
        What is played depends on it; what is real does not.
    port_base
        The services listen on the six ports after this one.
    """
    if find_spec("baton.demo") is None:
        raise CannotStartError("the demonstration is not part of this installation")
    from baton.demo import run_demo  # noqa: PLC0415 - not in every installation

    return run_demo(leads=leads, report=report, data=data, seed=seed, port_base=port_base)


def _print_start_notices(stack: Stack, *, detached: bool) -> None:
    if stack.state.rung == "memory" and detached:
        from baton.kafka_memory import WARNING  # noqa: PLC0415

        print_notice(WARNING.format(why="Java 17+ and Maven were not used here"))
    for name, url in stack.urls.items():
        console.print(f"{name:<12} {url}/docs", highlight=False)
    console.print(f"{'kafka':<12} {stack.state.bootstrap} ({stack.state.rung})", highlight=False)
    console.print(
        f"{'pages':<12} baton desk invite ola --role operator --data {stack.data_dir.directory}", highlight=False
    )
    console.print(f"{'keys':<12} baton env --data {stack.data_dir.directory}", highlight=False)
    print_notice("ready; stop with `baton down`" if detached else "ready; stop with Ctrl-C")


def _confirm_purge(data: Path) -> bool:
    if not DataDir.of_folder(data).was_started():
        return True
    if not sys.stdin.isatty():
        raise WrongUsageError("--purge asks before it deletes; say --yes where nobody can answer")
    sys.stderr.write(f"Delete everything in {data}, for good? [y/N] ")
    return input().strip().lower() in {"y", "yes"}
