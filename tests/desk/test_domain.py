"""The rows, stories, commands, rights and messages of the pages, as pure functions."""

from datetime import datetime, timedelta
from itertools import permutations
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk import domain
from desk.domain import Lead, Viewer, add_event, letter_forms, orders, wording
from desk.domain.leads import make_lead_page_facts, parse_instant
from desk.domain.notices import make_messages_for_events
from desk.domain.orders import FormFault, ReturnReason
from desk.domain.promises import read_promise_fact
from desk.domain.wording import Language
from desk.playbook import DeskPlaybook, MessageRule
from events.contacts import ContactErased
from events.envelope import LeadEvent
from events.leads import Evidence, FeedbackGiven, LeadCycle, LeadLifecycle, LeadWoken
from events.sla import ClockBreached, ClockMet, ClockRescinded, ClockWarned, LeadPromised, OpenClock
from tests.sla_monitor.lead_story import MONDAY, Story, days, hours, minutes

ADA = Story(name="ada", lead_type="hand_raiser")
LEAD = ADA.lead_id
MIA = Viewer("mia", "rep", rep_id="ann", email="mia@x.example", chat_url="https://chat.example")


def clock(kind: Any, at: datetime = MONDAY, **more: Any) -> Any:
    given = {"clock_id": ADA.clock_id("first_touch"), "clock": "first_touch", "policy": "p", "started_at": MONDAY}
    return kind(**ADA.who, occurred_at=at, playbook_version="v", **{**given, **more})


def promised(revision: int, **more: Any) -> LeadPromised:
    given = {"clock_id": UUID(int=1), "clock": "first_touch", "policy": "p", "state": "running", "started_at": MONDAY}
    clocks = [OpenClock.read({**given, "due_at": MONDAY + minutes(15), **more})]
    clocks.append(OpenClock.read({**given, "clock": "review", "due_at": MONDAY}))
    return LeadPromised(**ADA.who, occurred_at=MONDAY, revision=revision, clocks=clocks)


def lead_of(*events: LeadEvent) -> Lead:
    lead = Lead(LEAD, ADA.contact_id, 1)
    for event in events:
        lead = domain.add_event(lead, event)
    return lead


EVENTS: list[LeadEvent] = [
    ADA.qualified(fit_evidence=[Evidence(criterion="industry", points=3, value="software")]),
    ADA.upgraded(MONDAY + minutes(1)),
    ADA.queued(queue="line"),
    ADA.assigned("ann", MONDAY + minutes(2), number=2),
    ADA.assigned("bob", MONDAY + minutes(3), number=3),
    ADA.released(MONDAY + days(3), number=4),
    promised(1),
    promised(2, state="breached"),
    ADA.touched(MONDAY + minutes(9)),
    ADA.touched(MONDAY + minutes(10), automated=True),
    ADA.accepted(MONDAY + minutes(11)),
    ADA.confirmed(MONDAY + minutes(12)).changed(state="sql"),
    ADA.recycled(MONDAY + days(2)),
    clock(ClockWarned),
]


@given(st.randoms(use_true_random=False))
def test_any_order_and_any_duplicates_make_the_same_row(random: Random) -> None:
    """Topics arrive in any order to each other, and a record more than once."""
    shuffled = random.sample(EVENTS, len(EVENTS)) + random.choices(EVENTS, k=5)
    assert domain.make_lead_columns(lead_of(*shuffled)) == domain.make_lead_columns(lead_of(*EVENTS))


def test_a_row_says_who_has_a_lead_and_what_is_due_next() -> None:
    row = domain.make_lead_columns(lead_of(*EVENTS[:5], promised(1)))
    assert (row["rep_id"], row["owner_id"], row["team"], row["queue"]) == ("bob", "bob", "inbound", None)
    assert (row["due_at"], row["due_clock"], row["missed"]) == (MONDAY + minutes(15), "first_touch", False)
    assert (row["lead_type"], row["state"], row["qualified_at"]) == ("hand_raiser", "mql", MONDAY)


def test_what_went_back_is_its_last_owners_to_read_and_nobodys_to_do() -> None:
    row = domain.make_lead_columns(lead_of(*EVENTS))
    assert (row["rep_id"], row["owner_id"], row["state"], row["due_at"]) == (None, "bob", "recycled", None)
    assert (row["ended_at"], row["reason"]) == (MONDAY + days(2), "not_ready")
    waiting = domain.make_lead_columns(lead_of(ADA.queued(queue="line")))
    assert (waiting["queue"], waiting["owner_id"]) == ("line", None)


def test_the_later_of_the_last_step_and_the_snapshot_says_where_a_lead_stands() -> None:
    cycle = LeadCycle(lead_id=LEAD, cycle=1, state="won", side="nobody", since=MONDAY, touches=4, amount=9.5)
    snapshot = LeadLifecycle(contact_id=ADA.contact_id, occurred_at=MONDAY + days(1), revision=2, cycles=[cycle])
    known = domain.with_lifecycle(lead_of(EVENTS[11]), snapshot, cycle)
    assert domain.compute_lead_state(known) == "won"
    assert domain.make_lead_columns(known)["touches"] == 4
    assert domain.compute_lead_state(domain.add_event(known, EVENTS[12])) == "recycled"
    assert domain.make_lead_columns(lead_of(ADA.touched(MONDAY)))["touches"] == 1
    assert domain.compute_lead_state(lead_of()) == "mql"


def test_what_is_not_known_is_empty_on_the_pages() -> None:
    parts = make_lead_page_facts({"place": {"opener": "Hi"}})
    assert parts.place["opener"] == "Hi"
    assert parts.raised["evidence"] == []
    assert parts.ended["wake_at"] is None


def test_a_story_has_a_line_for_each_event_of_a_contact() -> None:
    entry = domain.make_story_entry(ADA.touched(MONDAY))
    assert entry is not None
    assert (entry.kind, entry.lead_id) == ("lead.touched", LEAD)
    given = FeedbackGiven(occurred_at=MONDAY, feedback_id=UUID(int=1), about="messaging", by="ann")
    assert domain.make_story_entry(given) is None


def test_promises_are_put_together_from_facts() -> None:
    breached = read_promise_fact(clock(ClockBreached))
    assert breached is not None
    assert (breached.breached_at, breached.met_at) == (MONDAY, None)
    met = read_promise_fact(clock(ClockMet, met_at=MONDAY + hours(1), overdue_seconds=60.0))
    assert met is not None
    assert met.late_seconds == 60.0
    rescinded = read_promise_fact(clock(ClockRescinded, met_at=MONDAY))
    assert rescinded is not None
    assert rescinded.rescinded_at == MONDAY
    assert read_promise_fact(clock(ClockWarned)) is None


@pytest.mark.parametrize(
    ("kind", "body", "line"),
    [
        ("lead.touched", {"kind": "call", "by": "ann", "outcome": "no_answer"}, "Call by ann: no answer"),
        ("lead.touched", {"kind": "email", "automated": True, "by": "x", "outcome": "stalled"},
         "E-mail by a machine: asked to be called later"),
        ("lead.assigned", {"rep_id": "inbound-1"}, "Assigned to inbound-1"),
        ("lead.recycled", {"reason": "not_ready"}, "Returned to marketing: not ready"),
        ("clock.breached", {"clock": "first_touch"}, "Missed: first call or mail"),
        ("clock.warned", {"clock": "acceptance"}, "Accept or pass on due soon"),
        ("lead.lost", {}, "Lost: \u2013"),
        ("contact.postponed", {}, "Contact postponed"),
        ("lead.scheduled", {"preference": "call_me"}, "Said when to be called or to meet"),
    ],
)  # fmt: skip
def test_stories_read_as_sentences(kind: str, body: dict[str, Any], line: str) -> None:
    assert wording.write_story_sentence(kind, body) == line


def test_a_lead_has_the_time_that_its_contact_asked_for_last_in_any_order() -> None:
    story, tuesday, friday = Story(), MONDAY + days(1), MONDAY + days(4)
    events = [
        story.qualified(preference="call_me", preferred_at=friday), story.assigned(),
        story.scheduled(MONDAY + hours(1), tuesday, "book"), story.upgraded(MONDAY + hours(2)),
    ]  # fmt: skip
    for order in permutations(events):
        lead = Lead(story.lead_id, story.contact_id, 1)
        for event in (*order, *order):
            lead = add_event(lead, event)
        scheduled = make_lead_page_facts(lead.known).scheduled
        assert (scheduled["preference"], parse_instant(scheduled["preferred_at"])) == ("book", tuesday)
    assert make_lead_page_facts({}).scheduled["preferred_at"] is None


def test_times_are_the_readers_own() -> None:
    assert wording.format_moment(None, MONDAY, "UTC") == "\u2013"
    assert wording.format_moment(MONDAY, MONDAY, "Europe/Berlin") == "today 10:00"
    assert wording.format_moment(MONDAY + days(1), MONDAY, "Mars/Base") == "tomorrow 09:00"
    assert wording.format_moment(MONDAY - days(1), MONDAY, "UTC") == "yesterday 09:00"
    assert wording.format_moment(MONDAY + days(3), MONDAY, "UTC") == "Thu 5 Mar 09:00"
    assert wording.format_moment(MONDAY - days(365), MONDAY, "UTC") == "Sun 2 Mar 2025 09:00"
    german = Language("de", {"today": "heute", "Thu": "Do.", "Mar": "M\u00e4rz", "in {span}": "in {span}", "h": "Std."})
    assert wording.format_moment(MONDAY, MONDAY, "UTC", german) == "heute 09:00"
    assert wording.format_moment(MONDAY + days(3), MONDAY, "UTC", german) == "Do. 5 M\u00e4rz 09:00"
    assert wording.due_text(MONDAY + hours(3), MONDAY, german) == "in 3 Std."
    assert german.inside("today") == "heute"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(45, "in 45 s"), (-60, "1 min late"), (3600 * 3, "in 3 h"), (3600 * 3 + 1200, "in 3 h 20 min"),
     (-3600 * 30, "30 h late"), (86_400 * 5, "in 5 d")],
)  # fmt: skip
def test_deadlines_read_as_distances(seconds: int, text: str) -> None:
    assert wording.due_text(MONDAY + timedelta(seconds=seconds), MONDAY) == text


def test_evidence_reads_as_what_was_found() -> None:
    assert wording.write_evidence_line({"criterion": "industry", "value": "health_care"}) == "Industry: health care"
    assert wording.write_evidence_line({"criterion": "demo_request", "value": 1}) == "Demo request"
    assert wording.write_evidence_line({"criterion": "budget", "note": "Has one"}) == "Has one"
    assert wording.write_evidence_line({"criterion": "age_days", "value": 3}) == "Age days: 3"
    assert (
        wording.write_evidence_line({"criterion": "employees", "known": False, "points": 10}) == "Employees: not known"
    )


REASONS = {
    "competitor": ReturnReason("competitor", "Uses another", "recycle", renewal=True),
    "wrong_size": ReturnReason("wrong_size", "Too small", "recycle", ("employees",)),
    "spam": ReturnReason("spam", "No person", "disqualify"),
    "customer": ReturnReason("customer", "Is one", "route_again"),
    "wrong_territory": ReturnReason(
        "wrong_territory", "Elsewhere", "route_again", needs_any=("country", "postal_code")
    ),
}


def test_forms_become_commands() -> None:
    assert orders.build_accept_command(LEAD, "ann").path == f"/v1/leads/{LEAD}/accept"
    touch = orders.build_touch_command(LEAD, "ann", {"kind": "call", "outcome": "welcomed"})
    assert touch.body == {"by": "ann", "kind": "call", "outcome": "welcomed"}
    booked = orders.build_meeting_command(LEAD, "ann", {"starts_at": "2026-03-04T10:00"}, "Europe/Berlin")
    assert booked.body["starts_at"] == "2026-03-04T10:00:00+01:00"
    assert (
        orders.build_meeting_command(LEAD, "a", {"starts_at": "2026-03-04T10:00Z"}, "UTC")
        .body["starts_at"]
        .endswith("+00:00")
    )
    assert orders.build_pass_on_command(LEAD, "ann", {"reason": " on a\ttrain "}).body["reason"] == "on a train"
    assert orders.build_reassign_command(LEAD, "lea", {"rep_id": "bob", "reason": "away"}).body["rep_id"] == "bob"
    assert orders.build_rep_status_command("bob", "paused").method == "PUT"
    bant = dict.fromkeys(orders.BANT, "yes") | {"timing": "no"}
    assert orders.build_confirm_command(LEAD, "ann", bant).body["bant"]["timing"] is False


def test_a_return_goes_where_its_reason_says_with_what_it_needs() -> None:
    sized = orders.build_return_lead_command(
        LEAD, "a", {"reason": "wrong_size", "context_employees": "12", "note": " x "}, REASONS
    )
    assert (sized.path.rsplit("/", 1)[1], sized.body["context"], sized.body["note"]) == (
        "recycle", {"employees": 12}, "x",
    )  # fmt: skip
    text = orders.build_return_lead_command(
        LEAD, "a", {"reason": "wrong_size", "context_employees": "a dozen"}, REASONS
    )
    assert text.body["context"] == {"employees": "a dozen"}
    raised = orders.build_return_lead_command(
        LEAD, "a", {"reason": "wrong_size", "context_employees": "12\u00b2"}, REASONS
    )
    assert raised.body["context"] == {"employees": "12\u00b2"}  # a digit to Python, and no number
    renewed = orders.build_return_lead_command(LEAD, "a", {"reason": "competitor", "renewal_on": "2027-01-31"}, REASONS)
    assert renewed.body["renewal_at"] == "2027-01-31T00:00:00Z"
    whose = orders.build_return_lead_command(LEAD, "a", {"reason": "competitor", "context_competitor": "360"}, REASONS)
    assert whose.body["context"] == {"competitor": "360"}
    assert orders.build_return_lead_command(LEAD, "a", {"reason": "spam"}, REASONS).path.endswith("/disqualify")
    assert orders.build_return_lead_command(LEAD, "a", {"reason": "customer"}, REASONS).path.endswith("/reject")
    moved = orders.build_return_lead_command(
        LEAD, "a", {"reason": "wrong_territory", "context_postal_code": "10115"}, REASONS
    )
    assert moved.body["context"] == {"postal_code": "10115"}
    assert orders.read_note({"note": " a\nb\x07 "}) == "a\nb"


@pytest.mark.parametrize(
    "make",
    [
        lambda: orders.build_touch_command(LEAD, "a", {"outcome": "welcomed"}),
        lambda: orders.build_touch_command(LEAD, "a", {"kind": "call"}),
        lambda: orders.build_meeting_command(LEAD, "a", {"starts_at": "soon"}, "UTC"),
        lambda: orders.build_pass_on_command(LEAD, "a", {}),
        lambda: orders.build_reassign_command(LEAD, "a", {"reason": "x"}),
        lambda: orders.build_confirm_command(LEAD, "a", {"budget": "yes"}),
        lambda: orders.build_return_lead_command(LEAD, "a", {"reason": "nothing"}, REASONS),
        lambda: orders.build_return_lead_command(LEAD, "a", {"reason": "wrong_size"}, REASONS),
        lambda: orders.build_return_lead_command(LEAD, "a", {"reason": "competitor", "renewal_on": "soon"}, REASONS),
        lambda: orders.build_return_lead_command(LEAD, "a", {"reason": "wrong_territory"}, REASONS),
    ],
)
def test_a_form_that_lacks_something_says_what(make: Any) -> None:
    with pytest.raises(FormFault, match=r"\w"):
        make()


def test_rights_follow_the_role() -> None:
    assert MIA.reach == ("ann", None)
    assert Viewer("x", "rep").reach == ("", None)
    assert Viewer("lea", "manager", team="inbound").reach == (None, "inbound")
    assert Viewer("ola", "operator").reach == (None, None)
    assert (MIA.by, Viewer("ola", "operator").by) == ("ann", "ola")
    assert MIA.may("work")
    assert not MIA.may("pause")
    assert not MIA.sees("today")


RULES = DeskPlaybook(
    messages={
        "assigned": MessageRule(wakes=True),
        "missed": MessageRule(to=("rep", "manager")),
        "returned": MessageRule(to=("marketing",)),
        "woken": MessageRule(to=("marketing",)),
    }
)


def test_messages_go_to_those_whom_they_concern() -> None:
    lea = Viewer("lea", "manager", team="inbound", email="l@x.example")
    max_ = Viewer("max", "marketing", email="m@x.example")
    ben = Viewer("ben", "rep", rep_id="bob", email="b@x.example")
    assigned, missed = ADA.assigned("ann"), clock(ClockBreached, rep_id="ann")
    woken = LeadWoken(**ADA.who, occurred_at=MONDAY, playbook_version="v", reason="not_ready")
    events = [assigned, missed, ADA.recycled(MONDAY), woken, clock(ClockWarned), ADA.accepted(MONDAY)]
    leads = {LEAD: lead_of(assigned)}
    made = make_messages_for_events(events, leads, [MIA, lea, max_, ben], RULES, (MONDAY, MONDAY))
    assert sorted((each.kind, each.user_id, each.channel) for each in made) == [
        ("assigned", "mia", "chat"), ("assigned", "mia", "email"), ("missed", "lea", "email"),
        ("missed", "mia", "chat"), ("missed", "mia", "email"), ("returned", "max", "email"),
        ("woken", "max", "email"),
    ]  # fmt: skip
    assert make_messages_for_events([assigned], leads, [MIA], RULES, (MONDAY + days(2), MONDAY)) == []


def test_each_erasure_is_answered_with_its_own_rows() -> None:
    event = ContactErased(occurred_at=MONDAY, contact_id=ADA.contact_id, erasure_id=UUID(int=1))
    (receipt,) = domain.make_erasure_receipts([event], {ADA.contact_id: 3}, "desk", MONDAY)
    assert (receipt.rows, receipt.service) == (3, "desk")


@pytest.mark.parametrize(
    ("url", "right"),
    [
        ("https://hooks.slack.com/services/x", True),
        ("https://a.webhook.office.com/x", True),
        ("http://hooks.slack.com/x", False),
        ("https://hooks.slack.com:8443/x", False),
        ("https://hooks.slack.com:port/x", False),
        ("https://hooks.slack.com@evil.example/x", False),
        ("https://evilhooks.slack.com.example/x", False),
        ("https://127.0.0.1/x", False),
    ],
)
def test_messages_go_to_chat_services_alone(url: str, right: bool) -> None:
    assert letter_forms.is_chat_address(url, "hooks.slack.com, webhook.office.com, ") == right


@pytest.mark.parametrize(
    ("waited", "at"),
    [("90", MONDAY - timedelta(seconds=90)), ("999999999", MONDAY - days(7)), ("0", None), ("", None), ("-5", None),
     ("1e3", None), ("\u0661", None), ("9" * 10, None)],
)  # fmt: skip
def test_a_form_that_waited_on_a_phone_counts_from_when_it_was_sent(waited: str, at: datetime | None) -> None:
    order = orders.with_form_time(orders.build_accept_command(LEAD, "ann"), {"waited": waited}, MONDAY)
    assert order.body == {"by": "ann"} | ({"at": at.isoformat()} if at else {})


def test_nothing_was_done_with_a_lead_before_somebody_had_it() -> None:
    order = orders.build_accept_command(LEAD, "ann")
    for placed, at in ((minutes(-1), minutes(-1)), (minutes(-9), minutes(-5)), (minutes(1), minutes(0))):
        found = orders.with_form_time(order, {"waited": "300"}, MONDAY, MONDAY + placed)
        assert found.body["at"] == (MONDAY + at).isoformat()


def test_only_commands_to_feedback_are_dated() -> None:
    order = orders.build_pass_on_command(LEAD, "ann", {"reason": "on a train"})
    assert orders.with_form_time(order, {"waited": "90"}, MONDAY) == order
