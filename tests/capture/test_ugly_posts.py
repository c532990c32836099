"""Pages that nobody wrote for us post to a form: the person is kept, and no box is guessed."""

from typing import Any

import httpx
import pytest

from capture.domain import forms
from capture.domain.form_fields import fields_by_name
from capture.playbook import Form
from events.contacts import ContactCaptured, ContactProfile
from events.runtime.testing import ServiceHarness
from tests.capture.browsers import ADA, JSON, SITE, form_key, stamped, submitted

BOX = "consent.marketing_email"
WORDING = "Send me an e-mail now and then about the subject. I can withdraw this at any time."


def form(**changed: Any) -> Form:
    names = ("email", "first_name", "last_name", "phone", "company", "country", "employees")
    asked: list[dict[str, Any]] = [{"name": name, "required": name == "email"} for name in names]
    consent = {"purpose": "marketing_email", "wording": WORDING, "wording_version": "1"}
    whole = {"title": "Talk", "engagement": "contact_sales", "questions": asked, "consents": [consent]}
    return Form.model_validate(whole | {"talk_to_sales": "Call me"} | changed)


def posted(**fields: str) -> dict[str, Any]:
    pairs = [(name, text) for name, text in {"email": "ada@x.example", **fields}.items()]
    return forms.form_as_submission_values(form(), fields_by_name(pairs, form()))


@pytest.mark.parametrize(
    "tick",
    ["1", "true", "TRUE", "on", "On", "yes", "Yes ", "checked", "x", "Ja", "oui", "s\u00ed", "Sim", "I agree", WORDING,
     WORDING.upper()],
)  # fmt: skip
def test_a_ticked_box_is_a_yes_whatever_the_page_sends_for_it(tick: str) -> None:
    (consent,) = posted(**{BOX: tick})["consent"]
    assert (consent["purpose"], consent["granted"]) == ("marketing_email", True)
    assert posted(talk_to_sales=tick if tick.upper() != WORDING.upper() else "Call me")["talk_to_sales"] is True


@pytest.mark.parametrize("text", ["0", "false", "off", "no", "Nein", "non", "n\u00e3o", "", " "])
def test_a_box_that_says_no_is_no_answer(text: str) -> None:
    found = posted(**{BOX: text, "talk_to_sales": text})
    assert found.keys().isdisjoint({"consent", "talk_to_sales", "facts"})


@pytest.mark.parametrize("text", ["maybe", "newsletter", "2", "Yes, but by post", "null"])
def test_a_box_that_says_neither_is_no_consent_and_costs_nobody(text: str) -> None:
    found = posted(**{BOX: text})
    assert "consent" not in found
    assert found["facts"] == {f"form_{BOX}": text}


@pytest.mark.parametrize(
    "name",
    ["et_pb_contact_email_0", "form-field-email", "input_email", "contact.email", "dnn$ctr420$Email", "hs_email",
     "ctl00$Main$txtEmail", "inputEmail", "mauticform[email]", "input_2", "field7", "00N5g00000Ab"],
)  # fmt: skip
def test_builders_of_pages_name_the_address_as_they_do(name: str) -> None:
    pairs = [(name, "ada@x.example"), ("last_name", "Long"), ("subject", "Your pumps")]
    found = forms.form_as_submission_values(form(), fields_by_name(pairs, form()))
    assert (found["email"], found["last_name"]) == ("ada@x.example", "Long")


@pytest.mark.parametrize(
    "others",
    [{"a": "ada@x.example", "b": "bo@x.example"}, {"_to": "sales@us.example"}, {"recipient": "sales@us.example"},
     {"mail_to": "sales@us.example"}, {"cc": "sales@us.example"}, {"a": "write to ada@x.example please"}],
)  # fmt: skip
def test_an_address_is_not_guessed_where_it_may_be_somebody_elses(others: dict[str, str]) -> None:
    with pytest.raises(forms.FormInvalid):
        forms.form_as_submission_values(form(), fields_by_name([*others.items(), ("last_name", "Long")], form()))


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Ada Long <ada@x.example>", "ada@x.example"),
        ("mailto:ada@x.example", "ada@x.example"),
        ("ada @x.example", "ada@x.example"),
        ("ada@x.example,", "ada@x.example"),
        ("ada@x.example.", "ada@x.example"),
        ("ada\uff20x.example", "ada@x.example"),
        ("ada%40x.example", "ada@x.example"),
    ],
)
def test_an_address_is_found_within_what_was_typed(typed: str, read: str) -> None:
    assert posted(email=typed)["email"] == read


@pytest.mark.parametrize(
    ("name", "typed", "read"),
    [
        ("country", "Please select", None),
        ("country", "-- None --", None),
        ("company", "n/a", None),
        ("last_name", "M&uuml;ller", "M\u00fcller"),
        ("last_name", "M\u00c3\u00bcller", "M\u00fcller"),
        ("employees", "51-200 employees", 51),
        ("employees", "1,200", 1200),
        ("employees", "<50", 1),
        ("employees", "10000+", 10000),
    ],
)
def test_a_field_is_read_as_a_cell_of_a_list_is(name: str, typed: str, read: object) -> None:
    assert posted(**{name: typed}).get(name) == read


def test_what_a_pages_own_tools_send_is_no_message() -> None:
    """Else the rep reads two thousand letters of a captcha."""
    tools = {"g-recaptcha-response": "03AFc" * 400, "_wpnonce": "ab12", "__VIEWSTATE": "x" * 3_000, "utf8": "\u2713"}
    assert posted(**tools, comments="Call me.") == {
        "source": "web_form", "engagement": "contact_sales", "email": "ada@x.example", "message": "Call me.",
    }  # fmt: skip


async def test_a_field_of_a_page_that_asks_for_the_website_is_no_trap(
    harness: ServiceHarness, browser: httpx.AsyncClient
) -> None:
    """Ours has a field of this name that nobody sees; a page without our stamp asks people for it."""
    key = {"form_key": await form_key(harness)}
    answer = await browser.post(
        "/f/contact", data=ADA | key | {"website": "https://works.example"}, headers=JSON | {"Origin": SITE}
    )
    assert answer.status_code == 202
    (event,) = await harness.emitted(ContactCaptured)
    known = (await harness.http.get(f"/v1/contacts/{event.contact_id}")).json()
    assert "https://works.example" in str(known)
    await submitted(browser, ADA | {"email": "bo@works.example", "website": "x"} | stamped())
    assert len(await harness.emitted(ContactCaptured)) == 1


@pytest.mark.parametrize(
    "odd",
    [{"country": "Atlantis"}, {"country": "EMEA"}, {"first_name": "x" * 300}, {"company": "a\0b"}, {"phone": "call me"},
     {"phone": "0171 2345678"}, {"job_title": "x" * 5_000}, {"country": "Germania", "phone": "1", "company": "y" * 400},
     {"referrer": "not a link"}, {"utm_source": "x" * 900}],
)  # fmt: skip
async def test_a_page_of_somebody_else_loses_nobody_for_an_odd_field(
    harness: ServiceHarness, browser: httpx.AsyncClient, odd: dict[str, str]
) -> None:
    """No error can be shown beside the field there: what fits none is kept with the person."""
    key = {"form_key": await form_key(harness)}
    answer = await browser.post("/f/contact", data=ADA | key | odd, headers=JSON | {"Origin": SITE})
    assert answer.status_code == 202, answer.text
    (profile,) = await harness.emitted(ContactProfile)
    assert (profile.email, profile.last_name) == (ADA["email"], "Long")
