"""What feedback's tables amount to: how many leads are in which stage."""

from collections.abc import Sequence

from events.runtime import Transaction, lead_metrics
from events.runtime.counting import GaugeValues
from feedback.models.leads import STATES


async def compute_gauge_values(tx: Transaction) -> Sequence[GaugeValues]:
    """Count leads by stage, from an index alone; every stage is there."""
    rows = await tx.raw.fetch("select state, count(*) as leads from leads group by state")
    stages = {(state,): 0.0 for state in STATES} | {(row["state"],): float(row["leads"]) for row in rows}
    return [GaugeValues(lead_metrics.LEADS, stages)]
