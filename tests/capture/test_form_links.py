"""Forms that open for somebody who is known by a signed link, and the link to what becomes of data. On PostgreSQL."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import httpx
import pytest
import yaml

from capture.domain.signatures import FormSigner
from events.contacts import ContactCaptured, ContactProfile
from events.runtime.testing import ServiceHarness
from tests.capture.browsers import JSON, PAGE, SECRET, SITE, form_key, hidden_in, stamped, submitted

ADA = {
    "email": "ada.lovelace@works.example", "first_name": "Augusta", "last_name": "Lovelace-King",
    "phone": "+4930901820", "company": "Difference Engines", "job_title": "Head of Sums", "message": "Once upon a time",
}  # fmt: skip
KNOWN = [*ADA.values(), "40001"]
SIGNER = FormSigner(SECRET)


@pytest.fixture
async def harness(harness: ServiceHarness) -> ServiceHarness:
    """Capture with a form that asks known people more, and says what becomes of data."""
    playbooks = harness.service.playbooks
    async with harness.transaction() as tx:
        before = playbooks._sources[tx.playbook_version]
        rules = yaml.safe_load(before.body)
        rules["forms"]["paper"] = {
            "title": "The paper", "engagement": "content_download", "privacy_url": "https://works.example/privacy",
            "translations": {"de": {"title": "Das Papier", "privacy_url": "https://works.example/datenschutz"}},
            "questions": [
                {"name": "email", "required": True}, {"name": "last_name", "required": True}, {"name": "message"},
                {"name": "country", "progressive": True},
                {"name": "seats", "kind": "number", "label": "How many seats?", "progressive": True, "required": True},
            ],
        }  # fmt: skip
        agreed = type(before)(before.definitions, yaml.safe_dump(rules))
        await playbooks.activate(tx, agreed, by="tests", approvals=[])
    await harness.raw.execute("delete from outbox")
    return harness


async def known(harness: ServiceHarness, **changed: Any) -> UUID:
    """Somebody who was here before."""
    body = {name: value for name, value in {**ADA, **changed}.items() if value is not None}
    answer = await harness.http.post("/v1/contacts", json=body)
    assert answer.status_code == 202, answer.text
    return UUID(answer.json()["contact_id"])


async def path_of(harness: ServiceHarness, contact_id: UUID, form: str = "paper", **more: Any) -> str:
    answer = await harness.http.post(f"/v1/contacts/{contact_id}/form-links", json={"form": form, **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["path"])


def names_in(html: str) -> set[str]:
    """The fields that a page asks."""
    return {part.partition('"')[0] for part in html.split('<label for="')[1:]}


async def test_a_link_opens_the_form_without_what_is_known_and_shows_none_of_it(
    harness: ServiceHarness, browser: httpx.AsyncClient
) -> None:
    """Issue 16: whoever a mail is forwarded to learns nothing; strangers are asked as ever."""
    path = await path_of(harness, await known(harness, facts={"budget": 40001}))
    page = await browser.get(path, headers=PAGE)
    assert names_in(page.text) == {"message", "country", "seats"}
    assert [each for each in KNOWN if each in page.text] == []
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "same-origin"
    assert '<a href="/f/paper">Not you?' in page.text
    stranger = await browser.get("/f/paper", headers=PAGE)
    assert names_in(stranger.text) == {"email", "last_name", "message"}
    assert "Not you?" not in stranger.text


async def test_what_is_sent_is_theirs_and_is_not_asked_again(
    harness: ServiceHarness, browser: httpx.AsyncClient
) -> None:
    contact_id = await known(harness)
    path = await path_of(harness, contact_id)
    hidden = hidden_in((await browser.get(path, headers=PAGE)).text)
    filled = hidden | stamped("paper") | {"country": "DE", "seats": "12", "message": "The third paper, please"}
    answer = await submitted(browser, filled, "paper")
    assert answer.status_code == 202, answer.text
    assert answer.json()["contact_id"] == str(contact_id)
    event = (await harness.emitted(ContactCaptured))[-1]
    facts = {"language": "en", "seats": 12}
    assert (event.contact_id, event.engagement, event.facts) == (contact_id, "content_download", facts)
    profile = (await harness.emitted(ContactProfile))[-1]
    assert (profile.email, profile.country, profile.message) == (ADA["email"], "DE", "The third paper, please")
    again = await browser.get(path, headers=PAGE)
    assert names_in(again.text) == {"message"}


async def test_an_error_shows_what_was_typed_and_still_nothing_that_is_known(
    harness: ServiceHarness, browser: httpx.AsyncClient
) -> None:
    path = await path_of(harness, await known(harness))
    hidden = hidden_in((await browser.get(path, headers=PAGE)).text)
    wrong = await browser.post("/f/paper", data=hidden | stamped("paper") | {"message": "My words"}, headers=PAGE)
    assert wrong.status_code == 422
    assert names_in(wrong.text) == {"message", "country", "seats"}
    assert "My words</textarea>" in wrong.text
    assert [each for each in KNOWN if each in wrong.text] == []
    assert hidden_in(wrong.text)["form_link"] == hidden["form_link"]
    right = await submitted(browser, hidden_in(wrong.text) | {"message": "My words", "seats": "7"}, "paper")
    assert right.status_code == 202


@pytest.mark.parametrize("kind", ["another's", "changed", "another form's", "past", "nobody's", "erased", "empty"])
async def test_a_link_that_is_not_good_is_none(harness: ServiceHarness, browser: httpx.AsyncClient, kind: str) -> None:
    """The form is as for everybody, and what is sent by it names nobody but by what was typed."""
    contact_id = await known(harness)
    until = datetime.now(UTC) + timedelta(days=1)
    good = SIGNER.write_link("paper", contact_id, until)
    link = {
        "another's": FormSigner(b"of another installation").write_link("paper", contact_id, until),
        "changed": good.replace(contact_id.hex, uuid4().hex),
        "another form's": SIGNER.write_link("contact", contact_id, until),
        "past": SIGNER.write_link("paper", contact_id, datetime.now(UTC) - timedelta(minutes=5)),
        "nobody's": SIGNER.write_link("paper", uuid4(), until),
        "erased": good,
        "empty": "",
    }[kind]
    if kind == "erased":
        assert (await harness.http.delete(f"/v1/contacts/{contact_id}")).status_code == 202
    page = await browser.get(f"/f/paper?form_link={link}", headers=PAGE)
    assert names_in(page.text) == {"email", "last_name", "message"}
    assert "form_link" not in hidden_in(page.text)
    before = len(await harness.emitted(ContactCaptured))
    refused = await submitted(browser, stamped("paper") | {"form_link": link, "message": "x"}, "paper")
    assert (refused.status_code, len(await harness.emitted(ContactCaptured))) == (422, before)
    own = {"email": "bo@works.example", "last_name": "Bo"}
    taken = await submitted(browser, stamped("paper", nonce="cd") | {"form_link": link} | own, "paper")
    assert taken.status_code == 202
    assert taken.json()["contact_id"] != str(contact_id)


async def test_a_form_that_was_given_out_before_its_link_ended_may_be_sent(
    harness: ServiceHarness, browser: httpx.AsyncClient
) -> None:
    contact_id = await known(harness)
    link = SIGNER.write_link("paper", contact_id, datetime.now(UTC) - timedelta(minutes=5))
    filled = {"form_link": link, "seats": "3"}
    answer = await submitted(browser, filled | stamped("paper", ago=3_600), "paper")
    assert (answer.status_code, answer.json().get("contact_id")) == (202, str(contact_id))


async def test_whoever_types_an_address_of_their_own_is_whom_it_names(
    harness: ServiceHarness, browser: httpx.AsyncClient
) -> None:
    """A page of one's own may ask for it beside the link: nobody is taken over."""
    contact_id = await known(harness)
    link = SIGNER.write_link("paper", contact_id, datetime.now(UTC) + timedelta(days=1))
    filled = {"form_link": link, "email": "bo@works.example", "last_name": "Bo", "seats": "3"}
    answer = await submitted(browser, filled | stamped("paper"), "paper")
    assert answer.status_code == 202
    assert answer.json()["contact_id"] != str(contact_id)


async def test_a_merged_contacts_link_is_the_persons(harness: ServiceHarness, browser: httpx.AsyncClient) -> None:
    work = await known(harness, facts={"seats": 5})
    home = await known(harness, email="ada@home.example", phone=None, country="GB")
    path = await path_of(harness, home)
    assert names_in((await browser.get(path, headers=PAGE)).text) == {"message", "seats"}
    assert (await harness.http.post(f"/v1/contacts/{home}/merge", json={"into": str(work)})).status_code == 200
    page = (await browser.get(path, headers=PAGE)).text
    assert names_in(page) == {"message"}
    answer = await submitted(browser, hidden_in(page) | stamped("paper") | {"message": "x"}, "paper")
    assert answer.json()["contact_id"] == str(work)


async def test_a_page_of_ones_own_hands_the_link_to_the_snippet(
    harness: ServiceHarness, browser: httpx.AsyncClient
) -> None:
    key = await form_key(harness, "paper")
    link = parse_qs(urlsplit(await path_of(harness, await known(harness))).query)["form_link"][0]
    parts = await browser.get(f"/f/paper/embed?key={key}&form_link={link}", headers={"Origin": SITE})
    html = parts.json()["html"]
    assert names_in(html) == {"message", "country", "seats"}
    assert hidden_in(html)["form_link"] == link
    assert [each for each in KNOWN if each in parts.text] == []


async def test_a_link_is_made_for_a_contact_with_an_address_and_a_form_that_is_there(harness: ServiceHarness) -> None:
    contact_id = await known(harness)
    made = await harness.http.post(f"/v1/contacts/{contact_id}/form-links", json={"form": "paper", "days": 7})
    until = datetime.fromisoformat(made.json()["expires_at"])
    assert timedelta(days=6.9) < until - datetime.now(UTC) <= timedelta(days=7)
    only_phone = await known(harness, email=None, first_name="Bo", last_name="Falk", phone="+4930901821")
    for whom, body, answer in (
        (contact_id, {"form": "fax"}, (404, "form_unknown")),
        (uuid4(), {"form": "paper"}, (404, "contact_unknown")),
        (only_phone, {"form": "paper"}, (409, "email_unknown")),
        (contact_id, {"form": "paper", "days": 400}, (422, "less_than_equal")),
    ):
        refused = await harness.http.post(f"/v1/contacts/{whom}/form-links", json=body)
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == answer


async def test_what_becomes_of_data_is_linked_in_the_pages_language(
    browser: httpx.AsyncClient, harness: object
) -> None:
    """Issue 16: the privacy link stands above the button, where the form has one, also on a page with errors."""
    assert harness
    for language, address in (("en", "privacy"), ("de", "datenschutz")):
        page = await browser.get(f"/f/paper?language={language}", headers=PAGE)
        shown = f'<a href="https://works.example/{address}" target="_blank" rel="noopener">'
        assert shown in page.text.partition("<button")[0]
    wrong = await browser.post("/f/paper", data=stamped("paper"), headers=PAGE)
    assert (wrong.status_code, '<a href="https://works.example/privacy"' in wrong.text) == (422, True)
    assert 'class="privacy"' not in (await browser.get("/f/contact", headers=PAGE | JSON)).text
