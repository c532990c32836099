"""The funnel's sums: what a lead adds, what is taken away when it changes, and what the rates say of them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.envelope import ContactEvent
from events.intervals import compute_wilson_interval
from feedback.domain import funnel_report as report
from feedback.domain.credit import MODELS, DealTimes, find_credit_end, find_deal_times, split_credit, sum_credit
from feedback.domain.diagram import draw_mermaid, write_lifecycle_page
from feedback.domain.funnel import EPOCH, MEASURES, FunnelChanges, FunnelRow, Key
from feedback.domain.lead import Touchpoint
from feedback.domain.lifecycle import TABLE
from feedback.domain.rates import (
    VersionVolume,
    compute_quantile,
    compute_rate,
    find_dips,
    find_loosened_versions,
    find_period_end,
    wilson_interval,
)
from tests.feedback.domain_harness import STAGES, DomainHarness
from tests.feedback.lead_story import MONDAY, LeadStory, days
from tests.feedback.test_properties import FIELDS, WORK, other_events

DAY = MONDAY.date()


def funnel() -> FunnelChanges:
    return FunnelChanges(7.0, STAGES.stage_names)


def counted(rows: dict[Key, list[float]]) -> dict[Key, dict[str, float]]:
    """The rows that say anything, by the names of their columns."""
    named = {
        key: {n: round(v, 6) for n, v in zip(MEASURES, row, strict=True) if round(v, 6)} for key, row in rows.items()
    }
    return {key: row for key, row in named.items() if row}


NARROWER = (
    ("leads", "accepted"), ("accepted", "sal"), ("sal", "sql"), ("sal", "opportunity"), ("sal", "won"), ("sql", "sqo"),
    ("sql", "sql_of_sal"), ("sql_of_sal", "sql"),
)  # fmt: skip
"""Each count beside one that it cannot exceed."""


@settings(max_examples=100, deadline=None)
@given(events=other_events(), work=WORK)
def test_nobody_gets_further_than_sal_without_being_counted_there(
    events: list[ContactEvent], work: list[tuple[str, float]]
) -> None:
    """14.16: in every row of the funnel, and in what was ever reached, whatever was skipped on the way."""
    bench, kept = DomainHarness(LeadStory().contact_id, MONDAY + days(120)), funnel()
    bench.apply(*events)
    for name, age in work:
        bench.tries(LeadStory().lead_id, name, "ann", at=MONDAY + days(age), **FIELDS[name])
    for lead in bench.contact.leads_in_cycle_order:
        kept.count_lead(lead, bench.contact.origin)
    reached: dict[str, float] = {}
    for (dimension, group, _, _), row in kept.rows.items():
        found = dict(zip(MEASURES, row, strict=True))
        assert all(found[wide] >= found[narrow] for wide, narrow in NARROWER), (dimension, group, found)
        if dimension == "reached":
            reached[group] = reached.get(group, 0.0) + found["leads"]
    sal = reached.get("sal", 0.0)
    assert sal >= max(reached.get(name, 0.0) for name in ("sql", "opportunity", "won"))
    assert reached.get("qualified", 0.0) >= reached.get("accepted", 0.0) >= sal


@pytest.mark.parametrize("step", ["opportunity", "won"])
def test_an_outcome_of_a_lead_that_nobody_accepted_makes_it_sal(step: str) -> None:
    """The rep opened the deal at once; a later loss takes the win back, and with it that it ever got so far."""
    lead, bench = LeadStory(), DomainHarness(LeadStory().contact_id, MONDAY + days(9))
    bench.apply(lead.qualified(), lead.assigned())
    bench.tries(lead.lead_id, step, "ann", at=MONDAY + days(1), **FIELDS[step])
    at = bench.lead(lead.lead_id).standing
    assert at.sal_at == at.accepted_at == MONDAY + days(1)
    assert at.confirmed_at is None
    bench.tries(lead.lead_id, "lost", "ann", at=MONDAY + days(2), **FIELDS["lost"])
    assert (bench.lead(lead.lead_id).standing.sal_at is None) == (step == "won")


@settings(max_examples=100, deadline=None)
@given(events=other_events(), work=WORK, data=st.data())
def test_what_is_kept_step_by_step_is_what_counting_anew_would_give(
    events: list[ContactEvent], work: list[tuple[str, float]], data: st.DataObject
) -> None:
    """A1: in any order of arrival; each change takes away what was there and adds what is there now."""
    bench, kept = DomainHarness(LeadStory().contact_id, MONDAY + days(120)), funnel()
    bench.apply(LeadStory().warned(MONDAY))
    before = bench.contact
    kept.count_lead(before.leads_in_cycle_order[0], before.origin)
    order: Sequence[Any] = data.draw(st.permutations([*events, *work]))
    for step in order:
        before = bench.contact
        if isinstance(step, ContactEvent):
            bench.apply(step)
        else:
            bench.tries(LeadStory().lead_id, step[0], at=MONDAY + days(step[1]), **FIELDS[step[0]])
        for lead in before.leads_in_cycle_order:
            kept.count_lead(lead, before.origin, -1)
        for lead in bench.contact.leads_in_cycle_order:
            kept.count_lead(lead, bench.contact.origin)
    anew = funnel()
    for lead in bench.contact.leads_in_cycle_order:
        anew.count_lead(lead, bench.contact.origin)
    assert counted(kept.rows) == counted(anew.rows)


TOUCHES = st.lists(
    st.tuples(st.integers(0, 400), st.sampled_from(["ads", "mail", None]), st.sampled_from(["spring", None])),
    min_size=1,
    max_size=12,
).map(lambda drawn: [Touchpoint(MONDAY + days(at), s, c) for at, s, c in sorted(drawn, key=lambda each: each[0])])
INSTANT = st.none() | st.integers(-10, 500).map(lambda n: MONDAY + days(n))


@given(path=TOUCHES, qualified=INSTANT, opened=INSTANT, half_life=st.floats(0.01, 365))
def test_the_shares_of_a_deal_sum_to_one(
    path: list[Touchpoint], qualified: datetime | None, opened: datetime | None, half_life: float
) -> None:
    """Whatever the model, whoever touched when."""
    deal = DealTimes(qualified, opened, half_life)
    for model in MODELS:
        found = split_credit(path, model, deal)
        assert sum(found) == pytest.approx(1.0)
        assert min(found) >= 0.0
        for by in ("source", "campaign"):
            assert sum(sum_credit(path, model, deal, by).values()) == pytest.approx(1.0)


def test_each_model_thanks_whom_it_says() -> None:
    path = [Touchpoint(MONDAY + days(n), name, None) for n, name in enumerate("abcde")]
    deal = DealTimes(MONDAY + days(2), MONDAY + days(3.5), half_life_days=1.0)
    assert sum_credit(path, "first", deal, "source")["a"] == 1.0
    assert sum_credit(path, "last", deal, "source")["e"] == 1.0
    assert split_credit(path, "linear", deal) == [0.2] * 5
    assert split_credit(path, "u_shaped", deal) == pytest.approx([0.4, 0.2 / 3, 0.4, 0.2 / 3, 0.2 / 3])
    assert split_credit(path, "w_shaped", deal) == pytest.approx([0.3, 0.05, 0.3, 0.3, 0.05])
    decayed = split_credit(path, "time_decay", deal)
    assert all(b == pytest.approx(2 * a) for a, b in pairwise(decayed))
    assert split_credit(path[:1], "w_shaped", deal) == [1.0]


def test_a_won_lead_counts_in_every_stage_and_in_its_sources_credit() -> None:
    """A6, A10, D13."""
    story = LeadStory()
    bench = DomainHarness(story.contact_id, MONDAY + days(9)).apply(
        story.captured(), story.qualified(), story.assigned()
    )
    for n, (name, fields) in enumerate([("accept", {"role": "ae"}), ("confirm", FIELDS["confirm"])], start=1):
        bench.does(story.lead_id, name, at=MONDAY + days(n), **fields)
    bench.does(story.lead_id, "opportunity", at=MONDAY + days(3), amount=50)
    lead = bench.lead(story.lead_id)
    assert (lead.stage(STAGES.stages), lead.stage(["mql"]), find_credit_end(lead)) == (
        "sqo",
        "opportunity",
        MONDAY + days(3),
    )
    bench.does(story.lead_id, "won", at=MONDAY + days(8), amount=70)
    won = bench.lead(story.lead_id).with_facts(path=(Touchpoint(MONDAY, "ads", "spring"),))
    assert find_deal_times(won, 7).opportunity_at == MONDAY + days(3)
    page = funnel()
    page.count_lead(won, "social")
    rows = counted(page.rows)
    row = rows["origin", "social", DAY, "mql"]
    assert (row["won"], row["won_of_sqo"], row["revenue"], row["sql_of_sal"], "pipeline" in row) == (1, 1, 70, 1, False)
    assert (row["seconds_mql"], row["seconds_sal"], row["seconds_opportunity"]) == (86_400, 86_400, 5 * 86_400)
    assert rows["days_to_won", "8", DAY, "mql"] == {"leads": 1}
    assert rows["credit:source:w_shaped", "ads", DAY, "mql"] == {"opportunity": 1, "won": 1, "revenue": 70}
    assert rows["stage", "won", EPOCH, ""] == {"leads": 1}


def test_an_erased_lead_stays_in_the_counts_and_is_open_no_more() -> None:
    story = LeadStory()
    bench = DomainHarness(story.contact_id, MONDAY).apply(story.captured(), story.qualified())
    bench.does(story.lead_id, "opportunity", amount=9)
    page = funnel()
    page.count_lead(bench.lead(story.lead_id), None, -1)
    page.count_lead(bench.lead(story.lead_id), None, erased=True)
    rows = counted(page.rows)
    assert rows["all", "", DAY, "mql"] == {"open": -1, "pipeline": -9}
    assert rows["stage", "erased", EPOCH, ""] == {"leads": 1}


def test_kinds_of_leads_are_counted_apart() -> None:
    """The headline leaves out hand-raisers and the re-qualified."""
    page = funnel()
    for n, (lead_type, cycle) in enumerate([("content", 1), ("fast_track", 1), ("content", 2), ("customer", 1)]):
        story = LeadStory(f"c{n}", cycle)
        bench = DomainHarness(story.contact_id, MONDAY).apply(story.qualified(lead_type=lead_type))
        page.count_lead(bench.lead(story.lead_id), None)
    page.count_occurrences("topic", "price", DAY)
    page.count_in_stage("suspect", 1)
    page.count_in_stage(None, 1)
    kinds = {key[3] for key in page.rows if key[0] == "all"}
    assert kinds == {"mql", "hand_raisers", "requalified", "customers"}
    rows = [FunnelRow("", None, key[3], *row) for key, row in page.rows.items() if key[0] == "all"]
    nobody = FunnelRow(kind="nobody")
    found = report.compute_headline_rates([*rows, nobody], rows[:1], (DAY, DAY + days(90)), DAY + days(30))
    assert set(found) == kinds
    mature = found["mql"]["mature"]
    assert mature is not None
    assert mature["qualified"] == 1
    assert found["customers"]["mature"] is None
    assert mature["lists"]["sql"].endswith("counted=sql&kind=mql&first=2026-03-02&last=2026-04-01")


def test_a_cold_or_new_lead_is_so_by_rule() -> None:
    """F15."""
    story = LeadStory()
    bench = DomainHarness(story.contact_id, MONDAY).apply(story.captured(), story.qualified())
    lead = bench.lead(story.lead_id)
    assert lead.is_new()
    assert not lead.is_cold(MONDAY + days(29), MONDAY, days(30))
    assert lead.is_cold(MONDAY + days(30), MONDAY, days(30))
    bench.now = MONDAY + days(20)
    bench.does(story.lead_id, "touches", kind="call", outcome="stalled", at=MONDAY + days(20))
    bench.does(story.lead_id, "touches", kind="call", outcome="welcomed", at=MONDAY + days(10))
    bench.does(story.lead_id, "touches", kind="call", outcome="no_answer", at=MONDAY + days(20))
    touched = bench.lead(story.lead_id)
    assert (touched.answered_at, touched.is_new()) == (MONDAY + days(20), False)
    assert not touched.is_cold(MONDAY + days(49), MONDAY, days(30))
    assert touched.is_cold(MONDAY + days(50), MONDAY, days(30))


@pytest.mark.parametrize(("part", "whole", "low", "high"), [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634)])
def test_intervals_are_wilsons(part: int, whole: int, low: float, high: float) -> None:
    """Against published values: 0 of 10 and 5 of 10."""
    assert wilson_interval(part, whole) == pytest.approx([low, high], abs=1e-4)
    assert (wilson_interval(0, 0), compute_wilson_interval(0, 0), compute_rate(1, 0)) == (None, None, None)


@given(whole=st.integers(1, 10_000), data=st.data())
def test_an_interval_holds_its_rate(whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    found = compute_wilson_interval(part, whole)
    assert found is not None
    assert 0.0 <= found[0] <= part / whole + 1e-12
    assert part / whole - 1e-12 <= found[1] <= 1.0


SPANS = (date(2026, 1, 5), date(2026, 2, 1)), (date(2025, 9, 15), date(2026, 1, 4))


def test_a_dip_is_flagged_when_chance_does_not_explain_it() -> None:
    """A4: per step, and only with enough leads on both sides."""
    before = FunnelRow(leads=400.0, sql=120.0)
    assert [dip.step for dip in find_dips(FunnelRow(leads=100.0, sql=10.0), before, 30, SPANS)] == ["mql_to_sql"]
    assert find_dips(FunnelRow(leads=100.0, sql=28.0), before, 30, SPANS) == []
    assert find_dips(FunnelRow(leads=10.0), before, 30, SPANS) == []


def test_thresholds_loosened_near_a_periods_end_are_flagged() -> None:
    """A7: more leads a day, or of worse fit, from a version begun shortly before the quarter was over."""
    old = VersionVolume("a", date(2026, 1, 1), date(2026, 3, 19), 78.0, 7.0)
    loose = VersionVolume("b", date(2026, 3, 20), date(2026, 3, 29), 20.0, 2.0)
    worse = VersionVolume("c", date(2026, 3, 20), date(2026, 3, 29), 10.0, 5.0)
    early = VersionVolume("d", date(2026, 2, 1), date(2026, 3, 29), 999.0, 500.0)
    (found,) = find_loosened_versions([loose, old], months=3, near_days=14, more=1.2)
    assert (found.version, found.before, found.period_ends, found.a_day) == ("b", "a", date(2026, 3, 31), 2.0)
    assert [each.version for each in find_loosened_versions([old, worse], months=3, near_days=14, more=1.2)] == ["c"]
    assert find_loosened_versions([old, early], months=3, near_days=14, more=1.2) == []
    assert find_loosened_versions([old, loose], months=3, near_days=14, more=3.0) == []
    assert (find_period_end(date(2026, 12, 1), 1), find_period_end(date(2026, 2, 3), 12)) == (date(2026, 12, 31),) * 2


def test_quantiles_come_from_the_counts() -> None:
    assert compute_quantile({14: 2.0, -1: 1.0, 30: 1.0}, 0.5) == 14
    assert compute_quantile({}, 0.5) is None


def test_stages_are_worth_what_their_leads_brought() -> None:
    """D18, Q19: an owner and a target each, as a share of revenue."""
    whole = FunnelRow(leads=10.0, won=1.0, revenue=1000.0, left_mql=2.0, seconds_mql=172_800.0)
    stages = {
        stage["stage"]: stage
        for stage in report.make_stage_lines(STAGES.stages, {"mql": 4, "suspect": 7}, {"mql": 2}, whole)
    }
    mql = stages["mql"]
    assert (mql["leads"], mql["stuck"], mql["stuck_days"], mql["days_in_stage"]) == (4, 2, 60, 1.0)
    assert (mql["revenue_per_lead"], mql["expected_revenue"], mql["share_of_revenue"]) == (100.0, 400.0, 0.4)
    assert (stages["suspect"]["leads"], stages["suspect"]["expected_revenue"]) == (7, None)
    assert report.compute_costs(whole, 500.0)["qualified"] == 50.0
    assert report.compute_costs(whole, 500.0)["sql"] is None


def test_the_diagram_draws_every_move_of_the_table() -> None:
    """The picture in the docs is the table's own."""
    drawn = draw_mermaid(STAGES.stages)
    for state, steps in TABLE.items():
        for step, targets in steps.items():
            for to in targets:
                (line,) = [line for line in drawn.splitlines() if line.startswith(f"    {state} --> {to}:")]
                assert step in line.partition(": ")[2].split(", ")
    few = draw_mermaid(TABLE)
    assert "suspect" not in few
    assert "erased" not in few
    assert "| mql | accept | accepted or sal | a rep |" in write_lifecycle_page(STAGES)


def test_what_a_contact_is_before_it_is_a_lead_is_configured() -> None:
    """D3: suspect and prospect, each only if the definitions name it."""
    story = LeadStory()
    bench = DomainHarness(story.contact_id, MONDAY)
    assert bench.apply(story.captured()).contact.stage == "suspect"
    assert bench.apply(story.captured(MONDAY + timedelta(hours=1))).contact.stage == "prospect"
    assert bench.apply(story.qualified()).contact.stage is None
