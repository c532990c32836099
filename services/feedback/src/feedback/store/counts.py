"""What feedback's tables amount to: how many leads are in which stage."""

from collections.abc import Sequence

from events.runtime import Transaction, lead_metrics
from events.runtime.counting import Count
from feedback.models.leads import STATES


async def counts(tx: Transaction) -> Sequence[Count]:
    """Count leads by stage, from an index alone; every stage is there."""
    rows = await tx.raw.fetch("select state, count(*) as leads from leads group by state")
    stages = {(state,): 0.0 for state in STATES} | {(row["state"],): float(row["leads"]) for row in rows}
    return [Count(lead_metrics.LEADS, stages)]
