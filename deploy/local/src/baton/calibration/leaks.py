"""Leaks: columns that were filled in after the outcome, or because of it.

A card that leans on one looks wonderful on old leads and is worth nothing for a new one, whose column is still
empty. What betrays a leak is its pattern (it tells nearly everything, or is filled in for one outcome alone), or
its name together with more insight than chance. A name alone condemns nobody, nor does insight alone: honest
columns may be strong.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from baton.calibration.columns import Column, Flags, Numbers, is_answer
from baton.calibration.learning import WeighedColumn
from baton.calibration.measures import compute_auc

SEPARATES = 0.95
FAR_LIKELIER = 25.0
"""So many times likelier with one outcome than with the other."""
PURE = 0.8
LEAST_FILLED = 15
LEAST_SHARE = 0.25
SAME_SHARE, ELSEWHERE = 0.995, 0.5
LEAST_WON = 50

SURELY_AFTERWARDS = (
    "tags?", "dispositions?", "remarks?", "follow ?ups?", "closed?", "won", "lost", "signed", "invoiced?", "outcome",
    "result", "resolution", "lead (quality|profile|rating|temperature)", "quality of lead", "reason for \\w+",
    "(notable|latest|final) activity",
    "(loss|lost|win|rejection|closing|cancell?ation|churn) reasons?", "(lead|deal|sales|crm|final) (status|stage)",
    "last (notable )?(activity|status|stage|call|contacted|modified|updated|action|note)",
)  # fmt: skip
PERHAPS_AFTERWARDS = (
    "(?<!contract )(?<!loan )(?<!policy )duration", "call (seconds|length|time|minutes)", "talk time", "seconds",
    "calls? made", "number of calls", "opportunity", "deal", "contract value", "amount", "proposal", "quote",
    "meetings?", "demo held", "notes?", "comments?", "owner",
)  # fmt: skip
AFTERWARDS = (
    (0.58, re.compile(rf"\b({'|'.join(SURELY_AFTERWARDS)})\b")),
    (0.70, re.compile(rf"\b({'|'.join(PERHAPS_AFTERWARDS)})\b")),
)
"""Names of what sales writes down while it works a lead, and the insight from which such a column is a leak."""
BEFOREHAND = re.compile(r"\b(previous|prior|past|before|web ?site|site|pages?|web|visits?|sessions?)\b")
NAMED_AFTER_OUTCOME = 0.75
LEAST_STEM = 4


@dataclass(frozen=True)
class LeakingColumn:
    """A column that was only known after the outcome, and what betrays it."""

    column: str
    auc: float
    """How well it tells the outcomes apart, all alone."""
    reason: str


def find_leaking_columns(weighed: Sequence[WeighedColumn], happened: Numbers, outcome: str) -> list[LeakingColumn]:
    """Name the leaks among the columns, the most telling first."""
    found = []
    for each in weighed:
        insight = compute_auc(happened, each.evidence)
        reasons = [
            *_leaks_by_answer_pattern(each.column, happened, insight),
            *_leaks_by_heading(each.column.name, outcome, insight),
        ]
        if reasons:
            found.append(LeakingColumn(each.column.name, round(insight, 4), "; ".join(reasons)))
    return sorted(found, key=lambda leak: -leak.auc)


def _leaks_by_answer_pattern(column: Column, happened: Numbers, insight: float) -> Iterator[str]:
    if insight >= SEPARATES:
        yield f"alone it tells successes from failures almost perfectly (AUC {insight:.3f})"
    yield from _present_for_single_outcome(column.find_filled_rows, happened, "filled in")
    if column.kind == "number" and column.find_filled_rows.any():
        usual = np.bincount(column.codes[column.find_filled_rows]).argmax()
        if (column.codes == usual).mean() >= LEAST_SHARE:
            yield from _present_for_single_outcome(
                column.find_filled_rows & (column.codes != usual), happened, f"other than {column.levels[usual]}"
            )
    if column.kind == "word":
        yield from _answers_of_successes_alone(column, happened)
        yield from _same_answer_for_all_won(column, happened)


def _present_for_single_outcome(there: Flags, happened: Numbers, what: str) -> Iterator[str]:
    """Yield a finding where something is there almost for one outcome alone, and too often for luck."""
    if there.sum() < LEAST_FILLED or (~there).sum() < LEAST_FILLED:
        return
    won, lost = happened == 1, happened == 0
    if _likelihood_ratio(there, won, lost) >= FAR_LIKELIER and happened[there].mean() >= PURE:
        yield f"{what} almost only for successes ({there[won].mean():.0%} of them, {there[lost].mean():.1%} of others)"
    elif _likelihood_ratio(there, lost, won) >= FAR_LIKELIER and there[lost].mean() >= LEAST_SHARE:
        yield f"{what} almost only for failures ({there[lost].mean():.0%} of them, {there[won].mean():.1%} of others)"


def _likelihood_ratio(present: Flags, here: Flags, there: Flags) -> float:
    """Return how much likelier something is here than there; one that never happened counts as half a time."""
    return float(present[here].mean() / ((present[there].sum() + 0.5) / (there.sum() + 1)))


def _answers_of_successes_alone(column: Column, happened: Numbers) -> Iterator[str]:
    """Yield which answers are given after a success alone, where they make up much of the successes."""
    won, lost = happened == 1, happened == 0
    pure = [
        code
        for code, level in enumerate(column.levels)
        if is_answer(level) and column.count_levels[code] >= LEAST_FILLED
        and happened[(present := column.codes == code)].mean() >= PURE
        and _likelihood_ratio(present, won, lost) >= FAR_LIKELIER
    ]  # fmt: skip
    share = np.isin(column.codes[won], pure).mean() if pure else 0.0
    if share >= LEAST_SHARE:
        names = ", ".join(repr(column.levels[code]) for code in pure[:3])
        yield f"{names} stand almost only with successes ({share:.0%} of them)"


def _same_answer_for_all_won(column: Column, happened: Numbers) -> Iterator[str]:
    won = column.codes[happened == 1]
    usual = np.bincount(won).argmax()
    if len(won) >= LEAST_WON and (won == usual).mean() >= SAME_SHARE:
        elsewhere = (column.codes[happened == 0] == usual).mean()
        if elsewhere <= ELSEWHERE:
            yield f"the same for all successes ({column.levels[usual] or 'blank'!r}; {elsewhere:.0%} of the others)"


def _leaks_by_heading(name: str, outcome: str, insight: float) -> Iterator[str]:
    terms = " ".join(split_heading(name))
    if BEFOREHAND.search(terms):
        return
    for least, named in AFTERWARDS:
        if insight >= least and named.search(terms):
            yield f"its name says that it is filled in while a lead is worked, and it tells (AUC {insight:.2f})"
            return
    if insight >= NAMED_AFTER_OUTCOME and _share_a_stem(split_heading(name), split_heading(outcome)):
        yield f"it is named after the outcome and tells it (AUC {insight:.2f})"


def split_heading(name: str) -> list[str]:
    """Take a heading apart: `lastContacted_at` is three words."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.findall(r"[a-z]+", apart.casefold())


def _share_a_stem(first: Iterable[str], second: Iterable[str]) -> bool:
    stems = [
        {term[:6] for term in terms if len(term) >= LEAST_STEM and term not in {"lead", "leads"}}
        for terms in (first, second)
    ]
    return bool(stems[0] & stems[1])
