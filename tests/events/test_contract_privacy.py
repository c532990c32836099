"""Direct identifiers travel on `contacts.profiles.v1` alone (design §2)."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from events.asyncapi import build_event_schema
from events.contacts import ContactProfile
from events.topics import EVENT_TYPES, TOPICS
from tests.events.test_contract_examples import FILES, read

IDENTIFIERS = re.compile(
    r"(^|_)(e_?mail|phone|mobile|first_name|last_name|full_name|surname|salutation|address|street"
    r"|birth\w*|ip|user_agent|referrer_name|notes?_text|free_text|message|comment|transcript)($|_)"
)
SPEAKS_OF_MAIL_BUT_IS_NO_ADDRESS = {"email_domain", "email_kind"}
CHANNELS_NOT_PEOPLE = {("Suppression", "email")}

TEXTS = {
    # the company, not the person
    "company company_key competitor country region postal_code industry email_domain email_kind job_title segment",
    # what was done, seen or sent, in marketing's own words
    "engagement source content campaign medium term opener suggested_content brief name aliases",
    "first_sentences language content_stage content_title content_titles suggested_titles buying_stage wish",
    # words of the playbook, channels, names of facts
    "channel form_version suppressed out_of_audience withheld",
    "criterion rule outcome why reason track policy clock purpose wording_version lead_type",
    "playbook_version probability_model fit state from_state stage change topic",
    "seniority department roles missing_roles kind",
    "team queue product version service approvers review_by topics preference",
    # companies, by their domain
    "domain parent",
    # people of ours, by their id
    "by rep_id previous_rep_id origin_rep_id with_rep owner",
    # when somebody of ours works: hours, days and places, never why not
    "zone mon tue wed thu fri sat sun holidays public_holidays half_days special_days",
    # ids and units
    "external_id currency note value referrer facts",
}
KNOWN = {name for line in TEXTS for name in line.split()}

others = pytest.mark.parametrize("ce_type", [name for name, kind in EVENT_TYPES.items() if kind is not ContactProfile])


def text_fields(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Return (owner, field) for each property that can hold free text."""
    parts = {"": body} | body.get("$defs", {})
    for owner, part in parts.items():
        for field, what in part.get("properties", {}).items():
            if any(is_free_text(option) for option in options(what)):
                yield owner, field


def options(what: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for option in what.get("anyOf", [what]):
        yield option
        for inner in ("items", "additionalProperties"):
            if isinstance(option.get(inner), dict):
                yield from options(option[inner])


def is_free_text(option: dict[str, Any]) -> bool:
    return option.get("type") == "string" and not {"enum", "const", "format"} & option.keys()


@others
def test_no_event_but_the_profile_has_a_field_for_a_direct_identifier(ce_type: str) -> None:
    for owner, field in text_fields(build_event_schema(EVENT_TYPES[ce_type])):
        if field not in SPEAKS_OF_MAIL_BUT_IS_NO_ADDRESS and (owner, field) not in CHANNELS_NOT_PEOPLE:
            assert not IDENTIFIERS.search(field), f"{ce_type} {owner}.{field} names a person"


@others
def test_every_text_field_is_known_to_be_free_of_people(ce_type: str) -> None:
    """A new text field is a decision: say in KNOWN why it cannot hold a person's data."""
    fields = {field for _, field in text_fields(build_event_schema(EVENT_TYPES[ce_type]))}
    assert fields <= KNOWN


def test_the_profile_is_alone_on_its_topic_and_can_be_erased_there() -> None:
    (topic,) = (topic for topic in TOPICS if ContactProfile in topic.events)
    assert topic.events == (ContactProfile,)
    assert topic.compacted
    assert topic.key == "contact_id"


def test_no_example_but_the_profile_shows_a_mail_address_or_a_phone_number() -> None:
    person = re.compile(r"[\w.+-]+@[\w-]+\.\w+|\+\d[\d ()/-]{7,}")
    for path in FILES:
        if not path.stem.startswith(ContactProfile.ce_type):
            assert not person.search(json.dumps(read(path)["value"])), path.name
