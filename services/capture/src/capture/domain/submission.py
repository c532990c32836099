"""What somebody may send about a person: one strict model behind every way in, normalised while it is validated.

Unknown fields are refused, so nobody sets a `contact_id`, a score or a status from outside; text is bounded and
composed; a JSON `true` alone is a yes.
"""

import re
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PlainValidator,
    StrictBool,
    StrictInt,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from capture.domain.countries import COUNTRIES
from capture.domain.identity import Email, read_email
from capture.domain.phones import parse_phone, parse_phone_number
from capture.domain.text import Line, PlaybookName, PostalCode, Referrer, Text, Token, normalize_line
from events.contacts import Preference, TalkWhen
from events.moments import Moment
from events.parts import Scalar

Values = dict[str, Any]
"""What somebody sent, by field, before it is read as a submission."""

MOST_FACTS = 50
MOST_CONSENTS = 20
LONGEST_FACT_KEY = 64
LONGEST_FACT = 1_000
MOST_EMPLOYEES = 10_000_000


class StrictModel(BaseModel):
    """A value from outside: what is not listed is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _validate_country(value: object) -> str | None:
    if not isinstance(value, str):
        raise PydanticCustomError("string_type", "Not a string.")
    code = value.strip().upper()
    if code and code not in COUNTRIES:
        raise PydanticCustomError("country_unknown", "Not a country of ISO 3166-1.")
    return code or None


def _validate_facts(value: object) -> dict[str, Scalar]:
    """Take at most fifty named scalars. Errors name `facts` and no key: a key may say who somebody is."""
    if not isinstance(value, dict):
        raise PydanticCustomError("dict_type", "Not an object.")
    if len(value) > MOST_FACTS:
        raise PydanticCustomError("too_many_facts", "More than 50 facts.")
    return {_validate_fact_key(key): _validate_fact(fact) for key, fact in value.items()}


def _validate_fact_key(key: str) -> str:
    if not (
        0 < len(key) <= LONGEST_FACT_KEY and key.isascii() and key[0].isalpha() and key.translate(_KEY_MARKS).isalnum()
    ):
        raise PydanticCustomError("fact_key_invalid", "Not the name of a fact.")
    return key


_KEY_MARKS = str.maketrans("", "", "_.-")


def _validate_fact(fact: object) -> Scalar:
    if isinstance(fact, str):
        if len(fact) > LONGEST_FACT:
            raise PydanticCustomError("fact_too_long", "A fact is longer than 1,000 characters.")
        return normalize_line(fact, allowed="\t\n\r")
    if fact is None or isinstance(fact, bool | int | float):
        return fact
    raise PydanticCustomError("fact_not_scalar", "A fact is a text, a number, a boolean or null.")


def _wrap_in_list(value: object) -> object:
    return [value] if isinstance(value, dict) else value


class UtmBody(StrictModel):
    """Campaign parameters of one touch."""

    source: Line | None = None
    medium: Line | None = None
    campaign: Line | None = None
    term: Line | None = None
    content: Line | None = None
    gclid: Line | None = None
    fbclid: Line | None = None
    msclkid: Line | None = None
    li_fat_id: Line | None = None
    ttclid: Line | None = None
    """Click ids stay with capture: they may lead to a person."""


class ConsentBody(StrictModel):
    """One answer to one wording. Only a JSON `true` is a yes."""

    purpose: Token
    granted: StrictBool
    wording_version: Token
    at: Moment | None = None
    channel: PlaybookName | None = None
    form_version: Token | None = None
    confirmed: StrictBool = False
    """Whether the person has said so twice, as by a link in a mail (double opt-in)."""


Consents = Annotated[list[ConsentBody], BeforeValidator(_wrap_in_list), Field(min_length=1, max_length=MOST_CONSENTS)]
"""One consent, or a list of them."""

Facts = Annotated[
    dict[str, Scalar], PlainValidator(_validate_facts), WithJsonSchema({"type": "object", "maxProperties": MOST_FACTS})
]
"""At most fifty more scalar facts."""

_TEXT = {"type": "string"}

NO_IDS = frozenset(
    (
        "undefined",
        "null",
        "none",
        "nil",
        "nan",
        "0",
        "-1",
        "false",
        "true",
        "n/a",
        "na",
        "n.a.",
        "not set",
        "unknown",
        "empty",
        "object object",
        "infinity",
    )
)
"""What tag managers and scripts send where a variable is empty: it names nothing, so it says nothing twice."""
_EMPTY_VARIABLES = frozenset(("undefined", "null", "none", "nan"))
"""What an id is put together from where all of its parts are empty."""
_UNFILLED = re.compile(
    r"\{\{.*\}\}|\[\[.*\]\]|[$#]?\{.*\}|%%.*%%|%[\w. -]*%|\*\|.*\|\*|<.*>|\[[\w. -]*\]|__.*__|#\w*#"
    r"|\$[A-Za-z_]\w*|[0\W_]*"
)
"""What nobody filled in: the name of a variable as tools write it, signs alone, zeros alone."""


def none_if_placeholder(text: str | None) -> str | None:
    """Return an id, None where it is what a tool writes for a variable that is empty."""
    if text is None or _UNFILLED.fullmatch(text):
        return None
    terms = [text.strip("()[]").casefold(), *re.split(r"[\s:|_-]+", text.casefold())]
    return None if terms[0] in NO_IDS or set(terms[1:]) <= _EMPTY_VARIABLES else text


ClientId = Annotated[Line, AfterValidator(none_if_placeholder)]
"""The sender's own id of an event, the same whenever it is sent again; a placeholder counts as not given."""


class EmailOrPhone(StrictModel):
    """Somebody by an e-mail, a phone, or both. The phone is read before the e-mail, the country before the phone."""

    country: Annotated[str, PlainValidator(_validate_country), WithJsonSchema(_TEXT)] | None = None
    phone: Annotated[str | None, WithJsonSchema(_TEXT)] = None
    email: Annotated[Email | None, Field(validate_default=True), WithJsonSchema(_TEXT | {"format": "email"})] = None

    @field_validator("phone", mode="plain")
    @classmethod
    def _validate_phone(cls, value: object, info: ValidationInfo) -> str | None:
        return None if value is None else parse_phone_number(value, info.data.get("country"))

    @field_validator("email", mode="plain")
    @classmethod
    def _validate_email(cls, value: object, info: ValidationInfo) -> Email | None:
        email = None if value is None else read_email(value)
        if email is None and info.data.get("phone", "") is None:
            raise PydanticCustomError("email_or_phone_missing", "Neither an e-mail nor a phone.")
        return email


EXTENSION = "phone_extension"
"""The fact that keeps what a switchboard needs behind the number."""


class Submission(EmailOrPhone):
    """Somebody did something, as a form, a scanner, a tool or an import tells it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "email": "ada@lovelace.example",
                    "company": "Lovelace Ltd",
                    "country": "GB",
                    "source": "web_form",
                    "engagement": "demo_request",
                    "talk_to_sales": True,
                },
                {"phone": "+442079460000", "source": "event_scan", "engagement": "event_scan", "campaign": "expo"},
            ]
        }
    )

    first_name: Line | None = None
    last_name: Line | None = None
    company: Line | None = None
    job_title: Line | None = None
    region: Line | None = None
    postal_code: PostalCode | None = None
    industry: Line | None = None
    employees: Annotated[StrictInt, Field(ge=0, le=MOST_EMPLOYEES)] | None = None
    source: PlaybookName | None = None
    engagement: PlaybookName | None = None
    content: Line | None = None
    campaign: Line | None = None
    referrer: Referrer | None = None
    talk_to_sales: StrictBool = False
    talk_to_sales_when: TalkWhen | None = None
    preference: Preference | None = None
    preferred_at: Moment | None = None
    occurred_at: Moment | None = None
    consent: Consents | None = None
    utm: UtmBody | None = None
    facts: Facts = Field(default_factory=dict)
    event_id: ClientId | None = None
    message: Text | None = None
    """What the person wrote: it stays with their profile, and never leaves on another topic."""

    @model_validator(mode="wrap")
    @classmethod
    def _phone_extension_to_fact(cls, value: object, read: ModelWrapValidatorHandler["Submission"]) -> "Submission":
        """Keep the extension of a phone as a fact, which leaves capture no more than the phone does."""
        found = read(value)
        if found.phone is None or not isinstance(value, dict) or not isinstance(given := value.get("phone"), str):
            return found
        phone = parse_phone(given, found.country)
        if phone is None or not phone.extension or EXTENSION in found.facts or len(found.facts) >= MOST_FACTS:
            return found
        return found.model_copy(update={"facts": {**found.facts, EXTENSION: phone.extension}})


class AttendeeSubmission(Submission):
    """A line of an organiser's list: its badge names the person where no e-mail and no phone does."""

    @field_validator("email", mode="plain")
    @classmethod
    def _validate_email(cls, value: object, info: ValidationInfo) -> Email | None:  # noqa: ARG003 - as the parent has it
        return None if value is None else read_email(value)
