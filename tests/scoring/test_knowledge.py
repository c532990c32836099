"""Fit is judged by the best knowledge there is, readiness by when things happened; a published grade is corrected."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from events.leads import LeadCooled, LeadQualified, LeadRegraded
from scoring.domain import (
    Engagement,
    History,
    Verdict,
    compute_score,
    decide_contact,
    learned_facts_as_engagement,
)
from scoring.domain.knowledge import choose_best_facts, choose_best_facts_with_sources
from tests.scoring.builders import ANN, FAIR, IDEAL, MODEST, PLAYBOOK, POOR, add, day, did, history, playbook_with
from tests.scoring.test_properties import searched

BAKERY: dict[str, Any] = {"employees": 2, "industry": "Bakery", "country": "ZZ", "job_title": "Baker"}


def learned(at: float, source: str = "sales", **facts: Any) -> Engagement:
    return learned_facts_as_engagement(UUID(int=int(at * 100) + hash(source) % 1000), ANN, source, day(at), facts)


def decided(known: History, now: float = 0, **options: Any) -> Verdict:
    verdict = decide_contact(known, options.pop("playbook", PLAYBOOK), now=day(now), version="v", **options)
    known.leads.update({lead.cycle: lead for lead in verdict.leads})
    return verdict


def test_a_late_scan_of_a_known_bakery_is_no_lead() -> None:
    """Its fit is known to be D, whatever was known when it was scanned."""
    known = history(did("social", 2, **BAKERY), did("event_scan", 0, facts={"has_project": "yes"}, received_at=day(3)))
    assert decided(known, 3).events == []
    found = compute_score(known, PLAYBOOK, day(3))
    assert (found.fit.grade, found.outcome, found.readiness.level) == ("D", "poor_fit", 1)


def test_facts_learned_later_make_a_lead_of_what_happened_before() -> None:
    known = history(did("colleagues_invited", 0, **FAIR))
    assert decided(known).events == []
    known.add_engagement(did("social", 2, country="DE", industry="Software"))
    (event,) = decided(known, 2).events
    assert isinstance(event, LeadQualified)
    assert (event.fit, event.engagement, event.captured_at) == ("A", "colleagues_invited", day(2))
    prompt = history(did("colleagues_invited", 0, **IDEAL), did("social", 2, company="Example"))
    (event,) = decided(prompt, 2).events
    assert isinstance(event, LeadQualified)
    assert event.captured_at == day(0), "the fit was known when it happened"


def test_a_decision_that_the_rules_made_necessary_is_dated_by_them() -> None:
    (event,) = decided(history(did("colleagues_invited", 0, **IDEAL)), 3, since=day(2)).events
    assert isinstance(event, LeadQualified)
    assert event.captured_at == day(2)
    (event,) = decided(history(did("demo_request", 0, **IDEAL)), 3, since=day(2)).events
    assert isinstance(event, LeadQualified)
    assert event.captured_at == day(2)


def test_sales_outrank_forms_and_forms_outrank_imports() -> None:
    known = history(
        did("social", 0, employees=200, source="web_form"),
        learned(1, employees=3),
        did("social", 2, employees=500, source="web_form"),
        did("social", 3, employees=9000, industry="Fishing", source="import"),
    )
    facts = choose_best_facts_with_sources(known.engagements_in_order(), PLAYBOOK)
    assert {name: (fact.value, fact.source, fact.at) for name, fact in facts.items()} == {
        "employees": (3, "sales", day(1)),
        "industry": ("Fishing", "import", day(3)),
    }
    assert choose_best_facts(known.engagements_in_order(), PLAYBOOK) == {"employees": 3, "industry": "Fishing"}
    known.add_engagement(learned(4, employees=None))
    assert choose_best_facts(known.engagements_in_order(), PLAYBOOK)["employees"] == 500, (
        "withdrawn: the form counts again"
    )


def test_a_source_that_is_not_sure_does_not_count() -> None:
    unsure = learned(1, "enrichment", employees=3, **{"learned.confidence": 0.3})
    sure = learned(2, "enrichment", industry="Software", **{"learned.confidence": 0.9})
    known = history(did("social"), unsure, sure)
    assert choose_best_facts(known.engagements_in_order(), PLAYBOOK) == {"industry": "Software"}
    assert set(choose_best_facts_with_sources(known.engagements_in_order(), PLAYBOOK)) == {"industry"}


def test_a_published_lead_is_corrected_by_a_further_event_and_cools_without_a_line() -> None:
    known = history(did("colleagues_invited", 0, **MODEST))
    decided(known)
    known.add_engagement(learned(1, **POOR))
    regraded, cooled = decided(known, 1).events
    assert isinstance(regraded, LeadRegraded)
    assert (regraded.previous_fit, regraded.fit, regraded.outcome, regraded.revision) == ("B", "D", "poor_fit", 1)
    assert (regraded.employees, regraded.job_title) == (3, "Cook")
    assert regraded.because[0].why == "Fit was B and is D: by what was learned since."
    assert {reason.rule for reason in regraded.because[1:]} >= {"employees", "job_title"}
    assert isinstance(cooled, LeadCooled)
    assert (cooled.occurred_at, cooled.because[0].why) == (day(1), "Fit D is no lead by its score.")
    known.add_engagement(learned(2, "sales", **dict.fromkeys(POOR)))
    (back,) = decided(known, 2).events
    assert isinstance(back, LeadRegraded)
    assert (back.previous_fit, back.fit, back.outcome, back.revision) == ("D", "B", "mql", 2)
    assert decided(known, 2).events == []


def test_a_lead_by_request_is_regraded_and_stays() -> None:
    known = history(did("demo_request", 0, **IDEAL))
    decided(known)
    known.add_engagement(learned(1, **POOR))
    (event,) = decided(known, 1).events
    assert isinstance(event, LeadRegraded)
    assert event.outcome == "poor_fit"
    known.add_engagement(learned(2, **MODEST))
    (event,) = decided(known, 2).events
    assert isinstance(event, LeadRegraded)
    assert event.outcome == "hand_raiser"


def test_a_customers_lead_stays_a_customers() -> None:
    known = history(did("demo_request", 0, **IDEAL), accounts={"example.com": "customer"})
    decided(known)
    known.add_engagement(learned(1, **{**POOR, "email_domain": "example.com"}))
    (event,) = decided(known, 1).events
    assert isinstance(event, LeadRegraded)
    assert event.outcome == "customer"


def test_new_rules_regrade_as_well_and_say_so() -> None:
    known = history(did("colleagues_invited", 0, **MODEST))
    decided(known)
    fit = {**PLAYBOOK.fit.model_dump(by_alias=True), "grades": {"A": 60, "B": 50, "C": 35}}
    (event,) = decided(known, 1, playbook=playbook_with(fit=fit)).events
    assert isinstance(event, LeadRegraded)
    assert (event.fit, event.because[0].why) == ("A", "Fit was B and is A: by the rules in force now.")


def test_a_stricter_rule_cools_from_its_own_instant_on() -> None:
    known = history(did("colleagues_invited", 0, **IDEAL))
    decided(known)
    strict = PLAYBOOK.with_strictness("strict")
    (event,) = decided(known, 3, playbook=strict, since=day(2)).events
    assert isinstance(event, LeadCooled)
    assert event.occurred_at == day(2)


def test_a_published_grade_that_was_never_noted_counts_as_the_leads_own() -> None:
    known = history(did("colleagues_invited", 0, **IDEAL))
    decided(known)
    (lead,) = known.leads.values()
    lead.graded_as = None
    assert decided(known).events == []


def test_learned_facts_are_no_sign_of_the_person() -> None:
    known = history(did("colleagues_invited", 0, **FAIR), learned(1, **IDEAL))
    (event,) = decided(known, 1).events
    assert isinstance(event, LeadQualified)
    assert event.engagement == "colleagues_invited"
    assert [each.engagement for each in event.timeline] == ["colleagues_invited"]
    assert compute_score(known, PLAYBOOK, day(1)).readiness.points < 35


SOURCES = st.sampled_from(["web_form", "import", "sales", "event_scan"])
VALUES = st.sampled_from([IDEAL, MODEST, FAIR, POOR, BAKERY, {}, dict.fromkeys(POOR)])
ARRIVALS = st.lists(
    st.tuples(
        st.sampled_from(["colleagues_invited", "webinar_attended", "social", "facts_learned", "demo_request"]),
        st.integers(0, 60),
        SOURCES,
        VALUES,
    ),
    min_size=1,
    max_size=7,
    unique_by=lambda part: part[1],
)


def _part(kind: str, at: int, source: str, facts: dict[str, Any]) -> Engagement:
    if kind == "facts_learned":
        return learned_facts_as_engagement(UUID(int=at), ANN, source, day(at), facts)
    return did(kind, at, source=source, **{name: value for name, value in facts.items() if value is not None})


@searched
@given(ARRIVALS, st.randoms(use_true_random=False))
def test_whatever_the_order_of_arrival_the_last_published_grade_is_that_of_the_best_knowledge(
    arrived: list[Any], random: Any
) -> None:
    """With facts that arrive late and out of order, corrected and withdrawn."""
    parts = [_part(*part) for part in arrived]
    at_once = History(ANN)
    add(at_once, parts)
    expected = compute_score(at_once, PLAYBOOK, day(61))
    random.shuffle(parts)
    known, graded = History(ANN), dict[int, str]()
    for part in parts:
        known.add_engagement(part)
        for event in decided(known, 61).events:
            if isinstance(event, LeadQualified | LeadRegraded):
                graded[event.cycle] = event.fit
        assert decided(known, 61).events == [], "the same again publishes nothing"
    found = compute_score(known, PLAYBOOK, day(61))
    assert (found.fit, found.readiness) == (expected.fit, expected.readiness)
    assert found.known == expected.known
    assert all(fit == found.fit.grade for fit in graded.values())
    assert all(lead.fit == found.fit.grade for lead in known.leads.values())


@searched
@given(ARRIVALS)
def test_readiness_knows_nothing_of_facts(arrived: list[Any]) -> None:
    with_facts = history(*(_part(*part) for part in arrived))
    without = history(*(_part(kind, at, "web_form", {}) for kind, at, _, _ in arrived))
    for at in (20, 61):
        points = [compute_score(each, PLAYBOOK, day(at)).readiness.points for each in (with_facts, without)]
        assert points[0] == points[1]


def test_two_facts_of_one_instant_are_settled_by_their_ids() -> None:
    first = learned_facts_as_engagement(UUID(int=1), ANN, "sales", day(0), {"employees": 1})
    second = learned_facts_as_engagement(UUID(int=2), ANN, "sales", day(0) + timedelta(0), {"employees": 2})
    assert choose_best_facts(history(first, second).engagements_in_order(), PLAYBOOK) == choose_best_facts(
        history(second, first).engagements_in_order(), PLAYBOOK
    )
