"""Golden examples: what was once published is read for ever, and says the same again."""

import json
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

import events
from events.envelope import Envelope, Event
from events.topics import EVENT_TYPES, TOPIC_OF

EXAMPLES = Path(events.__file__).parent / "examples"
FILES = sorted(EXAMPLES.glob("*.json"))

every_example = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def headers_of(example: Any) -> list[tuple[str, bytes]]:
    return [(name, text.encode()) for name, text in example["headers"].items()]


def decode(example: Any) -> Event:
    kind = EVENT_TYPES[example["headers"]["ce_type"]]
    return kind.decode(json.dumps(example["value"]).encode())


def test_every_event_type_has_an_example_and_every_example_a_type() -> None:
    types = {re.match(r"(.+?\.v\d+)", path.stem)[1] for path in FILES}  # type: ignore[index]
    assert types == set(EVENT_TYPES)
    assert {f"{ce_type}.json" for ce_type in EVENT_TYPES} <= {path.name for path in FILES}


def kept(value: Any, example: Any) -> Any:
    """Return what a decoded value has of the fields of an example."""
    if isinstance(example, dict):
        return {name: kept(value[name], inner) for name, inner in example.items()}
    if isinstance(example, list):
        return [kept(*pair) for pair in zip(value, example, strict=True)]
    return value


@every_example
def test_a_published_value_decodes_and_round_trips(path: Path) -> None:
    """B: what lies on a topic for 30 days, or for ever, must stay readable."""
    example = read(path)
    event = decode(example)
    assert kept(event.as_json(), example["value"]) == example["value"]
    assert type(event).decode(event.encode()) == event


@every_example
def test_the_file_names_the_type(path: Path) -> None:
    assert path.stem.startswith(read(path)["headers"]["ce_type"])


@every_example
def test_the_headers_are_cloudevents_in_binary_mode(path: Path) -> None:
    example = read(path)
    envelope = Envelope.read(headers_of(example))
    assert envelope.headers() == headers_of(example)
    assert example["headers"]["ce_specversion"] == "1.0"
    assert example["headers"]["content-type"] == "application/json"


@every_example
def test_identity_key_and_topic_follow_from_the_value_alone(path: Path) -> None:
    """A re-decided or replayed fact meets its earlier self: the ids in these files never change."""
    example = read(path)
    event = decode(example)
    assert event.ce_id == UUID(example["headers"]["ce_id"])
    assert event.key == example["key"]
    topic = TOPIC_OF[type(event)]
    assert topic.name == example["topic"]
    assert example["headers"]["ce_source"] in {f"baton/{service}" for service in topic.producers}


@every_example
def test_a_newer_producer_may_add_fields(path: Path) -> None:
    example = read(path)
    event = decode(example)
    example["value"]["added_next_year"] = {"deep": [1, 2]}
    assert decode(example) == event


@every_example
def test_the_points_are_the_sum_of_the_evidence(path: Path) -> None:
    """Q15: a score that a rep is shown can be added up."""
    value = read(path)["value"]
    for axis in ("fit", "readiness"):
        if f"{axis}_points" in value and value.get(f"{axis}_evidence"):
            total = sum(line["points"] for line in value[f"{axis}_evidence"])
            assert value[f"{axis}_points"] == pytest.approx(total)


def test_examples_of_one_key_and_source_carry_a_sequence_without_gaps() -> None:
    seen: dict[tuple[str, str, str], set[int]] = {}
    for example in map(read, FILES):
        stream = (example["headers"]["ce_source"], example["topic"], example["key"])
        seen.setdefault(stream, set()).add(int(example["headers"]["ce_sequence"]))
    assert all(numbers == set(range(1, len(numbers) + 1)) for numbers in seen.values())


@pytest.mark.parametrize(
    ("lost", "complaint"),
    [
        ("ce_id", "ce_id"),
        ("ce_type", "ce_type"),
        ("ce_source", "ce_source"),
        ("ce_time", "ce_time"),
    ],
)
def test_a_record_without_its_attributes_is_refused_by_name(lost: str, complaint: str) -> None:
    example = read(EXAMPLES / "lead.qualified.v1.json")
    kept = [(name, value) for name, value in headers_of(example) if name != lost]
    with pytest.raises(ValueError, match=complaint):
        Envelope.read(kept)


def test_a_time_without_a_zone_is_refused() -> None:
    example = read(EXAMPLES / "lead.qualified.v1.json")
    example["headers"]["ce_time"] = "2026-03-02T09:34:07"
    with pytest.raises(ValueError, match="zone"):
        Envelope.read(headers_of(example))
