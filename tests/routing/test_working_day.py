"""A date means the working day of whoever should have the lead, and who returns waits for their rep (issue 14)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from events.contacts import AccountChanged, Consent, ConsentChanged
from events.leads import LeadAssigned, LeadQueued, LeadReleased
from events.runtime.testing import START, ServiceHarness
from tests.routing.builders import DEFAULT, contact, cooled, playbook, qualified, recycled, use
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


ACME: dict[str, Any] = {"email_domain": "acme.com", "email_kind": "corporate"}


async def given_an_owner_of_acme(harness: ServiceHarness, owner: str, kind: str = "prospect") -> None:
    account: dict[str, Any] = {"domain": "acme.com", "owner": owner, "kind": kind, "revision": 1}
    await harness.deliver(AccountChanged(occurred_at=START, **account))


@pytest.mark.parametrize(("kind", "reason"), [("prospect", "account_owner"), ("customer", "customer_owner")])
async def test_a_date_begins_with_the_working_day_of_the_account_s_owner(
    harness: ServiceHarness, kind: str, reason: str
) -> None:
    """At midnight UTC Nick is at work; the date was meant for Dora, who owns the account, and whom it does not wake."""
    await given_that_dora_knows(harness)
    await given_an_owner_of_acme(harness, "dora", kind)
    midnight = AFTERNOON_IN_NEW_YORK + HOUR
    await harness.advance(HOUR)
    await harness.deliver(content("eve", at=midnight, engagement="wake_up", **ACME))
    await harness.advance(MORNING_IN_BERLIN - midnight - timedelta(seconds=1))
    assert await assigned(harness, 1) == []
    await harness.advance(timedelta(seconds=1))
    assert await assigned(harness, 1) == [("dora", reason, MORNING_IN_BERLIN)]
    assert await harness.emitted(LeadQueued) == [], "no promise runs while she waits"
    await assert_sound(harness)


async def test_a_date_begins_with_the_working_day_of_who_works_a_colleague(harness: ServiceHarness) -> None:
    await use(harness, reps={"dora": BERLIN})
    await harness.deliver(content("ada", **ACME))
    await use(harness, reps={"dora": BERLIN, "nick": NEW_YORK})
    await harness.advance(AFTERNOON_IN_NEW_YORK - START)
    await harness.deliver(content("eve", cycle=2, at=AFTERNOON_IN_NEW_YORK, engagement="wake_up", **ACME))
    await harness.advance(timedelta(days=1))
    assert await assigned(harness) == [("dora", "account_colleague", MORNING_IN_BERLIN)]


@pytest.mark.parametrize(
    "dora",
    [
        {"status": "left"},
        {"absences": [{"from": "2026-03-02", "to": "2026-03-16"}]},
        {"capacity": {"open": 0}},
    ],
)
async def test_where_the_owner_will_not_come_the_date_is_the_team_s(
    harness: ServiceHarness, dora: dict[str, Any]
) -> None:
    """Who left, is away for two weeks or has no room keeps nobody waiting, and wakes nobody else at two at night."""
    await use(harness, reps={"dora": BERLIN | dora, "nick": NEW_YORK})
    await given_an_owner_of_acme(harness, "dora")
    two_at_night = START + 17 * HOUR
    await harness.advance(17 * HOUR)
    await harness.deliver(content("eve", at=two_at_night, engagement="wake_up", **ACME))
    await harness.advance(timedelta(days=1))
    morning_in_new_york = START + 29 * HOUR
    assert await assigned(harness, 1) == [("nick", "rotation", morning_in_new_york)]
    assert "nobody of development is at work" in (await decisions(harness, "eve", 1))[0]["tried"][0]["why"]
    assert await harness.emitted(LeadQueued) == []


async def test_an_owner_at_work_who_is_full_wakes_nobody_else_at_night(harness: ServiceHarness) -> None:
    """Dora of another team is at work and has no room; Nick, whose team it is, sleeps."""
    full = BERLIN | {"team": "inbound", "capacity": {"open": 0}}
    await use(harness, reps={"dora": full, "nick": NEW_YORK})
    await given_an_owner_of_acme(harness, "dora")
    await harness.deliver(content("eve", engagement="wake_up", **ACME))
    await harness.advance(timedelta(days=1))
    assert await assigned(harness, 1) == [("nick", "rotation", START + 5 * HOUR)]
    assert await harness.emitted(LeadQueued) == []


async def test_who_is_no_longer_a_rep_of_ours_keeps_nobody_waiting(harness: ServiceHarness) -> None:
    await given_that_dora_knows(harness)
    await given_an_owner_of_acme(harness, "zoe")
    await harness.deliver(content("eve", at=AFTERNOON_IN_NEW_YORK, engagement="wake_up", **ACME))
    assert await assigned(harness, 1) == [("nick", "rotation", AFTERNOON_IN_NEW_YORK)]


async def test_who_returns_waits_for_who_had_them_also_where_that_is_the_owner(harness: ServiceHarness) -> None:
    """Dora owns Ada's account and had her before; Bob, whom she never had, waits for nobody, for he came by himself."""
    await given_that_dora_knows(harness, "ada")
    await given_an_owner_of_acme(harness, "dora")
    at = AFTERNOON_IN_NEW_YORK
    await harness.deliver(content(cycle=2, at=at, **ACME), content("bob", cycle=2, at=at, **ACME))
    await harness.advance(timedelta(days=1))
    assert await assigned(harness) == [("nick", "rotation", at), ("dora", "account_owner", MORNING_IN_BERLIN)]


async def test_who_comes_by_a_rule_of_a_region_begins_with_the_day_of_that_team(harness: ServiceHarness) -> None:
    """Dora's team has the region, and its morning is meant, though Nick of another team is at work."""
    rule = {"name": "dach", "when": {"country": ["DE"]}, "queue": DEFAULT["rules"][-1]["queue"]}
    await use(harness, reps={"dora": BERLIN, "nick": NEW_YORK | {"team": "inbound"}}, rules=[rule, *DEFAULT["rules"]])
    await harness.advance(AFTERNOON_IN_NEW_YORK - START)
    await harness.deliver(content("eve", at=AFTERNOON_IN_NEW_YORK, engagement="wake_up", country="DE"))
    await harness.advance(timedelta(days=1))
    assert await assigned(harness, 1) == [("dora", "rotation", MORNING_IN_BERLIN)]


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
