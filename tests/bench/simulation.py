"""A simulation in one process: scoring's database read and decided upon under two playbooks."""

from pathlib import Path
from typing import Any

import asyncpg
import orjson
import yaml

import scoring
from baton.simulation.comparison import ComparedSide, Comparison, QueueChooser
from baton.simulation.past import ENGAGEMENT, read_past_from_database
from baton.simulation.run import simulate_histories
from events.runtime import migrate
from routing.playbook import RoutingPlaybook
from scoring.domain import capture_as_engagement
from scoring.playbook import ScoringPlaybook
from tests.bench import parts

ENGAGEMENTS = 100_000
RULES = parts.ROOT / "deploy" / "playbook"


async def measure(up: parts.Parts) -> dict[str, float]:
    """Engagements a second, reading included, each decided upon twice."""
    url = await up.new_database("simulation")
    await migrate.apply_migrations(url, Path(str(scoring.__file__)).parent / "migrations")
    raw = await asyncpg.connect(url)
    try:
        rows = [_row(capture_as_engagement(event)) for event in parts.engagements(ENGAGEMENTS)]
        await raw.copy_records_to_table("engagements", records=rows, columns=ENGAGEMENT)
    finally:
        await raw.close()
    strict = yaml.safe_load((RULES / "scoring.yaml").read_text())
    strict["readiness"]["levels"] = {1: 90, 2: 60, 3: 15}
    now, then = (ComparedSide(ScoringPlaybook.model_validate(rules)) for rules in (_rules("scoring"), strict))
    _, histories = await read_past_from_database(url)
    found = await simulate_histories(
        histories, Comparison(now, then, QueueChooser(RoutingPlaybook.model_validate(_rules("routing"))))
    )
    return {"simulation_engagements_per_second": found["engagements_per_second"]}


def _rules(name: str) -> Any:
    return yaml.safe_load((RULES / f"{name}.yaml").read_text())


def _row(engagement: Any) -> tuple[Any, ...]:
    values = (getattr(engagement, name) for name in ENGAGEMENT)
    return tuple(orjson.dumps(value).decode() if isinstance(value, dict) else value for value in values)
