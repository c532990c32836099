"""What may come in: refused with a field and a code, or taken in one spelling (bad inputs B3-B57)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from capture.domain.submission import Submission
from events.runtime.bodies import build_inline_schema
from tests.capture.builders import submission_body


def faults(body: object) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        Submission.model_validate(body)
    return [(".".join(map(str, fault["loc"])), fault["type"]) for fault in caught.value.errors()]


@pytest.mark.parametrize("body", [[], None, "x", 1, True])
def test_a_document_that_is_no_object_is_refused(body: object) -> None:
    """B3."""
    assert faults(body) == [("", "model_type")]


@pytest.mark.parametrize("field", ["contact_id", "score", "tenant_id", "status", "eMail", "__proto__"])
def test_what_is_not_listed_cannot_be_set(field: str) -> None:
    """B30, B57."""
    assert faults(submission_body(**{field: "x"})) == [(field, "extra_forbidden")]


@pytest.mark.parametrize("given", [{}, {"email": None}, {"email": "", "phone": " "}])
def test_somebody_must_be_named_by_mail_or_phone(given: dict[str, Any]) -> None:
    """B34."""
    body = submission_body(email=None) | given
    assert faults(body) == [("email", "email_or_phone_missing")]


@pytest.mark.parametrize(
    "email",
    [
        "a@b",
        "a@localhost",
        "a@x.invalid",
        "a..b@x.org",
        "a@[127.0.0.1]",
        '"a b"@x.org',
        "Bob <a@example.org>",
        "a@x.org, b@x.org",
        "mailto:a@x.org\n",
        "@x.org",
        "a@" + "x" * 250 + ".org",
        "a\x00@x.org",
    ],
)
def test_what_no_mail_reaches_is_no_address(email: str) -> None:
    """B35, B37."""
    assert faults(submission_body(email=email)) == [("email", "email_invalid")]


@pytest.mark.parametrize(
    ("written", "address", "domain", "identity"),
    [
        (" A@EXAMPLE.ORG ", "A@example.org", "example.org", "a@example.org"),
        ("ü@Bücher.example", "ü@bücher.example", "xn--bcher-kva.example", "ü@xn--bcher-kva.example"),
        ("a@xn--bcher-kva.example", "a@bücher.example", "xn--bcher-kva.example", "a@xn--bcher-kva.example"),
        ("=cmd|calc@example.org", "=cmd|calc@example.org", "example.org", "=cmd|calc@example.org"),
        ("ada+news@mail.acme.co.uk", "ada+news@mail.acme.co.uk", "acme.co.uk", "ada+news@mail.acme.co.uk"),
    ],
)
def test_an_address_is_taken_in_one_spelling(written: str, address: str, domain: str, identity: str) -> None:
    """B39, B40, B41."""
    email = Submission.model_validate(submission_body(email=written)).email
    assert email is not None
    assert (email.address, email.registrable, email.canonical) == (address, domain, identity)


@pytest.mark.parametrize(
    ("phone", "country", "code"),
    [
        ("123", "DE", "phone_invalid"),
        ("call me", None, "phone_invalid"),
        ("555-FLOWERS", "US", "phone_invalid"),
        ("9" * 40, "US", "phone_invalid"),
        ("+999123456789", None, "phone_invalid"),
        ("\uff11\uff12\uff10\uff12\uff15\uff15\uff15\uff10\uff11\uff14\uff13", "US", "phone_invalid"),
        ("030 901820", None, "phone_needs_country"),
    ],
)
def test_a_number_that_nobody_can_have_is_refused(phone: str, country: str | None, code: str) -> None:
    """B43, B44: one rule, also where the e-mail is good."""
    assert faults(submission_body(phone=phone, country=country)) == [("phone", code)]


@pytest.mark.parametrize(
    ("phone", "country"), [("030 901820", "DE"), ("+49 30 901820", None), ("0049 30 / 90-18 20", "de")]
)
def test_a_number_is_taken_in_one_spelling(phone: str, country: str | None) -> None:
    """B44: a national number takes the country of the submission."""
    assert Submission.model_validate(submission_body(phone=phone, country=country)).phone == "+4930901820"


@pytest.mark.parametrize("code", ["XX", "ZZ", "GBR", "Germany", "1"])
def test_a_country_is_one_of_the_standard(code: str) -> None:
    """B55."""
    assert faults(submission_body(country=code)) == [("country", "country_unknown")]


@pytest.mark.parametrize("text", ["a\x1b[31m", "a\x00b", "a\nb", "a\x85b"])
def test_control_characters_are_refused(text: str) -> None:
    """B14."""
    assert faults(submission_body(first_name=text)) == [("first_name", "control_character")]


@pytest.mark.parametrize("text", ["x" * 201, "e" + "\u0301" * 10_000])
def test_a_line_is_at_most_two_hundred_characters(text: str) -> None:
    """B46."""
    assert faults(submission_body(last_name=text)) == [("last_name", "string_too_long")]


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "{{7*7}}", "'; DROP TABLE x", "${jndi:ldap://x}", "=1+1", "@SUM(A1)", "-2+3"],
)
def test_what_looks_like_code_is_kept_word_for_word(text: str) -> None:
    """B49, B50."""
    assert Submission.model_validate(submission_body(company=text)).company == text


@pytest.mark.parametrize("text", ["日本株式会社", "שלום בע״מ", "🚀 Rockets", "Zoë"])
def test_every_script_round_trips_composed(text: str) -> None:
    """B47."""
    assert Submission.model_validate(submission_body(company="\t" + text)).company == text
    assert Submission.model_validate(submission_body(company="Zoe\u0308")).company == "Zoë"


@pytest.mark.parametrize(
    "at",
    [
        "2026-03-02T09:00:00",
        "2026-03-02",
        "2099-13-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-06-30T23:59:60Z",
        "20260302T090000Z",
        "yesterday",
        1_772_442_000,
        True,
    ],
)
def test_a_time_has_a_zone_and_exists(at: object) -> None:
    """B53."""
    assert faults(submission_body(occurred_at=at)) == [("occurred_at", "time_malformed")]


@pytest.mark.parametrize("at", ["1900-01-01T00:00:00Z", "2150-01-01T00:00:00+01:00"])
def test_a_time_is_of_this_century(at: str) -> None:
    """B52, B53."""
    assert faults(submission_body(occurred_at=at)) == [("occurred_at", "time_implausible")]


def consent(**changes: Any) -> dict[str, Any]:
    return {"purpose": "newsletter", "granted": True, "wording_version": "2026-01", **changes}


@pytest.mark.parametrize("granted", ["yes", 1, "on", "true", None])
def test_only_a_json_true_is_a_yes(granted: object) -> None:
    """B51, C4."""
    assert faults(submission_body(consent=consent(granted=granted)))[0][0] == "consent.0.granted"
    assert faults(submission_body(talk_to_sales=granted or "no"))[0] == ("talk_to_sales", "bool_type")


def test_a_consent_that_does_not_say_what_was_agreed_is_refused() -> None:
    """B51, C4."""
    assert faults(submission_body(consent={})) == [
        ("consent.0.purpose", "missing"),
        ("consent.0.granted", "missing"),
        ("consent.0.wording_version", "missing"),
    ]


def test_one_consent_or_a_list_of_them_is_taken() -> None:
    assert len(Submission.model_validate(submission_body(consent=consent())).consent or ()) == 1
    several = [consent(), consent(purpose="calls", granted=False)]
    assert len(Submission.model_validate(submission_body(consent=several)).consent or ()) == 2


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({f"fact_{n}": n for n in range(51)}, "too_many_facts"),
        ({"k" * 100: 1}, "fact_key_invalid"),
        ({"ada@x.org": 1}, "fact_key_invalid"),
        ({"": 1}, "fact_key_invalid"),
        ({"a": "x" * 10_000}, "fact_too_long"),
        ({"a": {"b": 1}}, "fact_not_scalar"),
        ({"a": [1]}, "fact_not_scalar"),
        ({"a": "\x00"}, "control_character"),
        ([], "dict_type"),
    ],
)
def test_facts_are_at_most_fifty_named_scalars(facts: object, code: str) -> None:
    """B31, B32; the fault names no key, which may say who somebody is."""
    assert faults(submission_body(facts=facts)) == [("facts", code)]


@pytest.mark.parametrize(
    "referrer",
    ["javascript:alert(1)", "file:///etc/passwd", "https://x.example/" + "a" * 5_000, "https://u:p@x.example/"],
)
def test_a_link_that_should_not_be_clicked_is_refused(referrer: str) -> None:
    """B56."""
    assert faults(submission_body(referrer=referrer))[0][0] == "referrer"


@pytest.mark.parametrize("referrer", ["Charles Babbage", "https://x.example/a?b=c"])
def test_a_referrer_is_a_person_or_a_page(referrer: str) -> None:
    """C6."""
    assert Submission.model_validate(submission_body(referrer=referrer)).referrer == referrer


@pytest.mark.parametrize(
    ("field", "value"),
    [("source", "Web Form"), ("engagement", 7), ("preference", "later"), ("talk_to_sales_when", "soon")],
)
def test_words_of_the_playbook_and_choices_are_taken_as_listed(field: str, value: object) -> None:
    """B55."""
    assert [name for name, _ in faults(submission_body(**{field: value}))] == [field]


@pytest.mark.parametrize("value", ["50", 50.5, True, -1, 10**15])
def test_a_head_count_is_a_whole_number(value: object) -> None:
    """C4 and Q4: no guessing."""
    assert faults(submission_body(employees=value))[0][0] == "employees"


def test_the_schema_stands_alone() -> None:
    text = str(build_inline_schema(Submission))
    assert "$ref" not in text
    assert "email" in build_inline_schema(Submission)["properties"]


text = st.text("aZ7@+.-: \x00\x1b\u0301\u202e\u65e5\uff17", max_size=12)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text
documents = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3))


@given(st.dictionaries(st.sampled_from(sorted(Submission.model_fields)), documents, max_size=6))
def test_any_document_is_taken_or_refused_and_never_breaks(body: dict[str, Any]) -> None:
    """The whole class of bad inputs: a `ValidationError` or a submission, nothing else."""
    try:
        taken = Submission.model_validate(submission_body() | body)
    except ValidationError:
        return
    assert taken.email or taken.phone
