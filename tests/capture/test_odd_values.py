"""Values that no form sends and some script does: refused by a code, or known for what they are not."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from capture.domain.identity import read_domain
from capture.domain.privacy import DirectIdentifiers
from capture.domain.submission import Submission
from capture.domain.text import Text
from tests.capture.builders import submission_body


def codes(**changes: Any) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        Submission.model_validate(submission_body(**changes))
    return [fault["type"] for fault in caught.value.errors()]


def test_a_country_is_text() -> None:
    """B55."""
    assert codes(country=49) == ["string_type"]


def test_a_company_domain_is_text() -> None:
    with pytest.raises(PydanticCustomError, match="Not a string"):
        read_domain(49)


def test_an_address_that_cannot_be_taken_apart_is_no_web_address() -> None:
    """B56."""
    assert codes(referrer="http://[::1") == ["url_refused"]


def test_a_referrer_is_a_line_and_no_letter() -> None:
    """B46, C6."""
    assert codes(referrer="Grace " * 40) == ["string_too_long"]


def test_a_brief_may_have_lines_but_no_escape_sequences() -> None:
    """B14, C14."""
    text: TypeAdapter[str | None] = TypeAdapter(Text)
    assert text.validate_python("First line\nsecond\tcolumn") == "First line\nsecond\tcolumn"
    with pytest.raises(ValidationError, match="Control characters"):
        text.validate_python("\x1b[31mred")


def test_a_firm_that_bears_a_name_does_not_spell_out_its_founder() -> None:
    """A first name alone is no whole name, so a company's name may hold it."""
    assert not DirectIdentifiers.from_contact_details(None, "Ada").has_whole_name_in("Ada Analytics")
    assert DirectIdentifiers.from_contact_details(None, "Ada", "Lovelace").has_whole_name_in("Lovelace, Ada & Sons")
