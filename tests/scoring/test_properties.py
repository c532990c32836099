"""What holds for every history, searched by hypothesis."""

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from events.ids import derive_lead_id
from events.leads import LeadQualified, LeadUpgraded
from scoring.domain import (
    Engagement,
    History,
    LifecycleFact,
    compute_score,
    decide_contact,
    wake_up_as_engagement,
)
from scoring.domain.fit import grade_fit
from scoring.domain.readiness import ReadinessTally
from tests.scoring.builders import (
    ANN,
    FAIR,
    IDEAL,
    MODEST,
    MONDAY,
    PLAYBOOK,
    POOR,
    add,
    became,
    day,
    did,
    recycled,
    woken,
)

searched = settings(deadline=None, max_examples=100, derandomize=True)
"""The machine that runs this may be busy, and a run must not find what the run before did not."""

AGAINST = sorted({name for row in PLAYBOOK.readiness.worth if row.points < 0 for name in row.engagements})
NAMED = sorted({name for row in PLAYBOOK.readiness.worth for name in row.engagements} - {"wake_up", *AGAINST})
RAISED = list(PLAYBOOK.hand_raise.engagements)
NOW = day(61)
DAYS = st.integers(0, 120).map(lambda hours: hours / 2)

engagements = st.builds(
    did,
    st.sampled_from([*NAMED, *RAISED, "juggling"]),
    DAYS,
    name=st.uuids().map(str),
    source=st.sampled_from(["web_form", "event_scan", "referral", "chat"]),
    talk_to_sales=st.sampled_from([False] * 9 + [True]),
    facts=st.sampled_from([{}, {}, {"has_project": "yes"}]),
    content=st.sampled_from([None, "paper", "guide"]),
)
against = st.builds(did, st.sampled_from(AGAINST), DAYS, name=st.uuids().map(str))
scores_only = st.builds(did, st.sampled_from(NAMED), DAYS, name=st.uuids().map(str))
known_facts = st.fixed_dictionaries(
    {},
    optional={
        "employees": st.integers(0, 10_000_000),
        "industry": st.sampled_from(["Software", "Fishing", ""]),
        "country": st.sampled_from(["DE", "ZZ"]),
        "job_title": st.one_of(st.text(max_size=30), st.sampled_from(["CEO", "Gerente", "Werkstudent"])),
        "email_kind": st.sampled_from(["corporate", "free", "disposable", "role"]),
    },
)
profiles = st.sampled_from([IDEAL, MODEST, FAIR, POOR, {}])


def story(facts: dict[str, Any], parts: list[Any]) -> History:
    known = History(ANN)
    add(known, [did("first_seen", -1, **facts), *parts])
    return known


@searched
@given(known_facts)
def test_fit_is_the_sum_of_its_evidence(facts: dict[str, Any]) -> None:
    fit = grade_fit(facts, PLAYBOOK)
    assert fit.points == sum(line.points for line in fit.evidence)
    assert round(fit.points, 3) == fit.points
    assert 0 <= fit.points <= 100


@searched
@given(profiles, st.lists(engagements | against), st.floats(0, 400))
def test_a_score_is_the_sum_of_its_evidence_at_any_instant(
    facts: dict[str, Any], parts: list[Engagement], at: float
) -> None:
    found = compute_score(story(facts, parts), PLAYBOOK, day(at))
    for axis in (found.fit, found.readiness):
        assert axis.points == sum(line.points for line in axis.evidence)
        assert axis.points == sum(line.points for line in reversed(axis.evidence))
        assert all(round(line.points, 3) == line.points for line in axis.evidence)
    assert found.readiness.level == PLAYBOOK.common_thresholds.level_for(found.readiness.points)
    by_points, limits = (
        PLAYBOOK.common_thresholds.grade_for(found.fit.points),
        [line.note for line in found.fit.evidence if line.note],
    )
    assert (found.fit.grade, limits) in [(by_points, []), (found.fit.grade, [f"at most {found.fit.grade}"])]
    assert found.fit.grade >= by_points


@searched
@given(st.lists(engagements), st.floats(0, 1000), st.floats(0, 1000))
def test_decay_never_raises(parts: list[Engagement], each: float, other: float) -> None:
    tally = ReadinessTally(PLAYBOOK.readiness, sorted(parts, key=lambda part: part.sort_key))
    early, late = sorted((day(60 + each), day(60 + other)))
    assert tally.points_at(early) >= tally.points_at(late)


@searched
@given(st.lists(engagements | against, min_size=1), st.floats(1, 100))
def test_the_fall_below_a_line_is_exact(parts: list[Engagement], line: float) -> None:
    tally = ReadinessTally(PLAYBOOK.readiness, sorted(parts, key=lambda part: part.sort_key))
    start = tally.last_at or day(60)
    falls = tally.find_fall_below(line, since=start)
    assert falls is not None
    assert tally.points_at(falls) < line
    assert falls == start or tally.points_at(falls - timedelta(microseconds=1)) >= line


RANK = {"excluded": 0, "poor_fit": 1, "nurture": 2, "mql": 3, "hand_raiser": 4}


@searched
@given(profiles, st.lists(engagements, max_size=8), engagements)
def test_one_more_engagement_never_makes_less_of_a_contact(
    facts: dict[str, Any], parts: list[Engagement], more: Engagement
) -> None:
    before, after = (compute_score(story(facts, known), PLAYBOOK, day(61)) for known in (parts, [*parts, more]))
    assert after.readiness.points >= before.readiness.points
    assert RANK[after.outcome] >= RANK[before.outcome]


@searched
@given(known_facts, st.sampled_from(sorted(IDEAL.keys() - {"email_domain"})))
def test_a_fact_that_turns_out_well_never_lowers_a_grade(facts: dict[str, Any], fact: str) -> None:
    assert grade_fit({**facts, fact: IDEAL[fact]}, PLAYBOOK).points >= grade_fit(facts, PLAYBOOK).points


@searched
@given(known_facts)
def test_a_missing_fact_would_change_the_grade_as_it_says(facts: dict[str, Any]) -> None:
    found = compute_score(story(facts, []), PLAYBOOK, day(0))
    for missing in found.missing:
        assert missing.fact not in facts or not isinstance(facts[missing.fact], int)
        better = grade_fit({**facts, missing.fact: IDEAL[missing.fact]}, PLAYBOOK)
        assert better.grade == missing.would_become < found.fit.grade


def derived(known: History) -> dict[int, Any]:
    """What is true of the cycles, apart from when it was said."""
    return {
        cycle: (lead.lead_type, lead.opened_at, lead.engagement_id, lead.ended_at, lead.by_request)
        for cycle, lead in known.leads.items()
    }


def live(facts: dict[str, Any], batches: list[list[Engagement | LifecycleFact]]) -> tuple[History, list[Any]]:
    """Apply batches and keep what is decided, as the store does. Nobody ends a lead before it was published."""
    known, events, waiting = story(facts, []), [], []
    for batch in batches:
        waiting += batch
        while ready := [part for part in waiting if not isinstance(part, LifecycleFact) or part.cycle in known.leads]:
            waiting = [part for part in waiting if part not in ready]
            add(known, ready)
            verdict = decide_contact(known, PLAYBOOK, now=NOW, version="v")
            known.leads.update({lead.cycle: lead for lead in verdict.leads})
            events += verdict.events
            assert decide_contact(known, PLAYBOOK, now=NOW, version="v").events == []
    return known, events


@st.composite
def arrivals(
    draw: st.DrawFn,
) -> tuple[dict[str, Any], list[Engagement | LifecycleFact], list[list[Engagement | LifecycleFact]]]:
    """A profile, a history whose cycles end after they began, and batches, out of order and doubled, of it all."""
    facts = draw(profiles)
    parts: list[Engagement | LifecycleFact] = list(draw(st.lists(engagements, max_size=7)))
    if draw(st.booleans()):
        parts.append(wake_up_as_engagement(woken(draw(DAYS))))
    for cycle in range(1, draw(st.integers(0, 2)) + 1):
        opened = live(facts, [parts])[0].leads.get(cycle)
        if opened is not None:
            first = (opened.opened_at - MONDAY) / timedelta(days=1)
            parts += became(recycled(draw(st.floats(first, 61)), cycle))
    again = draw(st.lists(st.sampled_from(parts), max_size=4)) if parts else []
    shuffled = draw(st.permutations([*parts, *again]))
    cuts = draw(st.lists(st.integers(1, 3), max_size=len(shuffled)))
    batches = []
    for size in [*cuts, len(shuffled)]:
        batches.append(shuffled[:size])
        shuffled = shuffled[size:]
    return facts, parts, [batch for batch in batches if batch]


Arrived = tuple[dict[str, Any], list[Engagement | LifecycleFact], list[list[Engagement | LifecycleFact]]]


@searched
@given(arrivals())
def test_order_and_duplicates_change_no_derived_fact(arrived: Arrived) -> None:
    facts, parts, batches = arrived
    at_once, _ = live(facts, [parts])
    bit_by_bit, _ = live(facts, batches)
    assert derived(bit_by_bit) == derived(at_once)
    for at in (0, 20, 61, 90):
        each, other = compute_score(at_once, PLAYBOOK, day(at)), compute_score(bit_by_bit, PLAYBOOK, day(at))
        assert (each.fit, each.readiness.points, each.outcome) == (other.fit, other.readiness.points, other.outcome)


@searched
@given(arrivals())
def test_a_lead_is_published_once_a_cycle_and_once_a_stronger_type(arrived: Arrived) -> None:
    """Q6."""
    known, events = live(arrived[0], arrived[2])
    qualified = [event for event in events if isinstance(event, LeadQualified)]
    assert [event.lead_id for event in sorted(qualified, key=lambda each: each.cycle)] == [
        derive_lead_id(ANN, cycle) for cycle in sorted(known.leads)
    ]
    upgrades = [(event.lead_id, event.lead_type) for event in events if isinstance(event, LeadUpgraded)]
    assert len(upgrades) == len(set(upgrades))


@searched
@given(profiles, st.lists(scores_only, max_size=12))
def test_a_score_alone_makes_one_lead_until_its_cycle_ends(facts: dict[str, Any], parts: list[Engagement]) -> None:
    """Q6: once per crossing, however the score moves."""
    known = story(facts, [])
    published = 0
    for part in sorted(parts, key=lambda each: each.sort_key):
        add(known, [part])
        verdict = decide_contact(known, PLAYBOOK, now=part.occurred_at, version="v")
        known.leads.update({lead.cycle: lead for lead in verdict.leads})
        published += sum(isinstance(event, LeadQualified) for event in verdict.events)
    assert published == len(known.leads) <= 1
