"""Stories of people at the front of scoring, in stepped time, as marketers and reps tell them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from events.contacts import ContactErased
from events.ids import derive_id
from events.leads import LeadCooled, LeadCorrected, LeadQualified, LeadRegraded, LeadStrengthened
from events.runtime.testing import ServiceHarness
from scoring.app import service
from tests.scoring.builders import ANN, IDEAL, ROOT, captured, confirmed, day, disqualified, recycled
from tests.scoring.test_buying_group import BUYER, CEO, TITLES
from tests.scoring.test_service import score

BAKERY: dict[str, Any] = {"employees": 2, "industry": "Bakery", "country": "ZZ", "job_title": "Baker"}


async def learn(harness: ServiceHarness, key: str | None = None, **body: Any) -> tuple[int, dict[str, Any]]:
    headers = {} if key is None else {"Idempotency-Key": key}
    answer = await harness.http.put(f"/v1/contacts/{ANN}/facts", json={"source": "sales", **body}, headers=headers)
    return answer.status_code, answer.json()


async def test_a_late_scan_of_a_known_bakery_stays_with_marketing(harness: ServiceHarness) -> None:
    """Scanned before we knew that it is a bakery of two, uploaded after."""
    await harness.advance(timedelta(days=3))
    await harness.deliver(captured("content_download", 2, **BAKERY))
    await harness.deliver(captured("event_scan", 0, source="event_scan", facts={"has_project": "yes"}))
    assert await harness.emitted(LeadQualified) == []
    found = await score(harness)
    assert (found["fit"]["grade"], found["outcome"]) == ("D", "poor_fit")
    assert "no points make D a lead" in found["because"][0]["why"]


async def test_sales_correct_a_fact_and_everybody_learns_the_new_grade(harness: ServiceHarness) -> None:
    await harness.deliver(captured("colleagues_invited", **IDEAL))
    await harness.advance(timedelta(hours=1))
    status, kept = await learn(harness, "one", facts={"employees": 4, "industry": "Bakery"}, by="kim")
    assert (status, kept["facts"]) == (200, {"employees": 4, "industry": "Bakery"})
    (event,) = await harness.emitted(LeadRegraded)
    assert (event.previous_fit, event.fit, event.employees) == ("A", "B", 4)
    assert {(reason.rule, reason.by) for reason in event.because[1:]} == {("employees", "sales"), ("industry", "sales")}
    assert (await learn(harness, "one", facts={"employees": 4, "industry": "Bakery"}, by="kim"))[1] == kept
    assert (await learn(harness, "one", facts={"employees": 5}))[1]["errors"][0]["code"] == "idempotency_key_reused"
    await harness.deliver(captured("content_download", 1, employees=900))
    found = await score(harness, 1)
    assert next(fact for fact in found["facts"] if fact["fact"] == "employees") == {
        "fact": "employees", "value": 4, "source": "sales", "at": kept["at"],
    }  # fmt: skip
    await harness.advance(timedelta(hours=1))
    await learn(harness, facts={"employees": None, "industry": None})
    assert [event.fit for event in await harness.emitted(LeadRegraded)] == ["B", "A"]
    assert await harness.service.audit_now() == []


async def test_what_a_rep_found_on_the_phone_makes_the_grade(harness: ServiceHarness) -> None:
    """A list said two hundred people, the form too. Ben finds four, and a competitor under contract (point 12)."""
    await harness.deliver(captured("colleagues_invited", **IDEAL, source="import"))
    (lead,) = await harness.emitted(LeadQualified)
    found = {"employees": 4, "industry": "Bakery", "competitor": "Rival", "renewal_at": day(300)}
    who = {"contact_id": ANN, "lead_id": lead.lead_id, "cycle": 1, "by": "bdr.ben", "recorded_at": day(1)}
    corrected = LeadCorrected.read(
        {**who, "occurred_at": day(1), "action_id": UUID(int=7), "reason": "wrong_size", "found": found}
    )
    await harness.deliver(corrected, corrected)
    (regraded,) = await harness.emitted(LeadRegraded)
    assert (regraded.previous_fit, regraded.employees) == (lead.fit, 4)
    knowledge = {fact["fact"]: (fact["value"], fact["source"]) for fact in (await score(harness, 1))["facts"]}
    assert (knowledge["employees"], knowledge["facts.competitor"]) == ((4, "sales"), ("Rival", "sales"))


@pytest.mark.parametrize("state", ["recycled", "disqualified"])
@pytest.mark.parametrize("end_first", [False, True])
async def test_what_a_verdict_found_grades_no_lead_that_it_ends(
    harness: ServiceHarness, state: str, *, end_first: bool
) -> None:
    """Two topics carry it, so either may come first: the same is published and saved, and the next cycle knows it."""
    await harness.deliver(captured("colleagues_invited", **IDEAL))
    (lead,) = await harness.emitted(LeadQualified)
    who = {"contact_id": ANN, "lead_id": lead.lead_id, "cycle": 1, "by": "bdr.ben", "recorded_at": day(1)}
    found = LeadCorrected.read(
        {**who, "occurred_at": day(1), "action_id": UUID(int=7), "state": state, "found": BAKERY}
    )
    end = recycled(1) if state == "recycled" else disqualified(1)
    for event in (end, found) if end_first else (found, end):
        await harness.deliver(event)
    assert await harness.emitted(LeadRegraded) == []
    assert await harness.emitted(LeadCooled) == []
    rows = await harness.raw.fetch("select fit, graded_as, regrades, ended_at, cooled_at, cools_at from leads")
    assert [tuple(row) for row in rows] == [("A", "A", 0, day(1), None, None)]
    assert (await score(harness, 1))["fit"]["grade"] == "D"


async def test_a_lead_whose_fit_turns_out_poor_cools_before_anybody_works_it(harness: ServiceHarness) -> None:
    await harness.deliver(captured("colleagues_invited", **IDEAL))
    await learn(harness, facts=BAKERY)
    assert [event.fit for event in await harness.emitted(LeadRegraded)] == ["D"]
    (cooled,) = await harness.emitted(LeadCooled)
    assert cooled.because[0].why == "Fit D is no lead by its score."


async def test_enrichment_fills_gaps_and_outranks_nobody(harness: ServiceHarness) -> None:
    facts = {name: IDEAL[name] for name in ("job_title", "email_kind", "country")}
    await harness.deliver(captured("colleagues_invited", **facts))
    body: dict[str, Any] = {
        "source": "enrichment",
        "facts": {"employees": 200, "industry": "Software", "job_title": "Cook"},
    }
    await learn(harness, confidence=0.2, **body)
    assert (await score(harness))["fit"]["grade"] == "B"
    await learn(harness, confidence=0.9, **body)
    found = await score(harness)
    assert (found["fit"]["grade"], found["outcome"]) == ("A", "mql")


async def test_a_push_by_hand_travels_with_who_and_why(harness: ServiceHarness) -> None:
    await harness.deliver(captured("social", **IDEAL))
    await harness.http.post(
        f"/v1/contacts/{ANN}/overrides", json={"kind": "push", "reason": "met at the fair", "by": "kim"}
    )
    (event,) = await harness.emitted(LeadQualified)
    assert event.because[0].why == f"Pushed by hand by kim on {event.occurred_at.date()}: met at the fair"
    assert (await score(harness))["because"][0]["by"] == "kim"


async def activate(harness: ServiceHarness, setting: str, *changes: tuple[str, str]) -> None:
    """Put the default playbook in force at another strictness, as `baton playbook activate` does."""
    source = service.playbooks.read(ROOT / "deploy" / "playbook")
    body = source.body.replace("setting: balanced", f"setting: {setting}")
    for before, after in changes:
        body = body.replace(before, after)
    async with harness.transaction() as tx:
        assert await service.playbooks.activate(tx, replace(source, body=body), by="ada", approvals=[])


async def runs(harness: ServiceHarness) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await harness.http.get("/v1/reevaluations")).json()["items"]
    return items


async def test_new_rules_reach_those_already_known(harness: ServiceHarness) -> None:
    """Loosened: who is above the new line becomes a lead, counted from now on. Tightened: who is below cools."""
    assert await runs(harness) == [], "the first rules find nobody"
    for number in range(1, 451):
        facts = IDEAL | {"email_domain": f"company-{number}.example"}
        did = ["content_download", "seats_added"] if number % 2 else ["content_download"]
        await harness.deliver(*(captured(each, contact=UUID(int=number), **facts) for each in did))
    assert await harness.emitted(LeadQualified) == []
    await activate(harness, "lenient", ("most_qualified_a_day: 50", "most_qualified_a_day: 500"))
    await harness.advance(timedelta(0))
    made = await harness.emitted(LeadQualified)
    assert [(event.captured_at, event.lead_type) for event in made] == [(await harness.now, "product")] * 225
    (run,) = await runs(harness)
    assert (run["evaluated"], run["qualified"], run["cooled"]) == (450, 225, 0)
    assert run["finished_at"] is not None
    await harness.advance(timedelta(minutes=1))
    await activate(harness, "strict")
    await harness.advance(timedelta(0))
    assert len(await harness.emitted(LeadCooled)) == 225
    latest, _ = await runs(harness)
    assert (latest["qualified"], latest["cooled"]) == (0, 225)
    page = (await harness.http.get(f"/v1/reevaluations/{latest['reevaluation_id']}/leads?limit=200")).json()
    assert {item["change"] for item in page["items"]} == {"cooled"}
    rest = await harness.http.get(
        f"/v1/reevaluations/{latest['reevaluation_id']}/leads", params={"cursor": page["next"]}
    )
    assert len({item["contact_id"] for item in page["items"] + rest.json()["items"]}) == 225
    assert await harness.service.audit_now() == []


async def test_new_rules_publish_so_many_leads_and_list_the_rest(harness: ServiceHarness) -> None:
    """Three may become leads and one may cool; in the mode that only lists, nobody does. A request still counts."""
    for number in range(1, 6):
        facts = IDEAL | {"email_domain": f"company-{number}.example"}
        did = ("content_download", "seats_added")
        await harness.deliver(*(captured(each, contact=UUID(int=number), **facts) for each in did))
    await activate(harness, "lenient", ("publishes: true", "publishes: false"))
    await harness.advance(timedelta(0))
    assert await harness.emitted(LeadQualified) == []
    await harness.advance(timedelta(minutes=1))
    await activate(harness, "lenient", ("most_qualified: 500", "most_qualified: 3"))
    await harness.advance(timedelta(0))
    assert len(await harness.emitted(LeadQualified)) == 3
    await harness.advance(timedelta(minutes=1))
    await activate(harness, "strict", ("most_cooled: 500", "most_cooled: 1"))
    await harness.advance(timedelta(0))
    assert len(await harness.emitted(LeadCooled)) == 1
    strict, capped, listing = await runs(harness)
    assert [(run["qualified"], run["would_qualify"]) for run in (listing, capped)] == [(0, 5), (3, 2)]
    assert (strict["cooled"], strict["would_cool"]) == (1, 2)
    page = (await harness.http.get(f"/v1/reevaluations/{capped['reevaluation_id']}/leads")).json()["items"]
    listed = {item["contact_id"] for item in page if item["change"] == "would_qualify"}
    assert len(listed) == 2
    await harness.deliver(captured("demo_request", 0.1, contact=UUID(min(listed))))
    assert len(await harness.emitted(LeadQualified)) == 4
    assert await harness.service.audit_now() == []


async def test_new_leads_come_so_many_a_day_and_count_from_the_day_they_come(harness: ServiceHarness) -> None:
    """Five may become leads: two a day, so three days, and none twice. The page says what was agreed on."""
    for number in range(1, 6):
        facts = IDEAL | {"email_domain": f"company-{number}.example"}
        did = ("content_download", "seats_added")
        await harness.deliver(*(captured(each, contact=UUID(int=number), **facts) for each in did))
    start = await harness.now
    await activate(harness, "lenient", ("most_qualified_a_day: 50", "most_qualified_a_day: 2"))
    await harness.advance(timedelta(0))
    (run,) = await runs(harness)
    assert (run["qualified"], run["most_qualified_a_day"], run["finished_at"]) == (2, 2, None)
    for made in (2, 4, 5):
        assert len(await harness.emitted(LeadQualified)) == made
        await harness.advance(timedelta(days=1))
    (run,) = await runs(harness)
    assert (run["evaluated"], run["qualified"], run["would_qualify"]) == (5, 5, 0)
    assert run["finished_at"] is not None
    leads = await harness.emitted(LeadQualified)
    assert len({lead.lead_id for lead in leads}) == 5
    assert [(lead.captured_at - start).days for lead in leads] == [0, 0, 1, 1, 2]
    assert await harness.service.audit_now() == []


async def test_a_run_of_rules_that_are_replaced_ends_with_them(harness: ServiceHarness) -> None:
    await harness.deliver(captured("seats_added", **IDEAL), captured("content_download", **IDEAL))
    await activate(harness, "lenient")
    await activate(harness, "strict")
    await harness.advance(timedelta(0))
    assert await harness.emitted(LeadQualified) == []
    assert {run["finished_at"] is None for run in await runs(harness)} == {False}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"facts": {}}, "too_short"),
        ({"facts": {"email": "x"}}, "fact_unknown"),
        ({"facts": {"employees": "many"}}, "fact_malformed"),
        ({"facts": {"employees": True}}, "fact_malformed"),
        ({"facts": {"employees": -1}}, "fact_malformed"),
        ({"facts": {"job_title": 7}}, "fact_malformed"),
        ({"facts": {"facts.pilot": True}, "source": "gossip"}, "literal_error"),
        ({"facts": {"facts.pilot": True}, "at": (day(3)).isoformat()}, "time_ahead"),
        ({"facts": {"facts.pilot": True}, "confidence": 2}, "less_than_equal"),
    ],
)
async def test_facts_that_cannot_be_are_refused(harness: ServiceHarness, body: dict[str, Any], code: str) -> None:
    await harness.deliver(captured("social", **IDEAL))
    status, problem = await learn(harness, **body)
    assert (status, problem["errors"][0]["code"]) == (422, code)


async def test_nobody_can_learn_of_somebody_unknown(harness: ServiceHarness) -> None:
    answer = await harness.http.put(
        f"/v1/contacts/{UUID(int=9)}/facts", json={"source": "sales", "facts": {"facts.a": 1}}
    )
    assert answer.status_code == 404
    assert (await harness.now) - day(0) >= timedelta(0)


async def use(harness: ServiceHarness, contact: UUID, at: float, **values: Any) -> None:
    facts = IDEAL | {"job_title": TITLES.get(contact, "Engineer")}
    values = {"engagement": "trial_started", "source": "product"} | values
    await harness.deliver(captured(values.pop("engagement"), at, contact=contact, **facts, **values))
    await harness.advance(timedelta(0))


async def test_five_users_of_one_account_make_one_lead_and_the_news_reaches_whoever_has_it(
    harness: ServiceHarness,
) -> None:
    """A trial is no lead; the third user makes the account's; the CEO who comes later becomes its main contact."""
    for number in (11, 12, 13):
        await use(harness, UUID(int=number), (number - 13) / 100)
    (lead,) = await harness.emitted(LeadQualified)
    assert lead.lead_type == "product"
    (first,) = await harness.emitted(LeadStrengthened)
    assert (first.lead_id, first.revision, len(first.account.people)) == (lead.lead_id, 1, 3)
    assert first.account.missing_roles == ["decision maker", "champion"]
    await harness.advance(timedelta(hours=1))
    await use(harness, BUYER, 0.01, engagement="content_download", source="web_form")
    await use(harness, CEO, 0.02, engagement="pricing_view", source="web_form")
    assert len(await harness.emitted(LeadQualified)) == 1
    *_, last = await harness.emitted(LeadStrengthened)
    assert (last.contact_id, last.revision, last.joined) == (lead.contact_id, 3, [CEO])
    assert (last.account.main_contact_id, last.account.missing_roles) == (CEO, [])
    await use(harness, CEO, 0.03, engagement="content_download", source="web_form")
    assert len(await harness.emitted(LeadStrengthened)) == 3, "the same people again are no news"
    found = await score(harness, contact=lead.contact_id)
    assert found["account"]["points"] > found["readiness"]["points"]
    await harness.deliver(ContactErased(occurred_at=await harness.now, contact_id=CEO, erasure_id=derive_id("gone", 1)))
    await harness.advance(timedelta(0))
    *_, after = await harness.emitted(LeadStrengthened)
    assert (after.revision, after.account.missing_roles) == (4, ["decision maker"])
    assert CEO not in {each.contact_id for each in after.account.people}
    await harness.deliver(recycled(0.05, contact=lead.contact_id))
    await use(harness, ANN, 0.04, engagement="content_download", source="web_form")
    assert len(await harness.emitted(LeadStrengthened)) == 4, "a lead that has ended has no news"
    assert await harness.service.audit_now() == []


async def test_a_visitor_of_a_large_company_is_news_for_its_newest_leads_only(harness: ServiceHarness) -> None:
    """Of a company with thousands of open leads each visitor would be an event for all of them."""
    await activate(harness, "balanced", ("most_people: 50", "most_people: 5"), ("most_leads: 50", "most_leads: 2"))
    raised = [UUID(int=number) for number in range(31, 35)]
    for number, contact in enumerate(raised):
        await use(harness, contact, number / 100, engagement="demo_request", source="web_form")
        await harness.advance(timedelta(hours=1))
    assert len(await harness.emitted(LeadQualified)) == 4
    before = len(await harness.emitted(LeadStrengthened))
    await use(harness, CEO, 0.05, engagement="pricing_view", source="web_form")
    events = (await harness.emitted(LeadStrengthened))[before:]
    assert {event.contact_id for event in events} == set(raised[2:])
    assert {tuple(event.joined) for event in events} == {(CEO,)}


async def test_a_lead_carries_what_else_is_known_for_the_rules_of_routing(harness: ServiceHarness) -> None:
    utm = {"source": "search", "medium": "cpc"}
    await harness.deliver(captured("colleagues_invited", **IDEAL, facts={"budget": "yes"}, utm=utm))
    (lead,) = await harness.emitted(LeadQualified)
    assert lead.facts == {"budget": "yes", "utm.source": "search", "utm.medium": "cpc"}


async def test_what_the_model_predicted_is_held_against_what_happened(harness: ServiceHarness) -> None:
    """The score and the lead carry the probability and its version; a gauge compares it with what became of leads."""
    source = service.playbooks.read(ROOT / "deploy" / "playbook")
    model = "probability: {version: m1, intercept: -3, fit: 0.02, readiness: 0, asked: 1, leads: 90, converted: 9}"
    async with harness.transaction() as tx:
        await service.playbooks.activate(tx, replace(source, body=f"{source.body}\n{model}\n"), by="ada", approvals=[])
    await harness.advance(timedelta(0))
    people = [UUID(int=number) for number in range(1, 5)]
    await harness.deliver(*(captured("demo_request", contact=contact, **IDEAL) for contact in people))
    (lead, *_) = await harness.emitted(LeadQualified)
    assert (lead.probability, lead.probability_model) == (0.5, "m1")
    assert (await score(harness, contact=people[0]))["probability"] == 0.5
    await harness.deliver(confirmed(1, contact=people[0]))
    await harness.deliver(*(recycled(1, contact=contact) for contact in people[1:3]))
    async with harness.transaction() as tx:
        rates, leads = await service.counts(tx)
    assert rates.values == {("m1", "predicted"): 0.5, ("m1", "happened"): 1 / 3}
    assert leads.values == {("m1",): 3.0}
