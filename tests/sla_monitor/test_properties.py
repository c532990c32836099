"""Any order and any number of deliveries of a lead's events come to the same clocks (style, principle 4)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from events.envelope import LeadEvent
from events.leads import LeadType, MeetingOutcome
from events.sla import ClockBreached, ClockEscalated, ClockEvent, ClockWarned, ReviewOpened
from sla_monitor.playbook import SlaPlaybook
from tests.sla_monitor.domain_harness import DEFAULT, DomainHarness, playbook
from tests.sla_monitor.lead_story import MONDAY, Story, days

AGE = st.one_of(
    st.timedeltas(timedelta(), timedelta(hours=3)),
    st.timedeltas(timedelta(), timedelta(days=4)),
    st.timedeltas(timedelta(), timedelta(days=100)),
    st.sampled_from([timedelta(hours=48), timedelta(minutes=15), timedelta(minutes=5), timedelta(days=90)]),
)
TYPES: st.SearchStrategy[LeadType] = st.sampled_from(["content", "hand_raiser", "product", "fast_track"])
REPS = st.sampled_from(["ann", "bob", "cy"])
OUTCOMES: st.SearchStrategy[MeetingOutcome] = st.sampled_from(["booked", "held", "cancelled", "rescheduled"])
END = MONDAY + days(300)

RICH = playbook(
    calendars={
        "office": {"zone": "Europe/Berlin", **{day: ["09:00-12:00", "13:00-18:00"] for day in ("mon", "tue", "wed")}},
        "west": {"zone": "America/New_York", "mon": ["09:00-17:00"], "thu": ["09:00-17:00"]},
    },
    rep_calendars={"bob": "west"},
    warn_at=[0.5, 0.9],
    clocks={
        "held": {"starts": "meeting_booked", "met_by": ["meeting_held", "won"], "escalations": [{"action": "manager"}]},
        "worked": {"starts": "assigned", "met_by": ["accepted", "touched"], "calendar": "rep"},
        "first_touch": {"pauses": [{"state": "queued", "at_most": "5h"}, {"state": "preferred_time", "at_most": "9d"}]},
    },
    policies=[
        {"name": "warm", "when": {"lead_type": ["hand_raiser"]}, "accept": "5b", "first_touch": "15b"},
        {
            "name": "rest",
            "accept": {"target": "1w", "calendar": "rep"},
            "first_touch": {"target": "300b", "escalations": [{"action": "rep"}, {"action": "recycle", "after": "1d"}]},
            "second_touch": {"target": "9d", "pauses": [{"state": "meeting_booked", "at_most": "30d"}]},
            "own": {"held": "2d", "worked": "240b"},
        },
    ],
)
"""Everything that an agreement can say, in one."""
AGREEMENTS = st.sampled_from([DEFAULT, RICH])


@st.composite
def lives(draw: st.DrawFn) -> list[LeadEvent]:
    """All that happens to one lead, in the order in which it happened."""
    lead = Story(
        lead_type=draw(TYPES), fit=draw(st.sampled_from("AD")), source=draw(st.sampled_from(["chat", "phone"]))
    )
    wish: dict[str, Any] = {}
    if draw(st.booleans()):
        wish = {"preference": "call_me", "preferred_at": MONDAY + draw(AGE)}
    deliveries: list[LeadEvent] = [lead.qualified(**wish)]
    for nth, age in enumerate(sorted(draw(st.lists(AGE, max_size=4)))):
        place = draw(st.sampled_from(["assigned", "assigned", "queued"]))
        rep = {"rep_id": draw(REPS)} if place == "assigned" else {}
        deliveries.append(getattr(lead, place)(at=MONDAY + age, number=nth + 1, **rep))
    acts = draw(st.lists(st.sampled_from(["touched", "accepted", "rejected", "meeting", "opportunity"]), max_size=5))
    deliveries += [getattr(lead, act)(MONDAY + draw(AGE), by=draw(REPS)) for act in acts]
    deliveries += [lead.meeting(MONDAY + draw(AGE), outcome) for outcome in draw(st.lists(OUTCOMES, max_size=3))]
    if draw(st.booleans()):
        deliveries.append(lead.touched(MONDAY + draw(AGE), automated=True))
    if draw(st.booleans()):
        deliveries.append(lead.upgraded(MONDAY + draw(AGE)))
    for at, waits in draw(st.lists(st.tuples(AGE, st.none() | AGE), max_size=3)):
        deliveries.append(lead.scheduled(MONDAY + at, MONDAY + at + waits if waits else None))
    ends = draw(st.lists(st.sampled_from(["won", "lost", "recycled", "disqualified"]), max_size=2))
    deliveries += [getattr(lead, end)(MONDAY + draw(AGE)) for end in ends]
    if draw(st.booleans()):
        deliveries.append(lead.released(MONDAY + draw(AGE), number=9))
    return sorted(deliveries, key=lambda event: event.occurred_at)


def in_order(life: Sequence[LeadEvent], agreement: SlaPlaybook) -> DomainHarness:
    harness = DomainHarness(MONDAY, agreement)
    for event in life:
        harness.until(event.occurred_at).apply(event)
    return harness.until(END)


def clock_run(harness: DomainHarness) -> dict[str, tuple[object, ...]]:
    """What must not depend on the order: a miss taken back is a promise kept, and what never ran is a mere record."""
    return {
        f"{clock.clock}/{clock.run}": (
            "met" if clock.state == "rescinded" else clock.state,
            clock.policy,
            clock.lead_type,
            clock.started_at,
            clock.warn_at,
            clock.due_at,
            clock.paused_until,
            clock.met_at,
            clock.closed_at,
            clock.rep_id,
            clock.team,
        )
        for clock in harness.clocks.values()
        if not (clock.state == "cancelled" and clock.closed_at == clock.started_at)
    }


def consistent(harness: DomainHarness) -> None:
    """What must hold of all that was said on the way, in any order."""
    ids = [event.ce_id for event in harness.events]
    assert len(ids) == len(set(ids)), "a level was said twice"
    for event in harness.events:
        if isinstance(event, ClockBreached | ClockEscalated):
            assert event.due_at is not None
            assert event.due_at <= event.occurred_at, "said early"
    breached = {event.clock_id for event in harness.published(ClockBreached)}
    for clock in harness.clocks.values():
        if clock.state in ("breached", "met_late", "rescinded"):
            assert clock.clock_id in breached, "a miss that was never said"
        if clock.state in ("running", "warned", "paused"):
            assert clock.due_at is None
    assert harness.next_at is None


@settings(max_examples=200, deadline=None)
@given(st.data(), lives(), AGREEMENTS)
def test_any_order_and_any_duplicates_come_to_the_same_clocks(
    data: st.DataObject, life: list[LeadEvent], agreement: SlaPlaybook
) -> None:
    """However late each event is heard and however often, and whatever timers fire in between."""
    deliveries = data.draw(st.permutations(life + data.draw(st.lists(st.sampled_from(life), max_size=5))))
    shuffled = DomainHarness(MONDAY, agreement)
    for event in deliveries:
        shuffled.until(shuffled.now + data.draw(AGE)).apply(event)
    shuffled.until(END)
    ordered = in_order(life, agreement)
    assert clock_run(shuffled) == clock_run(ordered)
    consistent(shuffled)
    consistent(ordered)


@settings(max_examples=100, deadline=None)
@given(st.data(), lives(), AGREEMENTS)
def test_what_is_known_is_a_set_and_so_are_the_clocks_and_the_events_it_comes_to(
    data: st.DataObject, life: list[LeadEvent], agreement: SlaPlaybook
) -> None:
    deliveries = data.draw(st.permutations(life + data.draw(st.lists(st.sampled_from(life), max_size=5))))
    each, other = (
        DomainHarness(END, agreement).apply_together(life),
        DomainHarness(END, agreement).apply_together(deliveries),
    )
    assert each.facts == other.facts
    later = END + days(300)
    assert each.until(later).clocks == other.until(later).clocks
    assert sorted(map(named, each.events)) == sorted(map(named, other.events))


@settings(max_examples=100, deadline=None)
@given(lives(), AGREEMENTS)
def test_in_order_every_warning_comes_before_its_miss(life: list[LeadEvent], agreement: SlaPlaybook) -> None:
    harness = in_order(life, agreement)
    for warned in [*harness.published(ClockWarned), *harness.published(ReviewOpened)]:
        missed = [event for event in harness.published(ClockBreached) if event.clock_id == warned.clock_id]
        assert all(warned.occurred_at < event.occurred_at for event in missed)


def named(event: ClockEvent) -> tuple[str, str]:
    return event.ce_type, str(event.ce_id)
