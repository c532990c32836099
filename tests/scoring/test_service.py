"""Scoring on a real PostgreSQL: events in, events out, rows kept."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from events.contacts import AccountChanged, ContactErased, ErasureReceipt
from events.ids import derive_lead_id
from events.leads import CustomerChanged, LeadCooled, LeadQualified, LeadUpgraded
from events.runtime.testing import ServiceHarness
from tests.scoring.builders import ANN, IDEAL, captured, day, disqualified, recycled, touched, woken, won

BOB = UUID("0b0b0b0b-0000-4000-8000-000000000002")
CYD = UUID("0c0c0c0c-0000-4000-8000-000000000003")


def account(kind: Any, revision: int = 1, domain: str = "example.com", **values: Any) -> AccountChanged:
    return AccountChanged(occurred_at=day(0), domain=domain, kind=kind, revision=revision, **values)


async def qualified(harness: ServiceHarness) -> list[tuple[int, str, str]]:
    return [(event.cycle, event.lead_type, event.outcome) for event in await harness.emitted(LeadQualified)]


async def rows(harness: ServiceHarness, table: str) -> int:
    found = await harness.raw.fetch(f"select count(*) as rows from {table}")  # noqa: S608 - names of our own tables
    return int(found[0]["rows"])


async def score(harness: ServiceHarness, at: float | None = None, contact: UUID = ANN) -> dict[str, Any]:
    answer = await harness.http.get(
        f"/v1/contacts/{contact}/score", params={} if at is None else {"at": day(at).isoformat()}
    )
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    for axis in ("fit", "readiness"):
        assert body[axis]["points"] == sum(line["points"] for line in body[axis]["evidence"])
    return body


async def test_a_raised_hand_becomes_a_lead_with_its_evidence(harness: ServiceHarness) -> None:
    """Q8, D15."""
    await harness.deliver(captured("demo_request", campaign="spring", **IDEAL))
    (event,) = await harness.emitted(LeadQualified)
    assert (event.lead_id, event.cycle) == (derive_lead_id(ANN, 1), 1)
    assert (event.lead_type, event.outcome, event.fit, event.campaign) == ("hand_raiser", "hand_raiser", "A", "spring")
    assert event.occurred_at == await harness.now
    assert event.fit_points == sum(line.points for line in event.fit_evidence)
    assert await harness.service.audit_now() == []


async def test_many_contacts_in_one_batch_are_decided_each_for_itself(harness: ServiceHarness) -> None:
    await harness.deliver(
        captured("demo_request", contact=ANN), captured("social", contact=BOB),
        captured("colleagues_invited", contact=CYD), captured("colleagues_invited", contact=BOB, **IDEAL),
        captured("social", 0.1, contact=ANN),
    )  # fmt: skip
    found = await harness.emitted(LeadQualified)
    assert {(event.contact_id, event.lead_type) for event in found} == {(ANN, "hand_raiser"), (BOB, "product")}


async def test_what_is_delivered_again_changes_nothing(harness: ServiceHarness) -> None:
    """Q6."""
    story = [captured("colleagues_invited", **IDEAL), captured("demo_request", 0.1), captured("demo_request", 0.1)]
    await harness.deliver(*story)
    await harness.deliver(*story)
    await harness.deliver(*reversed(story))
    assert await qualified(harness) == [(1, "product", "mql")]
    assert len(await harness.emitted(LeadUpgraded)) == 1
    assert await rows(harness, "engagements") == 2
    assert await rows(harness, "leads") == 1


async def test_a_raised_hand_in_an_open_cycle_upgrades_it(harness: ServiceHarness) -> None:
    await harness.deliver(captured("colleagues_invited", **IDEAL))
    await harness.deliver(captured("demo_request", 0.1))
    (event,) = await harness.emitted(LeadUpgraded)
    assert (event.lead_id, event.lead_type, event.engagement) == (derive_lead_id(ANN, 1), "hand_raiser", "demo_request")
    assert [each.engagement for each in event.timeline] == ["colleagues_invited", "demo_request"]
    assert await rows(harness, "timers where kind = 'cool'") == 0


async def test_a_lead_cools_by_its_timer_at_the_exact_instant(harness: ServiceHarness) -> None:
    await harness.deliver(captured("colleagues_invited", **IDEAL))
    await harness.advance(timedelta(days=10))
    assert await harness.emitted(LeadCooled) == []
    await harness.advance(timedelta(days=10))
    (event,) = await harness.emitted(LeadCooled)
    assert day(10) < event.occurred_at < day(11)
    assert event.readiness_points == 24.875
    assert await rows(harness, "timers where kind = 'cool'") == 0
    (lead,) = await harness.raw.fetch("select cooled_at, cools_at from leads")
    assert (lead["cooled_at"], lead["cools_at"]) == (event.occurred_at, None)


async def test_interest_or_a_touch_keep_a_lead_warm(harness: ServiceHarness) -> None:
    await harness.deliver(
        captured("colleagues_invited", contact=ANN, **IDEAL), captured("colleagues_invited", contact=BOB, **IDEAL)
    )
    await harness.deliver(touched(1, contact=ANN), touched(1, contact=BOB, automated=True))
    await harness.deliver(captured("pricing_view", 0.2, contact=BOB))
    await harness.advance(timedelta(days=12))
    assert await harness.emitted(LeadCooled) == []
    await harness.advance(timedelta(days=60))
    assert [event.contact_id for event in await harness.emitted(LeadCooled)] == [BOB]


async def test_a_timer_that_fired_too_early_is_set_again(harness: ServiceHarness) -> None:
    await harness.deliver(captured("colleagues_invited", **IDEAL))
    await harness.raw.execute("update timers set due_at = $1", day(1))
    await harness.advance(timedelta(days=2))
    assert await harness.emitted(LeadCooled) == []
    await harness.advance(timedelta(days=20))
    assert len(await harness.emitted(LeadCooled)) == 1


async def test_cycles_follow_their_ends_however_late_these_arrive(harness: ServiceHarness) -> None:
    """F7."""
    await harness.deliver(captured("demo_request", 0, **IDEAL))
    await harness.deliver(captured("contact_sales", 12))
    assert await qualified(harness) == [(1, "hand_raiser", "hand_raiser")]
    await harness.deliver(recycled(10))
    assert await qualified(harness) == [(1, "hand_raiser", "hand_raiser"), (2, "hand_raiser", "hand_raiser")]
    assert (await harness.emitted(LeadQualified))[1].fit == "A"
    await harness.deliver(recycled(10), captured("contact_sales", 12))
    assert await rows(harness, "leads") == 2
    assert await harness.service.audit_now() == []


async def test_a_wake_up_comes_back_through_scoring(harness: ServiceHarness) -> None:
    await harness.deliver(captured("demo_request", 0, **IDEAL), recycled(5), woken(95), woken(95))
    assert await qualified(harness) == [(1, "hand_raiser", "hand_raiser"), (2, "content", "mql")]
    assert (await harness.emitted(LeadQualified))[1].engagement == "wake_up"
    assert await rows(harness, "engagements") == 2


async def test_a_wake_up_that_starts_at_marketing_makes_no_lead(harness: ServiceHarness) -> None:
    """Issue 14, point 11: the date alone is no sign; what the person does then counts as ever."""
    nurtured = woken(95).changed(starts_at="marketing")
    await harness.deliver(captured("demo_request", 0, **IDEAL), recycled(5), nurtured)
    assert await qualified(harness) == [(1, "hand_raiser", "hand_raiser")]
    assert await rows(harness, "engagements") == 1
    await harness.deliver(captured("colleagues_invited", 100))
    assert (await qualified(harness))[1:] == [(2, "product", "mql")]


async def test_only_a_raised_hand_comes_back_from_a_disqualification(harness: ServiceHarness) -> None:
    await harness.deliver(
        captured("demo_request", 0, **IDEAL), disqualified(5), woken(95), captured("colleagues_invited", 95)
    )
    assert len(await qualified(harness)) == 1
    await harness.deliver(captured("demo_request", 96))
    assert len(await qualified(harness)) == 2


async def test_a_win_makes_a_customer(harness: ServiceHarness) -> None:
    """F20; the second win is dated before the contact was first seen."""
    await harness.deliver(captured("demo_request", 0, contact=ANN), captured("demo_request", 0, contact=BOB))
    await harness.deliver(won(5, contact=ANN), won(-2, contact=BOB))
    assert len(await qualified(harness)) == 2
    await harness.deliver(captured("contact_sales", 9, contact=ANN))
    assert (await qualified(harness))[2:] == [(2, "customer", "customer")]
    await harness.deliver(
        CustomerChanged(occurred_at=day(10), contact_id=BOB, action_id=BOB, change="churned", by="rep-1"),
        captured("contact_sales", 11, contact=BOB),
    )
    assert (await qualified(harness))[3:] == [(2, "hand_raiser", "hand_raiser")]


async def test_companies_decide_before_points_do(harness: ServiceHarness) -> None:
    await harness.deliver(account("competitor"), captured("demo_request", **IDEAL))
    assert await qualified(harness) == []
    assert (await score(harness))["outcome"] == "excluded"
    await harness.deliver(account("prospect", 2), account("own", 1))
    await harness.advance(timedelta(0))
    assert await qualified(harness) == [(1, "hand_raiser", "hand_raiser")]


async def test_news_that_change_nothing_about_a_company_wake_nobody(harness: ServiceHarness) -> None:
    await harness.deliver(captured("social", **IDEAL), account("prospect", 2), account("competitor", 1))
    await harness.deliver(account("own", 1))
    assert await rows(harness, "timers where kind = 'cool'") == 0
    await harness.deliver(captured("demo_request", 0.1))
    assert len(await qualified(harness)) == 1


async def test_a_company_is_known_by_its_aliases_as_long_as_it_has_them(harness: ServiceHarness) -> None:
    await harness.deliver(account("customer", domain="holding.example", aliases=["example.com"]))
    await harness.deliver(captured("seats_added", **IDEAL), captured("colleagues_invited"))
    assert await qualified(harness) == [(1, "customer", "customer")]
    await harness.deliver(account("customer", 2, domain="holding.example"))
    assert (await score(harness, 0))["outcome"] == "mql"
    await harness.deliver(
        account("partner", 7), account("competitor", 3, domain="holding.example", aliases=["example.com"])
    )
    assert (await score(harness, 0))["outcome"] == "mql"


async def test_erasure_forgets_and_takes_nothing_in_that_was_on_its_way(harness: ServiceHarness) -> None:
    await harness.deliver(captured("colleagues_invited", contact=BOB, **IDEAL))
    await harness.deliver(
        captured("demo_request"), captured("colleagues_invited", 0.1), recycled(5), captured("demo_request", 9)
    )
    erased = ContactErased(occurred_at=day(9), contact_id=ANN, erasure_id=CYD)
    await harness.deliver(erased)
    (receipt,) = await harness.emitted(ErasureReceipt)
    assert (receipt.service, receipt.contact_id) == ("scoring", ANN)
    assert receipt.rows == 3 + 1 + 2 + 2 * 2, "engagements, turn, leads; each lead in journal and outbox"
    assert {event.contact_id for event in await harness.emitted(LeadQualified)} == {BOB}
    await harness.deliver(captured("demo_request", 10), woken(11))
    assert (
        await rows(harness, "engagements")
        == await rows(harness, "leads")
        == await rows(harness, "timers where kind = 'cool'")
        == 1
    )
    assert (await harness.http.get(f"/v1/contacts/{ANN}/score")).status_code == 404
    assert await harness.service.audit_now() == []


async def test_a_score_explains_itself_now_and_then(harness: ServiceHarness) -> None:
    await harness.deliver(captured("colleagues_invited", 0, employees=200, country="DE", email_kind="corporate"))
    now = await score(harness, 0)
    assert (now["fit"]["grade"], now["fit"]["points"]) == ("B", 25 + 8 + 15 + 8 + 6 + 5)
    assert now["readiness"] == {
        "level": 2,
        "points": 35,
        "evidence": [
            {"criterion": "colleagues_invited", "points": 35, "value": 1, "known": True, "note": "last 2026-03-02"}
        ],
    }
    assert (now["outcome"], now["lead_type"]) == ("mql", "product")
    assert now["missing"] == [], "an A would be the same MQL"
    assert [reason["why"] for reason in now["because"]] == [
        "Fit B and readiness 2 are an MQL: 35 points, and the line for B is 30."
    ]
    assert {"fact": "employees", "value": 200, "source": "web_form", "at": "2026-03-02T09:00:00Z"} in now["facts"]
    assert now["playbook_version"] == (await harness.emitted(LeadQualified))[0].playbook_version
    later = await score(harness, 40)
    assert (later["readiness"]["level"], later["outcome"]) == (4, "nurture")
    assert (await score(harness, -1))["readiness"]["points"] == 0


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"{CYD}/score", 404, "contact_unknown"),
        ("nobody/score", 422, "uuid_parsing"),
        (f"{CYD}/score?at=yesterday", 422, "time_malformed"),
        (f"{CYD}/score?at=2026-03-02T09:00:00", 422, "time_malformed"),
    ],
)
async def test_what_cannot_be_answered_is_a_problem_document(
    harness: ServiceHarness, path: str, status: int, code: str
) -> None:
    answer = await harness.http.get(f"/v1/contacts/{path}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["code"] for error in answer.json()["errors"]] == [code]


async def test_a_batch_costs_the_same_few_statements_however_large(harness: ServiceHarness) -> None:
    answers: list[str] = []
    raw: Any = harness.raw
    async with harness.transaction() as tx:
        core = tx.connection.sync_connection
        sa.event.listen(core, "before_cursor_execute", lambda _connection, _cursor, text, *_: answers.append(text))
    costs = []
    for size in (1, 2, 200):
        batch = [captured("demo_request", contact=UUID(int=size * 1000 + number), **IDEAL) for number in range(size)]
        answers.clear()
        with raw.query_logger(lambda record: answers.append(record.query)):
            await harness.deliver(*batch)
        costs.append([" ".join(text.split())[:60] for text in answers if "savepoint" not in text.lower()])
    assert await rows(harness, "leads") == 203
    assert costs[1] == costs[2]
    assert len(costs[2]) <= 11, costs[2]
