"""What it costs to read and to write one event: processor time, best of five rounds, beside the model behind it."""

import json
import time
from collections.abc import Callable
from functools import partial

from events.topics import EVENT_TYPES
from tests.events.test_contract_examples import EXAMPLES

MEASURED = (
    "contact.captured.v1", "contact.profile.v1", "lead.qualified.v1", "lead.assigned.v1", "lead.lifecycle.v1",
)  # fmt: skip
ROUNDS, REPEATS = 5, 1_000


async def measure() -> dict[str, float]:
    """Measure the golden examples of the busiest types, with all their fields."""
    figures: dict[str, float] = {}
    for name in MEASURED:
        kind = EVENT_TYPES[name]
        example = json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))["value"]
        event = kind.decode(json.dumps(example).encode())
        value, model = event.encode(), kind.model()
        by_model = model.model_validate_json(value)
        figures |= {
            f"{name}_bytes": float(len(value)),
            f"{name}_decode_us": _microseconds(partial(kind.decode, value)),
            f"{name}_encode_us": _microseconds(event.encode),
            f"{name}_model_decode_us": _microseconds(partial(model.model_validate_json, value)),
            f"{name}_model_encode_us": _microseconds(by_model.model_dump_json),
        }
    return figures


def _microseconds(work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.process_time()
        for _ in range(REPEATS):
            work()
        best = min(best, time.process_time() - started)
    return best / REPEATS * 1e6
