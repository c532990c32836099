"""Both sides of the agreement, month by month: what was promised, what was delivered, and whether that is enough."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sla_monitor.playbook import SlaPlaybook

VOLUME, CONTEXT = "volume", "context"
GRADES = "ABCD"


class DeliveredLeadCounts(NamedTuple):
    """The leads of one month and kind, and how many of them came with all facts that were promised."""

    month: str
    """As in `2026-03`, UTC."""
    lead_type: str
    source: str
    segment: str | None
    fit: str
    team: str | None
    leads: int
    complete: int


class LeadTraits(NamedTuple):
    """One lead, by what a promise of marketing may ask of it; `complete`: with all facts that were promised."""

    lead_type: str
    source: str
    segment: str | None
    fit: str
    team: str | None
    complete: bool


class PromiseCounts(NamedTuple):
    """The leads whose promise of one clock fell due in one month, and those whose was kept."""

    month: str
    clock: str
    due: int
    kept: int


class MonthlyPromise(NamedTuple):
    """One promise of one side in one month; shares lie between 0 and 1."""

    month: str
    side: str
    promise: str
    promised: float | None
    delivered: float
    of: int
    """How many leads (or promises that fell due) the share is taken of."""
    leads: int
    """How many of them deliver it."""

    @property
    def is_kept(self) -> bool | None:
        """Whether that is enough; None where nothing was promised."""
        return None if self.promised is None else self.promised <= self.delivered


def compare_both_sides(
    leads: Sequence[DeliveredLeadCounts], promises: Sequence[PromiseCounts], playbook: SlaPlaybook
) -> list[MonthlyPromise]:
    """Compare each month's results (leads by kind, promises by clock) with what each side promised."""
    found: list[MonthlyPromise] = []
    for month in sorted({row.month for row in leads} | {row.month for row in promises}):
        found += _compare_marketing_promises(month, [row for row in leads if row.month == month], playbook)
        found += _compare_sales_promises(month, [row for row in promises if row.month == month], playbook)
    return found


def is_lead_counted_for_promise(promise: str, lead: LeadTraits, playbook: SlaPlaybook) -> bool | None:
    """Return whether a lead counts for a promise of marketing; None where its share is not taken of such leads."""
    rules = playbook.marketing
    if promise == VOLUME:
        return True
    if promise == CONTEXT:
        return lead.complete
    for volume in rules.volume:
        if promise == f"{VOLUME}: {volume.name}":
            return volume.when.fits(*lead[:-1]) or None
    for grade in GRADES:
        if promise == f"grade {grade} or better":
            return lead.fit <= grade
    return None


def _compare_marketing_promises(
    month: str, rows: Sequence[DeliveredLeadCounts], playbook: SlaPlaybook
) -> list[MonthlyPromise]:
    rules, total = playbook.marketing, sum(row.leads for row in rows)
    found = [MonthlyPromise(month, "marketing", VOLUME, None, total, total, total)]
    for volume in rules.volume:
        fitting = sum(row.leads for row in rows if volume.when.fits(*_lead_kind(row)))
        found.append(
            MonthlyPromise(month, "marketing", f"{VOLUME}: {volume.name}", volume.per_month, fitting, fitting, fitting)
        )
    if total:
        complete = sum(row.complete for row in rows)
        found.append(
            MonthlyPromise(month, "marketing", CONTEXT, rules.context.share, complete / total, total, complete)
        )
        for grade in GRADES:
            fitting = sum(row.leads for row in rows if row.fit <= grade)
            promised = rules.grades.get(grade)  # type: ignore[call-overload]  # grades are letters
            found.append(
                MonthlyPromise(
                    month, "marketing", f"grade {grade} or better", promised, fitting / total, total, fitting
                )
            )
    return found


def _compare_sales_promises(month: str, rows: Sequence[PromiseCounts], playbook: SlaPlaybook) -> list[MonthlyPromise]:
    promised = playbook.sales.attainment
    return [
        MonthlyPromise(month, "sales", row.clock, promised.get(row.clock), row.kept / row.due, row.due, row.kept)
        for row in rows
    ]


def _lead_kind(row: DeliveredLeadCounts) -> tuple[Any, ...]:
    return row.lead_type, row.source, row.segment, row.fit, row.team
