"""What comes from Kafka is read or refused with a reason, whatever its bytes; reading never raises."""

import random
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.envelope import Envelope
from events.parts import convert_to_utc
from events.runtime.inbox import TOMBSTONE, ReceivedRecord, Record, decode_record
from events.runtime.parking import find_ids_in_record
from events.runtime.positions import read_record_mark
from events.runtime.printable import make_printable
from events.topics import CONTACTS_CAPTURED, CONTACTS_PROFILES, TOPICS, Topic
from tests.fuzz.poison import bent, examples_of, good, named
from tests.fuzz.raw import Raw

every_topic = pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)


def read(raw: Raw, topic: Topic, timestamp: int = 1_772_440_000_000, *, replayed: bool = False) -> ReceivedRecord:
    headers = [(name.decode(errors="surrogateescape"), value) for name, value in raw.headers]
    return decode_record(Record(topic.name, 0, 7, timestamp, raw.key, raw.value, headers), topic, replayed=replayed)


def sample(topic: Topic = CONTACTS_CAPTURED, number: int = 0) -> Raw:
    return good(examples_of(topic)[0], number, 1)


@every_topic
def test_a_record_in_order_is_read(topic: Topic) -> None:
    for number, example in enumerate(examples_of(topic)):
        assert read(good(example, number, 1), topic).reason == ""


@every_topic
def test_poison_in_any_part_is_refused_with_a_reason_and_its_text_is_safe(topic: Topic) -> None:
    """X45, X23, X24."""
    for name, raw in named(sample(topic)).items():
        item = read(raw, topic)
        assert item.event is None, name
        assert item.reason in {"undecodable", "unknown_version"}, name
        assert (item.reason + item.detail).isprintable(), name


@every_topic
def test_whatever_is_bent_is_read_or_refused(topic: Topic) -> None:
    dice = random.Random(topic.name)  # noqa: S311 - the same records in every run
    for number in range(300):
        item = read(bent(sample(topic, number), dice), topic)
        assert (item.event is None) == bool(item.reason)
        assert item.detail.isprintable()


@given(
    key=st.none() | st.binary(),
    value=st.none() | st.binary(),
    headers=st.lists(st.tuples(st.sampled_from(["ce_id", "ce_type", "ce_time", "x"]) | st.text(), st.binary())),
    timestamp=st.integers(-(2**63), 2**63 - 1),
)
def test_any_bytes_are_refused_and_not_raised(
    key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]], timestamp: int
) -> None:
    item = decode_record(Record("t", 0, 0, timestamp, key, value, headers), CONTACTS_CAPTURED)
    assert item.reason == "undecodable"
    assert date(1970, 1, 1) <= item.day
    assert read_record_mark(headers).isprintable()


@pytest.mark.parametrize("timestamp", [-1, -(2**63), 2**63 - 1, 10**17])
def test_an_impossible_timestamp_costs_no_record_that_is_in_order(timestamp: int) -> None:
    assert read(sample(), CONTACTS_CAPTURED, timestamp).event is not None
    assert read(sample()._replace(headers=[]), CONTACTS_CAPTURED, timestamp).reason == "undecodable"


def test_a_replay_reads_what_is_needed_of_a_record_whose_key_or_other_headers_are_no_text() -> None:
    raw = sample()._replace(key=b"\0")
    raw = raw._replace(headers=[*raw.headers, (b"\xff\0", b"x")])
    assert read(raw, CONTACTS_CAPTURED).detail == "the key is no text"
    assert read(raw, CONTACTS_CAPTURED, replayed=True).event is not None


def test_a_trace_that_is_malformed_costs_no_event() -> None:
    raw = sample()
    raw = raw._replace(headers=[*raw.headers, (b"traceparent", b"00-\0-x-01")])
    item = read(raw, CONTACTS_CAPTURED)
    assert item.event is not None
    assert item.envelope is not None
    assert item.envelope.traceparent is None


def test_a_text_with_nul_is_refused_and_one_that_only_writes_about_it_is_not() -> None:
    """PostgreSQL takes no NUL in a text, in JSON neither."""
    raw = sample(CONTACTS_PROFILES)
    details = [
        read(raw._replace(value=(raw.value or b"")[:-1] + b', "first_name": "A' + written + b'"}'), CONTACTS_PROFILES)
        for written in (rb"\u0000", rb"\\u0000")
    ]
    assert [item.detail for item in details] == ["a text with NUL", ""]


def test_numbers_that_are_none_are_refused() -> None:
    raw = good(next(e for e in examples_of(CONTACTS_CAPTURED)), 0, 1)
    for value in (b"NaN", b"Infinity", b"-Infinity"):
        changed = (raw.value or b"").replace(b'"cycle": 1', b'"cycle": ' + value)
        item = read(raw._replace(value=b'{"x": ' + value + b"," + changed[1:]), CONTACTS_CAPTURED)
        assert item.event is None or item.event.encode().count(value) == 0


@pytest.mark.parametrize("year", [1, 1899, 2200, 9999])
def test_an_instant_near_the_ends_of_the_calendar_is_none_of_an_event(year: int) -> None:
    with pytest.raises(ValueError, match="not a year"):
        convert_to_utc(datetime(year, 1, 1, tzinfo=UTC))


def test_a_record_of_a_compacted_topic_without_a_value_is_a_tombstone() -> None:
    assert read(sample(CONTACTS_PROFILES)._replace(value=None), CONTACTS_PROFILES).reason == TOMBSTONE
    assert read(sample()._replace(value=None), CONTACTS_CAPTURED).reason == "undecodable"


def test_erasure_finds_a_parked_record_by_every_id_in_its_bytes() -> None:
    first, second, third, fourth = (uuid4() for _ in range(4))
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in str(fourth))
    value = f'{{"a": "{first}", "b": "{str(second).upper()}", "c": "{escaped}"}}'.encode()
    raw = Raw(b"\0" + third.hex.encode(), value, [])
    assert find_ids_in_record(read(raw, CONTACTS_CAPTURED)) == {first, second, third, fourth}
    assert find_ids_in_record(read(raw._replace(value=b"[" * 500 + b"]" * 500), CONTACTS_CAPTURED)) == {third}


def test_plain_text_is_cut_and_cleaned() -> None:
    assert make_printable(b"a\0b\xff\x1b") == "a\ufffdb\ufffd\ufffd"
    assert make_printable("\ud800x" * 200) == "\ufffdx" * 100
    assert read_record_mark([("ce_id", None)]) == read_record_mark([]) == ""
    assert read_record_mark([("ce_id", b"1\0")]) == "1\ufffd"


def test_an_envelope_survives_its_headers() -> None:
    known = Envelope("1", "t", "s", datetime(2026, 3, 2, tzinfo=UTC), 4, f"00-{'a' * 32}-{'b' * 16}-01")
    assert Envelope.read(known.headers()) == known
