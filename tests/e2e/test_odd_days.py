"""What no plan foresees: reps who leave, wishes that change, dates that are past, facts that contradict each other."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.e2e.test_known_people import BAKERY
from tests.e2e.test_people import OFFICE, QUARTER, due_at, first_touch, given_to, morning_in_new_york, pass_until
from tests.e2e.test_people_at_work import missed
from tests.e2e.world import NUMBERS, WEEKEND, Record, World

pytestmark = pytest.mark.e2e

DAY = timedelta(days=1)
TOKYO = ZoneInfo("Asia/Tokyo")


async def last_decision(world: World, lead_id: str) -> dict[str, Any]:
    await world.settled()
    found: dict[str, Any] = (await world.get("routing", f"/v1/leads/{lead_id}/decisions"))["items"][-1]
    return found


async def lead_of(world: World, lead: Record) -> dict[str, Any]:
    await world.settled()
    found: dict[str, Any] = await world.get("feedback", f"/v1/leads/{lead.value['lead_id']}")
    return found


async def score_of(world: World, contact: str) -> dict[str, Any]:
    await world.settled()
    found: dict[str, Any] = await world.get("scoring", f"/v1/contacts/{contact}/score")
    return found


async def a_weekday(world: World, hour: int) -> datetime:
    """Return an hour of the next weekday after today (UTC)."""
    day = await world.now() + DAY
    while day.isoweekday() in WEEKEND:
        day += DAY
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)


async def test_a_rep_who_leaves_for_good_leaves_nobody_waiting_and_their_meetings_are_kept(world: World) -> None:
    """Of three leads one is fresh, one called, one has a meeting; who follows meets nobody else at that time."""
    await world.a_working_morning()
    await world.put_rep("quinn", team="ae", role="ae", status="active")
    at = (await a_weekday(world, 10)).isoformat()
    contacts = [await world.somebody_submits("demo_request") for _ in range(4)]
    first = [await world.reads("lead.assigned.v1", contact) for contact in contacts]
    busy, *theirs = first
    taken = await world.post("routing", f"/v1/leads/{busy.value['lead_id']}/book", {"starts_at": at, "by": "lea"})
    given = [await given_to(world, "quinn", lead) for lead in theirs]
    await world.the_rep_says(given[1], "touches", kind="call", outcome="welcomed")
    booked = await world.post("routing", f"/v1/leads/{given[2].value['lead_id']}/book", {"starts_at": at, "by": "lea"})
    assert (booked["rep_id"], taken["rep_id"] != "quinn") == ("quinn", True)

    await world.put_rep("quinn", status="left")
    await world.time_passes("1m")
    for lead in given:
        now = (await world.read("lead.assigned.v1", lead.key))[-1].value
        assert (now["rep_id"] != "quinn", now["reason"]) == (True, "rep_left")
    meeting = (await world.read("lead.assigned.v1", given[2].key))[-1].value
    assert datetime.fromisoformat(meeting["meeting_at"]) == datetime.fromisoformat(at)
    assert meeting["rep_id"] != taken["rep_id"]
    for contact in contacts:
        await world.the_rep_says((await world.read("lead.assigned.v1", contact))[-1], "disqualify", reason="vendor")


async def test_the_morning_of_a_rep_who_moves_to_tokyo_is_tokyos(world: World) -> None:
    await world.a_working_morning()
    await world.put_rep("nils", team="inbound", status="paused", **OFFICE)
    contact = await world.somebody_submits("demo_request")
    lead = await given_to(world, "nils", await world.reads("lead.assigned.v1", contact))
    assert await due_at(world, lead.value["lead_id"]) == morning_in_new_york(await world.now()) + QUARTER
    await world.put_rep("nils", works={"zone": TOKYO.key})
    there = (await due_at(world, lead.value["lead_id"])).astimezone(TOKYO)
    assert (there.hour, there.minute) == (9, 15), "it is evening in Tokyo: their next morning"
    assert there.isoweekday() not in WEEKEND
    await world.the_rep_says(lead, "disqualify", reason="vendor")


@pytest.mark.parametrize("hours", [-30, -1])
async def test_who_asked_to_be_called_at_a_time_that_is_past_is_called_now(world: World, hours: int) -> None:
    await world.a_working_morning()
    at = await world.now() + timedelta(hours=hours)
    contact = await world.somebody_submits("demo_request", preference="call_me", preferred_at=at.isoformat())
    lead = await world.reads("lead.assigned.v1", contact)
    assert await due_at(world, lead.value["lead_id"]) == await world.now() + QUARTER
    await world.the_rep_says(lead, "disqualify", reason="vendor")


async def test_who_asked_to_be_called_at_three_at_night_is_not_their_reps_night_shift(world: World) -> None:
    await world.a_working_morning()
    await world.put_rep("nils", team="inbound", status="paused", **OFFICE)
    at = (await a_weekday(world, 8)).replace(hour=3)
    contact = await world.somebody_submits("demo_request", preference="call_me", preferred_at=at.isoformat())
    lead = await given_to(world, "nils", await world.reads("lead.assigned.v1", contact))
    assert await due_at(world, lead.value["lead_id"]) == morning_in_new_york(at) + QUARTER
    await world.the_rep_says(lead, "disqualify", reason="vendor")


async def test_who_books_cancels_and_books_again_has_the_second_slot_and_the_first_is_free(world: World) -> None:
    await world.a_working_morning()
    first, second = [(await a_weekday(world, hour)).isoformat() for hour in (13, 14)]
    contact = await world.somebody_submits("demo_request", preference="book", preferred_at=first)
    lead = await world.reads("lead.assigned.v1", contact)
    rep_id = lead.value["rep_id"]
    assert datetime.fromisoformat(lead.value["meeting_at"]) == datetime.fromisoformat(first)
    await world.the_rep_says(lead, "meetings", starts_at=first, outcome="cancelled")
    assert rep_id in await free_at(world, first)
    again = await world.post("routing", f"/v1/leads/{lead.value['lead_id']}/book", {"starts_at": second, "by": "lea"})
    assert (again["rep_id"], datetime.fromisoformat(again["meeting_at"])) == (rep_id, datetime.fromisoformat(second))
    assert rep_id not in await free_at(world, second)
    await pass_until(world, datetime.fromisoformat(second) + timedelta(minutes=30))
    now = (await world.read("lead.assigned.v1", contact))[-1]
    await world.the_rep_says(now, "meetings", starts_at=second, outcome="held")
    await world.settled()
    assert (await first_touch(world, now.value["lead_id"]))["state"] in ("met", "rescinded"), "noted after the meeting"
    await world.the_rep_says(now, "disqualify", reason="vendor")


async def free_at(world: World, at: str) -> list[str]:
    await world.settled()
    slots = await world.listed("routing", "/v1/slots?queue=booked")
    found = [
        slot["rep_ids"] for slot in slots if datetime.fromisoformat(slot["starts_at"]) == datetime.fromisoformat(at)
    ]
    return [rep_id for each in found for rep_id in each]


async def test_not_now_with_a_date_that_is_past_waits_as_not_ready_does(world: World) -> None:
    at = await world.now() - 3 * DAY
    contact = await world.somebody_submits("demo_request", preference="not_now", preferred_at=at.isoformat())
    ended = await world.reads("lead.recycled.v1", contact)
    assert datetime.fromisoformat(ended.value["wake_at"]) > await world.now() + 7 * DAY
    assert await world.read("lead.assigned.v1", contact) == []


async def test_a_lead_that_is_in_the_wrong_territory_twice_meets_two_others(world: World) -> None:
    await world.a_working_morning()
    contact = await world.somebody_submits("demo_request")
    lead = await world.reads("lead.assigned.v1", contact)
    had = [lead.value["rep_id"]]
    for country in ("FR", "DE"):
        await world.the_rep_says(lead, "reject", reason="wrong_territory", context={"country": country})
        await world.settled()
        lead = (await world.read("lead.assigned.v1", contact))[-1]
        assert lead.value["country"] == country
        assert lead.value["rep_id"] not in had
        had.append(lead.value["rep_id"])
    await world.the_rep_says(lead, "disqualify", reason="vendor")


async def test_who_lost_a_lead_accepts_it_no_more_and_their_late_call_counts_for_who_has_it(world: World) -> None:
    await world.a_working_morning()
    contact = await world.somebody_submits("demo_request")
    lead = await world.reads("lead.assigned.v1", contact)
    called_at = (await world.now()).isoformat()
    await world.time_passes("2m")
    await world.post(
        "routing", f"/v1/leads/{lead.value['lead_id']}/pass", {"by": lead.value["rep_id"], "reason": "too many"}
    )
    await world.settled()
    holder = (await world.read("lead.assigned.v1", contact))[-1]
    await world.the_rep_says(lead, "accept")
    assert (await last_decision(world, lead.value["lead_id"]))["rep_id"] == holder.value["rep_id"]
    await world.the_rep_says(lead, "touches", kind="call", outcome="welcomed", at=called_at)
    shown = await lead_of(world, lead)
    assert shown["rep_id"] == holder.value["rep_id"]
    assert shown["touches"] == 1
    await world.time_passes("1h")
    assert "first_touch" not in await missed(world, contact)
    await world.the_rep_says(holder, "disqualify", reason="vendor")


async def test_a_date_on_a_sunday_waits_for_the_monday_of_whoever_knows_them(world: World) -> None:
    await world.a_working_morning()
    await world.put_rep("yann", team="am", status="active", **OFFICE)
    contact = await world.somebody_submits("demo_request")
    known = await given_to(world, "yann", await world.reads("lead.assigned.v1", contact))
    sunday = (await world.now()).date() + timedelta(days=60)
    sunday += timedelta(days=7 - sunday.isoweekday())
    wake_at = datetime(sunday.year, sunday.month, sunday.day, tzinfo=(await world.now()).tzinfo)
    await world.the_rep_says(known, "recycle", reason="no_budget", wake_at=wake_at.isoformat())
    await world.settled()
    await pass_until(world, wake_at + timedelta(hours=20))
    again = await world.reads("lead.qualified.v1", contact, lambda value: value["cycle"] == 2)
    assert (await last_decision(world, again.value["lead_id"]))["reason"] == "waits_for_working_day"
    await pass_until(world, morning_in_new_york(wake_at) + timedelta(minutes=1))
    second = await world.reads("lead.assigned.v1", contact, lambda value: value["cycle"] == 2)
    assert second.value["rep_id"] == "yann"
    assert datetime.fromisoformat(second.value["handed_over_at"]) == morning_in_new_york(wake_at)
    await world.the_rep_says(second, "recycle", reason="no_budget")

    await world.put_rep("yann", status="left")
    await world.time_passes("1d")
    email = (await world.reads("contact.profile.v1", contact)).value["email"]
    await world.somebody_submits("contact_sales", email=email)
    third = await world.reads("lead.assigned.v1", contact, lambda value: value["cycle"] == 3)
    assert third.value["rep_id"] != "yann", "who knew them has left"
    await world.the_rep_says(third, "disqualify", reason="vendor")


async def test_a_fact_that_sales_corrected_is_corrected_back_by_sales_and_by_nobody_below_them(world: World) -> None:
    """Four people, says the rep; an enricher says 250 and changes nothing; another rep has counted 120."""
    contact = await world.somebody_submits("demo_request", employees=250)
    lead = await world.reads("lead.assigned.v1", contact)
    before = (await score_of(world, contact))["fit"]["points"]
    corrections = f"/v1/leads/{lead.value['lead_id']}/corrections"
    await world.post("feedback", corrections, {"by": "max", "facts": {"employees": 4}})
    small = (await score_of(world, contact))["fit"]["points"]
    assert small < before
    await world.time_passes("1m")
    answer = await world.http.put(
        f"{world.stack.urls['scoring']}/v1/contacts/{contact}/facts",
        json={"facts": {"employees": 250}, "source": "enrichment", "confidence": 0.99},
    )
    assert answer.is_success
    assert (await score_of(world, contact))["fit"]["points"] == small
    await world.post("feedback", corrections, {"by": "lea", "facts": {"employees": 120}})
    size = next(
        line for line in (await score_of(world, contact))["fit"]["evidence"] if line["criterion"] == "employees"
    )
    assert size["value"] == 120
    await world.the_rep_says(lead, "disqualify", reason="vendor")


async def test_a_competitor_who_becomes_a_customer_is_looked_after_as_one(world: World) -> None:
    domain = f"rival-{next(NUMBERS)}.example"
    account = f"{world.stack.urls['capture']}/v1/accounts/{domain}"
    assert (await world.http.put(account, json={"name": "Rival", "kind": "competitor"})).is_success
    await world.settled()
    contact = await world.somebody_submits("demo_request", email=f"ada@{domain}")
    found = await score_of(world, contact)
    assert found["outcome"] == "excluded"
    assert "competitor" in found["because"][0]["why"].lower()
    assert await world.read("lead.qualified.v1", contact) == []
    assert (await world.http.put(account, json={"name": "Rival", "kind": "customer"})).is_success
    await world.settled()
    await world.time_passes("1h")
    await world.somebody_submits("contact_sales", email=f"ada@{domain}")
    qualified = await world.reads("lead.qualified.v1", contact)
    assert qualified.value["lead_type"] == "customer"
    assigned = await world.reads("lead.assigned.v1", contact)
    assert assigned.value["role"] == "am"
    await world.the_rep_says(assigned, "disqualify", reason="vendor")


async def test_each_outcome_says_why_it_is_one(world: World) -> None:
    """15.2: a sentence, a kind and a rule for every outcome that there is."""
    customer, rival = f"bought-{next(NUMBERS)}.example", f"rival-{next(NUMBERS)}.example"
    for domain, kind in ((customer, "customer"), (rival, "competitor")):
        account = f"{world.stack.urls['capture']}/v1/accounts/{domain}"
        assert (await world.http.put(account, json={"name": kind, "kind": kind})).is_success
    await world.settled()
    reader = {"email": f"ada@reads-{next(NUMBERS)}.example"}
    for engagement in ("webinar_attended", "pricing_view", "webinar_attended"):
        await world.somebody_submits(engagement, **reader, content=f"webinar-{next(NUMBERS)}")
    contact_of = {
        "hand_raiser": await world.somebody_submits("demo_request"),
        "mql": await world.somebody_submits("colleagues_invited", **reader),
        "nurture": await world.somebody_submits("social"),
        "poor_fit": await world.somebody_submits("content_download", **BAKERY),
        "excluded": await world.somebody_submits("contact_sales", email=f"ada@{rival}"),
        "customer": await world.somebody_submits("contact_sales", email=f"ada@{customer}"),
    }
    for outcome, contact in contact_of.items():
        found = await score_of(world, contact)
        assert found["outcome"] == outcome, found["because"]
        first = found["because"][0]
        assert first["why"].endswith("."), first
        assert first["rule"], first
    for contact in contact_of.values():
        for lead in (await world.read("lead.assigned.v1", contact))[-1:]:
            await world.the_rep_says(lead, "disqualify", reason="vendor")


async def test_a_new_title_counts_from_when_it_is_known(world: World) -> None:
    """A baker who has become head of marketing, while their lead is open."""
    email = f"risen@titles-{next(NUMBERS)}.example"
    contact = await world.somebody_submits("demo_request", email=email, job_title="Trainee")
    lead = await world.reads("lead.qualified.v1", contact)
    await world.reads("lead.assigned.v1", contact)
    await world.time_passes("1d")
    await world.somebody_submits("content_download", email=email, job_title="Head of Marketing")
    regraded = await world.reads("lead.regraded.v1", contact)
    assert (regraded.value["job_title"], regraded.value["previous_fit"]) == ("Head of Marketing", lead.value["fit"])
    assert regraded.value["fit_points"] > lead.value["fit_points"]
    await world.the_rep_says((await world.read("lead.assigned.v1", contact))[-1], "disqualify", reason="vendor")
