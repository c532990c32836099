"""A date means the working day of whoever should have the lead, and who returns waits for their rep (issue 14)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from events.contacts import Consent, ConsentChanged
from events.leads import LeadAssigned, LeadQueued, LeadReleased
from events.runtime.testing import START, ServiceHarness
from tests.routing.builders import contact, cooled, playbook, qualified, recycled, use
from tests.routing.test_service import assert_sound, decisions

OFFICE = {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
BERLIN = {"team": "development", "works": {"zone": "Europe/Berlin", **OFFICE}}
NEW_YORK = {"team": "development", "works": {"zone": "America/New_York", **OFFICE}}
AFTERNOON_IN_NEW_YORK = START + timedelta(hours=11)
"""20:00 UTC: Dora in Berlin sleeps, Nick in New York is at work."""
MORNING_IN_BERLIN = START + timedelta(hours=23)
HOUR = timedelta(hours=1)


def content(name: str = "ada", *, at: datetime = START, **facts: Any) -> Any:
    return qualified(name, at=at, **{"lead_type": "content", "outcome": "mql", "engagement": "trial_started", **facts})


async def given_that_dora_knows(harness: ServiceHarness, *names: str, **dora: Any) -> None:
    """Dora had them on Monday morning, and gave them back; it is 20:00 UTC now."""
    await use(harness, reps={"dora": BERLIN})
    for name in names:
        await harness.deliver(content(name), recycled(name, at=START))
    assert {event.rep_id for event in await harness.emitted(LeadAssigned)} <= {"dora"}
    await use(harness, reps={"dora": BERLIN | dora, "nick": NEW_YORK})
    await harness.advance(AFTERNOON_IN_NEW_YORK - START)


async def assigned(harness: ServiceHarness, cycle: int = 2) -> list[tuple[str, str, datetime]]:
    events = [event for event in await harness.emitted(LeadAssigned) if event.cycle == cycle]
    return [(event.rep_id, event.reason, event.occurred_at) for event in events]


async def test_who_is_woken_while_their_rep_sleeps_meets_that_rep_in_the_morning(harness: ServiceHarness) -> None:
    """Nick is at work and would get her; Dora, who knows her, begins at nine in Berlin."""
    await given_that_dora_knows(harness, "ada")
    await harness.deliver(content(cycle=2, at=AFTERNOON_IN_NEW_YORK, engagement="wake_up"))
    await harness.advance(timedelta(hours=11))
    assert await assigned(harness) == []
    assert await harness.emitted(LeadQueued) == [], "no promise runs while she waits"
    await assert_sound(harness)
    await harness.advance(2 * HOUR)
    assert await assigned(harness) == [("dora", "knows_them", MORNING_IN_BERLIN)]
    waited = (await decisions(harness, "ada", 2))[0]
    assert (waited["kind"], waited["reason"]) == ("kept", "waits_for_working_day")
    assert waited["tried"][0]["why"] == "dora has had them before; until 2026-03-03 08:00 UTC"
    await assert_sound(harness)


async def test_who_asks_for_sales_waits_for_nobody(harness: ServiceHarness) -> None:
    await given_that_dora_knows(harness, "bob")
    await harness.deliver(qualified("bob", cycle=2, at=AFTERNOON_IN_NEW_YORK, lead_type="fast_track"))
    await use(harness, reps={"dora": BERLIN, "nick": NEW_YORK}, account_first={"returning_waits": None})
    await harness.deliver(content("bob", cycle=3, at=AFTERNOON_IN_NEW_YORK))
    assert [name for name, _, _ in await assigned(harness, 2)] != ["dora"]
    assert [name for name, _, _ in await assigned(harness, 3)] == ["nick"], "the playbook waits for nobody"


async def test_nobody_waits_for_a_rep_who_is_away_for_two_weeks(harness: ServiceHarness) -> None:
    away = {"absences": [{"from": "2026-03-02", "to": "2026-03-16"}]}
    await given_that_dora_knows(harness, "ada", **away)
    await harness.deliver(content(cycle=2, at=AFTERNOON_IN_NEW_YORK, engagement="wake_up"))
    assert await assigned(harness) == [("nick", "rotation", AFTERNOON_IN_NEW_YORK)]


async def test_nobody_waits_for_a_rep_who_is_at_work(harness: ServiceHarness) -> None:
    """In the morning Dora, who knows Ada, gets her at once; for Eve, whom nobody knows, the team is at work."""
    await given_that_dora_knows(harness, "ada")
    await harness.advance(MORNING_IN_BERLIN - AFTERNOON_IN_NEW_YORK)
    woken: dict[str, Any] = {"at": MORNING_IN_BERLIN, "engagement": "wake_up"}
    await harness.deliver(content(cycle=2, **woken), content("eve", cycle=2, **woken))
    assert sorted(await assigned(harness)) == [
        ("dora", "knows_them", MORNING_IN_BERLIN), ("dora", "rotation", MORNING_IN_BERLIN),
    ]  # fmt: skip


async def test_a_date_without_a_rep_begins_with_the_working_day_of_the_team(harness: ServiceHarness) -> None:
    """Eve is woken at two at night; Dora's morning comes before Nick's."""
    await given_that_dora_knows(harness)
    await harness.advance(6 * HOUR)
    await harness.deliver(content("eve", at=START + 17 * HOUR, engagement="wake_up"))
    await harness.advance(6 * HOUR)
    assert await assigned(harness, 1) == [("dora", "rotation", MORNING_IN_BERLIN)]
    assert await harness.emitted(LeadQueued) == []


async def test_who_cools_or_refuses_while_they_wait_is_nobody_s_lead(harness: ServiceHarness) -> None:
    await given_that_dora_knows(harness, "ada", "bob")
    at = AFTERNOON_IN_NEW_YORK
    await harness.deliver(content(cycle=2, at=at), content("bob", cycle=2, at=at))
    no = Consent(purpose="sales", granted=False, wording_version="1", at=at)
    refusal = ConsentChanged(contact_id=contact("bob"), occurred_at=at, revision=1, consents=[no], suppressed=[])
    await harness.deliver(cooled("ada", cycle=2, at=at), refusal)
    await harness.advance(timedelta(days=1))
    released = [(event.contact_id, event.reason) for event in await harness.emitted(LeadReleased) if event.cycle == 2]
    assert released == [(contact("ada"), "cooled"), (contact("bob"), "no_basis")]
    assert await assigned(harness) == []
    await assert_sound(harness)


async def test_a_limit_in_business_time_is_refused() -> None:
    with pytest.raises(ValidationError, match="elapsed time"):
        playbook(account_first={"returning_waits": "60b"})
