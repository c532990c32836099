"""Events are structs; whatever a struct refuses, a pydantic model of the same fields decides about (ADR 0079)."""

import copy
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from events.contacts import Consent, ContactCaptured
from events.envelope import Event
from events.topics import EVENT_TYPES
from tests.events.test_contract_examples import FILES, read

EXAMPLES = [(EVENT_TYPES[example["headers"]["ce_type"]], example["value"]) for example in map(read, FILES)]
ODD: list[Any] = [
    None, True, False, 0, 1, -1, 1.0, 1.5, 10**30, "", "1", "1.5", "true", "null", "x", "a\0b", "\ud800", [], {},
    [None], {"a": 1}, "2026-03-02T09:00:00Z", "2026-03-02T09:00:00+02:00", "2026-03-02T09:00:00", "2026-03-02",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-03-02T24:00:00Z", 1_770_000_000, "A", "content",
    "018f4f6e7a527d0a9a550c2f6f9c1d11", "{018f4f6e-7a52-7d0a-9a55-0c2f6f9c1d11}", float("nan"), float("inf"), 1e400,
]  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return (
        [path, *(place for name, each in inner for place in places(each, (*path, name)))]
        if path
        else [place for name, each in inner for place in places(each, (name,))]
    )


def with_value(value: Any, place: tuple[Any, ...], odd: Any) -> Any:
    changed = copy.deepcopy(value)
    inner = changed
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = odd
    return changed


def by_model(kind: type[Event], text: bytes) -> dict[str, Any] | None:
    try:
        found: BaseModel = kind.model().model_validate_json(text)
    except ValidationError:
        return None
    return {name: getattr(found, name) for name in kind.fields()}


def by_struct(kind: type[Event], text: bytes) -> dict[str, Any] | None:
    try:
        return kind.decode(text).as_dict()
    except ValidationError:
        return None


@given(example=st.sampled_from(EXAMPLES), odd=st.sampled_from(ODD), data=st.data())
def test_whatever_stands_in_a_field_both_come_to_the_same(
    example: tuple[type[Event], dict[str, Any]], odd: Any, data: st.DataObject
) -> None:
    kind, value = example
    place = data.draw(st.sampled_from(places(value)))
    text = json.dumps(with_value(value, place, odd)).encode()
    assert repr(by_struct(kind, text)) == repr(by_model(kind, text))


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"null", b"1", b'"x"', b"\xff\xfe{}", b"[" * 100_000, b"{}{}"])
def test_what_is_no_object_is_refused_by_the_one_error_that_callers_know(text: bytes) -> None:
    for kind, _ in EXAMPLES:
        with pytest.raises(ValidationError):
            kind.decode(text)


def test_instants_are_in_utc_wherever_they_stand() -> None:
    kind, value = next(each for each in EXAMPLES if each[0] is ContactCaptured)
    answer = {"purpose": "sales", "granted": True, "wording_version": "1", "at": "2026-03-02T09:00:00+02:00"}
    text = json.dumps(value | {"occurred_at": "2026-03-02T09:00:00+02:00", "consents": [answer]}).encode()
    event = kind.decode(text)
    assert isinstance(event, ContactCaptured)
    assert {event.occurred_at, event.consents[0].at} == {datetime(2026, 3, 2, 7, tzinfo=UTC)}
    assert [event.occurred_at.tzinfo, event.consents[0].at.tzinfo] == [UTC, UTC]


def test_an_instant_with_another_zone_is_published_in_utc_and_one_that_is_none_not_at_all() -> None:
    kind, value = next(each for each in EXAMPLES if each[0] is ContactCaptured)
    event = kind.decode(json.dumps(value).encode())
    berlin = timezone(timedelta(hours=1))
    assert event.changed(occurred_at=event.occurred_at.astimezone(berlin)).encode() == event.encode()
    for none in (datetime.max.replace(tzinfo=berlin), datetime(2026, 3, 2, 9)):  # noqa: DTZ001 - what is refused
        with pytest.raises(ValidationError):
            event.changed(occurred_at=none).encode()


def test_values_that_nobody_has_checked_are_read() -> None:
    at = datetime(2026, 3, 2, 9, tzinfo=timezone(timedelta(hours=2)))
    given_values = {"purpose": "sales", "granted": "yes", "wording_version": "1", "at": at, "more": UUID(int=1)}
    assert Consent.read(given_values).as_json(filled=True) == {
        "purpose": "sales", "granted": True, "wording_version": "1", "at": "2026-03-02T07:00:00Z",
    }  # fmt: skip
    with pytest.raises(ValidationError):
        Consent.read({"purpose": "sales"})


def test_a_model_has_fields_that_are_parts_of_events() -> None:
    class Answer(BaseModel):
        consents: list[Consent]

    consent = Consent(purpose="sales", granted=True, wording_version="1", at=datetime(2026, 3, 2, 9, tzinfo=UTC))
    answer = Answer(consents=[consent])
    assert Answer.model_validate_json(answer.model_dump_json()) == answer
    assert answer.model_dump(mode="json", exclude_none=True)["consents"] == [consent.as_json(filled=True)]
    assert answer.model_dump() == {"consents": [consent]}
    assert Answer.model_json_schema()["$defs"]["Consent"]["required"] == ["purpose", "granted", "wording_version", "at"]
