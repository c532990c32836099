"""The judge of a chaos run finds each violation that is planted, and nothing where there is none."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from events.ids import derive_lead_id
from events.topics import SERVICES
from tests.chaos import ledger
from tests.chaos.evidence import Evidence, Journaled, Sent
from tests.chaos.history import History

CONTACT, ENGAGEMENT, LEAD = (UUID(int=number) for number in (1, 2, 3))
TOPIC = "contacts.captured.v1"
Witness = tuple[History, Evidence, ledger.Marks]


def event(sequence: int) -> Journaled:
    return Journaled(TOPIC, str(CONTACT), f"event-{sequence}", "contact.captured.v1", sequence)


def record(sequence: int, offset: int) -> Sent:
    return Sent(TOPIC, 0, offset, str(CONTACT), f"event-{sequence}", "baton/capture", sequence, b"{}")


@pytest.fixture
def clean(tmp_path: Path) -> Witness:
    """A submission, its engagement, its event, its lead, its touch, and a second event of the same contact."""
    history = History(tmp_path / "history.jsonl")
    for number in (1, 2):
        answer = {"contact_id": str(CONTACT), "engagement_id": str(UUID(int=ENGAGEMENT.int + 100 * number))}
        history.note("post", f"key-{number}", f"event-id-{number}", 202, answer)
    history.note("touches", "touch-1", str(LEAD), 200, {})
    history.note("bad", "bad-1", "refused", 422)
    engagements = [
        {"engagement_id": UUID(int=ENGAGEMENT.int + 100 * n), "contact_id": CONTACT, "event_id": f"event-id-{n}"}
        for n in (1, 2)
    ]
    leads = [{"lead_id": LEAD, "rep_id": "rep-1"}]
    evidence = Evidence(
        journals={"capture": [event(1), event(2)]},
        parked={service: [] for service in SERVICES},
        outboxes=dict.fromkeys(SERVICES, 0),
        state={
            ("capture", "engagements"): engagements,
            ("scoring", "engagements"): [dict(each) for each in engagements],
            ("scoring", "leads"): [{"lead_id": LEAD}],
            ("routing", "leads"): list(leads),
            ("sla-monitor", "leads"): list(leads),
            ("feedback", "leads"): list(leads),
            ("desk", "leads"): list(leads),
            ("feedback", "touches"): [{"lead_id": LEAD, "count": 1}],
        },
        topics={TOPIC: [record(1, 0), record(2, 1)]},
    )
    return history, evidence, {}


def test_a_clean_run_has_no_findings(clean: Witness) -> None:
    assert ledger.judge(*clean) == []


def lost_submission(_: History, evidence: Evidence, __: ledger.Marks) -> None:
    evidence.state["capture", "engagements"].pop()


def captured_twice(_: History, evidence: Evidence, __: ledger.Marks) -> None:
    rows = evidence.state["capture", "engagements"]
    rows.append({**rows[0], "engagement_id": UUID(int=99)})


def answered_differently(history: History, _: Evidence, __: ledger.Marks) -> None:
    history.note("post", "key-1", "event-id-1", 202, {"contact_id": str(CONTACT), "engagement_id": str(UUID(int=77))})


def captured_though_refused(_: History, evidence: Evidence, __: ledger.Marks) -> None:
    evidence.state["capture", "engagements"].append(
        {"engagement_id": UUID(int=98), "contact_id": CONTACT, "event_id": "refused"}
    )


def not_scored(_: History, evidence: Evidence, __: ledger.Marks) -> None:
    evidence.state["scoring", "engagements"].pop()


def lead_missing_in(service: str) -> Callable[[History, Evidence, ledger.Marks], None]:
    def plant(_: History, evidence: Evidence, __: ledger.Marks) -> None:
        evidence.state[service, "leads"].clear()

    plant.__name__ = f"lead_missing_in_{service}"
    return plant


def another_rep_in_feedback(_: History, evidence: Evidence, __: ledger.Marks) -> None:
    evidence.state["feedback", "leads"] = [{"lead_id": LEAD, "rep_id": "rep-2"}]


def something_unsent(_: History, evidence: Evidence, __: ledger.Marks) -> None:
    evidence.outboxes["routing"] = 1


def never_on_the_topic(_: History, evidence: Evidence, __: ledger.Marks) -> None:
    evidence.topics[TOPIC].pop()


def on_the_topic_alone(_: History, evidence: Evidence, __: ledger.Marks) -> None:
    evidence.topics[TOPIC].append(record(3, 2))


def first_event_missing(_: History, evidence: Evidence, __: ledger.Marks) -> None:
    evidence.journals["capture"][0] = event(3)


def out_of_order(_: History, evidence: Evidence, __: ledger.Marks) -> None:
    evidence.topics[TOPIC] = [record(2, 0), record(1, 1)]


def poison_not_parked(_: History, __: Evidence, marks: ledger.Marks) -> None:
    marks["poison"] = {(TOPIC, 0, 5)}


def parked_without_poison(_: History, evidence: Evidence, __: ledger.Marks) -> None:
    evidence.parked["scoring"].append({"topic": TOPIC, "partition": 0, "offset": 1, "reason": "bug"})


def touch_lost(_: History, evidence: Evidence, __: ledger.Marks) -> None:
    evidence.state["feedback", "touches"].clear()


def touch_counted_twice(_: History, evidence: Evidence, __: ledger.Marks) -> None:
    evidence.state["feedback", "touches"][0]["count"] = 2


def kept_after_erasure(history: History, _: Evidence, __: ledger.Marks) -> None:
    history.note("erase", "erase-1", str(CONTACT), 202)


def lead_kept_after_erasure(history: History, evidence: Evidence, _: ledger.Marks) -> None:
    history.note("erase", "erase-1", str(CONTACT), 202)
    evidence.state["capture", "engagements"].clear()
    evidence.state["scoring", "engagements"].clear()
    evidence.state["feedback", "leads"].append({"lead_id": derive_lead_id(CONTACT, 1), "rep_id": None})


def name_on_a_topic(_: History, evidence: Evidence, __: ledger.Marks) -> None:
    evidence.topics[TOPIC][0] = replace(record(1, 0), value=b'{"utm":"zephyrine-quillfeather"}')


PLANTED = {
    lost_submission: "I1", captured_twice: "I1", answered_differently: "I1", captured_though_refused: "I2",
    not_scored: "I3", lead_missing_in("scoring"): "I5", lead_missing_in("routing"): "I5",
    lead_missing_in("sla-monitor"): "I5", lead_missing_in("feedback"): "I5", another_rep_in_feedback: "I5",
    something_unsent: "I4", never_on_the_topic: "I4", on_the_topic_alone: "I4", first_event_missing: "I6",
    out_of_order: "I6", poison_not_parked: "I9", parked_without_poison: "I9", touch_lost: "I3",
    touch_counted_twice: "I3", kept_after_erasure: "X43", lead_kept_after_erasure: "X43", name_on_a_topic: "I10",
}  # fmt: skip


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_a_planted_violation_is_found(clean: Witness, plant: Callable[[History, Evidence, ledger.Marks], None]) -> None:
    plant(*clean)
    assert PLANTED[plant] in {finding.rule.split()[0] for finding in ledger.judge(*clean)}


def test_a_submission_without_an_answer_may_be_there_or_not(clean: Witness) -> None:
    history, evidence, marks = clean
    history.note("post", "key-9", "event-id-9", 0)
    assert ledger.judge(history, evidence, marks) == []
    more = {"engagement_id": UUID(int=9), "contact_id": CONTACT, "event_id": "event-id-9"}
    evidence.state["capture", "engagements"].append(more)
    evidence.state["scoring", "engagements"].append(dict(more))
    evidence.journals["capture"].append(event(3))
    evidence.topics[TOPIC].append(record(3, 2))
    assert ledger.judge(history, evidence, marks) == []


def test_an_event_that_was_sent_again_after_a_later_one_is_no_disorder(clean: Witness) -> None:
    history, evidence, marks = clean
    evidence.topics[TOPIC].append(record(1, 2))
    assert ledger.judge(history, evidence, marks) == []
