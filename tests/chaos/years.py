"""`python -m tests.chaos.years`: two years in stepped time, with a fault every few seconds; the ledger at the end.

The demonstration's people and reps are played twice: once in peace, once while its parts die, freeze and lose each
other. Both runs must be right by themselves and come to the same numbers.
"""

import argparse
import json
import logging
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from baton.data_dir import DataDir
from baton.demo import funnel, run_demo
from baton.exit_codes import DONE, CannotStartError
from baton.postgres import Postgres
from baton.services import SERVICES
from tests.chaos.rig import free_base

DIFFERS = {"seconds", "restarts_survived", "rotation", "steps"}
"""How long it took, and whose turn it was: leads that come together have no order among them."""
MONTH = timedelta(days=365.25 / 12)
SERVICE_NAMES = [service.name for service in SERVICES]
BETWEEN_SECONDS = (2.0, 8.0)
SESSIONS = "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{}' and pid <> pg_backend_pid();"


@dataclass
class Breaker:
    """Breaks one thing after another in the stack of a folder, each for a moment, until it is told to stop."""

    data: Path
    dice: random.Random
    done: Counter[str] = field(default_factory=Counter)
    over: threading.Event = field(default_factory=threading.Event)

    def break_on(self) -> None:
        """Inject faults until `over` is set."""
        faults: dict[str, Callable[[], bool]] = {
            "kill a service": lambda: self._signal(self.dice.choice(SERVICE_NAMES), signal.SIGKILL),
            "kill PostgreSQL": lambda: self._signal("postgres", signal.SIGKILL),
            "kill Kafka": lambda: self._signal("kafka", signal.SIGKILL),
            "freeze a service": lambda: self._freeze(self.dice.choice(SERVICE_NAMES)),
            "freeze Kafka": lambda: self._freeze("kafka"),
            "end sessions": lambda: self._sql(SESSIONS.format(self._database())),
            "cancel queries": self._cancel,
            "close a database": self._close,
        }
        names, weights = [*faults], [6, 1, 1, 4, 1, 4, 4, 2]
        while not self.over.wait(self.dice.uniform(*BETWEEN_SECONDS)):
            (name,) = self.dice.choices(names, weights)
            if DataDir.of_folder(self.data).read_state().phase == "ready" and faults[name]():
                self.done[name] += 1

    def _signal(self, part: str, number: signal.Signals) -> bool:
        process = DataDir.of_folder(self.data).read_state().parts.get(part)
        if process is None:
            return False
        with suppress(ProcessLookupError):
            os.kill(process.pid, number)
            return True
        return False

    def _freeze(self, part: str) -> bool:
        if not self._signal(part, signal.SIGSTOP):
            return False
        self.over.wait(self.dice.uniform(1, 12))
        return self._signal(part, signal.SIGCONT)

    def _cancel(self) -> bool:
        where = f"where datname = '{self._database()}' and state = 'active' and pid <> pg_backend_pid();"
        return all(self._sql(f"select pg_cancel_backend(pid) from pg_stat_activity {where}") for _ in range(5))  # noqa: S608 - names of our own databases

    def _close(self) -> bool:
        database = self._database()
        closed = self._sql(f"alter database {database} allow_connections false;" + SESSIONS.format(database))
        self.over.wait(self.dice.uniform(1, 6))
        while not self._sql(f"alter database {database} allow_connections true;"):
            time.sleep(0.5)
        return closed

    def _database(self) -> str:
        return self.dice.choice(SERVICES).module

    def _sql(self, script: str) -> bool:
        data = DataDir.of_folder(self.data)
        port = data.read_state().postgres_port
        if port is None:
            return False
        server = Postgres(data.postgres_folder, port, data.read_secrets().superuser, data.log_file_of("postgres"))
        with suppress(CannotStartError):
            server.execute(script)
            return True
        return False


def play(folder: Path, leads: int, after: timedelta, breaker: Breaker | None = None) -> dict[str, Any]:
    """Play the years in a folder of their own, and return their report with whether all in it is right."""
    worker = threading.Thread(target=breaker.break_on) if breaker else None
    if worker:
        worker.start()
    try:
        report = folder / "report.json"
        code = run_demo(leads=leads, report=report, data=folder / "d", port_base=free_base(), after=after)
    finally:
        if worker and breaker:
            breaker.over.set()
            worker.join()
    found: dict[str, Any] = json.loads(report.read_text())
    return numbers(found) | {"right": code == DONE}


def numbers(report: dict[str, Any]) -> dict[str, Any]:
    """Return what of a demonstration's report two runs have in common."""
    return {name: value for name, value in report.items() if name not in DIFFERS}


def after_the_data(leads: int, months: int) -> timedelta:
    """Return how long the years go on after the last thing that the data of so many leads knows."""
    year = funnel.load_funnel(leads)
    first: date = min(lead.first_contact for lead in year.leads)
    return max(first + months * MONTH - year.last_day(), timedelta(days=3))


def main() -> int:
    """Play both, print what was broken and what differs; 1 where anything does."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.years", description=__doc__)
    parser.add_argument("--months", type=int, default=24, help="how long it is to be (24)")
    parser.add_argument("--leads", type=int, default=200, help="how many people come (200)")
    parser.add_argument("--seed", type=int, default=1, help="what the dice of the faults start from (1)")
    parser.add_argument("--report", type=Path, default=None, help="write the outcome as JSON")
    options = parser.parse_args()
    logging.getLogger("aiokafka").addHandler(logging.NullHandler())
    after = after_the_data(options.leads, options.months)
    with tempfile.TemporaryDirectory(prefix="baton-years-") as name:
        folder = Path(name)
        peaceful = play(folder / "peace", options.leads, after)
        breaker = Breaker(folder / "faults" / "d", random.Random(options.seed))  # noqa: S311 - a game
        disturbed = play(folder / "faults", options.leads, after, breaker)
    differing = {name: (peaceful[name], disturbed.get(name)) for name in peaceful if peaceful[name] != disturbed[name]}
    outcome = {"months": options.months, "leads": options.leads, "faults": dict(breaker.done), "differing": differing}
    outcome |= {"right": peaceful["right"] and disturbed["right"]}
    if options.report:
        options.report.write_text(json.dumps(outcome, indent=2, default=str), encoding="utf-8")
    sys.stdout.write(json.dumps(outcome, indent=2, default=str) + "\n")
    return 0 if outcome["right"] and not differing else 1


if __name__ == "__main__":
    sys.exit(main())
