"""One run: load, faults from the schedule with the time each recovery took, then drain and judge."""

import asyncio
import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx

from baton import auditing
from baton.backlog import BacklogObserver
from baton.exit_codes import FoundWrongError
from tests.chaos import evidence, ledger, recovery
from tests.chaos.fault import Fault
from tests.chaos.history import History
from tests.chaos.ledger import Finding
from tests.chaos.load import MARKER, Load, clients
from tests.chaos.rig import Rig
from tests.chaos.schedule import Plan, Planned, plan

DRAIN_SECONDS = 180.0
MOST_SERIES = 3000
IDENTIFIER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LAST_SECONDS = 25.0
"""What each of the final faults is expected to take; the passing ones leave it."""


@dataclass(frozen=True)
class Injected:
    """One injection and what it cost."""

    fault: str
    detail: str
    seconds: float
    recovered: float
    trouble: str


@dataclass
class Outcome:
    """What a run came to."""

    seed: int
    seconds: float = 0.0
    injected: list[Injected] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    counts: dict[str, Any] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        """Progress whether nothing was lost, done twice, out of order, stuck or ended."""
        return not self.findings and not any(each.trouble for each in self.injected)

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        path.write_text(json.dumps({"clean": self.clean, **asdict(self)}, indent=2), encoding="utf-8")


Progress = Callable[[str], None]


async def run(
    rig: Rig,
    faults: Sequence[Fault],
    *,
    seed: int,
    minutes: float,
    rate: float,
    most: int | None = None,
    progress: Progress = lambda _: None,
) -> Outcome:
    """Inject faults for so long, or so many of them, under load; then judge."""
    outcome = Outcome(seed)
    possible = []
    for fault in faults:
        why = fault.lacks(rig)
        if why:
            outcome.skipped[fault.name] = why
        else:
            possible.append(fault)
    begun = time.monotonic()
    with History(rig.folder / "history.jsonl") as history:
        async with clients(rig, history, seed, rate) as load:
            injector = Injector(rig, load, outcome, progress)
            await injector.inject_all(plan(seed, possible).first(most), begun + 60 * minutes)
            await rig.mend()
        outcome.seconds = time.monotonic() - begun
        progress("drain and judge")
        outcome.findings = await judged(rig, history)
        outcome.counts |= {"load": history.summary()}
    outcome.findings += _ends(rig)
    return outcome


@dataclass(frozen=True)
class Injector:
    """Injects fault after fault, and measures each recovery."""

    rig: Rig
    load: Load
    outcome: Outcome
    progress: Progress
    begun: float = field(default_factory=time.monotonic)

    async def inject_all(self, planned: Plan, deadline: float) -> None:
        """Inject what passes until the time is nearly up, then what stays."""
        begin_last = deadline - LAST_SECONDS * len(planned.last)
        for each in planned.passing:
            if time.monotonic() > begin_last:
                break
            await self.inject(each)
        for each in planned.last:
            await self.inject(each)

    async def inject(self, planned: Planned) -> None:
        """Inject one fault, wait until the system has recovered, note both."""
        await asyncio.sleep(planned.pause)
        self.rig.fault, trouble, detail = planned.fault.name, "", ""
        begun = time.monotonic()
        self.progress(f"{begun - self.begun:6.0f} s  {planned.fault.name} ...")
        try:
            detail = await planned.fault.inject(self.rig, planned.dice)
        except Exception as error:  # noqa: BLE001 - a fault that could not be injected is a finding, not the end
            trouble = f"could not be injected: {type(error).__name__}: {error}"
            await self.rig.mend()
        seconds = time.monotonic() - begun
        recovered = await recovery.measure(self.rig, self.load, len(self.outcome.injected))
        done = Injected(planned.fault.name, detail, seconds, recovered.seconds, trouble or recovered.late)
        self.outcome.injected.append(done)
        self.progress(
            f"{done.fault:22} {done.seconds:5.1f} s, recovered in {done.recovered:5.1f} s  {done.detail} {done.trouble}"
        )
        self.rig.fault = ""


async def judged(rig: Rig, history: History) -> list[Finding]:
    """Drain, then return every rule that is broken; the system's own audit is one of them."""
    late = await rig.all_ready()
    findings = [Finding("all copies are ready", len(late), tuple(late))] if late else []
    try:
        async with BacklogObserver(rig.stack) as observer:
            await observer.wait_until_drained(DRAIN_SECONDS)
    except FoundWrongError as error:
        findings.append(Finding("drained in time", 1, (str(error),)))
    findings += ledger.judge(history, await evidence.gather(rig), rig.marks)
    findings += await _audited(rig)
    return findings + await _pages_and_logs(rig)


async def _audited(rig: Rig) -> list[Finding]:
    report = await auditing.audit(rig.stack)
    return [
        Finding(f"audit: {check['service']}: {check['check']}", check["residual"], tuple(map(str, check["rows"][:3])))
        for check in report["checks"]
        if check["residual"] and check["check"] != "nothing is parked"
    ]


async def _pages_and_logs(rig: Rig) -> list[Finding]:
    """Look for names in logs and metrics, and for metrics that grow with what is counted."""
    names, series = [], []
    async with httpx.AsyncClient() as http:
        for copy in rig.copies:
            if MARKER.lower() in copy.log.read_text(errors="replace").lower():
                names.append(f"log of {copy.name}")
            page = (await http.get(f"{copy.url}/metrics")).text.lower()
            if MARKER.lower() in page:
                names.append(f"metrics of {copy.name}")
            count = sum(not line.startswith("#") for line in page.splitlines())
            if count > MOST_SERIES or IDENTIFIER.search(page):
                series.append(f"{copy.name}: {count} series")
    findings = [Finding("I10 nobody's name is in logs or metrics", len(names), tuple(names))] if names else []
    return findings + ([Finding("X44 metrics stay bounded", len(series), tuple(series))] if series else [])


def _ends(rig: Rig) -> list[Finding]:
    findings = []
    if rig.ended:
        lines = tuple(f"{end.copy} with {end.code} during {end.fault or 'nothing'}: {end.line}" for end in rig.ended)
        findings.append(Finding("no process ends by itself", len(lines), lines))
    if stops := rig.marks.get("bad_stops"):
        findings.append(Finding("X37 a stop is orderly and in time", len(stops), tuple(map(str, stops))))
    return findings
