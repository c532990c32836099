"""Whoever asks to book gets a real slot with somebody who is at work then, and nobody else gets that slot."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from events.ids import derive_lead_id
from events.leads import LeadAssigned, MeetingChanged
from events.runtime.testing import START, ServiceHarness
from routing.domain import apply_work, find_free_slots, pass_lead_on, place_lead, redistribute_lead, reserve_meeting
from routing.playbook import Absence, BookingRule
from tests.routing.builders import (
    MONDAY,
    contact,
    context,
    event_of,
    fresh,
    playbook,
    qualified,
    recycled,
    rep,
    worked,
)
from tests.routing.test_service import assert_sound, put

TUESDAY_TEN = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
ADA = f"/v1/leads/{derive_lead_id(contact('ada'), 1)}"


def wants_slot(name: str = "ada", at: datetime = TUESDAY_TEN, **facts: Any) -> Any:
    return qualified(name, preference="book", preferred_at=at, **facts)


async def slots(harness: ServiceHarness, **asked: str) -> list[dict[str, Any]]:
    answer = await harness.http.get("/v1/slots", params={"limit": "500", **asked})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


class TestSlots:
    def test_a_slot_is_free_while_a_rep_is_at_work_and_has_no_other_meeting(self) -> None:
        away = Absence.model_validate({"from": "2026-03-03T12:00:00Z", "to": "2026-03-03T13:00:00Z"})
        seats = list(context(rep("ae-1", team="ae", absences=(away,))).pools["ae"].seats.values())
        day = (datetime(2026, 3, 3, tzinfo=UTC), datetime(2026, 3, 4, tzinfo=UTC))
        found = [slot.starts_at for slot in find_free_slots(seats, {"ae-1": [TUESDAY_TEN]}, BookingRule(), MONDAY, day)]
        assert (found[0], found[-1]) == (day[0].replace(hour=9), day[0].replace(hour=16, minute=30))
        assert not {TUESDAY_TEN, TUESDAY_TEN.replace(hour=12), TUESDAY_TEN.replace(hour=12, minute=30)} & set(found)
        assert len(found) == 16 - 3

    @pytest.mark.parametrize("fields", [{"status": "paused"}, {"open": 0}])
    def test_who_is_paused_or_full_meets_nobody(self, fields: dict[str, Any]) -> None:
        seats = list(context(rep("ae-1", team="ae", **fields)).pools["ae"].seats.values())
        assert list(find_free_slots(seats, {}, BookingRule(), MONDAY, (MONDAY, MONDAY + timedelta(days=3)))) == []

    def test_a_notice_is_elapsed_time(self) -> None:
        with pytest.raises(ValueError, match="elapsed"):
            playbook(booking={"notice": "60b"})

    def test_the_rep_who_knows_them_comes_first_and_else_who_has_the_fewest_meetings(self) -> None:
        aes = [rep(f"ae-{number}", team="ae", role="ae") for number in (1, 2)]
        owned = context(*aes, owners={"example.org": "ae-2"})
        facts = wants_slot(email_domain="example.org", email_kind="corporate")
        assert place_lead(fresh(facts), facts, owned, MONDAY).lead.rep_id == "ae-2"
        busy = context(*aes)._replace(booked={"ae-1": (TUESDAY_TEN - timedelta(hours=1),)})
        assert place_lead(fresh(wants_slot()), wants_slot(), busy, MONDAY).lead.rep_id == "ae-2"

    @pytest.mark.parametrize("at", [MONDAY, MONDAY + timedelta(days=31), datetime(2026, 3, 3, 3, tzinfo=UTC)])
    def test_a_time_that_can_t_be_booked_is_followed_up_as_any_other_lead(self, at: datetime) -> None:
        placed = place_lead(fresh(wants_slot(at=at)), wants_slot(at=at), context(rep("ae-1", team="ae")), MONDAY)
        assert (placed.lead.rep_id, placed.lead.meeting_at) == ("ae-1", None)

    @pytest.mark.parametrize(("outcome", "after"), [("rescheduled", 26), ("cancelled", None), ("held", 24)])
    def test_a_meeting_that_moves_takes_its_slot_along(self, outcome: str, after: int | None) -> None:
        placed = place_lead(fresh(wants_slot()), wants_slot(), context(rep("ae-1", team="ae")), MONDAY)
        later = TUESDAY_TEN + timedelta(hours=2)
        moved = worked(MeetingChanged, "ada", at=MONDAY, outcome=outcome, starts_at=later, by="ae-1")
        lead = apply_work(placed.lead, moved, placed.context, MONDAY).lead
        assert lead.meeting_at == (MONDAY + timedelta(hours=after + 1) if after else None)

    def test_who_gets_the_lead_next_gets_its_meeting_too(self) -> None:
        on = context(rep("ae-1", team="ae"), rep("ae-2", team="ae"))
        placed = place_lead(fresh(wants_slot()), wants_slot(), on, MONDAY)
        refused = worked(MeetingChanged, "ada", at=MONDAY, outcome="booked", starts_at=TUESDAY_TEN, by="ae-1")
        assert apply_work(placed.lead, refused, placed.context, MONDAY).lead.meeting_at == TUESDAY_TEN

    def test_who_follows_is_free_at_the_meeting_that_is_ahead(self) -> None:
        """A rep leaves: two whom they would have met at one time get two reps, a busy one where nobody is free."""
        aes = [rep(f"ae-{number}", team="ae", role="ae") for number in (1, 2, 3)]
        on = context(*aes)._replace(booked={"ae-2": (TUESDAY_TEN,)})
        booked = [
            place_lead(fresh(wants_slot(name)), wants_slot(name), on, MONDAY).lead._replace(
                rep_id="ae-1", had_by=("ae-1",), meeting_at=TUESDAY_TEN
            )
            for name in ("ada", "bob")
        ]
        first = redistribute_lead(booked[0], on, MONDAY)
        assert (first.lead.rep_id, first.lead.meeting_at) == ("ae-3", TUESDAY_TEN)
        assert first.record is not None
        assert first.record.tried[-1].why == "ae-3 is free at 2026-03-03 10:00 UTC"
        second = redistribute_lead(booked[1], first.context, MONDAY)
        assert (second.lead.rep_id, second.lead.meeting_at) == ("ae-2", TUESDAY_TEN), "better than nobody"
        over = redistribute_lead(booked[0], on, TUESDAY_TEN)
        assert over.lead.rep_id == "ae-2", "a meeting that is over binds nobody"

    def test_who_has_the_lead_meets_its_contact_though_the_rules_name_another_team(self) -> None:
        """A manager gave it to somebody of another team: a slot that is chosen then takes it from nobody."""
        on = context(rep("ae-1", team="ae"), rep("inbound-9"))
        given = fresh(wants_slot())._replace(
            state="assigned", team="inbound", rep_id="inbound-9", had_by=("inbound-9",)
        )
        booked = reserve_meeting(given, TUESDAY_TEN, on, MONDAY, by="visitor")
        assert (booked.lead.rep_id, booked.lead.meeting_at) == ("inbound-9", TUESDAY_TEN)
        taken = reserve_meeting(given, TUESDAY_TEN, on._replace(booked={"inbound-9": (TUESDAY_TEN,)}), MONDAY, by="v")
        assert taken.lead.rep_id == "ae-1"

    def test_who_knows_them_does_not_get_a_meeting_for_which_they_have_no_time(self) -> None:
        aes = [rep(f"ae-{number}", team="ae", role="ae") for number in (1, 2, 3)]
        on = context(*aes, owners={"example.org": "ae-2"})._replace(booked={"ae-2": (TUESDAY_TEN,)})
        facts = wants_slot(email_domain="example.org", email_kind="corporate")
        had = fresh(facts)._replace(
            state="assigned", team="ae", queue="event-qualified", rep_id="ae-1", had_by=("ae-1",),
            meeting_at=TUESDAY_TEN, account="example.org",
        )  # fmt: skip
        assert pass_lead_on(had, on, MONDAY, reason="passed_on").lead.rep_id == "ae-3"
        assert pass_lead_on(had._replace(meeting_at=None), on, MONDAY, reason="passed_on").lead.rep_id == "ae-2"


class TestOnTheRealThing:
    async def test_two_visitors_one_slot_one_booking(self, harness: ServiceHarness) -> None:
        """Only one AE works on Tuesday, and not now: she meets the first; the second is answered without a slot."""
        for ae in ("ae-2", "ae-3"):
            await put(harness, ae, status="paused")
        await put(harness, "ae-1", hours=[{"days": ["tue"], "from": "10:00", "to": "11:00"}])
        assert [slot["rep_ids"] for slot in await slots(harness)] == [["ae-1"]] * 2
        await harness.deliver(wants_slot("ada"), wants_slot("bob"))
        assigned = await harness.emitted(LeadAssigned)
        assert [(event.contact_id, event.rep_id, event.meeting_at, event.reason) for event in assigned] == [
            (contact("ada"), "ae-1", TUESDAY_TEN, "slot_booked")
        ]
        assert [slot["starts_at"] for slot in await slots(harness)] == ["2026-03-03T10:30:00+00:00"]
        await assert_sound(harness)
        await harness.deliver(recycled("ada"))
        assert len(await slots(harness)) == 2

    async def test_a_visitor_picks_a_slot_and_the_rep_s_calendar_shows_it(self, harness: ServiceHarness) -> None:
        await harness.deliver(qualified("ada", company="Example Ltd", lead_type="event_qualified", outcome="mql"))
        free = (await slots(harness))[0]["starts_at"]
        order = {"starts_at": free, "by": "ada"}
        booked = await harness.http.post(f"{ADA}/book", json=order)
        assert (booked.status_code, booked.json()["rep_id"]) == (200, "ae-1")
        assert datetime.fromisoformat(booked.json()["meeting_at"]) == datetime.fromisoformat(free)
        for path in (f"{ADA}/invitation", "/v1/reps/ae-1/meetings"):
            answer = await harness.http.get(path)
            (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
            assert answer.headers["content-type"].startswith("text/calendar")
            assert (str(event["SUMMARY"]), event.decoded("DTSTART")) == (
                "Meeting with Example Ltd",
                datetime.fromisoformat(free),
            )
        assert (await harness.http.get("/v1/reps/ae-2/meetings")).content.count(b"VEVENT") == 0
        await assert_sound(harness)

    async def test_what_is_taken_or_unknown_is_refused(self, harness: ServiceHarness) -> None:
        await harness.deliver(qualified("ada", lead_type="event_qualified", outcome="mql"), qualified("bob"))
        await harness.deliver(recycled("bob"))
        bob, night = (
            f"/v1/leads/{derive_lead_id(contact('bob'), 1)}",
            {"starts_at": "2026-03-03T02:00:00Z", "by": "ada"},
        )
        for path, status, code in ((ADA, 409, "slot_taken"), (bob, 409, "lead_ended")):
            refused = await harness.http.post(f"{path}/book", json=night)
            assert (refused.status_code, refused.json()["errors"][0]["code"]) == (status, code)
        assert (await harness.http.get(f"{bob}/invitation")).status_code == 404
        assert (await harness.http.get("/v1/reps/nobody/meetings")).status_code == 404
        assert (await harness.http.get("/v1/slots", params={"queue": "nowhere"})).status_code == 404
        event = event_of(
            place_lead(fresh(wants_slot()), wants_slot(), context(rep("ae-1", team="ae")), START), LeadAssigned
        )
        assert event.tried[-1].why == "ae-1 is free at 2026-03-03 10:00 UTC"
