"""Records that were in order once: bent in headers, key, time and value. The same for the same seed."""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import events
from events.topics import TOPIC_OF, TOPICS, Topic
from tests.fuzz.mutating import mutants
from tests.fuzz.raw import Raw

EXAMPLES = Path(events.__file__).parent / "examples"
LARGE = 200_000
EDGES = (
    b"0001-01-01T00:00:00+14:00", b"9999-12-31T23:59:59-14:00", b"0001-01-01T00:00:00+00:00",
    b"9999-12-31T23:59:59+00:00", b"2026-02-30T00:00:00+00:00", b"2026-03-02T08:00:00", b"yesterday",
    b"2026-03-02T08:00:00\x00+00:00", b"\xff\xfe",
)  # fmt: skip
"""Times that are none, or none of an event."""
BYTES = (b"", b"\0", b"a\0b", b"\xff\xfe\xfd", b"\xed\xa0\x80", b"\x1b[2J", b"x" * LARGE)
NAMES = (b"\0", b"x\0y", b"\xff\xfe", b"ce\xc3_id", b"\x1b[2J", b"n" * LARGE)


@cache
def examples_of(topic: Topic) -> list[dict[str, Any]]:
    """Return the golden examples of a topic's events."""
    found = [json.loads(path.read_text()) for path in sorted(EXAMPLES.glob("*.json"))]
    return [each for each in found if each["topic"] == topic.name and each["value"] is not None]


def good(example: Mapping[str, Any], number: int, seed: int) -> Raw:
    """Return a record like an example, about a contact, a lead and so on of its own."""
    text = json.dumps(example["value"])
    key = str(example["key"])
    root = uuid5(UUID(int=seed), f"{example['headers']['ce_id']}/{number}")
    for old in _ids(example["value"]):
        new = str(uuid5(root, old))
        text, key = text.replace(old, new), key.replace(old, new)
    at = datetime.now(UTC) - timedelta(seconds=1)
    headers = example["headers"] | {"ce_id": str(root), "ce_time": at.isoformat()}
    return Raw(key.encode(), text.encode(), [(name.encode(), value.encode()) for name, value in headers.items()])


def _ids(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set().union(*map(_ids, value.values()), *map(_ids, value))
    if isinstance(value, list):
        return set().union(*map(_ids, value))
    try:
        return {value} if isinstance(value, str) and str(UUID(value)) == value else set()
    except ValueError:
        return set()


def with_header(record: Raw, name: str, value: bytes | None) -> Raw:
    """Return a record with one header's value exchanged."""
    return record._replace(headers=[(n, value if n == name.encode() else v) for n, v in record.headers])


def without_header(record: Raw, name: str) -> Raw:
    """Return a record without one of its headers."""
    return record._replace(headers=[(n, v) for n, v in record.headers if n != name.encode()])


def named(record: Raw) -> dict[str, Raw]:
    """Return poison in every part of a record, by a name; each must be parked, whatever the topic."""
    found: dict[str, Raw] = {}
    for name in ("ce_id", "ce_type", "ce_source", "ce_time"):
        found |= {f"{name} {value[:12]!r} {len(value)}": with_header(record, name, value) for value in BYTES}
        found[f"{name} null"] = with_header(record, name, None)
        found[f"{name} missing"] = without_header(record, name)
        found[f"{name} repeated"] = record._replace(headers=[*record.headers, (name.encode(), b"again")])
    found |= {f"ce_time {value!r}": with_header(record, "ce_time", value) for value in EDGES}
    found |= {
        f"ce_sequence {value[:9]!r}": with_header(record, "ce_sequence", value)
        for value in (b"-1", b"one", b"9" * 400, b"\0", b"1_0")
    }
    found |= {f"header name {name[:9]!r}": record._replace(headers=[*record.headers, (name, b"x")]) for name in NAMES}
    found["header of 200 kB"] = record._replace(headers=[*record.headers, (b"note", b"x" * LARGE)])
    found |= {f"key {key[:9]!r} {len(key)}": record._replace(key=key) for key in BYTES}
    found["no key"] = record._replace(key=None)
    found["unknown type"] = with_header(record, "ce_type", b"contact.captured.v99")
    found |= {f"value {value[:20]!r}": record._replace(value=value) for value in VALUES}
    found["no headers"] = record._replace(headers=[])
    return found


VALUES = (
    b"", b"\xff\xfe not json", b"null", b"[]", b"{}", b"[" * 100_000, b'{"a":' * 100_000, b"NaN", b"1" * 10_000,
    b'"\\ud800"', b'{"contact_id": "\\u0000"}', b'{"contact_id": 1, "contact_id": 2}',
)  # fmt: skip


def bent(record: Raw, dice: random.Random) -> Raw:
    """Return a record that is wrong for sure somewhere, or was bent at random in its value."""
    deed = dice.randrange(10)
    if deed < 5:
        return record._replace(value=next(mutants([record.value or b""], dice)))
    return dice.choice(_BENT)(record, dice)


def _header(record: Raw, dice: random.Random) -> Raw:
    name = dice.choice(("ce_id", "ce_type", "ce_source", "ce_time", "ce_sequence"))
    return with_header(record, name, dice.choice((*BYTES[:-1], *EDGES, None, b"x" * 2_000, dice.randbytes(20))))


def _dropped(record: Raw, dice: random.Random) -> Raw:
    return without_header(record, dice.choice(("ce_id", "ce_type", "ce_source", "ce_time")))


def _repeated(record: Raw, dice: random.Random) -> Raw:
    return record._replace(headers=[*record.headers, dice.choice(record.headers[:3])])


def _name(record: Raw, dice: random.Random) -> Raw:
    return record._replace(headers=[*record.headers, (dice.choice(NAMES[:-1]), dice.randbytes(5))])


def _key(record: Raw, dice: random.Random) -> Raw:
    return record._replace(key=dice.choice((*BYTES[:-1], None, b"\0" + dice.randbytes(30))))


_BENT: Sequence[Callable[[Raw, random.Random], Raw]] = (_header, _dropped, _repeated, _name, _key)


def consumed_by(service: str) -> list[Topic]:
    """Return the topics that a service consumes."""
    return [topic for topic in TOPICS if service in topic.consumers]


def producible(topic: Topic) -> list[dict[str, Any]]:
    """Return a topic's examples, one a type of event at least."""
    found = examples_of(topic)
    assert {each["headers"]["ce_type"] for each in found} == {k.ce_type for k in TOPIC_OF if TOPIC_OF[k] is topic}
    return found
