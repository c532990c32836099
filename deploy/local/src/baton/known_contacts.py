"""What new rules meant for those who were known already: the run of scoring that follows an activation."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from baton.service_client import ReachableServices
from baton_client import AsyncBaton, ClientError

if TYPE_CHECKING:
    from baton_client.generated.answers.scoring import ReevaluationRunAnswer

WAIT_SECONDS, STEADY_SECONDS, LOOK_SECONDS = 20.0, 3.0, 0.5


async def await_reevaluation(
    services: ReachableServices, version: str, seconds: float = WAIT_SECONDS
) -> "ReevaluationRunAnswer | None":
    """Return the run by a version of scoring's rules when it has ended, or rests until tomorrow, or so many seconds on.

    None if it did not begin, or scoring cannot be asked: the rules are in force all the same.
    """
    found: ReevaluationRunAnswer | None = None
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    moved_at = loop.time()
    async with AsyncBaton(services.urls, services.api_key, patience=0) as baton:
        while (now := loop.time()) < until:
            with suppress(ClientError):
                runs = (await baton.scoring.list_reevaluations(limit=1)).items
                run = next((run for run in runs if run.version == version), None)
                found, moved_at = run, moved_at if run == found else now
            if found is not None and (found.finished_at is not None or now > moved_at + STEADY_SECONDS):
                break
            await asyncio.sleep(LOOK_SECONDS)
    return found


def summarize_reevaluation(run: "ReevaluationRunAnswer | None") -> list[str]:
    """Return what whoever put rules in force reads of the run: how many of whom it changed, and where who they are."""
    who = "who: GET /v1/reevaluations"
    return (
        [f"{who} of scoring"]
        if run is None
        else [describe_changes(run), f"{who}/{run.reevaluation_id}/leads of scoring"]
    )


def describe_changes(run: "ReevaluationRunAnswer") -> str:
    """Return how many of whom a run changed.

    The run's counts are of leads; what it only lists is beyond the limits of the rules or of who activated them.
    """
    changed = [
        f"{number:,} {what}"
        for number, what in (
            (run.qualified, "new leads"), (run.upgraded, "stronger"), (run.regraded, "with another grade"),
            (run.cooled, "returned"), (run.would_qualify, "only listed as new leads"),
            (run.would_cool, "only listed as to be returned"),
        )
        if number
    ]  # fmt: skip
    so_far = "" if run.finished_at else " so far, and goes on"
    return f"{run.evaluated:,} known contacts evaluated again{so_far}: {', '.join(changed) or 'no lead changed'}"
