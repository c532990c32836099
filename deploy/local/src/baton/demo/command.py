"""`baton demo`: a stack of its own, a year of leads, and an account of what became of them."""

import asyncio
import json
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
from rich.console import Console

from baton import stack as stacks
from baton import tracing
from baton.data_dir import DataDir
from baton.demo import cast, figures, funnel, summary
from baton.demo.director import DemoDirector
from baton.demo.figures import DemoFigures
from baton.demo.funnel import Funnel
from baton.demo.hours import PlayedHours
from baton.demo.screen import ProgressLine
from baton.demo.stack_connection import StackConnection
from baton.demo.stepper import YearStepper
from baton.exit_codes import DONE, FOUND_WRONG, WrongUsageError
from baton.ports import is_free
from baton.services import SERVICES
from baton.stack import Stack, StartOptions

MOST_LEADS = 8_000
MARKER = "demo.json"
FIRST_PORT_BASE, PORT_STEP, LAST_PORT_BASE = 8000, 100, 9000
WIDTH = 132
"""Characters a line where no terminal says how many it has."""
AFTER = timedelta(days=3)
"""How long the year goes on after the last thing that the data knows."""


@dataclass(frozen=True)
class DemoRun:
    """What makes one run: two runs that are equal here come to the same numbers."""

    leads: int
    seed: int
    finished: bool = False


def run_demo(
    *,
    leads: int = MOST_LEADS,
    report: Path | None = None,
    data: Path = Path(".baton-demo"),
    seed: int = 1,
    port_base: int | None = None,
    after: timedelta = AFTER,
) -> int:
    """Replay the year and return the exit code: 0 if all came out as the data has it, else 1.

    The year goes on for `after` once the last thing that the data knows has happened: what is returned to nurture
    wakes meanwhile, and promises fall due.
    """
    if not 1 <= leads <= MOST_LEADS:
        raise WrongUsageError(f"--leads is from 1 to {MOST_LEADS:,}")
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    year = funnel.load_funnel(leads)
    wanted = DemoRun(leads, seed)
    _remove_old_stack(console, data, wanted)
    options = _build_start_options(data, year, port_base)
    _write_run_marker(data, wanted)
    console.print(f"Starting PostgreSQL, Kafka and six services in {data} …", highlight=False)
    try:
        with _sigterm_as_ctrl_c():
            stack = stacks.start_detached(options)
            found = asyncio.run(_play_year(console, options, stack, year, seed=seed, after=after))
            _write_run_marker(data, DemoRun(leads, seed, finished=True))
            if report is not None:
                _write_report(report, found)
            if sys.stdin.isatty() and sys.stdout.isatty():
                _wait_for_ctrl_c(console, stack)
    except KeyboardInterrupt:
        console.print("\nStopped; `baton demo` goes on where it was.")
        return FOUND_WRONG
    finally:
        stacks.stop_stack(data)
    return DONE if found.is_right else FOUND_WRONG


@contextmanager
def _sigterm_as_ctrl_c() -> Iterator[None]:
    """Let a SIGTERM end the run in order too: the stack is a process of its own and would stay."""
    before = signal.signal(signal.SIGTERM, _raise_ctrl_c)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _raise_ctrl_c(*_: object) -> None:
    """End as by Ctrl-C, also in the background of a script, where Ctrl-C is ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        raise KeyboardInterrupt
    signal.raise_signal(signal.SIGINT)


def _write_report(path: Path, found: DemoFigures) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps(found.as_report(), option=orjson.OPT_INDENT_2) + b"\n")


async def _play_year(
    console: Console, options: StartOptions, stack: Stack, year: Funnel, *, seed: int, after: timedelta
) -> DemoFigures:
    """Live through the year and gather what became of it."""
    director = DemoDirector(seed, PlayedHours(ZoneInfo("UTC")))
    start, end = _year_start_and_end(year, after)
    colder_contacts = cast.make_colder_contacts_for_year(year, seed)
    director.plan_first_submissions(year, colder_contacts)
    connection = StackConnection.make_unconnected(
        options, stack, lambda what: console.print(what, highlight=False, markup=False)
    )
    stepper = YearStepper(connection, director)
    try:
        await connection.open()
        began = time.monotonic()
        now = await stepper.resume_interrupted_step()
        if now > start:
            console.print(f"Going on at {now:%Y-%m-%d %H:%M}.", highlight=False)
        await connection.retry_outages(lambda: cast.send_reps_and_accounts(connection.client, colder_contacts))
        with ProgressLine(console, stepper.counts, start, end) as screen:
            await stepper.run_until(now, end, screen.show)
        found = await connection.retry_outages(
            lambda: figures.gather_figures(
                year,
                stepper.counts,
                connection.client,
                connection.stack,
                seconds=time.monotonic() - began,
                steps=stepper.steps,
                mended=connection.mended,
            )
        )
        contact = stepper.counts.tally.find_contact(director.choose_story_contact(year))
        story = (
            await connection.retry_outages(lambda: tracing.trace_contact(connection.stack, contact)) if contact else []
        )
    finally:
        await connection.close()
    summary.print_summary(console, found, story)
    return found


def _year_start_and_end(year: Funnel, after: timedelta = AFTER) -> tuple[datetime, datetime]:
    """Return the day before the first contact and the days after the last event of the data."""
    first = min(lead.first_contact for lead in year.leads) - timedelta(days=1)
    last = year.last_day() + after
    return _midnight_utc(first.isoformat()), _midnight_utc(last.isoformat())


def _midnight_utc(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def _build_start_options(data: Path, year: Funnel, port_base: int | None) -> StartOptions:
    start, _ = _year_start_and_end(year)
    return StartOptions(
        data=str(data),
        port_base=port_base or _choose_port_base(data),
        clock="stepped",
        clock_start=start.isoformat(),
        log_level="WARNING",
    )


def _choose_port_base(data: Path) -> int:
    """Return the ports of the stack that is up here, else the first that are free for all six."""
    state = DataDir.of_folder(data).read_state()
    if stacks.is_stack_up(state):
        return state.port_base
    for base in range(FIRST_PORT_BASE, LAST_PORT_BASE, PORT_STEP):
        if all(is_free(service.port(base)) for service in SERVICES):
            return base
    raise WrongUsageError("the default ports are taken; choose others with --port-base")


def _remove_old_stack(console: Console, data: Path, wanted: DemoRun) -> None:
    """Purge a run that is finished or was another one; keep what is not a demonstration's."""
    before = _load_run_marker(data)
    if before is None:
        if DataDir.of_folder(data).was_started():
            raise WrongUsageError(f"{data} holds a stack that no demonstration made; use --data")
        return
    if before == wanted:
        console.print("An unfinished run is here; it goes on.", highlight=False)
        return
    stacks.stop_stack(data)
    stacks.delete_stack_data(data)


def _load_run_marker(data: Path) -> DemoRun | None:
    try:
        return DemoRun(**json.loads((data / MARKER).read_text()))
    except FileNotFoundError:
        return None


def _write_run_marker(data: Path, which: DemoRun) -> None:
    data.mkdir(parents=True, exist_ok=True)
    scratch = data / f"{MARKER}.new"
    scratch.write_text(json.dumps(asdict(which)))
    scratch.replace(data / MARKER)


def _wait_for_ctrl_c(console: Console, stack: Stack) -> None:
    """Leave the stack up with its addresses until Ctrl-C."""
    console.print("\nThe stack is up, its clock at the end of the year:", highlight=False)
    for name, url in stack.urls.items():
        console.print(f"  {name:<12} {url}/docs", highlight=False)
    console.print(f"  {'kafka':<12} {stack.state.bootstrap}", highlight=False)
    data = stack.data_dir.directory
    console.print(f"  pages        baton desk invite ola --role operator --data {data}", highlight=False)
    console.print(f"  keys         baton env --data {data}\nCtrl-C stops it.", highlight=False)
    with suppress(KeyboardInterrupt):
        signal.pause()
