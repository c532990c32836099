"""Cycles: when a contact becomes a lead, grows into a stronger one, and may become one again.

A history is walked from its beginning, window by window: a cycle's window starts where the cycle before ended, its
first engagement that crosses the line opens it, and what the contact does later can only strengthen it. Because the
walk looks at when things happened and never at when they were heard of, a late scan, a late end or a duplicate leads to
the same cycles as if all had come in time. What was published stays: a told lead keeps its cycle.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta

from events.envelope import Scalar
from events.leads import LeadType, Outcome
from scoring.domain.fit import Fit, grade_fit
from scoring.domain.history import WAKE_UP, Engagement, History, Lead, Turn, learn
from scoring.domain.readiness import Readiness, Tally, worth_of
from scoring.playbook import Ruling, ScoringPlaybook

_STRENGTH: dict[LeadType, int] = {"customer": 3, "hand_raiser": 2, "fast_track": 1}


def strength(lead_type: LeadType) -> int:
    """Rank lead types: a request ranks above a score, a pure request above a ticked box."""
    return _STRENGTH.get(lead_type, 0)


@dataclass(frozen=True, slots=True)
class Opening:
    """An engagement that makes a lead, and what was known and counted at its instant."""

    engagement: Engagement
    position: int
    """Where the engagement stands in the ordered history."""
    lead_type: LeadType
    outcome: Outcome
    by_request: bool
    facts: dict[str, Scalar]
    fit: Fit
    readiness: Readiness


@dataclass(slots=True)
class Episode:
    """One window of the history: the cycle that it holds, if one opened in it."""

    cycle: int
    tally: Tally
    told: Lead | None
    end: Turn | None
    opening: Opening | None = None
    strongest: Opening | None = None

    @property
    def opened_at(self) -> datetime | None:
        """When the cycle opened; None where it did not."""
        if self.opening is not None:
            return self.opening.engagement.occurred_at
        return None if self.told is None else self.told.opened_at


def raised_hand(engagement: Engagement, book: ScoringPlaybook) -> LeadType | None:
    """Tell whether an engagement asks to talk to sales, and how strongly."""
    if engagement.engagement in book.hand_raise.named or engagement.source in book.hand_raise.sources:
        return "hand_raiser"
    return "fast_track" if engagement.talk_to_sales else None


def rule_on(facts: dict[str, Scalar], account: str | None, book: ScoringPlaybook, *, raised: bool) -> Ruling | None:
    """Ask the hard rules in their order."""
    known = facts if account is None else {**facts, "account": account}
    for rule in book.hard_rules:
        if not (raised and rule.unless_hand_raised) and rule.holds(known, book.titles):
            return rule.outcome
    return None


def may_open(history: History, book: ScoringPlaybook) -> bool:
    """Tell whether a history could make a lead at all, without walking it: most of those just begun cannot."""
    most = 0.0
    for engagement in history.engagements.values():
        if raised_hand(engagement, book) is not None:
            return True
        row = worth_of(engagement, book.readiness)
        most += 0.0 if row is None else row.points
    return most >= book.lowest_line


def walk(history: History, book: ScoringPlaybook, now: datetime) -> list[Episode]:
    """Walk through the whole history; the last episode is the one still open (or waiting to open)."""
    ordered = history.ordered()
    episodes = [_episode(ordered, 0, _Gate(history, 1, None, book), now)]
    while (last := episodes[-1]).end is not None:
        since = last.end.at if last.opened_at is None else max(last.end.at, last.opened_at)
        start = bisect_right(ordered, since, key=lambda one: one.occurred_at)
        gate = _Gate(history, last.cycle + 1, last.end, book)
        episodes.append(_episode(ordered, start, gate, now))
    return episodes


def _episode(ordered: list[Engagement], start: int, gate: "_Gate", now: datetime) -> Episode:
    history, cycle, book = gate.history, gate.cycle, gate.book
    told, end = history.leads.get(cycle), history.end_of(cycle)
    episode = Episode(cycle, Tally(book.readiness), told, end)
    facts = learn(ordered[:start])
    for position in range(start, len(ordered)):
        engagement = ordered[position]
        at = engagement.occurred_at
        untold = told is None or at <= told.opened_at
        if end is not None and at > end.at and (told is None or episode.opening is not None or not untold):
            break  # a win may be dated before what opened its lead; else nothing after the end belongs to the cycle
        if untold and _is_over(episode, book, at):
            episode.opening = None
        facts.update(engagement.facts)
        episode.tally.add(engagement)
        gate.woken = gate.woken or engagement.engagement == WAKE_UP
        found = _judge(engagement, position, facts, episode, gate)
        if found is None:
            continue
        if episode.opening is None and untold:
            episode.opening = found
        if found.by_request:
            episode.strongest = found
    if told is None and end is None and _is_over(episode, book, max(now, episode.tally.last_at or now)):
        episode.opening = None
    return episode


@dataclass(slots=True)
class _Gate:
    """Whether a score may open a cycle here. A hand-raise always may."""

    history: History
    cycle: int
    before: Turn | None
    """What ended the cycle before."""
    book: ScoringPlaybook
    woken: bool = False

    def lets_score_in(self, at: datetime) -> bool:
        """Tell whether the number of cycles, the verdict on the last one and the cool-down allow it."""
        rules = self.book.cycles
        if self.before is None:
            return True
        if self.cycle > rules.most or self.history.is_closed_for(self.cycle - 1):
            return False
        if self.woken or self.before.kind == "won" or self.before.reason in rules.no_cool_down_after:
            return True
        return at >= self.before.at + timedelta(days=rules.cool_down_days)


def _judge(
    engagement: Engagement, position: int, facts: dict[str, Scalar], episode: Episode, gate: _Gate
) -> Opening | None:
    """Tell whether this engagement, with all before it, makes a lead, and which."""
    book, at = gate.book, engagement.occurred_at
    raised = raised_hand(engagement, book)
    if raised is None and (
        episode.opening is not None or not gate.lets_score_in(at) or episode.tally.points(at) < book.lowest_line
    ):
        return None
    if (
        raised is not None
        and episode.strongest is not None
        and (strength(raised) <= strength(episode.strongest.lead_type))
    ):
        return None
    account = gate.history.account(facts, at, episode.cycle)
    ruling = rule_on(facts, account, book, raised=raised is not None)
    if ruling == "excluded":
        return None
    fit, readiness = grade_fit(facts, book), episode.tally.read(at)
    if raised is None and (ruling == "poor_fit" or book.matrix[fit.grade][readiness.level] != "mql"):
        return None
    lead_type, outcome = _name(raised, ruling, fit, readiness)
    by_request = raised is not None
    return Opening(engagement, position, lead_type, outcome, by_request, dict(facts), fit, readiness)


def _name(raised: LeadType | None, ruling: Ruling | None, fit: Fit, readiness: Readiness) -> tuple[LeadType, Outcome]:
    if ruling == "customer":
        return "customer", "customer"
    if raised is not None:
        return raised, "poor_fit" if fit.grade == "D" else "hand_raiser"
    return readiness.lead_type or "content", "mql"


def _is_over(episode: Episode, book: ScoringPlaybook, at: datetime) -> bool:
    """Tell whether a crossing had cooled by then and nobody was told: an old list must not make leads of the past."""
    opening = episode.opening
    if opening is None or episode.strongest is not None:
        return False
    line = book.lines.get(opening.fit.grade, 0.0) - book.readiness.cools_below
    return episode.tally.points(at) < line
