"""A company's own enrichment service: asked once about whom something is missing; hand-raisers never wait for it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import yaml
from pydantic import SecretStr, ValidationError

from events.contacts import ContactErased
from events.ids import derive_id
from events.leads import LeadQualified, LeadRegraded
from events.parts import Scalar
from events.runtime.testing import ServiceHarness
from scoring.app import service
from scoring.domain import (
    answer_as_engagement,
    compute_retry_delay,
    find_fact_fault,
    make_question,
    may_wait_for_answer,
    override_as_engagement,
)
from scoring.domain import compute_score as explain
from scoring.handlers.enriching import MOST_BYTES, ask_due_questions
from scoring.playbook import EnrichmentRules, ScoringPlaybook
from tests.scoring.builders import ANN, IDEAL, MONDAY, PLAYBOOK, ROOT, captured, day, did, history
from tests.scoring.enricher import Enricher, answering
from tests.scoring.test_service import score
from tests.scoring.test_stories import learn

ASKS: dict[str, Any] = {"facts": ["employees", "industry", "facts.crm"], "waits_seconds": 60}
RULES = PLAYBOOK.model_copy(update={"enrichment": EnrichmentRules.model_validate(ASKS)})
UNKNOWN = {name: value for name, value in IDEAL.items() if name not in {"employees", "industry"}}
FOUND = {"facts": {"employees": 200, "industry": "Software", "facts.crm": "none"}, "confidence": 0.9}
SECONDS = timedelta(seconds=1)
REFUSAL = f"""
create function refuse() returns trigger language plpgsql as $$ begin raise 'refused'; end $$;
create trigger refuse before update of outcome on enrichments for each row
    when (new.contact_id = '{ANN}') execute function refuse()
"""


class TestQuestions:
    def test_what_is_missing_of_a_company_is_asked_without_a_word_about_the_person(self) -> None:
        question = make_question(history(did("content_download", company="Works", **UNKNOWN)), RULES)
        assert question is not None
        assert question._asdict() == {
            "contact_id": ANN, "email_domain": "example.com", "missing": ("employees", "industry", "facts.crm"),
            "company": "Works", "country": "DE",
        }  # fmt: skip
        bare = history(did("content_download", email_kind="corporate", email_domain="example.com"))
        assert make_question(bare, RULES) == question._replace(company=None, country=None)

    @pytest.mark.parametrize(
        "facts", [IDEAL | {"facts": {"crm": "none"}}, {**UNKNOWN, "email_kind": "free"}, {"country": "DE"}]
    )
    def test_nothing_is_asked_where_nothing_is_missing_or_no_company_is_known(self, facts: dict[str, Any]) -> None:
        assert make_question(history(did("content_download", **facts)), RULES) is None

    def test_nothing_is_asked_without_rules_for_it(self) -> None:
        assert make_question(history(did("content_download", **UNKNOWN)), PLAYBOOK) is None

    def test_only_who_asked_for_nothing_and_of_whom_no_answer_is_there_may_wait(self) -> None:
        reader = did("content_download", **UNKNOWN)
        pushed = override_as_engagement("push", UUID(int=1), ANN, day(1), "kim", "met them")
        answered = answer_as_engagement(ANN, day(1), {"employees": 4}, None)
        assert may_wait_for_answer(history(reader), RULES)
        for each in (did("demo_request", 1), did("content_download", 1, talk_to_sales=True), pushed, answered):
            assert not may_wait_for_answer(history(reader, each), RULES)

    def test_an_answer_is_learned_as_of_its_arrival_without_what_is_no_fact(self) -> None:
        answer: dict[str, Scalar] = {"employees": "many", "industry": "Software", "shoe_size": 44, "facts.crm": None}
        learned = answer_as_engagement(ANN, day(2), answer, 0.4)
        assert learned.facts == {"industry": "Software", "learned.confidence": 0.4}
        assert (learned.source, learned.occurred_at) == ("enrichment", day(2))
        assert answer_as_engagement(ANN, day(2), {}, None).facts == {}

    @pytest.mark.parametrize(
        ("name", "value", "fault"),
        [
            ("employees", 4, None), ("employees", None, None), ("employees", True, "fact_malformed"),
            ("employees", -1, "fact_malformed"), ("employees", "4", "fact_malformed"),
            ("industry", "Software", None), ("industry", 4, "fact_malformed"),
            ("facts.seats", 4, None), ("seats", 4, "fact_unknown"),
        ],
    )  # fmt: skip
    def test_what_a_fact_may_be(self, name: str, value: Any, fault: str | None) -> None:
        assert find_fact_fault(name, value) == fault

    def test_who_is_no_lead_anyway_is_not_shown_as_waiting(self) -> None:
        reader = history(did("content_download", **UNKNOWN))
        found = explain(reader, RULES, MONDAY)
        assert found.with_enrichment_wait(MONDAY + SECONDS) is found
        invited = explain(history(did("colleagues_invited", **UNKNOWN)), RULES, MONDAY).with_enrichment_wait(
            MONDAY + SECONDS
        )
        assert [each.rule for each in invited.because if each.kind == "blocked"] == ["enrichment"]

    def test_a_service_that_fails_is_asked_four_times(self) -> None:
        assert [compute_retry_delay(number) for number in (1, 2, 3, 4)] == [
            5 * SECONDS,
            60 * SECONDS,
            600 * SECONDS,
            None,
        ]

    @pytest.mark.parametrize("facts", [[], ["job_title"], ["email"], ["facts."]])
    def test_only_facts_of_companies_are_asked_for(self, facts: list[str]) -> None:
        with pytest.raises(ValidationError):
            EnrichmentRules.model_validate({"facts": facts})


async def use(harness: ServiceHarness, url: str = "", **asks: Any) -> None:
    """Put rules in force that ask, and name the service."""
    rules = yaml.safe_load((ROOT / "deploy/playbook/scoring.yaml").read_text()) | {"enrichment": {**ASKS, **asks}}
    assert ScoringPlaybook.model_validate(rules).enrichment is not None
    async with harness.transaction() as tx:
        before = service.playbooks._sources[tx.playbook_version]
        await service.playbooks.activate(
            tx, type(before)(before.definitions, yaml.safe_dump(rules)), by="tests", approvals=[]
        )
    harness.service.settings = harness.service.settings.model_copy(
        update={"enricher_url": url, "enricher_key": SecretStr("of-the-tests")}
    )


async def ask(harness: ServiceHarness, *, at_least: int = 1) -> None:
    assert harness.service is service
    async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
        assert await ask_due_questions(service, client) >= at_least


async def given_a_reader(harness: ServiceHarness, enricher: Enricher, **asks: Any) -> None:
    """Somebody of whose company little is known does enough to be a lead."""
    await use(harness, enricher.url, **asks)
    await harness.deliver(captured("colleagues_invited", **UNKNOWN))


async def test_a_lead_waits_for_the_answer_and_has_its_grade_from_the_beginning(harness: ServiceHarness) -> None:
    async with answering((200, FOUND)) as enricher:
        await given_a_reader(harness, enricher)
        assert await harness.emitted(LeadQualified) == []
        why = [each for each in (await score(harness))["because"] if each.get("rule") == "enrichment"]
        assert [each["kind"] for each in why] == ["blocked"]
        assert "until 2026-03-02T09:01:00+00:00" in why[0]["why"]
        await ask(harness)
        ((headers, question),) = enricher.asked
        assert headers["authorization"] == "Bearer of-the-tests"
        assert question == {
            "contact_id": str(ANN), "email_domain": "example.com", "company": None, "country": "DE",
            "missing": ["employees", "industry", "facts.crm"],
        }  # fmt: skip
        (lead,) = await harness.emitted(LeadQualified)
        assert (lead.fit, lead.employees, lead.facts["crm"]) == ("A", 200, "none")
        await harness.advance(60 * SECONDS)
        await harness.deliver(captured("content_download", 1, **UNKNOWN))
        await ask(harness, at_least=0)
        assert len(enricher.asked) == 1
        assert await harness.emitted(LeadRegraded) == []
    assert await harness.service.audit_now() == []


async def test_who_asks_for_sales_never_waits_and_the_answer_corrects_the_grade(harness: ServiceHarness) -> None:
    async with answering((200, FOUND)) as enricher:
        await use(harness, enricher.url)
        await harness.deliver(captured("demo_request", **UNKNOWN))
        (lead,) = await harness.emitted(LeadQualified)
        assert lead.captured_at == MONDAY
        await ask(harness)
        (regraded,) = await harness.emitted(LeadRegraded)
        assert (regraded.previous_fit, regraded.fit) == (lead.fit, "A")


@pytest.mark.parametrize("answer", [(202, None), (500, None), (200, b"x" * (MOST_BYTES + 1)), (200, b"no json")])
async def test_without_an_answer_a_lead_waits_a_minute_and_no_longer(
    harness: ServiceHarness, answer: tuple[int, Any]
) -> None:
    async with answering(answer) as enricher:
        await given_a_reader(harness, enricher)
        await ask(harness)
        await harness.advance(59 * SECONDS)
        assert await harness.emitted(LeadQualified) == []
        await harness.advance(SECONDS)
        (lead,) = await harness.emitted(LeadQualified)
        assert lead.captured_at == MONDAY + 60 * SECONDS, "no promise counts the wait"
        assert [each for each in (await score(harness))["because"] if each.get("rule") == "enrichment"] == []


@pytest.mark.parametrize("answer", [(204, None), (404, None), (200, {})])
async def test_where_it_knows_nothing_the_lead_goes_on_at_once(
    harness: ServiceHarness, answer: tuple[int, Any]
) -> None:
    async with answering(answer) as enricher:
        await given_a_reader(harness, enricher)
        await ask(harness)
        assert len(await harness.emitted(LeadQualified)) == 1


async def test_facts_that_it_sends_by_itself_end_the_wait_too(harness: ServiceHarness) -> None:
    async with answering((202, None)) as enricher:
        await given_a_reader(harness, enricher)
        await ask(harness)
        status, _ = await learn(harness, source="enrichment", facts={"employees": 200, "industry": "Software"})
        assert status == 200
        (lead,) = await harness.emitted(LeadQualified)
        assert lead.fit == "A"


async def test_rules_without_a_service_or_without_a_wait_hold_nobody_up(harness: ServiceHarness) -> None:
    await use(harness)
    await harness.deliver(captured("colleagues_invited", **UNKNOWN))
    await ask(harness)
    assert len(await harness.emitted(LeadQualified)) == 1
    await use(harness, waits_seconds=0)
    other = derive_id("somebody else")
    await harness.deliver(captured("colleagues_invited", contact=other, **UNKNOWN | {"email_domain": "other.example"}))
    assert {lead.contact_id for lead in await harness.emitted(LeadQualified)} == {ANN, other}


async def test_who_is_erased_is_not_learned_of(harness: ServiceHarness) -> None:
    async with answering((200, FOUND)) as enricher:
        await given_a_reader(harness, enricher)
        await harness.deliver(ContactErased(contact_id=ANN, occurred_at=MONDAY, erasure_id=derive_id("erasure")))
        await ask(harness, at_least=0)
        assert await harness.emitted(LeadQualified) == []
        assert enricher.asked == []


async def test_an_answer_that_cannot_be_saved_keeps_nobody_else_waiting(harness: ServiceHarness) -> None:
    other = derive_id("somebody else")
    async with answering((204, None)) as enricher:
        await given_a_reader(harness, enricher)
        await harness.deliver(captured("colleagues_invited", contact=other, **UNKNOWN | {"email_domain": "b.example"}))
        await harness.raw.execute(REFUSAL)
        try:
            await ask(harness, at_least=2)
        finally:
            await harness.raw.execute("drop function refuse cascade")
        assert [lead.contact_id for lead in await harness.emitted(LeadQualified)] == [other]
        await harness.raw.execute("update enrichments set due_at = now() where due_at is not null")
        await ask(harness)
        assert {lead.contact_id for lead in await harness.emitted(LeadQualified)} == {ANN, other}
