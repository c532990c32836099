"""X47: feedback's database is put back to before all this; what people did comes from its own topics."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from events.envelope import Event
from events.leads import FeedbackAnswered, LeadLifecycle, LeadRecycled, LeadWoken
from events.runtime.testing import START, ServiceHarness
from feedback import handlers
from feedback.models import LeadRow
from tests.feedback.lead_story import LeadStory, days
from tests.feedback.test_answers import post
from tests.feedback.test_service import CALL, YES, does, given_a_lead, residual, show
from tests.put_back import delete_rows, published

Story = Callable[[ServiceHarness, LeadStory], Awaitable[None]]
ADA = LeadStory("ada", start=START)


async def is_won_and_grows(harness: ServiceHarness, ada: LeadStory) -> None:
    await does(harness, "touches", story=ada, **CALL)
    await does(harness, "accept", story=ada)
    await harness.advance(days(2))
    await does(harness, "touches", story=ada, **{**CALL, "outcome": "welcomed"})
    await does(harness, "touches", by="mailer", story=ada, kind="email", outcome="no_answer", automated=True)
    await does(harness, "meetings", story=ada, starts_at="2026-03-06T09:00:00Z", outcome="booked")
    await does(harness, "confirm", story=ada, bant=YES)
    await does(harness, "opportunity", story=ada, amount=900, currency="EUR")
    await does(harness, "won", story=ada, amount=1000)
    await post(harness, f"/v1/contacts/{ada.contact_id}/customer", change="upsold", amount=40, by="cleo")


async def is_met_as_booked(harness: ServiceHarness, ada: LeadStory) -> None:
    slot = (START + days(2)).isoformat()
    await does(harness, "meetings", story=ada, starts_at=slot, outcome="booked")
    await harness.advance(days(3))
    await does(harness, "meetings", story=ada, starts_at=slot, outcome="held")


async def leaves_after_the_win(harness: ServiceHarness, ada: LeadStory) -> None:
    await does(harness, "won", story=ada, amount=100)
    await post(harness, f"/v1/contacts/{ada.contact_id}/customer", change="churned", by="cleo")


async def is_accepted_by_somebody_of_no_known_role(harness: ServiceHarness, ada: LeadStory) -> None:
    await does(harness, "accept", by="zoe", story=ada)


async def is_accepted_as_a_sal_by_an_ae(harness: ServiceHarness, ada: LeadStory) -> None:
    await does(harness, "accept", by="zoe", story=ada, role="ae")


async def is_rejected_for_another_rep(harness: ServiceHarness, ada: LeadStory) -> None:
    await does(harness, "reject", story=ada, reason="wrong_territory", context={"country": "FR"})


async def is_rejected_for_good(harness: ServiceHarness, ada: LeadStory) -> None:
    await does(harness, "reject", story=ada, reason="not_ready", note="after the merger")


async def is_disqualified(harness: ServiceHarness, ada: LeadStory) -> None:
    await does(harness, "disqualify", story=ada, reason="spam")


async def is_too_small_for_now(harness: ServiceHarness, ada: LeadStory) -> None:
    await does(harness, "recycle", story=ada, reason="wrong_size", context={"employees": 4})


async def is_returned_with_a_date(harness: ServiceHarness, ada: LeadStory) -> None:
    await does(
        harness, "recycle", story=ada, reason="wrong_size", context={"employees": 4}, wake_at="2026-09-01T09:00:00Z"
    )


async def is_lost(harness: ServiceHarness, ada: LeadStory) -> None:
    await does(harness, "opportunity", story=ada, amount=900)
    await does(harness, "lost", story=ada, reason="no_budget")


async def is_returned_and_woken(harness: ServiceHarness, ada: LeadStory) -> None:
    await does(harness, "recycle", story=ada, reason="not_ready")
    await harness.advance(days(95))


async def is_returned_and_comes_back_early(harness: ServiceHarness, ada: LeadStory) -> None:
    await does(harness, "recycle", story=ada, reason="no_budget")
    await harness.advance(days(5))
    await harness.deliver(ada.captured(START + days(5), "contact_sales"))


async def is_returned_by_the_review_and_woken(harness: ServiceHarness, ada: LeadStory) -> None:
    await is_returned_by_the_review(harness, ada)
    await harness.advance(days(300))


async def is_forgotten_by_everybody(harness: ServiceHarness, ada: LeadStory) -> None:
    await does(harness, "accept", story=ada)
    await harness.advance(days(400))


async def is_returned_by_the_review(harness: ServiceHarness, ada: LeadStory) -> None:
    await does(harness, "accept", story=ada)
    await harness.advance(days(90))
    await harness.deliver(ada.escalated(START + days(90)))


MOVE = ("step", "at", "by", "to", "reason", "track", "wake_at", "wakes_on", "amount", "has_note")
STORIES: list[Story] = [
    is_won_and_grows, leaves_after_the_win, is_accepted_by_somebody_of_no_known_role, is_accepted_as_a_sal_by_an_ae,
    is_rejected_for_another_rep, is_rejected_for_good, is_disqualified, is_lost, is_too_small_for_now,
    is_returned_with_a_date, is_returned_and_woken, is_returned_and_comes_back_early, is_forgotten_by_everybody,
    is_returned_by_the_review, is_returned_by_the_review_and_woken, is_met_as_booked,
]  # fmt: skip


async def put_back(harness: ServiceHarness, inputs: list[Event]) -> None:
    """Empty feedback's tables, take up what it had published, and read again what others publish."""
    records = await published(harness)
    await delete_rows(harness, [*(table.name for table in LeadRow.metadata.sorted_tables), "timers"])
    async with harness.transaction() as tx:
        await handlers.restore_published_state(records, tx)
    await harness.deliver(*inputs)


def facts(shown: dict[str, Any]) -> dict[str, Any]:
    """Return what a lead amounts to; notes, names of moves and the history's own times are the database's."""
    lines = sorted((line["kind"], line["at"], line["by"] or "") for line in shown["history"])
    moves = [[move.get(name) for name in MOVE] for move in shown["moves"]]
    return {**shown, "history": lines, "moves": sorted(moves, key=str), "notes": None}


async def ends_and_wakes(harness: ServiceHarness) -> list[UUID]:
    """Return the names of the ends and wake-ups that consumers take: of several with one name they take one."""
    found = [*await harness.emitted(LeadRecycled), *await harness.emitted(LeadWoken)]
    return sorted({event.ce_id for event in found})


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
async def test_whatever_became_of_a_lead_is_known_after_a_restore(harness: ServiceHarness, story: Story) -> None:
    """The same state, touches, money and wake-up date; nothing ends or wakes anew, and the audit is clean."""
    inputs: list[Event] = []
    deliver = harness.deliver

    async def delivered(*events: Event) -> None:
        inputs.extend(events)
        await deliver(*events)

    harness.deliver = delivered  # type: ignore[method-assign]  # notes what others published
    ada = await given_a_lead(harness, ADA)
    await story(harness, ada)
    harness.deliver = deliver  # type: ignore[method-assign]
    before, ends = facts(await show(harness, ada)), await ends_and_wakes(harness)
    revision = max(event.revision for event in await harness.emitted(LeadLifecycle))

    await put_back(harness, inputs)

    assert facts(await show(harness, ada)) == before
    assert await ends_and_wakes(harness) == ends
    assert await residual(harness) == []
    later = [event for event in await harness.emitted(LeadLifecycle) if event.revision > revision]
    assert later, "the state as it is now has a revision that no record has"
    await harness.advance(days(1000))
    assert await residual(harness) == []


async def test_what_was_raised_in_calls_is_counted_again_after_a_restore(harness: ServiceHarness) -> None:
    """With its list: a number without one would be what nobody can look at."""
    ada = await given_a_lead(harness, ADA)
    await does(harness, "touches", story=ada, **CALL, topics=["pricing", "pricing", "security"])
    before = (await harness.http.get("/v1/topics")).json()["items"]
    await put_back(harness, [ada.qualified(), ada.assigned()])
    assert (await harness.http.get("/v1/topics")).json()["items"] == before
    assert len(before) == len((await harness.http.get(before[0]["lists"]["times"])).json()["items"]) + 1 == 2


async def test_feedback_and_its_answers_are_known_after_a_restore(harness: ServiceHarness) -> None:
    """Only the words are lost: they are on no topic."""
    body: dict[str, Any] = {"about": "messaging", "campaign": "spring", "note": "promises a lot"}
    first = await post(harness, "/v1/feedback", by="ann", **body)
    await post(harness, "/v1/feedback", by="bob", **body)
    await post(harness, "/v1/feedback/answers", feedback_ids=[first["feedback_id"]], answer="copy_changed", by="mara")
    await put_back(harness, [])
    items = {each["by"]: each for each in (await harness.http.get("/v1/feedback")).json()["items"]}
    assert (items["ann"]["answer"], items["ann"]["answered_by"], items["ann"]["note"]) == ("copy_changed", "mara", None)
    assert items["bob"]["answer"] is None
    assert len(await harness.emitted(FeedbackAnswered)) == 1


async def test_who_was_erased_does_not_come_back(harness: ServiceHarness) -> None:
    """What a service published of them is still on its topics when it starts."""
    ada = await given_a_lead(harness, ADA)
    await does(harness, "accept", story=ada)
    records = await published(harness)
    await harness.deliver(ada.erased(datetime.fromisoformat("2026-03-03T09:00:00Z")))
    async with harness.transaction() as tx:
        await handlers.restore_published_state(records, tx)
    assert (await harness.http.get(f"/v1/leads/{ada.lead_id}")).status_code in {404, 410}
