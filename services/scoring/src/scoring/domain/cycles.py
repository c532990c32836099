"""Cycles: when a person becomes a lead, grows into a stronger one, and may become one again.

A history is walked from its beginning, window by window: a cycle's window starts where the cycle before ended, its
first engagement that crosses the line opens it, and what the contact does later can only strengthen it. Because the
walk looks at when things happened and never at when they became known, a late scan, a late end or a duplicate leads to
the same cycles as if all had come in time. What was published stays: a published lead keeps its cycle.

Of a merged person all published leads have their windows, in which engagements of its other contacts strengthen the
lead that is open; the next cycle is the survivor's, and opens only when all of them are over.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from events.ids import derive_lead_id
from events.leads import OutcomeReason
from events.parts import Scalar
from scoring.domain.crossings import Crossing, CycleOpeningRules, find_crossing, find_hand_raise_type
from scoring.domain.history import ASKED, WAKE_UP, Engagement, History, Lead, LifecycleFact
from scoring.domain.knowledge import choose_best_facts, select_momentary_facts
from scoring.domain.readiness import ReadinessTally, find_engagement_worth, find_signals
from scoring.playbook import ScoringPlaybook


@dataclass(slots=True)
class Episode:
    """One window of the history: the cycle that it holds, if one opened in it."""

    contact_id: UUID
    cycle: int
    tally: ReadinessTally
    published: Lead | None
    end: LifecycleFact | None
    opening: Crossing | None = None
    strongest: Crossing | None = None
    refused: Crossing | None = None
    """The strongest raised hand that a hard rule excluded: what a lifted exclusion lets through."""
    blocked: Engagement | None = None
    """The first that crossed the line and was blocked: too often, too soon, or a colleague has the account's lead."""
    obstacle: OutcomeReason | None = None
    """What blocked the last of them."""
    is_double: bool = False
    """Whether another lead of the same person stands for both."""
    foreign_from: datetime | None = None
    """After which what the person's other contacts do belongs to it as well; None: from the start."""
    known: dict[str, Scalar] = field(default_factory=dict)
    """What is known of the person now."""
    facts: dict[str, Scalar] = field(default_factory=dict)
    """What holds at its end, of what holds from an instant on."""

    def may_be_opened_by(self, engagement: Engagement) -> bool:
        """Return whether an engagement may have opened it: a published lead stays its own contact's."""
        published = self.published
        return (
            published is None
            or engagement.contact_id == self.contact_id
            or engagement.engagement_id == published.engagement_id
        )

    def may_be_strengthened_by(self, engagement: Engagement) -> bool:
        """Return whether an engagement of another contact of the same person may strengthen it."""
        return not self.is_double and (self.foreign_from is None or engagement.occurred_at > self.foreign_from)

    def is_woken_at_end_by(self, engagement: Engagement) -> bool:
        """Return whether this is a wake-up in the very instant of its end: it belongs to what comes next."""
        woken = engagement.woken_from_cycle >= self.cycle and engagement.contact_id == self.contact_id
        return woken and engagement.occurred_at == self.closed_at

    @property
    def opened_at(self) -> datetime | None:
        """When the cycle opened; None where it did not."""
        if self.opening is not None:
            return self.opening.engagement.occurred_at
        return None if self.published is None else self.published.opened_at

    @property
    def closed_at(self) -> datetime | None:
        """Until when its engagements are its own; None while it is open."""
        if self.end is None:
            return None
        return self.end.at if self.opened_at is None else max(self.end.at, self.opened_at)


def may_make_lead(history: History, playbook: ScoringPlaybook) -> bool:
    """Return whether a history could make a lead at all, without walking it: most of those just begun cannot."""
    most, rules = 0.0, playbook.readiness
    for engagement in history.engagements.values():
        if engagement.source == "override" or find_hand_raise_type(engagement, playbook) is not None:
            return True
        row = find_engagement_worth(engagement, rules)
        most += 0.0 if row is None else max(0.0, row.points)
        if rules.signals:
            most += sum([row.points for row in find_signals(engagement, rules)])
    return most >= playbook.lowest_mql_line


def split_into_episodes(history: History, playbook: ScoringPlaybook, now: datetime) -> list[Episode]:
    """Return the episodes of the whole history; the last one is still open (or waiting to open)."""
    ordered = history.engagements_in_order()
    if any(each.engagement == ASKED and each.occurred_at > now for each in ordered):
        ordered = [each for each in ordered if each.engagement != ASKED or each.occurred_at <= now]
    progress = _HistoryWalk(history, playbook, now, ordered, choose_best_facts(ordered, playbook))
    for slot in _list_known_cycles(history):
        progress.episodes.append(_walk_episode(progress, slot))
    while all(episode.end is not None for episode in progress.episodes):
        last = max([episode.cycle for episode in progress.episodes], default=0)
        progress.episodes.append(_walk_episode(progress, (history.contact_id, last + 1, None)))
    if history.merged:
        return sorted(progress.episodes, key=lambda episode: episode.end is None and not episode.is_double)
    return progress.episodes


@dataclass(slots=True)
class _HistoryWalk:
    """The state of a walk: the history, the rules, the instant, the episodes so far."""

    history: History
    playbook: ScoringPlaybook
    now: datetime
    ordered: list[Engagement]
    known: dict[str, Scalar]
    episodes: list[Episode] = field(default_factory=list)


Slot = tuple[UUID, int, datetime | None]
"""Whose cycle, which, and where it stands in time; None: after all others."""


def _list_known_cycles(history: History) -> list[Slot]:
    """Return the published cycles, and the survivor's own that ended before they were published."""
    found: dict[tuple[UUID, int], datetime] = {
        (lead.contact_id, lead.cycle): lead.opened_at for lead in history.all_leads()
    }
    last = max(history.leads, default=0)
    for cycle in range(1, last):
        end = history.first_end_of_cycle(history.contact_id, cycle) if cycle not in history.leads else None
        if end is not None:
            found[history.contact_id, cycle] = end.at
    slots: list[Slot] = [(contact_id, cycle, place) for (contact_id, cycle), place in found.items()]
    if history.merged:
        return sorted(slots, key=lambda slot: (slot[2], slot[1], slot[0]))
    return sorted(slots, key=lambda slot: slot[1])


def _is_duplicate_lead(history: History, lead: Lead | None, end: LifecycleFact | None) -> bool:
    """Return whether another lead of the person stands for this one: the survivor's open one, else the oldest."""
    if lead is None:
        return False
    if end is not None:
        return end.reason == "duplicate"
    still_open = [
        each for each in history.all_leads() if history.first_end_of_cycle(each.contact_id, each.cycle) is None
    ]
    first = min(still_open, key=lambda each: (each.contact_id != history.contact_id, each.opened_at, each.lead_id))
    return first is not lead


def _find_previous_episode(episodes: Sequence[Episode], slot: Slot) -> Episode | None:
    """Return the episode after whose end a cycle's window starts."""
    if not episodes:
        return None
    contact_id, _, place = slot
    over = [
        (episode.closed_at, episode)
        for episode in episodes
        if episode.closed_at is not None
        and not episode.is_double
        and (place is None or episode.contact_id == contact_id or episode.closed_at <= place)
    ]
    return max(over, key=lambda pair: (pair[0], pair[1].cycle))[1] if over else None


def _begin_episode(progress: _HistoryWalk, slot: Slot) -> tuple[Episode, CycleOpeningRules, int]:
    """Return an empty window, what guards it, and where in the history it starts."""
    history, (contact_id, cycle, _) = progress.history, slot
    lead, end, before = (
        _published_lead(history, slot),
        history.first_end_of_cycle(contact_id, cycle),
        _find_previous_episode(progress.episodes, slot),
    )
    start, gate = 0, CycleOpeningRules(history, contact_id, cycle, None, None, progress.playbook)
    if before is not None and before.closed_at is not None:
        start = bisect_right(progress.ordered, before.closed_at, key=lambda engagement: engagement.occurred_at)
        while start and before.is_woken_at_end_by(progress.ordered[start - 1]):
            start -= 1
        gate.end_before, gate.lead_before = before.end, before.published
    episode = Episode(contact_id, cycle, ReadinessTally(progress.playbook.readiness), lead, end, known=progress.known)
    for engagement in progress.ordered[:start]:
        episode.facts.update(select_momentary_facts(engagement.facts))
    if history.merged:
        episode.is_double, episode.foreign_from = (
            _is_duplicate_lead(history, lead, end),
            _other_contacts_count_from(history, lead, end),
        )
    return episode, gate, start


def _walk_episode(progress: _HistoryWalk, slot: Slot) -> Episode:
    playbook, ordered = progress.playbook, progress.ordered
    episode, gate, start = _begin_episode(progress, slot)
    lead, end = episode.published, episode.end
    for position in range(start, len(ordered)):
        engagement = ordered[position]
        at = engagement.occurred_at
        unpublished = lead is None or at <= lead.opened_at
        over = end is not None and (at > end.at or episode.is_woken_at_end_by(engagement))
        if unpublished and not (over and lead is None) and _has_cooled_unpublished(episode, playbook, at):
            episode.opening = None
        if over and (lead is None or episode.opening is not None or not unpublished):
            break  # an end may be dated before what opened its lead; else nothing after it belongs to the cycle
        episode.facts.update(select_momentary_facts(engagement.facts))
        episode.tally.add(engagement)
        gate.woken = gate.woken or engagement.engagement == WAKE_UP
        own = episode.may_be_opened_by(engagement)
        found = (
            find_crossing(engagement, position, episode, gate)
            if own or episode.may_be_strengthened_by(engagement)
            else None
        )
        if found is None:
            continue
        if episode.opening is None and unpublished and own:
            episode.opening = found
        if found.by_request:
            episode.strongest = found
    if (
        lead is None
        and end is None
        and _has_cooled_unpublished(episode, playbook, max(progress.now, episode.tally.last_at or progress.now))
    ):
        episode.opening = None
    return episode


def _published_lead(history: History, slot: Slot) -> Lead | None:
    contact_id, cycle, _ = slot
    if contact_id == history.contact_id:
        return history.leads.get(cycle)
    return history.merged.get(derive_lead_id(contact_id, cycle))


def _other_contacts_count_from(history: History, lead: Lead | None, end: LifecycleFact | None) -> datetime | None:
    """Return the instant after which what the person's other contacts do belongs to this lead; None: from the start."""
    others = [
        history.first_end_of_cycle(each.contact_id, each.cycle) for each in history.all_leads() if each is not lead
    ]
    return max(
        (
            other.at
            for other in others
            if other is not None and other.reason != "duplicate" and (end is None or other.at <= end.at)
        ),
        default=None,
    )


def _has_cooled_unpublished(episode: Episode, playbook: ScoringPlaybook, at: datetime) -> bool:
    """Return whether a crossing had cooled by then, unpublished: an old list must not make leads of the past."""
    opening = episode.opening
    if opening is None or episode.strongest is not None:
        return False
    return episode.tally.points_at(at) < playbook.thresholds_for(opening.facts).cooling_line(opening.fit.grade)
