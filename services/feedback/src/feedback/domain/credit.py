"""Who gets the credit for a deal: the engagements that led to it share one credit, by the model that is asked for.

Whatever the model, the shares of one deal sum to one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from feedback.domain.lead import Lead, Touchpoint

Model = Literal["first", "last", "linear", "u_shaped", "w_shaped", "time_decay"]
MODELS: tuple[Model, ...] = ("first", "last", "linear", "u_shaped", "w_shaped", "time_decay")
CREDITED = ("opportunity", "won", "revenue")
"""The measures of which touches get a share."""

U_SHAPED = 0.4
"""For the first touch and for the one that made the lead; the others share the rest."""
W_SHAPED = 0.3
"""For the first touch, the one that made the lead and the one that made the opportunity."""


@dataclass(frozen=True, slots=True)
class DealTimes:
    """What the models look at beside the touches."""

    qualified_at: datetime | None
    opportunity_at: datetime | None
    half_life_days: float


def find_deal_times(lead: Lead, half_life_days: float) -> DealTimes:
    """Take from a lead what the models look at."""
    return DealTimes(lead.qualified_at, lead.standing.opportunity_at, half_life_days)


def find_credit_end(lead: Lead) -> datetime | None:
    """Return until when engagements count: up to the win, or to the opportunity while there is none."""
    return lead.standing.won_at or lead.standing.opportunity_at


def split_credit(path: Sequence[Touchpoint], model: Model, deal: DealTimes) -> list[float]:
    """Split one credit among the touches of a path, which is in the order of time and not empty."""
    last = len(path) - 1
    if model == "first":
        weights = [float(n == 0) for n in range(len(path))]
    elif model == "last":
        weights = [float(n == last) for n in range(len(path))]
    elif model == "linear":
        weights = [1.0] * len(path)
    elif model == "time_decay":
        ages = [(path[-1].at - touch.at).total_seconds() / 86_400 for touch in path]
        weights = [2.0 ** -min(age / deal.half_life_days, 1000.0) for age in ages]
    elif model == "u_shaped":
        weights = _weights_with_fixed_positions(path, {0, _touch_index_before(path, deal.qualified_at)}, U_SHAPED, 2)
    else:
        weights = _weights_with_fixed_positions(
            path,
            {0, _touch_index_before(path, deal.qualified_at), _touch_index_before(path, deal.opportunity_at)},
            W_SHAPED,
            3,
        )
    total = sum(weights)
    return [weight / total for weight in weights]


def _touch_index_before(path: Sequence[Touchpoint], instant: datetime | None) -> int:
    """Return the touch that led to an instant: the last one up to it."""
    if instant is None:
        return len(path) - 1
    return max((n for n, touch in enumerate(path) if touch.at <= instant), default=0)


def _weights_with_fixed_positions(path: Sequence[Touchpoint], named: set[int], each: float, names: int) -> list[float]:
    others = len(path) - len(named)
    rest = (1.0 - each * names) / others if others else 0.0
    return [each if n in named else rest for n in range(len(path))]


def sum_credit(path: Sequence[Touchpoint], model: Model, deal: DealTimes, by: str) -> Mapping[str, float]:
    """Sum the shares of a path by the touches' `source` or `campaign`."""
    found: dict[str, float] = {}
    for touch, share in zip(path, split_credit(path, model, deal), strict=True):
        name = getattr(touch, by) or ""
        found[name] = found.get(name, 0.0) + share
    return found
