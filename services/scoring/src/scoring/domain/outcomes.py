"""What became of published leads: whether the score was right, too early or too late, and how sure that is.

Rates come with Wilson's interval, which holds for few leads too. Predicted against happened takes the rates of the
earlier half for the prediction, so that no lead predicts itself.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from events.intervals import compute_wilson_interval
from scoring.playbook import OutcomeRules

STRONG = frozenset((fit, level) for fit in "AB" for level in (1, 2))
"""The cells in which the score says: this will be confirmed."""
ALL_FOUR = "BANT"


@dataclass(frozen=True, slots=True)
class PublishedLeadOutcome:
    """A lead as it was published, and what became of it."""

    lead_type: str
    cycle: int
    fit: str
    level: int
    qualified_at: datetime
    bant: str | None
    """The answers at its confirmation, `BA-T` for no need; None: not confirmed."""
    won: bool
    ended: bool
    reason: str | None

    @property
    def is_converted(self) -> bool:
        """Whether a rep confirmed it, or it was won."""
        return self.bant is not None or self.won

    @property
    def is_decided(self) -> bool:
        """Whether something became of it. A duplicate is no verdict on anybody."""
        return self.is_converted or (self.ended and self.reason != "duplicate")

    @property
    def is_request_or_customer(self) -> bool:
        """Whether the contact asked to be called, or is a customer: never an MQL."""
        return self.lead_type in {"hand_raiser", "fast_track", "customer"}

    @property
    def matrix_cell(self) -> tuple[str, int]:
        """Its cell of the matrix when it was published."""
        return self.fit, self.level


@dataclass(frozen=True, slots=True)
class RateWithInterval:
    """How many of the decided leads; `low` and `high` bound the true share in 95 of 100 cases; None of no lead."""

    leads: int
    count: int
    rate: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class CellRate:
    """One cell of the matrix: MQL to SQL, and how many were won."""

    fit: str
    readiness: int
    converted: RateWithInterval
    won: int


@dataclass(frozen=True, slots=True)
class BantAgreement:
    """Score against BANT (Q12): whether leads of the strong cells were confirmed with all four answers."""

    strong_and_bant: int
    strong_not_bant: int
    weak_but_bant: int
    weak_not_bant: int
    agreement: float | None
    kappa: float | None
    """Agreement beyond chance (Cohen): 0 none, 1 complete."""
    answers: dict[str, RateWithInterval]
    """How often each of the four was a yes among the confirmed."""


@dataclass(frozen=True, slots=True)
class CellReliability:
    """A cell's rate in the earlier half of the leads, and in the later one."""

    fit: str
    readiness: int
    predicted: float
    happened: float
    leads: int


@dataclass(frozen=True, slots=True)
class Outcomes:
    """All that became of a set of leads."""

    leads: int
    still_open: int
    enough: bool
    """Whether there is enough to learn from (Q18)."""
    mql: RateWithInterval
    """The headline: by score, in the first cycle."""
    hand_raisers: RateWithInterval
    requalified: RateWithInterval
    cells: list[CellRate]
    bant: BantAgreement
    returned: dict[str, int]
    too_early: RateWithInterval
    too_late: RateWithInterval
    reliability: list[CellReliability]
    calibration_error: float | None
    """The mean distance of predicted and happened, weighed by leads."""


def compute_rate(count: int, leads: int) -> RateWithInterval:
    """Return a share with Wilson's 95 % interval."""
    ends = compute_wilson_interval(count, leads)
    return (
        RateWithInterval(0, 0, None, 0.0, 1.0) if ends is None else RateWithInterval(leads, count, count / leads, *ends)
    )


def _rate_of_decided(
    leads: Iterable[PublishedLeadOutcome], holds: Callable[[PublishedLeadOutcome], bool]
) -> RateWithInterval:
    decided = [lead for lead in leads if lead.is_decided]
    return compute_rate(sum(map(holds, decided)), len(decided))


def evaluate_outcomes(leads: Sequence[PublishedLeadOutcome], rules: OutcomeRules) -> Outcomes:
    """Count what became of leads."""
    scored = [lead for lead in leads if not lead.is_request_or_customer]
    first = [lead for lead in scored if lead.cycle == 1]
    decided = [lead for lead in leads if lead.is_decided]
    reliability = _cell_reliability([lead for lead in scored if lead.is_decided], rules.enough)
    weight = sum(cell.leads for cell in reliability)
    off = sum(cell.leads * abs(cell.predicted - cell.happened) for cell in reliability)
    return Outcomes(
        leads=len(leads),
        still_open=len(leads) - len(decided),
        enough=len(decided) >= rules.enough and any(lead.is_converted for lead in decided),
        mql=_rate_of_decided(first, lambda lead: lead.is_converted),
        hand_raisers=_rate_of_decided(
            (lead for lead in leads if lead.is_request_or_customer), lambda lead: lead.is_converted
        ),
        requalified=_rate_of_decided((lead for lead in scored if lead.cycle > 1), lambda lead: lead.is_converted),
        cells=_rates_by_cell(scored),
        bant=_bant_agreement(decided),
        returned=dict(Counter(lead.reason for lead in decided if lead.reason is not None and not lead.won)),
        too_early=_rate_of_decided(leads, lambda lead: not lead.won and lead.reason in rules.too_early),
        too_late=_rate_of_decided(leads, lambda lead: not lead.won and lead.reason in rules.too_late),
        reliability=reliability,
        calibration_error=off / weight if weight else None,
    )


def _rates_by_cell(leads: Iterable[PublishedLeadOutcome]) -> list[CellRate]:
    cells: dict[tuple[str, int], list[PublishedLeadOutcome]] = {}
    for lead in leads:
        cells.setdefault(lead.matrix_cell, []).append(lead)
    return [
        CellRate(fit, level, _rate_of_decided(found, lambda lead: lead.is_converted), sum(lead.won for lead in found))
        for (fit, level), found in sorted(cells.items())
    ]


def _bant_agreement(decided: Sequence[PublishedLeadOutcome]) -> BantAgreement:
    pairs = Counter((lead.matrix_cell in STRONG, lead.bant == ALL_FOUR) for lead in decided)
    both, neither = pairs[True, True], pairs[False, False]
    confirmed = [lead.bant for lead in decided if lead.bant is not None]
    agreement = kappa = None
    if decided:
        total = len(decided)
        agreement = (both + neither) / total
        strong, bant = (both + pairs[True, False]) / total, (both + pairs[False, True]) / total
        chance = strong * bant + (1 - strong) * (1 - bant)
        kappa = None if chance == 1 else (agreement - chance) / (1 - chance)
    return BantAgreement(
        strong_and_bant=both,
        strong_not_bant=pairs[True, False],
        weak_but_bant=pairs[False, True],
        weak_not_bant=neither,
        agreement=agreement,
        kappa=kappa,
        answers={
            name: compute_rate(sum(letter in answers for answers in confirmed), len(confirmed))
            for letter, name in zip(ALL_FOUR, ("budget", "authority", "need", "timing"), strict=True)
        },
    )


def _cell_reliability(decided: Sequence[PublishedLeadOutcome], enough: int) -> list[CellReliability]:
    ordered = sorted(decided, key=lambda lead: lead.qualified_at)
    middle = len(ordered) // 2
    if middle < enough:
        return []
    earlier, later = _rates_by_cell(ordered[:middle]), _rates_by_cell(ordered[middle:])
    predicted = {(cell.fit, cell.readiness): cell.converted.rate for cell in earlier}
    return [
        CellReliability(cell.fit, cell.readiness, before, cell.converted.rate, cell.converted.leads)
        for cell in later
        if (before := predicted.get((cell.fit, cell.readiness))) is not None and cell.converted.rate is not None
    ]
