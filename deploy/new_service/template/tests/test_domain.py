"""Which people are cases, and which cases are open."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from events.contacts import ContactErased, ErasureReceipt
from events.leads import LeadCycle, LeadLifecycle
from newcomer.domain import Case, case_of, is_open, receipts

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ADA, FIRST, SECOND = UUID(int=1), UUID(int=2), UUID(int=3)


def cycle(lead_id: UUID, number: int, state: str, since: datetime = NOW) -> LeadCycle:
    return LeadCycle(lead_id=lead_id, cycle=number, state=state, side="marketing", since=since)


def life(*cycles: LeadCycle) -> LeadLifecycle:
    return LeadLifecycle(occurred_at=NOW, contact_id=ADA, revision=7, cycles=list(cycles))


def test_the_last_cycle_makes_the_case() -> None:
    found = case_of(life(cycle(SECOND, 2, "recycled"), cycle(FIRST, 1, "won")))
    assert found == Case(ADA, 7, SECOND, "recycled", NOW)


def test_a_life_without_a_cycle_makes_no_case() -> None:
    assert case_of(life()) is None


def test_a_case_is_open_until_somebody_looked_since_it_came_there() -> None:
    case = Case(ADA, 7, FIRST, "recycled", NOW)
    assert is_open(case, ["recycled"])
    assert not is_open(case, ["lost"])
    assert not is_open(case._replace(handled_at=NOW), ["recycled"])
    assert is_open(case._replace(handled_at=NOW - timedelta(days=1)), ["recycled"])


def test_an_erasure_is_answered_with_the_number_of_rows() -> None:
    asked = ContactErased(occurred_at=NOW, contact_id=ADA, erasure_id=FIRST)
    assert receipts([asked], {ADA: 3}, "newcomer", NOW) == [
        ErasureReceipt(occurred_at=NOW, contact_id=ADA, erasure_id=FIRST, service="newcomer", rows=3)
    ]
