"""`make bench`: each figure beside its ceiling and its peer, measured in the same run on this machine."""

import argparse
import asyncio
import json
import platform
import sys
import warnings
from collections.abc import Awaitable, Callable
from functools import partial

from tests.bench import (
    events,
    exports,
    feedback,
    funnel,
    hop,
    intake,
    latency,
    ledger,
    lists,
    ndjson,
    open_page,
    overload,
    pages,
    parts,
    promises,
    routing,
    scale,
    score,
    scoring_hop,
    simulation,
    storage,
    waiting,
)

LONGEST = 600.0
LONGER = {"ledger": 3600.0, "leaks": 1800.0, "pages": 1800.0}
"""Of benches that fill whole databases or files first."""
Figures = dict[str, float]


def _on_parts(
    measure: Callable[[parts.Parts], Awaitable[dict[str, float]]],
) -> Callable[[], Awaitable[dict[str, float]]]:
    async def measured() -> Figures:
        async with parts.up() as up:
            return await measure(up)

    return measured


BENCHES = {
    "events": events.measure, "latency": latency.measure, "waiting": waiting.measure,
    "storage": storage.measure, "leaks": exports.measure,
    "hop": _on_parts(hop.measure), "intake": _on_parts(intake.measure),
    "feedback": _on_parts(feedback.measure), "funnel": _on_parts(funnel.measure),
    "ndjson": _on_parts(ndjson.measure), "ndjson-memory": _on_parts(ndjson.measure_memory),
    "csv": _on_parts(partial(ndjson.measure, of="csv")),
    "csv-memory": _on_parts(partial(ndjson.measure_memory, of="csv")),
    "lists": _on_parts(lists.measure),
    "promises": promises.measure,
    "open-page": open_page.measure, "pages": _on_parts(pages.measure),
    "overload": _on_parts(overload.measure),
    "ledger": _on_parts(ledger.measure),
    "simulation": _on_parts(simulation.measure),
    "score": _on_parts(score.measure),
    "scoring-hop": _on_parts(scoring_hop.measure),
    "scale": _on_parts(scale.measure),
    "routing-hop": _on_parts(routing.measure_hop), "routing-burst": _on_parts(routing.measure_burst),
}  # fmt: skip


SIZED = {"ledger": ledger.measure, "scale": scale.measure, "pages": pages.measure}
"""Those that take another size: leads of the ledger and the pages, records of `scale`."""


async def main(wanted: list[str], size: int | None) -> None:
    """Run the benches asked for, or all."""
    if size is not None:
        BENCHES.update({name: _on_parts(partial(measure, size=size)) for name, measure in SIZED.items()})
    figures: dict[str, object] = {"machine": platform.machine(), "python": platform.python_version()}
    for name in wanted or list(BENCHES):
        sys.stderr.write(f"{name} …\n")
        async with asyncio.timeout(LONGER.get(name, LONGEST)):
            figures |= {key: round(value, 3) for key, value in (await BENCHES[name]()).items()}
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("bench", nargs="*", choices=[*BENCHES, []], help="which to run; all by default")
    parser.add_argument("--size", type=int, help="leads of the ledger and the pages, or records of `scale`")
    asked = parser.parse_args()
    asyncio.run(main(asked.bench, asked.size))
