"""What one sees while the year goes by: one line, rewritten on a terminal, printed now and then elsewhere."""

import time
from datetime import datetime
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from baton.demo.stepper import DemoCounts

REDRAWN_SECONDS, PRINTED_SECONDS = 0.25, 5.0


class ProgressLine:
    """The progress of one run from `start` to `end` of business time."""

    def __init__(self, console: Console, counts: DemoCounts, start: datetime, end: datetime) -> None:
        self.console = console
        self.counts = counts
        self.start = start
        self.end = end
        self.began = self.shown_at = time.monotonic()
        self.before = self._count_leads_and_events()
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            console=console,
            auto_refresh=False,
        )
        self.task = self.progress.add_task("", total=(end - start).total_seconds())

    def __enter__(self) -> Self:
        if self.console.is_terminal:
            self.progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.progress.stop()

    def show(self, now: datetime) -> None:
        """Show where the run is, unless that was just done."""
        seconds = time.monotonic() - self.shown_at
        every = REDRAWN_SECONDS if self.console.is_terminal else PRINTED_SECONDS
        if seconds < every and now < self.end:
            return
        line = self._progress_text(now)
        self.shown_at = time.monotonic()
        if self.console.is_terminal:
            done = (now - self.start).total_seconds()
            self.progress.update(self.task, completed=done, description=line, refresh=True)
        else:
            self.console.print(f"{self.shown_at - self.began:6.1f} s  {line}", highlight=False)

    def _progress_text(self, now: datetime) -> str:
        seconds = max(time.monotonic() - self.began, 0.001)
        leads, facts = self._count_leads_and_events()
        return (
            f"{now:%Y-%m-%d %H}h  {leads:>5,} leads ({(leads - self.before[0]) / seconds:,.0f}/s)  "
            f"{facts:>7,} events ({(facts - self.before[1]) / seconds:,.0f}/s)  "
            f"{len(self.counts.promises.open):>4,} open breaches"
        )

    def _count_leads_and_events(self) -> tuple[int, int]:
        return len(self.counts.tally.reached["posted"]), self.counts.seen.count_facts
