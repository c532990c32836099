"""Posts as builders of pages and form services name their fields: each is found, the message too."""

from typing import Any

import httpx
import pytest

from capture.domain import forms
from capture.domain.field_names import possible_field_names
from capture.domain.form_fields import fields_by_name
from events.contacts import ContactProfile
from events.runtime.testing import ServiceHarness
from tests.capture.browsers import JSON, SITE, form_key, stamped
from tests.capture.test_ugly_posts import form

MAIL = "ada@x.example"
ADA = {"email": MAIL, "first_name": "Ada", "last_name": "Long"}
HI = "Please call me."

POSTS: dict[str, tuple[list[tuple[str, str]], dict[str, Any]]] = {
    "a builder's array": (
        [("form_fields[email]", MAIL), ("form_fields[name]", "Ada Long"), ("form_fields[message]", HI)],
        ADA | {"message": HI},
    ),
    "values within fields": (
        [("fields[email][value]", MAIL), ("fields[name][value]", "Ada Long"), ("fields[message][raw_value]", HI)],
        ADA | {"message": HI},
    ),
    "numbered questions": (
        [("q3_fullName3[first]", "Ada"), ("q3_fullName3[last]", "Long"), ("q4_email4", MAIL),
         ("q5_phoneNumber[full]", "+44 20 7946 0958")],
        ADA | {"phone": "+44 20 7946 0958"},
    ),
    "a shop's contact page": (
        [("contact[email]", MAIL), ("contact[name]", "Ada Long"), ("contact[body]", HI)], ADA | {"message": HI},
    ),
    "numbered modules": (
        [("et_pb_contact_name_0", "Ada Long"), ("et_pb_contact_email_0", MAIL), ("et_pb_contact_message_0", HI)],
        ADA | {"message": HI},
    ),
    "numbered kinds": (
        [("name-1-first-name", "Ada"), ("name-1-last-name", "Long"), ("email-1", MAIL), ("textarea-1", HI)],
        ADA | {"message": HI},
    ),
    "whom a service shall answer": (
        [("_replyto", MAIL), ("name", "Ada Long"), ("message", HI), ("_next", "x")],
        ADA | {"message": HI, "facts": {"form__next": "x"}},
    ),
    "an address beside whom a page answers": (
        [("reply-to", "sales@us.example"), ("input_2", MAIL), ("name", "Ada Long")],
        ADA | {"facts": {"form_reply-to": "sales@us.example"}},
    ),
    "a model of a framework": (
        [("data[Contact][email]", MAIL), ("data[Contact][nachname]", "Long"), ("data[Contact][vorname]", "Ada")], ADA,
    ),
    "an object with dots": (
        [("contact.firstName", "Ada"), ("contact.lastName", "Long"), ("contact.emailAddress", MAIL)], ADA,
    ),
    "the same field twice, once empty": ([("email", ""), ("email_2", MAIL), ("name", "Ada Long")], ADA),
}  # fmt: skip


@pytest.mark.parametrize("kind", POSTS)
def test_a_post_is_read_by_what_its_fields_are_called(kind: str) -> None:
    pairs, expected = POSTS[kind]
    found = forms.form_as_submission_values(form(), fields_by_name(pairs, form()))
    assert found == {"source": "web_form", "engagement": "contact_sales", **expected}


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a[b][0]", ["b", "b"]), ("q5_phoneNumber[full]", ["full", "full", "q5_phoneNumber", "phoneNumber"]), ("[]", [])],
)
def test_the_innermost_part_that_says_something_counts(name: str, expected: list[str]) -> None:
    assert list(possible_field_names(name)) == expected


def test_a_numbered_text_is_no_message() -> None:
    found = forms.form_as_submission_values(form(), fields_by_name([("email", MAIL), ("text-1", "Berlin")], form()))
    assert found["facts"] == {"form_text-1": "Berlin"}


@pytest.mark.parametrize("left", [{"phone": "+442079460958"}, {"email": MAIL}])
async def test_a_page_of_somebody_else_loses_nobody_for_an_empty_field(
    harness: ServiceHarness, browser: httpx.AsyncClient, left: dict[str, str]
) -> None:
    """It shows no error beside a field; who left a number shall be called."""
    key = {"form_key": await form_key(harness)}
    answer = await browser.post("/f/contact", data=left | key, headers=JSON | {"Origin": SITE})
    assert answer.status_code == 202, answer.text
    (profile,) = await harness.emitted(ContactProfile)
    assert {"phone": profile.phone, "email": profile.email}.items() >= left.items()


async def test_our_own_page_asks_for_what_is_missing(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/f/contact", data={"phone": "+442079460958"} | stamped(), headers=JSON)
    assert answer.status_code == 422
    assert "email" in {each["field"] for each in answer.json()["errors"]}
