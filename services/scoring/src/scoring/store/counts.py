"""What scoring's tables amount to: what the model of probability predicted, beside what happened."""

from collections.abc import Sequence

from events.runtime import Transaction, lead_metrics
from events.runtime.counting import GaugeValues

_DECIDED = """
select l.probability_model as model, count(*) as leads, avg(l.probability) as predicted,
    avg((became.converted)::int::float8) as happened
from leads l left join lateral (
    select coalesce(bool_or(t.kind in ('confirmed', 'won')), false) as converted,
        coalesce(bool_or(t.kind in ('recycled', 'disqualified') and t.reason = 'duplicate'), false) as is_double
    from turns t where t.contact_id = l.contact_id and t.cycle = l.cycle
) became on true
where l.probability is not null and l.qualified_at >= $1::timestamptz - interval '90 days'
    and (became.converted or (l.ended_at is not null and not became.is_double))
group by l.probability_model
"""


async def compute_gauge_values(tx: Transaction) -> Sequence[GaugeValues]:
    """Compare what each version of the model predicted of the decided leads of 90 days with what became of them."""
    rows = await tx.raw.fetch(_DECIDED, tx.now)
    rates = {(row["model"], what): float(row[what]) for row in rows for what in ("predicted", "happened")}
    return [
        GaugeValues(lead_metrics.MODEL_RATE, rates),
        GaugeValues(lead_metrics.MODEL_LEADS, {(row["model"],): float(row["leads"]) for row in rows}),
    ]
