"""Ninety days of a lead under an agreement that says all there is to say, through daylight saving and Easter.

Berlin works 9-12:30 and 13:30-18:00; summer time begins on 29 March 2026; Good Friday is 3 April, Easter Monday the
6th. Every instant below was reckoned by hand.
"""

from datetime import UTC, datetime
from typing import Any

import yaml

from events.runtime.testing import ServiceHarness
from events.sla import (
    ClockBreached,
    ClockEscalated,
    ClockEvent,
    ClockMet,
    ClockRescinded,
    ClockWarned,
    ReviewOpened,
)
from sla_monitor.app import service
from tests.sla_monitor.domain_harness import FOLDER
from tests.sla_monitor.lead_story import Story, days

FRIDAY = datetime(2026, 3, 27, 14, 0, tzinfo=UTC)
"""Three in the afternoon in Berlin, the last working day of winter time."""

BERLIN = {
    "zone": "Europe/Berlin",
    "public_holidays": "DE",
    **{day: ["09:00-12:30", "13:30-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
}
CHANGES: dict[str, Any] = {
    "calendars": {"office": BERLIN},
    "warn_at": [0.5, 0.75],
    "clocks": {"demo_held": {"starts": "meeting_booked", "met_by": ["meeting_held"]}},
    "policies": [
        {
            "name": "all",
            "speed_to_lead": "5d",
            "accept": {"target": "240b", "warn_at": [0.5]},
            "first_touch": {"target": "2w", "escalations": [{"action": "rep"}, {"action": "manager", "after": "1d"}]},
            "second_touch": "30d",
            "own": {"demo_held": {"target": "3w", "escalations": [{"action": "manager"}]}},
        }
    ],
}


async def agree(harness: ServiceHarness) -> None:
    source = service.playbooks.read(FOLDER)
    body = yaml.safe_dump(yaml.safe_load(source.body) | CHANGES)
    async with harness.transaction() as tx:
        await service.playbooks.activate(tx, type(source)(source.definitions, body), by="both", approvals=[])


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


async def published_events(harness: ServiceHarness, lead: Story, *clocks: str) -> list[tuple[datetime, str, str]]:
    """What was said of a lead, in order: when, what (with a level or an action), and of which clock."""
    kinds: list[type[ClockEvent]] = [
        ClockWarned, ClockBreached, ClockMet, ClockRescinded, ClockEscalated, ReviewOpened
    ]  # fmt: skip
    found: list[Any] = [
        event for kind in kinds for event in await harness.emitted(kind) if event.lead_id == lead.lead_id
    ]
    detail = ("level", "action")
    return sorted(
        (
            event.occurred_at,
            " ".join([type(event).__name__, *(str(getattr(event, name)) for name in detail if hasattr(event, name))]),
            event.clock,
        )
        for event in found
        if not clocks or event.clock in clocks
    )


async def test_ninety_days_with_every_clock_through_summer_time_and_easter(harness: ServiceHarness) -> None:
    """L1, L2, L5, L9, L10: each level once, at its exact instant."""
    lead, quiet = Story(name="worked late", start=FRIDAY), Story(name="never worked", start=FRIDAY)
    await harness.advance(FRIDAY - await harness.now)
    await agree(harness)
    for each in (lead, quiet):
        await harness.deliver(each.qualified(), each.assigned(at=FRIDAY))
    await harness.advance(days(9))
    await harness.deliver(lead.meeting(at(4, 5, 14), "booked"))
    await harness.advance(days(15))
    await harness.deliver(lead.touched(at(4, 20, 14)))
    await harness.advance(days(76))
    assert await published_events(harness, lead) == [
        # Four business hours: three until 18:00 on Friday, the fourth on Monday from 9:00, which is 7:00 UTC by now.
        (at(3, 27, 16), "ClockWarned 1", "acceptance"),
        (at(3, 30, 2), "ClockWarned 1", "speed_to_lead"),
        (at(3, 30, 8), "ClockBreached", "acceptance"),
        (at(3, 30, 8), "ClockEscalated reassign", "acceptance"),
        # Two working days are 48 hours of working dates: nine of Friday, all of Monday, fifteen of Tuesday.
        (at(3, 30, 13), "ClockWarned 1", "first_touch"),
        (at(3, 31, 1), "ClockWarned 2", "first_touch"),
        (at(3, 31, 8), "ClockWarned 2", "speed_to_lead"),
        (at(3, 31, 13), "ClockBreached", "first_touch"),
        (at(3, 31, 13), "ClockEscalated rep", "first_touch"),
        (at(4, 1, 13), "ClockEscalated manager", "first_touch"),
        (at(4, 1, 14), "ClockBreached", "speed_to_lead"),
        (at(4, 5, 14), "ClockMet", "acceptance"),
        (at(4, 5, 14), "ClockMet", "review"),
        # Booked on Easter Sunday; Monday is off; three working days are the dates of Tuesday to Thursday.
        (at(4, 8, 10), "ClockWarned 1", "demo_held"),
        (at(4, 9, 4), "ClockWarned 2", "demo_held"),
        (at(4, 9, 22), "ClockBreached", "demo_held"),
        (at(4, 9, 22), "ClockEscalated manager", "demo_held"),
        (at(4, 11, 14), "ClockWarned 1", "second_touch"),
        (at(4, 19, 2), "ClockWarned 2", "second_touch"),
        (at(4, 20, 14), "ClockMet", "first_touch"),
        (at(4, 20, 14), "ClockMet", "speed_to_lead"),
        (at(4, 26, 14), "ClockBreached", "second_touch"),
    ]
    assert await published_events(harness, quiet, "review", "demo_held") == [
        (at(5, 26, 14), "ReviewOpened", "review"),
        (at(6, 25, 14), "ClockBreached", "review"),
        (at(6, 25, 14), "ClockEscalated recycle", "review"),
    ]
    answer = await harness.http.get("/v1/clocks", params={"lead_id": str(lead.lead_id)})
    assert {clock["clock"]: clock["state"] for clock in answer.json()["items"]} == {
        "acceptance": "met_late",
        "demo_held": "breached",
        "first_touch": "met_late",
        "review": "met",
        "second_touch": "breached",
        "speed_to_lead": "met_late",
    }
    assert await harness.service.audit_now() == []
