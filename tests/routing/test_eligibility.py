"""Who may have a lead and when, on a real PostgreSQL: hours, counts, leavers, lines that expire, managers (R10)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from events.business_time import Calendar
from events.leads import LeadAssigned, LeadQueued, LeadReleased
from events.runtime.testing import START, ServiceHarness
from routing.domain import Seat
from tests.routing.builders import (
    DEFAULT,
    MONDAY,
    NOBODY_FOLLOWS,
    contact,
    qualified,
    recycled,
    rep,
    upgraded,
    use,
)
from tests.routing.test_service import INBOUND, assert_sound, decisions, only, put

OFFICE = [{"days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "18:00"}]


def teams(**inbound: Any) -> dict[str, Any]:
    changed: dict[str, Any] = {**DEFAULT["teams"], "inbound": {**DEFAULT["teams"]["inbound"], **inbound}}
    return changed


class TestHours:
    async def test_a_lead_of_the_evening_waits_for_the_first_who_opens_in_the_morning(
        self, harness: ServiceHarness
    ) -> None:
        """At 9:00 UTC on a Monday, New York still sleeps and London has begun."""
        await only(harness, "inbound-1", hours=OFFICE, works={"zone": "Europe/London"})
        await put(harness, "inbound-2", status="active", hours=OFFICE, works={"zone": "America/New_York"})
        await harness.advance(timedelta(hours=14))
        await harness.deliver(qualified("night"))
        (queued,) = await harness.emitted(LeadQueued)
        assert "not at work until 2026-03-03T09:00:00+00:00" in [line.why for line in queued.tried]
        await harness.advance(timedelta(hours=9))
        assert await harness.emitted(LeadAssigned) == []
        await harness.advance(timedelta(hours=1))
        (assigned,) = await harness.emitted(LeadAssigned)
        assert assigned.rep_id == "inbound-1"
        assert assigned.occurred_at == datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
        assert assigned.handed_over_at == START + timedelta(hours=14)
        await assert_sound(harness)

    async def test_a_line_drains_in_order_when_the_day_begins(self, harness: ServiceHarness) -> None:
        """Priority, grade, age; nobody overtakes."""
        await only(harness, "inbound-1", hours=OFFICE)
        await harness.advance(timedelta(hours=10))
        await harness.deliver(qualified("fast", lead_type="fast_track", outcome="mql"))
        await harness.advance(timedelta(hours=1))
        await harness.deliver(qualified("b", fit="B"))
        await harness.advance(timedelta(hours=1))
        await harness.deliver(qualified("a"), qualified("poor", outcome="poor_fit", fit="D"))
        await harness.advance(timedelta(days=1))
        rows = await harness.raw.fetch(
            "select contact_id from decisions where kind = 'assigned' order by (grounds->>'turn')::integer"
        )
        assert [row["contact_id"] for row in rows] == [contact(name) for name in ("a", "b", "fast", "poor")]
        await assert_sound(harness)

    async def test_a_public_holiday_and_a_half_day_are_days_off(self, harness: ServiceHarness) -> None:
        works = {"zone": "Europe/Berlin", "public_holidays": "DE", "half_days": {"03-03": ["09:00-12:00"]}}
        await only(harness, "inbound-1", hours=OFFICE, works=works)
        await harness.advance(datetime(2026, 3, 3, 12, 30, tzinfo=UTC) - START)
        await harness.deliver(qualified("half"))
        assert await harness.emitted(LeadAssigned) == []
        await harness.advance(datetime(2026, 4, 3, 10, 0, tzinfo=UTC) - datetime(2026, 3, 3, 12, 30, tzinfo=UTC))
        assert len(await harness.emitted(LeadAssigned)) == 1
        await harness.deliver(qualified("good-friday"))
        await harness.advance(timedelta(days=6))
        assert (await harness.emitted(LeadAssigned))[-1].occurred_at == datetime(2026, 4, 7, 7, 0, tzinfo=UTC)

    async def test_the_team_s_calendar_holds_for_who_has_none(self, harness: ServiceHarness) -> None:
        await use(harness, teams=teams(works={"zone": "UTC", "mon": ["10:00-12:00"]}))
        await harness.deliver(qualified("early"))
        await harness.advance(timedelta(hours=1))
        (assigned,) = await harness.emitted(LeadAssigned)
        assert (assigned.rep_id, assigned.occurred_at) == ("inbound-1", START + timedelta(hours=1))

    @pytest.mark.parametrize(
        "body",
        [
            {"hours": [{"days": ["mon"], "from": "12:00", "to": "09:00"}]},
            {"hours": [{"days": ["mon", "mon"], "from": "09:00", "to": "12:00"}]},
            {"works": {"public_holidays": "Atlantis"}},
            {"works": {"half_days": {"13-40": ["09:00-12:00"]}}},
        ],
    )
    async def test_hours_that_make_no_calendar_are_refused(self, harness: ServiceHarness, body: dict[str, Any]) -> None:
        answer = await harness.http.put("/v1/reps/inbound-1", json=body)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "hours_invalid")

    async def test_who_is_shown_to_be_out_is_shown_with_when_they_are_back(self, harness: ServiceHarness) -> None:
        await harness.advance(timedelta(hours=12))
        shown = await put(harness, "inbound-1", hours=OFFICE)
        assert (shown["able"], shown["able_at"]) == (False, "2026-03-03T09:00:00+00:00")


class TestCounts:
    async def test_who_has_had_enough_this_week_goes_on_on_monday(self, harness: ServiceHarness) -> None:
        await only(harness, "inbound-1", capacity={"per_week": 2})
        await harness.deliver(*(qualified(f"lead-{number}") for number in range(3)))
        await harness.advance(timedelta(days=6))
        assert len(await harness.emitted(LeadAssigned)) == 2
        await harness.advance(timedelta(days=1))
        assert (await harness.emitted(LeadAssigned))[-1].occurred_at == START.replace(day=9, hour=0)

    async def test_a_lead_returned_as_junk_refunds_the_turn(self, harness: ServiceHarness) -> None:
        await harness.deliver(*(qualified(name) for name in ("ada", "bob", "cleo", "dan")))
        await harness.deliver(recycled("ada", reason="bad_data"))
        await harness.deliver(*(qualified(name) for name in ("eve", "fay")))
        assert [row.rep_id for row in await harness.emitted(LeadAssigned)][4:] == ["inbound-1", "inbound-1"]
        await harness.deliver(recycled("bob", reason="not_ready"), qualified("gil"))
        assert (await harness.emitted(LeadAssigned))[-1].rep_id == "inbound-2"
        await assert_sound(harness)


class TestLeaving:
    async def test_a_leavers_open_leads_go_to_others_with_their_clocks_kept(self, harness: ServiceHarness) -> None:
        await harness.deliver(*(qualified(f"lead-{number}") for number in range(8)))
        await harness.advance(timedelta(hours=5))
        await put(harness, "inbound-1", status="left")
        await harness.advance(timedelta(0))
        moved = [row for row in await harness.emitted(LeadAssigned) if row.reason == "rep_left"]
        assert [row.previous_rep_id for row in moved] == ["inbound-1", "inbound-1"]
        assert {row.handed_over_at for row in moved} == {START}
        assert {row.occurred_at for row in moved} == {START + timedelta(hours=5)}
        assert (await harness.http.get("/v1/reps/inbound-1/leads")).json()["items"] == []
        await assert_sound(harness)

    async def test_where_nobody_is_left_they_wait_loudly(self, harness: ServiceHarness) -> None:
        await use(harness, queues=NOBODY_FOLLOWS)
        await only(harness, "inbound-1")
        await harness.deliver(qualified("ada"))
        await put(harness, "inbound-1", status="left")
        await harness.advance(timedelta(0))
        (queued,) = await harness.emitted(LeadQueued)
        assert (queued.reason, queued.handed_over_at) == ("rep_left", START)
        await put(harness, "inbound-4", status="active")
        await harness.advance(timedelta(0))
        assert (await harness.emitted(LeadAssigned))[-1].rep_id == "inbound-4"
        await assert_sound(harness)

    async def test_more_open_leads_than_one_transaction_takes_are_all_shared_out(self, harness: ServiceHarness) -> None:
        await only(harness, "inbound-1")
        await harness.deliver(*(qualified(f"lead-{number}") for number in range(1100)))
        await put(harness, "inbound-2", status="active")
        await put(harness, "inbound-1", status="left")
        await harness.advance(timedelta(0))
        reps = {row["rep_id"]: row["open"] for row in (await harness.http.get("/v1/reps")).json()["items"]}
        assert (reps["inbound-1"], reps["inbound-2"]) == (0, 1100)
        await assert_sound(harness)


class TestWaitingTooLong:
    async def test_a_lead_that_waited_too_long_goes_to_the_manager_whatever_they_have(
        self, harness: ServiceHarness
    ) -> None:
        await use(harness, teams=teams(manager="am-1", queue_expires="4h"))
        await put(harness, "am-1", status="paused", capacity={"open": 0})
        await only(harness)
        await harness.deliver(qualified("ada"))
        await harness.advance(timedelta(hours=3))
        assert await harness.emitted(LeadAssigned) == []
        await harness.advance(timedelta(hours=1))
        (assigned,) = await harness.emitted(LeadAssigned)
        assert (assigned.rep_id, assigned.reason) == ("am-1", "waited_too_long")
        assert assigned.handed_over_at == START
        await assert_sound(harness)

    async def test_without_a_manager_it_is_raised_and_waits_on(self, harness: ServiceHarness) -> None:
        await use(harness, teams=teams(manager="boss", queue_expires="4h"))
        await only(harness)
        await harness.deliver(qualified("ada"))
        await harness.advance(timedelta(hours=5))
        raised = (await harness.http.get("/v1/raised", params={"team": "inbound"})).json()["items"]
        assert [(row["reason"], row["manager"], row["state"]) for row in raised] == [
            ("waited_too_long", "boss", "queued")
        ]
        await put(harness, "inbound-1", status="active")
        await harness.advance(timedelta(0))
        assert len(await harness.emitted(LeadAssigned)) == 1

    async def test_one_that_was_served_meanwhile_is_not_expired_by_an_old_timer(self, harness: ServiceHarness) -> None:
        await use(harness, teams=teams(manager="am-1", queue_expires="4h"))
        await only(harness)
        await harness.deliver(qualified("ada"))
        await put(harness, "inbound-1", status="active")
        await harness.advance(timedelta(hours=5))
        assert [event.rep_id for event in await harness.emitted(LeadAssigned)] == ["inbound-1"]
        await assert_sound(harness)


class TestReplaying:
    async def test_every_decision_of_a_busy_week_replays_to_the_same_rep(self, harness: ServiceHarness) -> None:
        """Claims, skips, full reps, lines drawn from, leavers: each record alone leads to the same rep."""
        await put(harness, "inbound-1", weight=3, capacity={"open": 12})
        await put(harness, "inbound-2", weight=0.5, capacity={"per_day": 3}, hours=OFFICE)
        await put(harness, "inbound-3", absences=[{"from": "2026-03-03", "to": "2026-03-03"}])
        names = [f"lead-{number}" for number in range(40)]
        firms: dict[str, Any] = {"email_domain": "example.org", "email_kind": "corporate"}
        for day in range(4):
            today = names[day * 10 : day * 10 + 10]
            await harness.deliver(*(qualified(name, **(firms if name.endswith("7") else {})) for name in today))
            await harness.deliver(*(recycled(name) for name in today[:3]))
            await harness.advance(timedelta(hours=18))
        await put(harness, "inbound-4", status="left")
        await harness.advance(timedelta(hours=1))
        replayed = 0
        for name in names:
            for row in await decisions(harness, name):
                if "replays_to" in row:
                    assert row["replays_to"] == row["rep_id"]
                    replayed += 1
        assert replayed > 40
        await assert_sound(harness)

    async def test_a_decision_shows_everybody_who_was_looked_at_and_why_they_were_not_chosen(
        self, harness: ServiceHarness
    ) -> None:
        """Why me, why not me."""
        await put(harness, "inbound-1", status="paused")
        await put(harness, "inbound-2", capacity={"open": 0})
        await harness.deliver(qualified("ada"), qualified("bob"))
        (_, second) = [await decisions(harness, name) for name in ("ada", "bob")]
        shown = {row["rep_id"]: (row["why_not"], row["behind"]) for row in second[0]["candidates"]}
        assert shown["inbound-1"] == ("paused", None)
        assert shown["inbound-2"] == ("0 of 0 leads open", None)
        assert shown["inbound-3"] == (None, -0.5)
        assert shown["inbound-4"] == (None, 0.5)
        assert second[0]["replays_to"] == "inbound-4"

    async def test_a_decision_taken_on_earlier_facts_is_replayed_on_those(self, harness: ServiceHarness) -> None:

        await harness.deliver(qualified("ada", lead_type="content", outcome="mql"))
        await harness.deliver(upgraded("ada"))
        found = await decisions(harness, "ada")
        assert [row["replays_to"] for row in found] == ["development-1", "inbound-1"]
        assert [row["rep_id"] for row in found] == ["development-1", "inbound-1"]


async def test_nothing_is_released_by_a_timer(harness: ServiceHarness) -> None:
    await only(harness, *INBOUND[:2], hours=OFFICE)
    await harness.deliver(*(qualified(f"lead-{number}") for number in range(4)))
    await harness.advance(timedelta(days=3))
    assert await harness.emitted(LeadReleased) == []


@pytest.mark.parametrize(
    ("fields", "opened", "standing"),
    [
        ({}, 0, "able"),
        ({"open": 2}, 2, "full"),
        ({"status": "paused"}, 0, "away"),
        ({"works": Calendar.model_validate({"zone": "UTC", "tue": ["09:00-18:00"]}), "open": 1}, 1, "away"),
    ],
)
def test_a_rep_is_able_full_or_away(fields: dict[str, Any], opened: int, standing: str) -> None:
    """Who is away is away, however full."""
    assert Seat(rep("inbound-1", **fields), open=opened).standing_at(MONDAY) == standing
