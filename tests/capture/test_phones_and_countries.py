"""Phone numbers and countries as people and systems write them."""

import importlib.util

import pytest
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from capture.domain.countries import COUNTRIES, fold_country_name, read_country
from capture.domain.phones import parse_phone, parse_phone_number
from capture.domain.submission import Submission
from tests.architecture.code import ROOT
from tests.capture.builders import submission_body


@pytest.mark.parametrize(
    ("text", "country", "number", "extension"),
    [
        ("+1 415-555-0132 x204", "US", "+14155550132", "204"),
        ("(415) 555-0132 ext. 204", "US", "+14155550132", "204"),
        ("+49 30 901820 Durchwahl 12", None, "+4930901820", "12"),
        ("tel:+442079460958;ext=5", None, "+442079460958", "5"),
        ("+49 171 2345678\u202c", None, "+491712345678", ""),
        ("\u2066+49\u00a0171\u00a02345678\u2069", None, "+491712345678", ""),
        ("0049 171 2345678", None, "+491712345678", ""),
        ("tel:+491712345678", None, "+491712345678", ""),
        ("p:+491712345678", None, "+491712345678", ""),
        ("Mobile: +49 171 2345678", None, "+491712345678", ""),
        ("+49 (0)171 2345678", None, "+491712345678", ""),
        ("0171/2345678", "DE", "+491712345678", ""),
        ("49 171 2345678", "DE", "+491712345678", ""),
        ("44 20 7946 0958", "GB", "+442079460958", ""),
        ("391 234 5678", "IT", "+393912345678", ""),
        ("+44 20 7946 0958 / +44 20 7946 0959", None, "+442079460958", ""),
        ("030 901820, 0171 2345678", "DE", "+4930901820", ""),
        ("+49 30 901820 (office)", None, "+4930901820", ""),
        ("WhatsApp +34 912 345 678", None, "+34912345678", ""),
        ("office: (415) 555-0132", "US", "+14155550132", ""),
        ("\u200e+44\u00a020\u20117946\u20110958", None, "+442079460958", ""),
        ("+1 (415) 555\u20100132", None, "+14155550132", ""),
        ("442079460958.0", "GB", "+442079460958", ""),
        ("020 7946 0958 / 07911 123456", "GB", "+442079460958", ""),
        ("0171 2345678 - 030 901820", "DE", "+491712345678", ""),
        ("+34 912 345 678 extensión 204", None, "+34912345678", "204"),
        ("+49 30 901820 App. 12", None, "+4930901820", "12"),
        ("1-800-FLOWERS", None, "+18003569377", ""),
        ("1-800-flowers", "US", "+18003569377", ""),
        ("(800) FLOWERS", "US", "+18003569377", ""),
        ("+1 800 FLOWERS", None, "+18003569377", ""),
        ("0800 REVERSE", "GB", "+448007383773", ""),
        ("00 49 151 23456789", None, "+4915123456789", ""),
        ("00-49-151-23456789", "DE", "+4915123456789", ""),
        ("011 44 20 7946 0958", None, "+442079460958", ""),
        ("011 44 20 7946 0958", "US", "+442079460958", ""),
        ("011 4412 3456", "AR", "+541144123456", ""),
    ],
)
def test_a_number_is_read_as_people_write_it(text: str, country: str | None, number: str, extension: str) -> None:
    assert parse_phone(text, country) == (number, extension)


@pytest.mark.parametrize(
    "text",
    [
        "123",
        "+999123456789",
        "555-CALL-NOW-PLEASE",
        "4" * 41,
        "\uff10\uff11\uff17",
        "x204",
        "1.555E+10",
        "k.A.",
        "call 12",
    ],
)
def test_what_is_no_number_is_none(text: str) -> None:
    """B43."""
    with pytest.raises(PydanticCustomError, match="phone"):
        parse_phone_number(text, "US")


def test_an_extension_is_kept_as_a_fact() -> None:
    found = Submission.model_validate(submission_body(phone="+44 20 7946 0958 ext 7", facts={"seats": 3}))
    assert (found.phone, found.facts) == ("+442079460958", {"seats": 3, "phone_extension": "7"})
    assert Submission.model_validate(submission_body(phone="+44 20 7946 0958")).facts == {}
    full = {f"f{n}": n for n in range(50)}
    assert Submission.model_validate(submission_body(phone="+44 20 7946 0958 ext 7", facts=full)).facts == full
    with pytest.raises(ValidationError):
        Submission.model_validate("+44 20 7946 0958 ext 7")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("de", "DE"), ("DEU", "DE"), ("Germany", "DE"), ("Deutschland", "DE"), ("Allemagne", "DE"), ("Alemania", "DE"),
        ("United States", "US"), ("U.S.A.", "US"), ("UK", "GB"), ("The Netherlands", "NL"), ("Österreich", "AT"),
        ("Osterreich", "AT"), ("日本", "JP"), ("Türkiye", "TR"), ("Turkey", "TR"), ("Czech Republic", "CZ"),
        ("Côte d\u2019Ivoire", "CI"), ("Korea, Republic of", "KR"), (" Viet  Nam ", "VN"),
        ("Germany (DE)", "DE"), ("US - United States", "US"), ("Vereinigte Staaten von Amerika", "US"),
        ("\u00c9tats-Unis d\u2019Am\u00e9rique", "US"), ("Georgia, US", None),
        ("United Kingdom of Great Britain and Northern Ireland", "GB"), ("KSA", "SA"), ("PRC", "CN"),
        ("Etats Unis", "US"),
        ("Oesterreich", "AT"), ("Slovak Republic", "SK"), ("Gambia, The", "GM"), ("Holy See", "VA"), ("GB-ENG", "GB"),
        ("US-CA", "US"), ("XX-CA", None), ("\U0001f1e9\U0001f1ea", "DE"), ("\U0001f1fd\U0001f1fd", None), ("D", None),
        ("EMEA", None), ("Berlin, Germany", None), ("US, US, US", "US"),
        ("Narnia", None), ("", None), ("XX", None),
    ],
)  # fmt: skip
def test_a_country_is_read_by_any_of_its_names(name: str, code: str | None) -> None:
    assert read_country(name) == code


def test_the_names_are_those_of_the_library() -> None:
    """`python services/capture/country_names.py` writes them anew."""
    path = ROOT / "services" / "capture" / "country_names.py"
    spec = importlib.util.spec_from_file_location("country_names", path)
    assert spec is not None
    assert spec.loader is not None
    written = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(written)
    assert written.TARGET.read_text(encoding="utf-8") == written.text()
    names = written.names()
    assert set(names.values()) <= COUNTRIES
    assert all(fold_country_name(name) == name for name in names)


@pytest.mark.parametrize("sign", "-(,/ 1")
def test_a_text_that_is_too_long_for_a_number_is_refused_at_once(sign: str) -> None:
    """B46: what is looked for within it would be looked for from each of its places, for minutes."""
    with pytest.raises(PydanticCustomError, match="Not a phone number"):
        parse_phone_number("+49" + sign * 60_000, None)


@pytest.mark.parametrize("text", ["011 4412 3456", "800-FLOWERS", "011 231 1234"])
def test_a_national_number_needs_the_country_however_it_begins(text: str) -> None:
    with pytest.raises(PydanticCustomError, match="country"):
        parse_phone_number(text, None)
