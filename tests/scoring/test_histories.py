"""What scoring shows of people's histories, for whoever decides about them by other rules."""

from typing import Any

from events.runtime.testing import ServiceHarness
from tests.scoring.builders import ANN, IDEAL, captured, confirmed, recycled, won
from tests.scoring.test_persons_service import merge
from tests.scoring.test_service import BOB, CYD, account


async def pages(harness: ServiceHarness, limit: int) -> list[list[dict[str, Any]]]:
    found: list[list[dict[str, Any]]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await harness.http.get("/v1/histories", params={"limit": str(limit), **cursor})
        assert answer.status_code == 200, answer.text
        found.append(answer.json()["items"])
        if answer.json()["next"] is None:
            return found
        cursor = {"cursor": answer.json()["next"]}


async def test_each_person_comes_once_with_all_that_is_known_whatever_the_pages(harness: ServiceHarness) -> None:
    await harness.deliver(captured("contact_sales", 0, contact=ANN, **IDEAL), account("prospect"))
    await harness.deliver(captured("pricing_view", 1, contact=BOB), *merge())
    await harness.deliver(captured("social", 1, contact=CYD))
    await harness.deliver(confirmed(2, budget=True, authority=True, need=True, timing=False), won(3))
    whole = [person for page in await pages(harness, 1000) for person in page]
    assert sorted(person["contact_id"] for person in whole) == sorted(map(str, (ANN, CYD)))
    singly = await pages(harness, 1)
    assert [person for page in singly for person in page] == whole
    assert max(map(len, singly)) == 1
    (ann,) = (person for person in whole if person["contact_id"] == str(ANN))
    assert sorted(each["engagement"] for each in ann["engagements"]) == ["contact_sales", "pricing_view"]
    assert {each["kind"]: each["reason"] for each in ann["lifecycle"]} == {
        "worked": None, "confirmed": "BAN-", "won": None
    }  # fmt: skip
    assert ann["accounts"] == {IDEAL["email_domain"]: "prospect"}
    (lead,) = ann["leads"]
    assert (lead["cycle"], lead["lead_type"], lead["by_request"]) == (1, "hand_raiser", True)
    assert lead["ended_at"] is not None


async def test_a_lead_that_came_back_says_when_it_ended(harness: ServiceHarness) -> None:
    await harness.deliver(captured("contact_sales", 0, contact=ANN, **IDEAL))
    await harness.deliver(recycled(5))
    await harness.deliver(captured("contact_sales", 9, contact=ANN, name="again", **IDEAL))
    ((person,),) = await pages(harness, 1000)
    assert [lead["ended_at"] is None for lead in person["leads"]] == [False, True]


async def test_where_nobody_is_known_the_list_is_empty(harness: ServiceHarness) -> None:
    assert await pages(harness, 1) == [[]]
