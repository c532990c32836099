"""What is counted from the topics: once each, and loudly where something happened twice."""

from typing import Any

from baton.demo.listener import PublishedFact
from baton.demo.promises import PromiseTally
from baton.demo.seen_facts import SeenFacts
from baton.demo.tally import StageTally


def fact(kind: str, ce_id: str = "1", sequence: int = 1, contact: str = "c", **value: Any) -> PublishedFact:
    return PublishedFact("topic", ce_id, kind, sequence, contact, {"occurred_at": "2018-01-01T00:00:00Z", **value})


def test_a_record_that_is_sent_again_happened_once() -> None:
    """X2: the relay may send twice; the same id and sequence is the same record."""
    seen = SeenFacts()

    assert seen.add_if_new(fact("lead.touched.v1"))
    assert not seen.add_if_new(fact("lead.touched.v1"))
    assert (seen.count_facts, seen.doubled, seen.count_missing) == (1, [], 0)


def test_one_id_under_two_sequences_was_done_twice() -> None:
    seen = SeenFacts()
    seen.add_if_new(fact("lead.touched.v1", sequence=1))

    assert not seen.add_if_new(fact("lead.touched.v1", sequence=2))
    assert len(seen.doubled) == 1


def test_two_wins_of_one_contact_are_one_too_many() -> None:
    seen = SeenFacts()
    seen.add_if_new(fact("lead.won.v1", "1", 1, lead_id="a"))
    seen.add_if_new(fact("lead.won.v1", "2", 2, lead_id="b"))

    assert seen.doubled == ["lead.won.v1 c"]


def test_two_placements_under_one_number_are_one_too_many() -> None:
    seen = SeenFacts()
    seen.add_if_new(fact("lead.queued.v1", "1", 1, lead_id="a", placement=1))
    seen.add_if_new(fact("lead.assigned.v1", "2", 2, lead_id="a", placement=1))

    assert seen.doubled == ["placement a 1"]


def test_a_hole_in_a_contacts_sequence_is_a_lost_record() -> None:
    """I6: per contact, sequences rise by exactly one."""
    seen = SeenFacts()
    seen.add_if_new(fact("lead.touched.v1", "1", 1))
    seen.add_if_new(fact("lead.touched.v1", "3", 3))

    assert seen.count_missing == 1
    seen.add_if_new(fact("lead.touched.v1", "2", 2))
    assert (seen.count_missing, seen.out_of_order) == (0, 1)


def test_a_blank_origin_is_not_the_origin_unknown() -> None:
    tally = StageTally()
    for number, facts in enumerate([{"mql_id": "a"}, {"mql_id": "b", "origin": "unknown"}, {"played": "c"}]):
        tally.count_fact(fact("contact.captured.v1", contact=str(number), engagement_id=str(number), facts=facts))

    assert tally.count_by_origin("posted") == {"": 1, "unknown": 1}
    assert tally.colder_contacts == {"2"}


def test_a_winner_whom_the_data_does_not_know_is_noticed() -> None:
    tally = StageTally()
    tally.count_fact(fact("contact.captured.v1", contact="x", engagement_id="e", facts={"played": "p"}))
    tally.count_fact(fact("lead.won.v1", contact="x", lead_id="a"))

    assert tally.strangers_won == {"x"}
    assert tally.count_by_origin("won") == {}


def test_a_breach_stays_open_until_it_is_made_good_or_the_lead_ends() -> None:
    promises = PromiseTally()
    for clock in ("first", "second", "third"):
        promises.count_fact(fact("clock.breached.v1", clock_id=clock, clock="first_touch", lead_id=clock))

    promises.count_fact(fact("clock.met.v1", clock_id="first", clock="first_touch", overdue_seconds=9.0, due_at="x"))
    promises.count_fact(fact("clock.rescinded.v1", clock_id="second", clock="first_touch"))
    promises.count_fact(fact("lead.won.v1", lead_id="third"))

    assert promises.open == {}
    assert promises.breached["first_touch"] == 3
    assert promises.met_late["first_touch"] == 1
    assert promises.compute_share_kept("first_touch") == 1 / 3
