"""One simulation from beginning to end: read, decide, count, write."""

import gc
import json
import time
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from baton.pages import fill_template
from baton.simulation.comparison import Comparison, comparison_as_json
from scoring.domain import History

REPORTED_EVERY = 1_000
Progress = Callable[[int], None]


async def simulate_histories(
    histories: AsyncIterator[History], found: Comparison, progress: Progress = lambda _: None
) -> dict[str, Any]:
    """Decide about every history under both playbooks; `progress` is called with how many engagements are done."""
    started, reported = time.perf_counter(), 0
    gc.disable()  # a history makes many objects and no cycles
    try:
        async for history in histories:
            found.compare_contact(history)
            if found.engagements - reported >= REPORTED_EVERY:
                reported = found.engagements
                progress(reported)
    finally:
        gc.enable()
    progress(found.engagements)
    seconds = time.perf_counter() - started
    speed = {"seconds": round(seconds, 2), "engagements_per_second": round(found.engagements / max(seconds, 1e-9))}
    return {**comparison_as_json(found), **speed}


def write_simulation(
    found: dict[str, Any], folder: Path, *, candidate: str, in_force: str, since: datetime | None
) -> None:
    """Write `simulation.json` and `index.html`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "simulation.json").write_text(json.dumps(found, indent=2, default=str) + "\n", encoding="utf-8")
    shown = since.date().isoformat() if since else None
    page = fill_template("simulation.html", found=found, candidate=candidate, in_force=in_force, since=shown)
    (folder / "index.html").write_text(page, encoding="utf-8")
