"""What sla-monitor's tables amount to: the promises that run, and how those of the last 30 days came out."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from events.runtime import Transaction, lead_metrics
from events.runtime.counting import GaugeValues
from sla_monitor.playbook import SlaPlaybook
from sla_monitor.store.reports import count_compliance

OPEN = ("running", "paused", "warned", "breached")
OUTCOMES = ("met", "rescinded", "met_late", "breached", "cancelled", "open")
WINDOW = timedelta(days=30)
MOST_ROWS = 500
"""Of teams or policies, times clocks."""
_SIDES: tuple[Literal["team", "policy"], ...] = ("team", "policy")
_OPEN = (
    "select clock, policy, coalesce(team, 'none') as team, state, count(*) as clocks from clocks"
    " where state in ('running', 'paused', 'warned', 'breached') group by 1, 2, 3, 4"
)


async def compute_gauge_values(tx: Transaction) -> Sequence[GaugeValues]:
    """Count the clocks that are not over, and the leads of the last 30 days by how their promises came out."""
    rows = await tx.raw.fetch(_OPEN)
    running = {(row["clock"], row["policy"], row["team"]) for row in rows}
    lead_metrics.show_promises_at_zero(running)
    clocks = {(*names, state): 0.0 for names in running for state in OPEN}
    clocks |= {(row["clock"], row["policy"], row["team"], row["state"]): row["clocks"] for row in rows}
    promised = {
        (by, row.key or "none", row.clock, outcome): float(getattr(row, outcome))
        for by in _SIDES
        for row in await count_compliance(
            tx, by, since=tx.now - WINDOW, until=tx.now, team=None, after=None, limit=MOST_ROWS
        )
        if row.promised
        for outcome in OUTCOMES
    }
    goals = {(clock,): share for clock, share in tx.playbook(SlaPlaybook).sales.attainment.items()}
    return [
        GaugeValues(lead_metrics.CLOCKS, clocks),
        GaugeValues(lead_metrics.PROMISED, promised),
        GaugeValues(lead_metrics.GOAL, goals),
    ]
