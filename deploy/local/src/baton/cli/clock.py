"""`baton clock` and `baton wait`: moving time, and waiting until nothing is on its way."""

import asyncio
import sys

from cyclopts import App

from baton.access import load_stack_unless_remote
from baton.auditing import AuditSources
from baton.backlog import BacklogObserver
from baton.cli.output import DEFAULT_DATA, AsJson, Data, print_json, print_notice
from baton.exit_codes import DONE
from baton.stepping import ClockDriver, parse_time_span, step_stack_forward

ON_THIS_MACHINE = "time is moved on this machine alone: unset them, and name the folder of its stack (--data)"

app = App(name="clock", help="The stepped clock: time that stands still until it is advanced.")


@app.command
def show(*, data: Data = DEFAULT_DATA, json: AsJson = False) -> int:
    """Print the business time of a stack on the stepped clock.

    * `baton clock show`
    """

    async def now() -> str:
        async with BacklogObserver(load_stack_unless_remote(data, ON_THIS_MACHINE)) as observer:
            return (await ClockDriver(observer).align_clocks()).isoformat()

    _print_now(asyncio.run(now()), json=json)
    return DONE


@app.command(name="advance")
def advance_by(by: str, *, tick: str | None = None, data: Data = DEFAULT_DATA, json: AsJson = False) -> int:
    """Move all six services on, and return when all that fell due has been done.

    * `baton clock advance 48h`
    * `baton clock advance 90d --tick 6h`

    Parameters
    ----------
    by
        How far: 30m, 48h, 7d, 1d12h.
    tick
        Round instants up to a multiple of this, for fewer and coarser steps.
    """
    delta = parse_time_span(by)
    coarse = parse_time_span(tick) if tick else None

    async def move() -> str:
        async with BacklogObserver(load_stack_unless_remote(data, ON_THIS_MACHINE)) as observer:
            return (await step_stack_forward(observer, delta, coarse)).isoformat()

    _print_now(asyncio.run(move()), json=json)
    return DONE


def wait(*, timeout: float = 60, data: Data = DEFAULT_DATA) -> int:
    """Return when outboxes are empty and every consumer has caught up.

    * `baton wait --timeout 10`

    Exits with 1 and says who is behind when that takes longer. `BATON_CAPTURE_DATABASE_URL` and its like,
    `KAFKA_BOOTSTRAP_SERVERS`, `BATON_CAPTURE_URL` and its like and `BATON_API_KEY`, where all are set, name an
    installation elsewhere.

    Parameters
    ----------
    timeout
        Seconds to wait at most.
    """

    async def drained() -> None:
        async with BacklogObserver(AuditSources.find(data)) as observer:
            await observer.wait_until_drained(timeout, commands=True)

    asyncio.run(drained())
    print_notice("drained")
    return DONE


def _print_now(now: str, *, json: bool) -> None:
    if json:
        print_json({"now": now})
    else:
        sys.stdout.write(f"{now}\n")
