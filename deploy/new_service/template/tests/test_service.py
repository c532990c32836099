"""Cases on PostgreSQL: the same whatever the order, handled by people, erased with a receipt."""

from datetime import timedelta
from random import Random
from uuid import UUID, uuid4

from events.contacts import ContactErased, ErasureReceipt
from events.leads import LeadLifecycle
from events.runtime.testing import ServiceHarness
from newcomer.domain import Case, is_open
from tests.newcomer.test_domain import ADA, FIRST, NOW, cycle

OTHER = UUID(int=9)


def life(revision: int, state: str, contact_id: UUID = ADA) -> LeadLifecycle:
    at = NOW + timedelta(minutes=revision - 2)
    moved = cycle(FIRST, 1, state, since=at)
    return LeadLifecycle(occurred_at=at, contact_id=contact_id, revision=revision, cycles=[moved])


EVENTS = [life(1, "mql"), life(2, "recycled"), life(3, "lost"), life(1, "recycled", OTHER)]


async def rows(harness: ServiceHarness) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await harness.raw.fetch("select * from cases order by contact_id")]


async def open_cases(harness: ServiceHarness, query: str = "") -> list[str]:
    answer = await harness.http.get(f"/v1/newcomer{query}")
    assert answer.status_code == 200
    return [case["contact_id"] for case in answer.json()["items"]]


async def test_any_order_and_any_duplicates_make_the_same_rows(harness: ServiceHarness) -> None:
    found = []
    for seed in range(4):
        random = Random(seed)  # noqa: S311 - reproducible
        events = random.sample(EVENTS, len(EVENTS)) + random.choices(EVENTS, k=2) if seed else EVENTS
        for event in events:
            await harness.deliver(event)
        found.append(await rows(harness))
        await harness.raw.execute("delete from cases")
    assert found[1:] == found[:1] * 3
    assert [case[3] for case in found[0]] == ["lost", "recycled"]


async def test_what_is_listed_is_what_the_domain_calls_open(harness: ServiceHarness) -> None:
    await harness.deliver(life(1, "won", UUID(int=8)), *EVENTS)
    stored = [Case(*row) for row in await harness.raw.fetch("select * from cases order by since, contact_id")]
    wanted = [str(case.contact_id) for case in stored if is_open(case, ("recycled", "lost"))]
    assert await open_cases(harness) == wanted == [str(OTHER), str(ADA)]


async def test_a_list_goes_on_where_its_page_ended(harness: ServiceHarness) -> None:
    await harness.deliver(*EVENTS)
    first = (await harness.http.get("/v1/newcomer?limit=1")).json()
    assert await open_cases(harness, f"?limit=1&cursor={first['next']}") == [str(ADA)]


async def test_a_case_that_was_handled_is_open_again_when_its_lead_moves_on(harness: ServiceHarness) -> None:
    await harness.deliver(life(2, "recycled"))
    answer = await harness.http.post(f"/v1/newcomer/{ADA}/handle", json={"by": "lea"})
    assert (answer.status_code, answer.json()["handled_by"]) == (200, "lea")
    assert await open_cases(harness) == []
    await harness.deliver(life(3, "lost"))
    assert await open_cases(harness) == [str(ADA)]


async def test_who_is_no_case_cannot_be_handled(harness: ServiceHarness) -> None:
    answer = await harness.http.post(f"/v1/newcomer/{uuid4()}/handle", json={"by": "lea"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "case_unknown")


async def test_erasure_deletes_the_case_and_what_comes_later_makes_none(harness: ServiceHarness) -> None:
    await harness.deliver(*EVENTS)
    await harness.deliver(ContactErased(occurred_at=NOW, contact_id=ADA, erasure_id=uuid4()), life(9, "lost"))
    (receipt,) = await harness.emitted(ErasureReceipt)
    assert receipt.rows == 1
    assert [row[0] for row in await rows(harness)] == [OTHER]
    assert await harness.service.audit_now() == []
