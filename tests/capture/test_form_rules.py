"""The rules of forms, without a database: every branch of the domain."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from capture.domain import forms
from capture.domain.forms import FormInvalid
from capture.domain.signatures import FormSigner, FormStamp, FormTicket
from capture.playbook import CapturePlaybook, Form

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SIGNER = FormSigner(b"a secret for tests alone")
PLAIN = {"title": "Talk", "engagement": "contact_sales", "questions": [{"name": "email"}, {"name": "employees"}]}


def form(**changed: object) -> Form:
    return Form.model_validate(PLAIN | changed)


def test_what_a_form_fixes_nobody_else_says() -> None:
    fixed = form(campaign="spring", content="paper")
    assert forms.form_as_submission_values(fixed, {"email": "a@b.example"}) == {
        "source": "web_form",
        "engagement": "contact_sales",
        "campaign": "spring",
        "content": "paper",
        "email": "a@b.example",
    }
    assert (
        forms.form_as_submission_values(fixed, {"email": "a@b.example", "campaign": "autumn"})["campaign"] == "spring"
    )
    assert forms.form_as_submission_values(form(), {"campaign": "autumn"})["campaign"] == "autumn"


def test_what_is_not_asked_is_kept_and_long_text_is_a_message() -> None:
    filled = {"Your-Message": "Hello", "story": "x" * 2_000, **{f"q{n}": "y" for n in range(40)}}
    found = forms.form_as_submission_values(form(), filled)
    assert found["message"].startswith("Hello\n\nxxx")
    assert len(found["facts"]) == 30
    typed = form(questions=[{"name": "email"}, {"name": "last_name"}])
    assert forms.form_as_submission_values(typed, {"last_name": " Ray\r\n Long "})["last_name"] == "Ray Long"


def test_a_form_in_several_languages_says_in_which_it_was_filled_in() -> None:
    """14.5: what a rep says first is in it; a form that has one language alone says nothing of the person."""
    several = form(translations={"de": {"title": "Sprechen"}})
    filled = {"email": "a@b.example", "language": "de"}
    assert forms.form_as_submission_values(several, filled)["facts"] == {"language": "de"}
    assert forms.form_as_submission_values(several, filled | {"language": "en"})["facts"] == {"language": "en"}
    assert "facts" not in forms.form_as_submission_values(several, filled | {"language": "xx"})
    assert "facts" not in forms.form_as_submission_values(form(), filled)


def test_only_a_tick_is_a_yes() -> None:
    """B51, C4."""
    asked = form(
        talk_to_sales="Talk to me", consents=[{"purpose": "news", "wording": "Yes, news", "wording_version": "7"}]
    )
    assert "consent" not in forms.form_as_submission_values(asked, {"consent.news": ""})
    values = forms.form_as_submission_values(
        asked, {"consent.news": "on", "talk_to_sales": "yes", "referrer": "https://a.example/"}
    )
    tick = {"purpose": "news", "granted": True, "wording_version": "7", "form_version": asked.version}
    assert values["consent"] == [tick]
    assert form().version == form().version != form(intro="Another wording").version
    assert (values["talk_to_sales"], values["referrer"]) == (True, "https://a.example/")


@pytest.mark.parametrize(
    ("values", "meant"), [("120", 120), ("007", 7), ("9" * 9, 999_999_999), ("٣", 3), ("many", "many")]
)
def test_a_number_of_people_is_digits(values: str, meant: object) -> None:
    assert forms.form_as_submission_values(form(), {"employees": values})["employees"] == meant


@given(
    st.dictionaries(
        st.sampled_from([*forms.field_names_of(form()), forms.HONEYPOT, forms.STAMP, forms.KEY, forms.NEXT, "other"]),
        st.text(max_size=20),
    )
)
def test_whatever_is_filled_in_it_is_a_submission_of_that_form_or_refused(filled: dict[str, str]) -> None:
    try:
        values = forms.form_as_submission_values(form(), filled)
    except FormInvalid:
        assert "other" in filled
    else:
        assert (values["source"], values["engagement"]) == ("web_form", "contact_sales")
        assert not values.keys() & {forms.HONEYPOT, forms.STAMP, forms.KEY, forms.NEXT, "other"}


@pytest.mark.parametrize(
    ("filled", "age", "token", "reason"),
    [
        ({}, 5.0, "optional", None),
        ({}, None, "optional", None),
        ({}, None, "required", "token_missing"),
        ({forms.STAMP: "x"}, None, "optional", "token_forged"),
        ({}, 1.9, "required", "too_fast"),
        ({}, 12 * 3600 + 1, "optional", "token_expired"),
        ({forms.HONEYPOT: "x", forms.STAMP: "x"}, 5.0, "required", "honeypot"),
        ({forms.HONEYPOT: "x"}, None, "optional", None),
    ],
)
def test_a_person_takes_some_time_and_leaves_alone_what_cannot_be_seen(
    filled: dict[str, str], age: float | None, token: str, reason: str | None
) -> None:
    """B59, B60."""
    stamp = None if age is None else FormStamp(NOW - timedelta(seconds=age), "ab")
    assert forms.find_suspicion(form(token=token), filled, stamp, NOW) == reason


@given(st.text(), st.sampled_from(["contact", "demo"]))
def test_what_is_not_ours_is_no_stamp_and_no_ticket(text: str, name: str) -> None:
    assert SIGNER.read_stamp(name, text) is None
    assert SIGNER.read_ticket(name, text, NOW) is None


def test_a_stamp_and_a_ticket_are_worth_nothing_elsewhere() -> None:
    stamp = SIGNER.write_stamp("contact", FormStamp(NOW, "ab"))
    ticket = SIGNER.write_ticket("contact", FormTicket(UUID(int=1), UUID(int=2), NOW))
    assert SIGNER.read_stamp("contact", stamp) == FormStamp(NOW, "ab")
    assert SIGNER.read_ticket("contact", ticket, NOW) == FormTicket(UUID(int=1), UUID(int=2), NOW)
    assert SIGNER.read_stamp("demo", stamp) is None
    assert SIGNER.read_stamp("contact", ticket) is None
    assert SIGNER.read_ticket("contact", ticket, NOW + timedelta(days=2)) is None
    assert FormSigner(b"another").read_stamp("contact", stamp) is None


@pytest.mark.parametrize(
    ("text", "zone", "meant"),
    [
        ("2026-03-04T10:30", "", "2026-03-04T10:30:00+02:00"),
        ("2026-07-04T10:30", "", "2026-07-04T10:30:00+03:00"),
        ("2026-03-04T10:30", "America/New_York", "2026-03-04T10:30:00-05:00"),
        ("2026-03-04T10:30", "../../etc/passwd", "2026-03-04T10:30:00+02:00"),
        ("2026-03-04T10:30", "Nowhere/Town", "2026-03-04T10:30:00+02:00"),
        ("2026-03-04T10:30Z", "America/New_York", "2026-03-04T10:30:00+00:00"),
    ],
)
def test_a_time_is_meant_in_the_browsers_zone_or_in_the_forms(text: str, zone: str, meant: str) -> None:
    assert forms.parse_preferred_time(text, zone, form(time_zone="Europe/Helsinki")) == meant


def test_a_time_that_is_none_is_refused() -> None:
    with pytest.raises(FormInvalid):
        forms.parse_preferred_time("soon", "", form())


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://www.example.org", True),
        ("https://example.org", False),
        ("https://www.example.org:443", False),
        ("https://www.example.org.evil.example", False),
        ("http://localhost:3000", True),
        ("http://localhost:", False),
        ("http://localhost", False),
        ("http://localhost:3000.evil.example", False),
        ("null", False),
        ("", False),
    ],
)
def test_an_origin_is_allowed_letter_by_letter(origin: str, allowed: bool) -> None:
    """B67."""
    assert forms.is_origin_allowed(origin, ["https://www.example.org", "http://localhost:*"]) is allowed


@pytest.mark.parametrize(
    "changed",
    [
        {"questions": [{"name": "company"}]},
        {"questions": [{"name": "score"}]},
        {"time_zone": "Nowhere/Town"},
        {"next_urls": ["javascript:alert(1)"]},
        {"next_urls": ["https://user:word@evil.example/"]},
        {"booking_url": "ftp://x.example"},
        {"consents": [{"purpose": "x", "wording": "", "wording_version": "1"}]},
        {"offers": ["win"]},
        {"unknown": 1},
    ],
    ids=str,
)
def test_a_form_that_could_not_work_is_no_playbook(changed: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        form(**changed)


@pytest.mark.parametrize(
    "changed", [{"source": "fax"}, {"engagement": "dance"}, {"choices": {"book": "dance"}}], ids=str
)
def test_a_form_stands_for_what_the_playbook_knows(changed: dict[str, object]) -> None:
    plain = {
        "repeat_minutes": 1,
        "skew_minutes": 1,
        "sources": {"web_form": {"engagement": "form_submitted"}},
        "default_source": "web_form",
        "engagements": ["form_submitted", "contact_sales", "callback_request"],
        "email": {"free": [], "role": []},
        "withheld_facts": {"keys": [], "longer_than": 80},
    }
    assert CapturePlaybook.model_validate(plain).forms == {}
    assert CapturePlaybook.model_validate({**plain, "forms": {"talk": PLAIN}}).forms["talk"].title == "Talk"
    with pytest.raises(ValidationError):
        CapturePlaybook.model_validate({**plain, "forms": {"talk": PLAIN | changed}})
