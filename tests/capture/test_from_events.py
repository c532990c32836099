"""Events that arrive, as the rows that they make."""

from datetime import timedelta
from uuid import UUID

from capture.domain.from_events import ServiceReceipt, find_incarnation, read_engagement, read_profile, read_receipt
from events.contacts import ContactCaptured, ContactProfile, ErasureReceipt
from tests.capture.builders import KEYRING, NOW, arrival, take

ADA = arrival().newcomer
LATER = NOW + timedelta(hours=1)


def profile_event(**changes: object) -> ContactProfile:
    return take(arrival()).people[0].profile_event(NOW).changed(occurred_at=LATER, **changes)


def test_a_receipt_is_a_row_of_its_service() -> None:
    event = ErasureReceipt(occurred_at=NOW, contact_id=ADA, erasure_id=UUID(int=1), service="routing", rows=3)
    assert read_receipt(event) == ServiceReceipt(UUID(int=1), "routing", rows=3, erased_at=NOW)


def test_a_profile_comes_back_as_it_was_but_for_the_times_of_its_facts() -> None:
    """Its facts are dated by the event: when each was sent is not published."""
    before = take(arrival()).people[0]
    found = read_profile(profile_event(), None)
    assert (found.email, found.email_domain, found.last_name) == (before.email, before.email_domain, before.last_name)
    assert (found.revision, found.first_seen_at) == (before.revision, before.first_seen_at)
    assert set(found.fact_times) == set(before.fact_times)
    assert set(found.fact_times.values()) == {LATER}


def test_a_fact_that_was_known_keeps_its_time() -> None:
    known = take(arrival()).people[0]
    found = read_profile(profile_event(last_name="King", email=None, first_seen_at=None), known)
    assert (found.fact_times["first_name"], found.fact_times["last_name"]) == (NOW, LATER)
    assert (found.email, found.email_domain, found.first_seen_at) == (None, None, known.first_seen_at)


def test_an_engagement_comes_back_without_what_was_withheld() -> None:
    event: ContactCaptured = take(arrival(utm={"source": "ads"}, referrer="https://x.example/")).engagements[0].event
    row = read_engagement(event)
    assert (row.utm, row.referrer, row.event_id) == ({"source": "ads"}, None, None)
    assert read_engagement(event.changed(utm=None)).utm is None


def test_the_incarnation_is_found_by_trying() -> None:
    key = arrival().keys[0]
    assert find_incarnation(KEYRING, key, KEYRING.contact_id(key, 2)) == 2
    assert find_incarnation(KEYRING, key, UUID(int=7)) == 0
