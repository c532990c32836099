"""The judge: what clients saw, six databases and all topics have to tell the same story, both ways."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from events.ids import derive_lead_id
from events.topics import TOPICS
from tests.chaos.evidence import Evidence, Sent
from tests.chaos.history import History
from tests.chaos.load import MARKER

SHOWN = 5
Marks = dict[str, set[Any]]
PROFILES = "contacts.profiles.v1"
LEADS_IN = ("routing", "sla-monitor", "feedback", "desk")


@dataclass(frozen=True)
class Finding:
    """A rule that is broken, how often, and the first examples."""

    rule: str
    count: int
    examples: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.rule}: {self.count} ({'; '.join(self.examples)})"


Rule = Callable[[History, Evidence, Marks], Iterable[str]]
RULES: dict[str, Rule] = {}


def rule(name: str) -> Callable[[Rule], Rule]:
    """Register a check, which yields what breaks it."""

    def register(check: Rule) -> Rule:
        RULES[name] = check
        return check

    return register


def judge(history: History, evidence: Evidence, marks: Marks) -> list[Finding]:
    """Return every rule that is broken."""
    findings = []
    for name, check in RULES.items():
        broken = list(check(history, evidence, marks))
        if broken:
            findings.append(Finding(name, len(broken), tuple(broken[:SHOWN])))
    return findings


CYCLES = range(1, 6)


def _leads_of(contacts: Iterable[str]) -> set[UUID]:
    """Return the leads that these contacts can have had."""
    return {derive_lead_id(UUID(contact), cycle) for contact in contacts for cycle in CYCLES}


def _captured(evidence: Evidence) -> Counter[str]:
    return Counter(row["event_id"] for row in evidence.state["capture", "engagements"])


@rule("I1 every accepted post is captured once, and each answer names it")
def accepted_is_captured(history: History, evidence: Evidence, _: Marks) -> Iterator[str]:
    """Compare each 202 with capture's rows."""
    rows = {row["event_id"]: row for row in evidence.state["capture", "engagements"]}
    counts, erased = _captured(evidence), history.erased()
    for call in history.calls.values():
        if call.kind not in {"post", "repeat"} or not call.accepted:
            continue
        if any(answer["contact_id"] in erased for answer in call.answers):
            continue
        if counts[call.about] != 1:
            yield f"{call.key} captured {counts[call.about]} times"
        elif {answer["engagement_id"] for answer in call.answers} != {str(rows[call.about]["engagement_id"])}:
            yield f"{call.key} answered with another engagement"


@rule("I2 nothing that was refused is captured, and nothing that nobody posted")
def refused_is_not_captured(history: History, evidence: Evidence, _: Marks) -> Iterator[str]:
    """Compare capture's rows with what may be there."""
    possible = {call.about for call in history.calls.values() if call.accepted or call.uncertain}
    for event_id in _captured(evidence):
        if event_id not in possible:
            yield str(event_id)


@rule("I3 every engagement is published once and reaches scoring")
def captured_is_scored(history: History, evidence: Evidence, _: Marks) -> Iterator[str]:
    """Compare capture's rows, its journal and scoring's rows, without those of the erased."""
    erased = history.erased()
    captured, scored = (
        {row["engagement_id"] for row in evidence.state[service, "engagements"] if str(row["contact_id"]) not in erased}
        for service in ("capture", "scoring")
    )
    events = [event for event in evidence.journals["capture"] if event.ce_type == "contact.captured.v1"]
    published = sum(event.key not in erased for event in events)
    if published != len(captured):
        yield f"{len(captured)} captured, {published} published"
    for engagement in captured ^ scored:
        yield f"{engagement} in {'capture' if engagement in captured else 'scoring'} alone"


@rule("I5 every lead is in each service, with the same rep")
def leads_are_everywhere(history: History, evidence: Evidence, __: Marks) -> Iterator[str]:
    """Compare the leads of scoring, routing, sla-monitor and feedback, both ways."""
    opened, gone = set(evidence.leads("scoring")), _leads_of(history.erased())
    reps: dict[UUID, Any] = evidence.leads("routing")
    for service in LEADS_IN:
        there = evidence.leads(service)
        for lead in (opened ^ set(there)) - gone:
            yield f"{lead} in {'scoring' if lead in opened else service} but not in the other"
        if service != "routing":
            for lead, rep in there.items():
                if lead in reps and reps[lead] != rep and lead not in gone:
                    yield f"{lead}: {reps[lead]} in routing, {rep} in {service}"


@rule("I4 outboxes are empty")
def outboxes_are_empty(_: History, evidence: Evidence, __: Marks) -> Iterator[str]:
    """Look at each outbox."""
    for service, count in evidence.outboxes.items():
        if count:
            yield f"{service}: {count}"


@rule("I4 journal and topic hold the same events")
def journal_is_on_topic(history: History, evidence: Evidence, marks: Marks) -> Iterator[str]:
    """Compare by event id; topics that lost records on purpose may hold less, never more."""
    journaled: dict[str, set[str]] = defaultdict(set)
    erased = history.erased()
    for events in evidence.journals.values():
        for event in events:
            if event.key not in erased:
                journaled[event.topic].add(event.ce_id)
    for topic, records in evidence.topics.items():
        sent = {record.ce_id for record in records if record.source.startswith("baton/") and record.key not in erased}
        missing = set() if topic in marks.get("incomplete", ()) else journaled[topic] - sent
        yield from (f"{topic}: {ce_id} is in the journal alone" for ce_id in missing)
        yield from (f"{topic}: {ce_id} is on the topic alone" for ce_id in sent - journaled[topic])


@rule("I6 streams have no gap and no double number")
def streams_are_whole(history: History, evidence: Evidence, __: Marks) -> Iterator[str]:
    """Look at each stream of each journal: 1, 2, 3 and so on."""
    erased = history.erased()
    for service, events in evidence.journals.items():
        streams: dict[tuple[str, str], list[int]] = defaultdict(list)
        for event in events:
            if event.key not in erased:
                streams[event.topic, event.key].append(event.sequence)
        for (topic, key), numbers in streams.items():
            if sorted(numbers) != list(range(1, len(numbers) + 1)):
                yield f"{service} {topic} {key}: {sorted(numbers)[:8]}"


@rule("I6 first occurrences on each topic are in order")
def topics_are_in_order(_: History, evidence: Evidence, marks: Marks) -> Iterator[str]:
    """Look at each key of each topic by offset; where records were lost on purpose, later ones came first."""
    disturbed = set[Any]().union(*(marks.get(kind, ()) for kind in ("incomplete", "repartitioned", "disordered")))
    for topic, records in evidence.topics.items():
        if topic in disturbed:
            continue
        last: dict[tuple[str, str], int] = {}
        seen: set[str] = set()
        for record in sorted(records, key=_place):
            if not record.source.startswith("baton/") or record.ce_id in seen:
                continue
            seen.add(record.ce_id)
            stream = (record.source, record.key)
            if record.sequence <= last.get(stream, 0):
                yield f"{topic} {record.key}: {record.sequence} after {last[stream]}"
            last[stream] = max(record.sequence, last.get(stream, 0))


@rule("I9 parked is what was poison, once for each consumer, and nothing else")
def poison_is_parked(_: History, evidence: Evidence, marks: Marks) -> Iterator[str]:
    """Compare the poison that was produced with what each consumer parked."""
    poison = marks.get("poison", set())
    for service, rows in evidence.parked.items():
        consumed = {topic.name for topic in TOPICS if service in topic.consumers}
        wanted = {where for where in poison if where[0] in consumed}
        parked = {(row["topic"], row["partition"], row["offset"]): row for row in rows if not _sent_again(row)}
        for where in wanted - set(parked):
            yield f"{service}: {where} is not parked"
        for where in set(parked) - wanted:
            yield f"{service}: {where} is parked: {parked[where]['reason']}"


@rule("I3 every touch counts once")
def touches_count_once(history: History, evidence: Evidence, _: Marks) -> Iterator[str]:
    """Compare the touches that were answered with feedback's history."""
    least: Counter[str] = Counter(call.about for call in history.of("touches") if call.accepted)
    perhaps: Counter[str] = Counter(call.about for call in history.of("touches") if call.uncertain)
    there = {str(row["lead_id"]): row["count"] for row in evidence.state["feedback", "touches"]}
    gone = {str(lead) for lead in _leads_of(history.erased())}
    for lead in (set(least) | set(there)) - gone:
        count = there.get(lead, 0)
        if not least[lead] <= count <= least[lead] + perhaps[lead]:
            yield f"{lead}: {least[lead]} answered, {perhaps[lead]} uncertain, {count} recorded"


@rule("X43 nothing is kept of the erased")
def erased_are_gone(history: History, evidence: Evidence, _: Marks) -> Iterator[str]:
    """Look for the engagements and leads of whoever was erased; the system's own audit looks into every table."""
    erased = history.erased(surely=True)
    for service in ("capture", "scoring"):
        rows = evidence.state[service, "engagements"]
        yield from (f"{service}: {row['engagement_id']}" for row in rows if str(row["contact_id"]) in erased)
    gone = _leads_of(erased)
    for service in ("scoring", *LEADS_IN):
        yield from (f"{service}: lead {lead}" for lead in gone & set(evidence.leads(service)))


@rule("I10 nobody's name is on a topic but that of profiles")
def names_stay(_: History, evidence: Evidence, __: Marks) -> Iterator[str]:
    """Look for the marker in every value."""
    marker = MARKER.encode().lower()
    for topic, records in evidence.topics.items():
        if topic != PROFILES:
            yield from (f"{topic} {each.partition}/{each.offset}" for each in records if marker in each.value.lower())


def _sent_again(row: Mapping[str, Any]) -> bool:
    """Return whether it was set aside because Kafka refused it, and was sent later."""
    return bool(row["topic"].startswith("outbox:") and row["state"] != "parked")


def _place(record: Sent) -> tuple[int, int]:
    return record.partition, record.offset
