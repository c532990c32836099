"""What routing's tables amount to: who waits, where and for how long, and how many leads each team has."""

from collections.abc import Sequence

from events.runtime import Transaction, lead_metrics
from events.runtime.counting import GaugeValues
from routing.playbook import RoutingPlaybook

_WAITING = (
    "select coalesce(team, 'none') as team, coalesce(queue, 'none') as queue, count(*) as leads,"
    " extract(epoch from $1::timestamptz - min(handed_over_at)) as oldest"
    " from leads where state = 'queued' group by 1, 2"
)
_WITH_REPS = "select coalesce(team, 'none') as team, count(*) as leads from leads where state = 'assigned' group by 1"


async def compute_gauge_values(tx: Transaction) -> Sequence[GaugeValues]:
    """Count waiting leads by queue, and leads with reps by team; every queue and team of the playbook is there."""
    playbook = tx.playbook(RoutingPlaybook)
    places = [(queue.team, name) for name, queue in playbook.queues.items()]
    lead_metrics.show_placements_at_zero(places)
    waiting, oldest = dict.fromkeys(places, 0.0), dict.fromkeys(places, 0.0)
    for row in await tx.raw.fetch(_WAITING, tx.now):
        place = (row["team"], row["queue"])
        waiting[place] = row["leads"]
        oldest[place] = max(0.0, float(row["oldest"] or 0.0))
    with_reps = {(team,): 0.0 for team in playbook.teams}
    with_reps |= {(row["team"],): row["leads"] for row in await tx.raw.fetch(_WITH_REPS)}
    return [
        GaugeValues(lead_metrics.LEADS_WAITING, waiting),
        GaugeValues(lead_metrics.LEADS_WAITING_AGE, oldest),
        GaugeValues(lead_metrics.LEADS_WITH_REPS, with_reps),
    ]
