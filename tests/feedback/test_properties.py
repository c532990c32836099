"""Whatever happens, in whatever order it arrives: no dead ends, no illegal move, one side, and the same facts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid5

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from events.envelope import ContactEvent
from events.leads import LeadDisqualified, LeadLifecycle, LeadRecycled, LeadWoken
from feedback.domain.customer import STEPS
from feedback.domain.decisions import CarriedOutCommand, compute_state_at
from feedback.domain.lead import Lead
from feedback.domain.lifecycle import ENDED, OPEN, OUTCOMES, TABLE, TAKEN_BACK, fold_moves
from feedback.domain.refusals import IllegalMove, Refusal
from tests.feedback.domain_harness import RULES, STAGES, DomainHarness
from tests.feedback.lead_story import MONDAY, SPACE, LeadStory, days

YES = {"budget": True, "authority": True, "need": True, "timing": True}
FIELDS: dict[str, dict[str, Any]] = {
    "touches": {"kind": "call", "outcome": "no_answer"},
    "accept": {},
    "reject": {"reason": "wrong_territory", "context": {"country": "FR"}},
    "confirm": {"bant": YES},
    "opportunity": {"amount": 5.0},
    "won": {},
    "lost": {"reason": "competitor"},
    "recycle": {"reason": "not_ready"},
    "disqualify": {"reason": "wrong_icp"},
}
REASONS = st.sampled_from(sorted(set(RULES.reasons) - {"unreachable"}))
CONTEXT = {"employees": 3, "field": "phone"}
REPS = st.sampled_from([("ann", "bdr"), ("bob", "bdr"), ("ed", "ae")])
AGES = st.timedeltas(timedelta(), timedelta(days=80))


def has_a_way_on(lead: Lead, bench: DomainHarness) -> bool:
    """Somebody can move it, and if nobody does, something will: a timer, a date, or the contact."""
    end = lead.standing.end
    if lead.state in OPEN:
        return lead.state == "opportunity" or ("stall", lead.lead_id) in bench.timers
    if lead.state in ("won", "customer"):
        return True
    assert end is not None
    if lead.woken_at is not None or lead is not bench.contact.leads_in_cycle_order[-1]:
        return True
    if end.wake_at is not None:
        return bench.timers.get(("wake", lead.lead_id)) == end.wake_at
    return end.wakes_on in ("crossing", "engagement", "hand_raise")


class Life(RuleBasedStateMachine):
    """People, machines and time do what they like with one contact."""

    @initialize()
    def begin(self) -> None:
        self.story = LeadStory()
        self.bench = DomainHarness(self.story.contact_id, MONDAY).apply(self.story.captured(), self.story.qualified())
        self.placement = 0

    @property
    def last(self) -> Lead:
        return self.bench.contact.leads_in_cycle_order[-1]

    @rule(
        name=st.sampled_from(sorted(FIELDS)), who=REPS, reason=st.none() | REASONS, back=st.sampled_from([0, 0, 0, 3])
    )
    def somebody_commands(self, name: str, who: tuple[str, str], reason: str | None, back: int) -> None:
        """A move is carried out if and only if the table allows it where it is placed."""
        fields = dict(FIELDS[name])
        if "reason" in fields:
            fields = {"reason": reason or fields["reason"], "context": CONTEXT}
        lead, at = self.last, self.bench.now - days(back)
        then = fold_moves((move for move in lead.moves if move.at <= at), lead.roles).state
        done = self.bench.tries(lead.lead_id, name, who[0], at=at, **fields)
        if name == "touches" or (name in OUTCOMES and reason is None):
            assert isinstance(done, CarriedOutCommand)
        elif isinstance(done, CarriedOutCommand):
            assert name in TABLE[then]
        elif isinstance(done, IllegalMove):
            assert name not in TABLE[then]

    @rule(who=REPS)
    def routing_assigns(self, who: tuple[str, Any]) -> None:
        self.placement += 1
        story = replace(self.story, cycle=self.last.cycle)
        self.bench.apply(story.assigned(who[0], self.bench.now, self.placement, who[1]))

    @rule(raised=st.booleans())
    def the_contact_engages(self, raised: bool) -> None:
        self.bench.apply(self.story.captured(self.bench.now, "demo_request" if raised else "webinar_attended"))

    @rule(reason=st.sampled_from(["not_followed_up", "unreachable", "no_outcome"]))
    def the_review_decides(self, reason: str) -> None:
        self.bench.apply(replace(self.story, cycle=self.last.cycle).escalated(self.bench.now, reason))

    @rule(reason=st.sampled_from(sorted(TAKEN_BACK)))
    def routing_takes_it_back(self, reason: str) -> None:
        """It cooled in its queue, or the contact does not want to be spoken to."""
        self.placement += 1
        was_open, story = self.last.is_open, replace(self.story, cycle=self.last.cycle)
        self.bench.apply(story.released(self.bench.now, self.placement, reason))
        assert not (was_open and self.last.is_open) or reason == "cooled"

    @rule(what=st.sampled_from(["upsold", "renewed", "churned", "handed_back"]), back=st.sampled_from([0, 0, 2]))
    def customer_success_reports(self, what: str, back: int) -> None:
        """It moves the lead that won the customer if and only if the table allows it."""
        at = self.bench.now - days(back)
        won = [
            lead
            for lead in self.bench.contact.leads_in_cycle_order
            if lead.standing.won_at and lead.standing.won_at <= at
        ]
        then = compute_state_at(won[-1], at) if won else None
        found = self.bench.customer(what, at)
        assert (found.lead is not None) == (then is not None and STEPS[what] in TABLE[then])

    @rule()
    def the_contact_turns_out_to_be_another_who_has_a_lead(self) -> None:
        """The open lead of the two that is spared ends, unless it has a deal."""
        before = self.last
        self.bench.becomes(LeadStory("another").contact_id)
        assert self.last.is_open == (before.state == "opportunity")

    @precondition(lambda self: self.last.state in ENDED | {"won", "customer"} and self.last.cycle < 4)
    @rule()
    def scoring_opens_the_next_cycle(self) -> None:
        self.placement = 0
        self.bench.until(self.bench.now + timedelta(hours=1))
        self.bench.apply(LeadStory(cycle=self.last.cycle + 1, start=self.bench.now).qualified())

    @rule(by=st.sampled_from([0.5, 31.0, 100.0, 200.0]))
    def time_passes(self, by: float) -> None:
        self.bench.until(self.bench.now + days(by))

    @invariant()
    def nobody_is_in_a_dead_end(self) -> None:
        """F8: every lead has a legal move and something that will take it on."""
        for lead in self.bench.contact.leads_in_cycle_order:
            assert TABLE[lead.state]
            assert has_a_way_on(lead, self.bench)

    @invariant()
    def a_single_side_is_responsible(self) -> None:
        """D17: and it is the one that the definitions name, but for what is not handed over yet."""
        for lead in self.bench.contact.leads_in_cycle_order:
            assert lead.side == STAGES.stages[lead.state].side or (lead.state, lead.side) == ("mql", "marketing")

    @invariant()
    def a_loss_never_rests(self) -> None:
        assert all(lead.state != "lost" for lead in self.bench.contact.leads_in_cycle_order)

    @invariant()
    def each_end_was_published_and_each_wake_up_once(self) -> None:
        ends = [(event.lead_id, event.occurred_at) for event in self._ends()]
        for lead in self.bench.contact.leads_in_cycle_order:
            assert (lead.standing.end is None) or (lead.lead_id, lead.ended_at) in ends
        woken = [event.lead_id for event in self.bench.emitted(LeadWoken)]
        assert all(woken.count(lead_id) <= sum(end[0] == lead_id for end in ends) for lead_id in set(woken))

    def _ends(self) -> Sequence[LeadRecycled | LeadDisqualified]:
        return [*self.bench.emitted(LeadRecycled), *self.bench.emitted(LeadDisqualified)]

    @invariant()
    def the_last_snapshot_is_the_truth(self) -> None:
        assert self.bench.emitted(LeadLifecycle)[-1].cycles == self.bench.cycles


Life.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
test_life = Life.TestCase


@st.composite
def other_events(draw: st.DrawFn) -> list[ContactEvent]:
    """What the other services publish of two cycles of one contact."""
    first, second = LeadStory(), LeadStory(cycle=2, start=MONDAY + days(100))
    events: list[ContactEvent] = [first.captured(facts={"origin": "social"}), first.qualified()]
    for number, age in enumerate(sorted(draw(st.lists(AGES, max_size=3))), start=1):
        rep, role = draw(REPS)
        events.append(first.assigned(rep, MONDAY + age, number, role))  # type: ignore[arg-type]
    if draw(st.booleans()):
        events.append(first.upgraded(MONDAY + draw(AGES)))
    if draw(st.booleans()):
        events += [first.review_opened(MONDAY + days(60)), first.review_missed(MONDAY + days(90))]
    if draw(st.booleans()):
        events.append(first.escalated(MONDAY + days(90), draw(st.sampled_from(["no_outcome", "not_followed_up"]))))
    if draw(st.booleans()):
        events.append(first.released(MONDAY + days(85), number=9))
    for age in draw(st.lists(AGES, max_size=2, unique=True)):
        events.append(first.captured(MONDAY + days(20) + age, "demo_request", facts={"origin": "email"}))
    if draw(st.booleans()):
        events.append(second.queued(at=second.start, captured_at=second.start))
        events.append(second.qualified())
    return events


WORK = st.lists(
    st.tuples(st.sampled_from(sorted(set(FIELDS) - {"touches"})), st.floats(1, 79)),
    max_size=5,
    unique_by=lambda w: w[1],
)


def derived(bench: DomainHarness) -> Any:
    """The facts that must not depend on the order; what was published on the way may."""
    return [
        replace(
            lead, published_end=None, published_wake=None, stalls_at=None, alarm_at=None, rang_at=None,
            moves=tuple(sorted(lead.moves, key=lambda move: move.id)), roles=dict(sorted(lead.roles.items())),
        )
        for lead in bench.contact.leads_in_cycle_order
    ]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(events=other_events(), work=WORK, data=st.data())
def test_any_order_and_any_number_of_deliveries_give_the_same_facts(
    events: list[ContactEvent], work: list[tuple[str, float]], data: st.DataObject
) -> None:
    """Style, principle 4: commands that come too early are sent again, as callers do."""
    lead_id, now = LeadStory().lead_id, MONDAY + days(120)

    def life(order: Sequence[Any]) -> DomainHarness:
        bench = DomainHarness(LeadStory().contact_id, now)
        bench.apply(LeadStory().warned(MONDAY))
        refused = list(order)
        for _ in range(len(order) + 1):
            waiting, refused = refused, []
            for step in waiting:
                if isinstance(step, ContactEvent):
                    bench.apply(step)
                elif isinstance(_done(bench, step), Refusal):
                    refused.append(step)
        return bench

    def _done(bench: DomainHarness, step: tuple[str, float]) -> CarriedOutCommand | Refusal:
        bench.acts = uuid5(SPACE, f"{step}").int
        return bench.tries(lead_id, step[0], at=MONDAY + days(step[1]), **FIELDS[step[0]])

    in_cycle_order = life([*events, *sorted(work, key=lambda step: step[1])])
    accepted = [
        step for step in work if any(move.at == MONDAY + days(step[1]) for move in in_cycle_order.lead(lead_id).moves)
    ]
    shuffled = data.draw(st.permutations([*events, *data.draw(st.lists(st.sampled_from(events)))]))
    assert derived(life([*shuffled, *sorted(accepted, key=lambda step: step[1])])) == derived(in_cycle_order)
