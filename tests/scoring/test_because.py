"""Every outcome says why: the rule by name, the cell, what blocks it and until when, who overrode it, what keeps it."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from events.leads import LeadCooled, LeadQualified, LeadUpgraded, OutcomeReason
from scoring.domain import (
    Engagement,
    History,
    LifecycleFact,
    Verdict,
    compute_score,
    decide_contact,
    override_as_engagement,
    wake_up_as_engagement,
)
from scoring.domain.from_events import later_request_as_engagement
from tests.scoring.builders import (
    ANN,
    FAIR,
    IDEAL,
    MODEST,
    PLAYBOOK,
    POOR,
    became,
    captured,
    day,
    did,
    disqualified,
    history,
    playbook_with,
    recycled,
    touched,
    woken,
)

TRIAL = "colleagues_invited"


def decided(known: History, now: float = 0, playbook: Any = PLAYBOOK) -> Verdict:
    verdict = decide_contact(known, playbook, now=day(now), version="v")
    known.leads.update({lead.cycle: lead for lead in verdict.leads})
    return verdict


def reasons(known: History, at: float = 0, playbook: Any = PLAYBOOK) -> list[tuple[str, str | None]]:
    return [(reason.kind, reason.rule) for reason in because(known, at, playbook)]


def because(known: History, at: float = 0, playbook: Any = PLAYBOOK) -> list[OutcomeReason]:
    return compute_score(known, playbook, day(at)).because


def lead_of(*parts: Engagement | LifecycleFact, now: float = 0) -> History:
    known = history(*parts)
    decided(known, now)
    return known


@pytest.mark.parametrize(
    ("facts", "rule", "kind"),
    [
        ({**IDEAL, "job_title": "Student"}, "student or job seeker", "prospect"),
        ({**IDEAL, "email_kind": "disposable"}, "disposable e-mail", "prospect"),
        (IDEAL, "competitor", "competitor"),
        (IDEAL, "own employee", "own"),
        (IDEAL, "customer", "customer"),
    ],
)
def test_a_hard_rule_is_named(facts: dict[str, Any], rule: str, kind: str) -> None:
    known = history(did(TRIAL, **facts), accounts={"example.com": kind})
    found = because(known)
    assert (found[0].kind, found[0].rule) == ("hard_rule", rule)
    assert rule in found[0].why


def test_an_excluded_request_says_that_it_was_one() -> None:
    known = history(did("demo_request", **IDEAL), accounts={"example.com": "competitor"})
    assert because(known)[0].why == (
        'The rule "competitor" excludes this contact, although they asked to talk to sales.'
    )


def test_the_cell_is_named_with_the_points_and_the_line() -> None:
    known = lead_of(did(TRIAL, **MODEST))
    assert reasons(known) == [("cell", "B2")]
    assert because(known)[0].why == "Fit B and readiness 2 are an MQL: 35 points, and the line for B is 30."
    assert because(history(did(TRIAL, **POOR)))[0].why.endswith("no points make D a lead.")
    assert reasons(history(did("social", **IDEAL))) == [("cell", "A4")]


def test_a_request_is_the_first_reason_and_the_cell_stands_behind_it() -> None:
    asked = lead_of(did("demo_request", **IDEAL))
    assert reasons(asked) == [("request", "demo_request"), ("cell", "A4")]
    assert because(asked)[0].why == "They asked to talk to sales by demo request on 2026-03-02."
    ticked = lead_of(did("content_download", talk_to_sales=True, **IDEAL))
    assert because(ticked)[0].why == 'They ticked "talk to sales" on content download on 2026-03-02.'


def test_a_request_for_later_says_when_it_counts() -> None:
    event = captured("webinar_attended", talk_to_sales=True, talk_to_sales_at=day(2), **IDEAL)
    asked = later_request_as_engagement(event)
    assert asked is not None
    known = history(did("webinar_attended", **IDEAL), asked)
    assert because(known)[-1].until == day(2)
    assert reasons(known) == [("cell", "A3"), ("later_request", None)]
    assert reasons(known, 2) == [("request", "talk_to_sales"), ("cell", "A3")]


def test_an_override_says_who_and_why_and_no_address_leaves_with_it() -> None:
    pushed = override_as_engagement(
        "push", UUID(int=8), ANN, day(1), "Kim", "met her, ask ann@example.com or +49 30 1234567"
    )
    known = history(did("social", **FAIR), pushed)
    (event,) = decided(known, 1).events
    assert isinstance(event, LeadQualified)
    assert (event.because[0].kind, event.because[0].by) == ("override", "Kim")
    assert event.because[0].why == "Pushed by hand by Kim on 2026-03-03: met her, ask … or …"
    assert reasons(known, 1) == [("override", "push"), ("cell", "C4")]
    without = replace(pushed, facts={})
    assert (
        because(lead_of(did("social", **FAIR), without, now=1), 1)[0].why == "Pushed by hand by somebody on 2026-03-03."
    )


def test_a_lifted_exclusion_is_an_override_too() -> None:
    lifted = override_as_engagement("lift_exclusion", UUID(int=7), ANN, day(1), "Kim", "a partner now")
    known = history(did("demo_request", **IDEAL), lifted, accounts={"example.com": "competitor"})
    (event,) = decided(known, 1).events
    assert isinstance(event, LeadQualified)
    assert [(reason.kind, reason.rule) for reason in event.because] == [("override", "lift_exclusion"), ("cell", "A4")]


def test_a_customers_wish_names_the_rule() -> None:
    known = history(did("demo_request", **IDEAL), accounts={"example.com": "customer"})
    (event,) = decided(known).events
    assert isinstance(event, LeadQualified)
    assert [(reason.kind, reason.rule) for reason in event.because] == [("hard_rule", "customer"), ("cell", "A4")]


def test_a_lead_that_a_parting_restored_says_so() -> None:
    known = lead_of(did("demo_request", **IDEAL))
    for part in became(recycled(2, reason="duplicate")):
        known.add_lifecycle_fact(part)
    known.add_engagement(wake_up_as_engagement(woken(3, reason="unmerged")))
    (event,) = decided(known, 3).events
    assert isinstance(event, LeadQualified)
    assert event.because[0].kind == "restored"


def test_what_blocks_is_named_with_its_end() -> None:
    known = lead_of(did("demo_request", **IDEAL))
    for part in became(recycled(2)):
        known.add_lifecycle_fact(part)
    known.add_engagement(did(TRIAL, 10))
    decided(known, 10)
    (_, blocked) = because(known, 10)
    assert (blocked.kind, blocked.rule, blocked.reason, blocked.until) == ("blocked", "cool_down", "not_ready", day(32))
    assert blocked.why == "Returned as not ready on 2026-03-04: what they do counts as a new lead from 2026-04-03 on."
    assert compute_score(known, PLAYBOOK, day(10)).outcome == "nurture"


def test_a_disqualification_and_too_many_cycles_block_by_name() -> None:
    closed = lead_of(did("demo_request", **IDEAL))
    for part in became(disqualified(2)):
        closed.add_lifecycle_fact(part)
    closed.add_engagement(did(TRIAL, 60))
    decided(closed, 60)
    assert reasons(closed, 60)[-1] == ("blocked", "disqualified")
    once = playbook_with(cycles={"most": 1, "cool_down_days": 0})
    often = history(did("demo_request", **IDEAL))
    decided(often, 0, once)
    for part in became(recycled(2)):
        often.add_lifecycle_fact(part)
    often.add_engagement(did(TRIAL, 60))
    decided(often, 60, once)
    assert reasons(often, 60, once)[-1] == ("blocked", "cycles")


def test_a_colleague_with_the_accounts_lead_is_named() -> None:
    known = history(did(TRIAL, **IDEAL))
    known.colleagues = {"example.com": {UUID(int=5): (UUID(int=4), day(-1), None)}}
    verdict = decided(known)
    assert (verdict.leads, len(verdict.blocked)) == ([], 1)
    assert because(known)[-1].lead_id == UUID(int=5)
    assert reasons(known)[-1] == ("blocked", "account_lead")
    assert compute_score(known, PLAYBOOK, day(0)).lead_type is None


def test_a_lead_below_its_line_says_what_keeps_it() -> None:
    known = lead_of(did(TRIAL, **IDEAL))
    (_, warm) = because(known, 8)
    assert warm.kind == "kept_warm"
    assert warm.until is not None
    assert day(10) < warm.until < day(11)
    assert warm.why.endswith(f"until {warm.until.date()} if nothing more happens.")
    for part in became(touched(1)):
        known.add_lifecycle_fact(part)
    assert reasons(known, 40)[-1] == ("kept_warm", "worked")


def test_a_line_that_is_never_left_has_no_end() -> None:
    near = playbook_with(readiness={**PLAYBOOK.readiness.model_dump(by_alias=True), "cools_below": 40})
    known = history(did(TRIAL, **IDEAL))
    decided(known, 0, near)
    (_, warm) = because(known, 20, near)
    assert (warm.kind, warm.until) == ("kept_warm", None)


def test_what_cooled_says_when_and_by_how_much() -> None:
    known = lead_of(did(TRIAL, **IDEAL))
    (event,) = decided(known, 20).events
    assert isinstance(event, LeadCooled)
    assert event.because[0].why == "24.875 points were left on 2026-03-12: more than 5 below the line of 30."
    assert reasons(known, 20)[-1] == ("cooled", "A")


def test_what_is_not_published_yet_says_so() -> None:
    """A score never says MQL where there is no lead without saying why."""
    known = history(did(TRIAL, **IDEAL))
    assert compute_score(known, PLAYBOOK, day(0)).outcome == "mql"
    assert reasons(known) == [("cell", "A2"), ("not_evaluated", None)]
    decided(known)
    assert reasons(known, 20)[-1] == ("not_evaluated", None), "its timer has not fired"


def test_an_upgrade_says_what_made_it_stronger() -> None:
    known = lead_of(did(TRIAL, **IDEAL))
    known.add_engagement(did("demo_request", 1))
    (event,) = decided(known, 1).events
    assert isinstance(event, LeadUpgraded)
    assert [(reason.kind, reason.rule) for reason in event.because] == [("request", "demo_request"), ("cell", "A2")]


def test_missing_facts_are_those_that_would_change_the_outcome() -> None:
    known = {name: IDEAL[name] for name in ("employees", "country", "email_kind")}
    assert compute_score(history(did(TRIAL, **known)), PLAYBOOK, day(0)).missing == [], "B already is an MQL"
    unknown: dict[str, Any] = {"country": "DE", "job_title": "Cook", "industry": "Fishing", "email_kind": "free"}
    found = compute_score(history(did("demo_request", **unknown)), PLAYBOOK, day(0)).missing
    assert [(each.fact, each.would_become, each.outcome) for each in found] == [("employees", "C", "hand_raiser")]
    found = compute_score(history(did(TRIAL, **unknown)), PLAYBOOK, day(0)).missing
    assert [(each.would_become, each.outcome) for each in found] == [("C", "nurture")]
    fair: dict[str, Any] = {"country": "ZZ", "employees": 10, "industry": "Software", "email_kind": "corporate"}
    found = compute_score(history(did(TRIAL, **fair)), PLAYBOOK, day(0)).missing
    assert [(each.fact, each.would_become, each.outcome) for each in found] == [("job_title", "B", "mql")]
    excluded = history(did("demo_request", facts={"spam": True}))
    assert compute_score(excluded, PLAYBOOK, day(0)).missing == []


def test_what_is_worth_no_points_makes_no_lead() -> None:
    """An `email_open` after the cool-down is no sign, whatever older engagements still count."""
    known = lead_of(did("demo_request", **IDEAL))
    for part in became(recycled(2)):
        known.add_lifecycle_fact(part)
    known.add_engagement(did(TRIAL, 31))
    known.add_engagement(did("email_open", 33))
    assert decided(known, 33).events == []
    known.add_engagement(did("email_click", 34))
    (event,) = decided(known, 34).events
    assert isinstance(event, LeadQualified)
    assert (event.engagement, event.cycle) == ("email_click", 2)
