"""The catalogue says what the design and the published contract say."""

import re

import pytest

from events.topics import (
    EVENT_TYPES,
    KEEP_30_DAYS,
    KEEP_FOR_EVER,
    SERVICES,
    TOPIC_OF,
    TOPICS,
    Topic,
    dead_letter_topic_name,
)

every_topic = pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)

ALL = "capture scoring routing sla-monitor feedback desk"
DESIGN = """
contacts.captured.v1 | contact.captured.v1 | contact_id | capture | scoring feedback | 30 d
contacts.profiles.v1 | contact.profile.v1 | contact_id | capture | feedback desk | compacted
contacts.wishes.v1 | consent.changed.v1 contact.postponed.v1 contact.scheduled.v1 \
 | contact_id | capture | routing | 30 d
contacts.merged.v1 | contact.merged.v1 contact.unmerged.v1 \
 | contact_id | capture | scoring routing feedback desk | for ever
contacts.erased.v1 | contact.erased.v1 | contact_id | capture | others | for ever
contacts.receipts.v1 | erasure.receipt.v1 | contact_id | all | capture | 30 d
leads.qualified.v1 | lead.qualified.v1 lead.upgraded.v1 lead.regraded.v1 lead.strengthened.v1 lead.cooled.v1 \
 | contact_id | scoring | routing sla-monitor feedback desk | 30 d
leads.assigned.v1 | lead.queued.v1 lead.assigned.v1 lead.released.v1 lead.scheduled.v1 \
 | contact_id | routing | sla-monitor feedback desk | 30 d
leads.worked.v1 | lead.touched.v1 meeting.changed.v1 lead.accepted.v1 lead.rejected.v1 lead.corrected.v1 \
 lead.confirmed.v1 opportunity.opened.v1 lead.won.v1 lead.lost.v1 customer.changed.v1 \
 | contact_id | feedback | scoring routing sla-monitor desk | 30 d
leads.recycled.v1 | lead.recycled.v1 lead.disqualified.v1 lead.woken.v1 feedback.given.v1 \
 feedback.answered.v1 | contact_id | feedback | scoring routing sla-monitor desk | 30 d
sla.flagged.v1 | clock.warned.v1 clock.breached.v1 clock.met.v1 clock.rescinded.v1 \
 clock.escalated.v1 review.opened.v1 | contact_id | sla-monitor | routing feedback desk | 30 d
leads.promised.v1 | lead.promised.v1 | contact_id | sla-monitor | desk | 30 d
leads.lifecycle.v1 | lead.lifecycle.v1 | contact_id | feedback | desk | compacted
campaigns.announced.v1 | campaign.announced.v1 | campaign | capture | routing feedback desk | compacted
accounts.changed.v1 | account.changed.v1 | domain | capture | scoring routing feedback | compacted
reps.changed.v1 | rep.changed.v1 | rep_id | routing | sla-monitor desk | compacted
playbooks.activated.v1 | playbook.activated.v1 | service | all | feedback | compacted
gaps.found.v1 | gap.found.v1 gap.answered.v1 | topic | all | all | 30 d
"""


def row(topic: Topic) -> tuple[str, ...]:
    kept = {KEEP_30_DAYS: "30 d", KEEP_FOR_EVER: "for ever"}[topic.retention_ms]
    return (
        topic.name,
        " ".join(kind.ce_type for kind in topic.events),
        topic.key,
        " ".join(topic.producers),
        " ".join(topic.consumers),
        "compacted" if topic.compacted else kept,
    )


def test_the_topics_are_those_of_the_design() -> None:
    terms = {"all": ALL, "others": ALL.removeprefix("capture ")}
    wanted = [
        tuple(terms.get(cell.strip(), " ".join(cell.split())) for cell in line.split("|"))
        for line in DESIGN.strip().splitlines()
    ]
    assert [row(topic) for topic in TOPICS] == wanted


def test_each_event_type_has_one_topic_and_one_class() -> None:
    kinds = [kind for topic in TOPICS for kind in topic.events]
    assert len(kinds) == len(set(kinds)) == len(EVENT_TYPES) == len(TOPIC_OF)


@pytest.mark.parametrize("ce_type", EVENT_TYPES)
def test_event_types_are_subject_fact_version(ce_type: str) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z]+\.v[1-9]\d*", ce_type)


@every_topic
def test_topics_are_plural_dotted_and_versioned(topic: Topic) -> None:
    """Dots between parts, hyphens inside, never underscores: Kafka's metrics confuse the two."""
    assert re.fullmatch(r"[a-z]+(\.[a-z-]+)+\.v[1-9]\d*", topic.name)
    assert topic.purpose.endswith(".")


@every_topic
def test_only_known_services_publish_and_none_consumes_its_own(topic: Topic) -> None:
    assert set(topic.producers) <= set(SERVICES)
    assert set(topic.consumers) <= set(SERVICES)
    assert topic.producers
    if topic.key == "contact_id" and len(topic.producers) == 1:
        assert not set(topic.producers) & set(topic.consumers)


@every_topic
def test_old_facts_do_not_expire_at_once(topic: Topic) -> None:
    """`LogAppendTime`: a record about last year is kept from when it was written."""
    settings = topic.settings()
    assert settings["message.timestamp.type"] == "LogAppendTime"
    assert settings["segment.ms"] == "86400000"
    if topic.compacted:
        assert settings["cleanup.policy"] == "compact"
        assert settings["max.compaction.lag.ms"] == "604800000"
    else:
        assert settings["cleanup.policy"] == "delete"
        assert settings["retention.ms"] in {"-1", "2592000000"}


@every_topic
def test_the_key_and_the_identity_are_fields(topic: Topic) -> None:
    for kind in topic.events:
        assert kind.identity
        assert set(kind.identity) <= set(kind.fields())
        assert topic.key in kind.fields()


def test_decisions_carry_their_playbook_and_leads_their_cycle() -> None:
    """D9, D15: which rules decided travels with each decision."""
    decided = (
        "lead.qualified",
        "lead.assigned",
        "lead.recycled",
        "lead.woken",
        "clock.",
        "review.",
    )
    for ce_type, kind in EVENT_TYPES.items():
        if ce_type.startswith(decided):
            assert "playbook_version" in kind.fields()
        if ce_type.startswith(("lead.", "clock.", "review.", "meeting.", "opportunity.")) and (
            ce_type != "lead.lifecycle.v1"
        ):
            assert {"contact_id", "lead_id", "cycle", "occurred_at"} <= set(kind.fields())


def test_dead_letters_are_named_after_the_service() -> None:
    assert dead_letter_topic_name("sla-monitor") == "sla-monitor.dead-letters"
