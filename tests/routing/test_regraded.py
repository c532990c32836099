"""A lead whose grade scoring corrects stays where it is, and shows the new grade."""

from datetime import timedelta

from events.ids import derive_lead_id
from events.leads import LeadAssigned, LeadRegraded, LeadStrengthened
from events.runtime.testing import ServiceHarness
from tests.routing.builders import MONDAY, contact, cooled, qualified, upgraded
from tests.routing.test_service import assert_sound, only, put


def regraded(name: str, fit: str = "D", revision: int = 1) -> LeadRegraded:
    return LeadRegraded.read(
        {
            "contact_id": contact(name), "lead_id": derive_lead_id(contact(name), 1), "cycle": 1, "occurred_at": MONDAY,
            "playbook_version": "scoring-1", "revision": revision, "previous_fit": "A", "fit": fit, "fit_points": 20,
            "fit_evidence": [], "outcome": "poor_fit", "employees": 2,
        }
    )  # fmt: skip


def strengthened(name: str) -> LeadStrengthened:
    ceo = contact("ceo")
    return LeadStrengthened.read(
        {
            "contact_id": contact(name), "lead_id": derive_lead_id(contact(name), 1), "cycle": 1, "occurred_at": MONDAY,
            "playbook_version": "scoring-1", "revision": 1, "joined": [ceo],
            "account": {"email_domain": "a.example", "points": 40, "fit": "A", "main_contact_id": ceo, "people": []},
            "because": [{"kind": "joined", "why": "CEO of the same company shows interest too."}],
        }
    )  # fmt: skip


async def test_an_assigned_lead_stays_with_its_rep_and_shows_the_new_grade(harness: ServiceHarness) -> None:
    await harness.deliver(qualified("ada"), regraded("ada"))
    assert len(await harness.emitted(LeadAssigned)) == 1
    (row,) = await harness.raw.fetch("select fit, state, facts ->> 'employees' as employees from leads")
    assert dict(row) == {"fit": "D", "state": "assigned", "employees": "2"}
    await assert_sound(harness)


async def test_a_grade_and_news_that_come_after_the_assignment_are_saved(harness: ServiceHarness) -> None:
    """Hours later, in batches of their own: the lead is read with its facts, or both would be lost without a trace."""
    await harness.deliver(qualified("ada"))
    await harness.deliver(regraded("ada", "B"))
    (row,) = await harness.raw.fetch("select fit, facts ->> 'employees' as employees from leads")
    assert dict(row) == {"fit": "B", "employees": "2"}
    await harness.deliver(strengthened("ada"))
    (record,) = await harness.raw.fetch("select tried::text as tried from decisions where reason = 'strengthened'")
    assert "CEO of the same company shows interest too." in record["tried"]
    await harness.deliver(upgraded("ada"))
    (row,) = await harness.raw.fetch("select facts ->> 'main_contact_id' as main from leads")
    assert row["main"] == str(contact("ceo"))
    await assert_sound(harness)


async def test_a_queued_lead_is_assigned_with_its_new_grade(harness: ServiceHarness) -> None:
    await only(harness)
    await harness.deliver(qualified("ada"), qualified("bob", fit="B"), regraded("ada"))
    await put(harness, "inbound-1", status="active")
    await harness.advance(timedelta(0))
    grades = {event.contact_id: event.fit for event in await harness.emitted(LeadAssigned)}
    assert grades == {contact("bob"): "B", contact("ada"): "D"}
    await assert_sound(harness)


async def test_a_lead_that_has_ended_is_left_alone(harness: ServiceHarness) -> None:
    await only(harness)
    await harness.deliver(qualified("ada"), cooled("ada"), regraded("ada"))
    (row,) = await harness.raw.fetch("select fit, state from leads")
    assert dict(row) == {"fit": "A", "state": "released"}
    await assert_sound(harness)


async def test_news_of_the_account_stays_with_whoever_has_the_lead(harness: ServiceHarness) -> None:
    """Its decisions say why; whoever gets it later is shown whom to speak with, after an upgrade too."""
    await only(harness)
    event, ceo = strengthened("ada"), contact("ceo")
    await harness.deliver(event, qualified("ada"), event.changed(revision=2), upgraded("ada"))
    (row,) = await harness.raw.fetch("select tried::text as tried from decisions where reason = 'strengthened'")
    assert "CEO of the same company shows interest too." in row["tried"]
    await put(harness, "inbound-1", status="active")
    await harness.advance(timedelta(0))
    *_, assigned = await harness.emitted(LeadAssigned)
    assert assigned.main_contact_id == ceo
    await assert_sound(harness)
