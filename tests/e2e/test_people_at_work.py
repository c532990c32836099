"""What reps do and leave undone: nobody keeps a lead by a click, and nobody is blamed for work that was done."""

from datetime import datetime, timedelta

import pytest

from tests.e2e.test_people import first_touch, pass_until
from tests.e2e.world import WEEKEND, World

pytestmark = pytest.mark.e2e

NO = {"budget": False, "authority": False, "need": False, "timing": False}
ENOUGH = NO | {"need": True, "budget": True, "timing": True}
MINUTE = timedelta(minutes=1)


async def missed(world: World, contact: str) -> set[str]:
    """Return the clocks that were missed about a contact."""
    await world.settled()
    return {record.value["clock"] for record in await world.read("clock.breached.v1", contact)}


async def test_who_accepts_and_does_nothing_can_lose_the_lead_and_does_not_get_it_again(world: World) -> None:
    """14.1, 14.2: an acceptance is a click. The lead passes on, and never back to whoever had it."""
    await world.a_working_morning()
    contact = await world.somebody_submits("demo_request")
    holder = await world.reads("lead.assigned.v1", contact)
    await world.the_rep_says(holder, "accept")
    await world.time_passes("1h")
    assert await missed(world, contact) == {"first_touch"}
    had = [holder.value["rep_id"]]
    for number in (2, 3):
        body = {"by": had[-1], "reason": "no time for it"}
        passed = await world.post("routing", f"/v1/leads/{holder.value['lead_id']}/pass", body)
        assert passed["changed"]
        await world.settled()
        holder = (await world.read("lead.assigned.v1", contact))[-1]
        assert holder.value["placement"] == number
        assert holder.value["rep_id"] not in had
        had.append(holder.value["rep_id"])
        await world.the_rep_says(holder, "accept")
    await world.the_rep_says(holder, "disqualify", reason="vendor")


async def test_who_asked_to_be_called_tomorrow_at_ten_is_called_then_and_no_clock_runs_before(world: World) -> None:
    """14.3: nobody misses anything in the night between, and from ten on a quarter of an hour is promised."""
    await world.a_working_morning()
    ten = (await world.now() + timedelta(days=1)).replace(hour=10)
    while ten.isoweekday() in WEEKEND:
        ten += timedelta(days=1)
    contact = await world.somebody_submits("demo_request", preference="call_me", preferred_at=ten.isoformat())
    lead = await world.reads("lead.assigned.v1", contact)
    await world.settled()
    clock = await first_touch(world, lead.value["lead_id"])
    assert (clock["state"], datetime.fromisoformat(clock["due_at"])) == ("paused", ten + 15 * MINUTE)
    await pass_until(world, ten + 4 * MINUTE)
    assert await missed(world, contact) == set()
    assert len(await world.read("lead.assigned.v1", contact)) == 1, "it stays with whoever has it"
    await world.the_rep_says(lead, "touches", kind="call", outcome="welcomed")
    await world.settled()
    assert (await first_touch(world, lead.value["lead_id"]))["state"] == "met"
    await world.the_rep_says(lead, "disqualify", reason="vendor")


async def test_a_deal_for_which_nobody_logged_a_call_is_no_ignored_lead(world: World) -> None:
    """14.8, 14.13: four times no is no SQL, and nobody but its rep confirms; then the deal itself is the touch."""
    await world.a_working_morning()
    contact = await world.somebody_submits("demo_request")
    lead = await world.reads("lead.assigned.v1", contact)
    await world.the_rep_says(lead, "accept")
    address = f"{world.stack.urls['feedback']}/v1/leads/{lead.value['lead_id']}/confirm"
    for by, answers, status in ((lead.value["rep_id"], NO, 422), ("zoe", ENOUGH, 403)):
        refused = await world.http.post(address, json={"by": by, "bant": answers})
        assert refused.status_code == status, refused.text
    await world.the_rep_says(lead, "confirm", bant=ENOUGH)
    await world.the_rep_says(lead, "opportunity", amount=9_000, currency="EUR")
    await world.time_passes("8d")
    assert await missed(world, contact) == set()
    met = {record.value["clock"] for record in await world.read("clock.met.v1", contact)}
    assert {"acceptance", "first_touch", "second_touch"} <= met
    misses = await world.listed("sla-monitor", "/v1/breaches")
    assert lead.value["lead_id"] not in {row["lead_id"] for row in misses}
    await world.the_rep_says(lead, "won", amount=9_000)


async def test_who_answers_none_of_six_calls_over_ten_days_is_decided_upon_then(world: World) -> None:
    """14.9: and two calls within a minute are one attempt."""
    await world.a_working_morning()
    contact = await world.somebody_submits("demo_request")
    lead = await world.reads("lead.assigned.v1", contact)
    await world.the_rep_says(lead, "accept")
    for _ in range(5):
        for _ in range(2):
            await world.the_rep_says(lead, "touches", kind="call", outcome="no_answer")
            await world.time_passes("1m")
        await world.time_passes("51h")
    await world.settled()
    assert await world.read("review.opened.v1", contact) == []
    await world.the_rep_says(lead, "touches", kind="call", outcome="no_answer")
    opened = await world.reads("review.opened.v1", contact)
    assert datetime.fromisoformat(opened.value["occurred_at"]) == await world.now()
    await world.the_rep_says(lead, "recycle", reason="unreachable")
    ended = await world.reads("lead.recycled.v1", contact)
    assert (ended.value["reason"], ended.value["track"]) == ("unreachable", "re-engage")


async def test_marketing_answers_in_words_and_its_rep_reads_it_once(world: World) -> None:
    """14.14: by one person, without a simulation."""
    contact = await world.somebody_submits("demo_request", campaign="answered")
    lead = await world.reads("lead.assigned.v1", contact)
    rep_id = lead.value["rep_id"]
    message = {"about": "messaging", "campaign": "answered", "contact_id": contact, "note": "All ask why now"}
    given = await world.post("feedback", "/v1/feedback", message | {"by": rep_id})
    await world.the_rep_says(lead, "disqualify", reason="vendor")
    await world.time_passes("1d")
    answer = {"feedback_ids": [given["feedback_id"]], "answer": "copy_changed", "by": "mia", "note": "It says why now"}
    await world.post("feedback", "/v1/feedback/answers", answer)
    await world.settled()
    answered = await world.read("feedback.answered.v1", contact)
    assert [record.value["rep_id"] for record in answered] == [rep_id]
    (shown,) = (await world.get("feedback", f"/v1/feedback?by={rep_id}&open=false"))["items"]
    assert (shown["note"], shown["answer_note"]) == ("All ask why now", "It says why now")
