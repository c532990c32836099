"""What marketing has agreed on about forms: what each asks, in which languages, what it stands for, where it leads."""

import hashlib
from functools import cached_property
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from capture.playbook.names import SnakeName
from events.playbook import Section

PersonField = Literal[
    "email", "phone", "first_name", "last_name", "company", "job_title", "country", "region", "postal_code", "industry",
    "employees", "message",
]  # fmt: skip
"""What a form may ask about the person."""
AnswerKind = Literal["text", "long_text", "number", "choice", "choices", "date", "yes_no", "hidden"]
"""How a question of one's own is answered."""
_PERSON_FIELDS = frozenset(get_args(PersonField))
_TAKEN = frozenset(
    ("campaign", "content", "source", "engagement", "facts", "consent", "referrer", "website", "next", "language",
     "talk_to_sales", "event_id", "gclid", "fbclid", "msclkid", "li_fat_id")
)  # fmt: skip
"""Names that mean something else on every form."""
MOST_ANSWERS = 40
"""Facts that the answers to one form may make: a submission has fifty, and the page sends some of its own."""
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")]
Label = Annotated[str, Field(min_length=1, max_length=300)]
Address = Annotated[str, Field(pattern=r"^https?://[^\s@?#]+(\?[^\s#]*)?$", max_length=2_000)]
Sentence = Annotated[str, Field(min_length=1, max_length=1_000)]


class FormQuestion(Section):
    """A field of a form: of the person, with the usual label where it has none, or a question of one's own.

    What is chosen, counted or dated becomes the fact `name` (`name.option` where many may be chosen); what is written
    is part of the message, which reaches the rep and no topic but the profiles'.
    """

    name: SnakeName
    kind: AnswerKind | None = None
    label: Label | None = None
    required: bool = False
    options: dict[SnakeName, Label] = Field(default_factory=dict, max_length=20)
    """Of a `choice` or of `choices`: the value of each, and the words beside it."""
    value: Annotated[str, Field(max_length=200)] | None = None
    """What a `hidden` question says where the page's address does not."""
    progressive: bool = False
    """Asked only of whoever opens a signed link, and only until they have answered."""

    @model_validator(mode="after")
    def _check_question_is_answerable(self) -> "FormQuestion":
        if self.name in _PERSON_FIELDS:
            if self.kind or self.options or self.value:
                raise ValueError(f"{self.name} is a field of the person: it takes a label and nothing else")
        elif self.name in _TAKEN or self.name.startswith(("form_", "utm_")):
            raise ValueError(f"{self.name} means something else on every form")
        elif self.kind is None or (self.label is None and self.kind != "hidden"):
            raise ValueError(f"{self.name} is no field of the person, so it needs a kind and a label")
        elif bool(self.options) != (self.kind in ("choice", "choices")):
            raise ValueError(f"{self.name}: a choice needs options, and nothing else has them")
        if self.progressive and (self.name in ("email", "message") or self.kind in ("text", "long_text", "hidden")):
            raise ValueError(f"{self.name}: nobody would know that it was answered, so it cannot be progressive")
        return self

    @property
    def is_custom(self) -> bool:
        """Whether it is no field of the person."""
        return self.kind is not None

    @property
    def most_facts(self) -> int:
        """The most facts that its answer makes."""
        return len(self.options) if self.kind == "choices" else int(self.is_custom)


class FormTranslation(Section):
    """A form in another language; what is left out stays as the form has it."""

    title: Sentence | None = None
    intro: Sentence | None = None
    button: Sentence | None = None
    thanks: Sentence | None = None
    talk_to_sales: Sentence | None = None
    privacy_url: Address | None = None
    labels: dict[SnakeName, Label] = Field(default_factory=dict)
    options: dict[SnakeName, dict[SnakeName, Label]] = Field(default_factory=dict)
    consents: dict[str, Sentence] = Field(default_factory=dict)
    """The wording of each purpose. An answer to it names the form's version and the language: `2026-01/de`."""


class ConsentBox(Section):
    """A box that nobody has ticked yet, and the wording that a tick agrees to."""

    purpose: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    wording: Sentence
    wording_version: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$")]


class NextStepEngagements(Section):
    """The engagement that each choice on the thank-you page counts as."""

    booking: SnakeName = Field("contact_sales", alias="book")
    call_me: SnakeName = "callback_request"
    not_now: SnakeName = "form_submitted"

    def engagement_of(self, preference: str) -> str:
        """Return the engagement of a choice: `book`, `call_me` or `not_now`."""
        found: str = self.model_dump(by_alias=True)[preference]
        return found


_TEXTS = ("title", "intro", "button", "thanks", "talk_to_sales", "privacy_url")


class Form(Section):
    """A form that browsers may submit: what it asks, what it stands for, where it leads."""

    title: Sentence
    intro: Sentence | None = None
    button: Sentence | None = None
    source: SnakeName = "web_form"
    engagement: SnakeName
    campaign: str | None = None
    content: str | None = None
    language: Language = "en"
    """Of the texts here; people get the form in their browser's language where there is a translation."""
    translations: dict[Language, FormTranslation] = Field(default_factory=dict)
    privacy_url: Address | None = None
    """Where it says what becomes of people's data; linked above the button."""
    questions: Annotated[list[FormQuestion], Field(min_length=1)]
    progressive_most: Annotated[int, Field(ge=1, le=20)] = 3
    """So many progressive questions are asked at once, in their order; the others the next time."""
    talk_to_sales: Sentence | None = None
    """The words beside the box "talk to sales", where the form has one."""
    consents: list[ConsentBox] = []
    thanks: Sentence | None = None
    """The heading afterwards, where it is not the usual one."""
    offers: list[Literal["book", "call_me", "not_now"]] = ["book", "call_me", "not_now"]
    choices: NextStepEngagements = NextStepEngagements()
    booking_url: Address | None = None
    """Where people choose a time themselves, once they said that they want to book."""
    next_urls: list[Address] = []
    """The only pages elsewhere that a submission may lead to; the form's field `next` names one of them."""
    minimum_seconds: Annotated[float, Field(ge=0, le=60)] = 2.0
    """Who was faster (real time) is no person."""
    token: Literal["optional", "required"] = "optional"  # noqa: S105 - a policy, not a secret
    """Whether the time of filling in must be known: static pages elsewhere cannot tell it, ours and the snippet do."""
    time_zone: str = "UTC"
    """In which the page understands times, unless the browser says its own."""

    def in_language(self, language: str) -> "Form":
        """Return this form with the texts of a translation; as it is where there is none."""
        other = self.translations.get(language)
        if other is None:
            return self
        texts = {name: text for name in _TEXTS if (text := getattr(other, name)) is not None}
        questions = [
            each.model_copy(
                update={
                    "label": other.labels.get(each.name, None if each.name in _PERSON_FIELDS else each.label),
                    "options": each.options | other.options.get(each.name, {}),
                }
            )
            for each in self.questions
        ]
        consents = [
            each.model_copy(
                update={"wording": wording, "wording_version": f"{each.wording_version}/{language}"}
                if (wording := other.consents.get(each.purpose))
                else {}
            )
            for each in self.consents
        ]
        return self.model_copy(update={**texts, "questions": questions, "consents": consents})

    @cached_property
    def version(self) -> str:
        """The version of the form as the playbook has it, in all its languages: by its content."""
        return f"v{hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]}"

    @model_validator(mode="after")
    def _check_form_asks_for_email_or_phone(self) -> "Form":
        if not {"email", "phone"} & {question.name for question in self.questions if not question.progressive}:
            raise ValueError("the form asks neither for an e-mail nor for a phone")
        if len({question.name for question in self.questions}) < len(self.questions):
            raise ValueError("the form asks one thing twice")
        if sum(question.most_facts for question in self.questions) > MOST_ANSWERS:
            raise ValueError(f"the answers make more than {MOST_ANSWERS} facts")
        try:
            ZoneInfo(self.time_zone)
        except (KeyError, ValueError, OSError):
            raise ValueError("time_zone is none") from None
        _ = self.version  # copies, in another language or with fewer questions, carry it
        return self
