"""The forms of the playbook, for whoever puts one into a page: what they ask, how they look, how a test of one went."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import ConfigDict

from events.parts import JsonObject
from events.runtime.answers import EXAMPLE_ID, Answer, example

_AT = "2026-03-02T09:00:00Z"
_KEY = {
    "key_id": "5f2ab81c90de", "label": "Pricing page", "origins": ["https://www.example.com"], "created_at": _AT,
    "last_used_at": None,
}  # fmt: skip
_FORM: JsonObject = {
    "form": "contact", "title": "Talk to us", "languages": ["en", "de"], "engagement": "contact_sales",
    "source": "web_form", "campaign": None, "content": None,
    "questions": [{"name": "email", "kind": None, "required": True, "options": []}], "keys": [],
}  # fmt: skip
_TEST = {
    "test_id": EXAMPLE_ID, "form": "contact", "received_at": _AT, "key_id": "5f2ab81c90de",
    "origin": "https://www.example.com", "language": "de", "suspicion": None,
    "captured": {"engagement": "contact_sales", "source": "web_form", "campaign": "spring"},
}  # fmt: skip


class FormKeyAnswer(Answer):
    """A public key of a form, without its secret."""

    key_id: str
    label: str
    origins: list[str]
    created_at: datetime
    last_used_at: datetime | None


class FormQuestionAnswer(Answer):
    """What a form asks of everybody."""

    name: str
    kind: str | None
    """None: a field of the person."""
    required: bool
    options: list[str]


class FormAnswer(Answer):
    """A form of the playbook in force."""

    form: str
    title: str
    languages: list[str]
    engagement: str
    source: str
    campaign: str | None
    """None: the page that shows it may name one."""
    content: str | None
    questions: list[FormQuestionAnswer]
    keys: list[FormKeyAnswer]
    """Its keys in force, the newest first."""


class FormsAnswer(Answer):
    """The forms of the playbook in force."""

    model_config: ClassVar[ConfigDict] = example({"items": [_FORM]}, items=[_FORM | {"keys": [_KEY]}])

    items: list[FormAnswer]


class FormPreviewAnswer(Answer):
    """A form as visitors see it, in one language: its HTML, and the style sheet that it is drawn with."""

    model_config: ClassVar[ConfigDict] = example(
        {"title": "Sprechen Sie mit uns", "language": "de"},
        title="Talk to us", language="en", html='<form class="form">…</form>', css=".form { display: block; }",
    )  # fmt: skip

    title: str
    language: str
    html: str
    css: str


class FormTestAnswer(Answer):
    """A form that was filled in as a test, and what would have been published of it."""

    test_id: UUID
    form: str
    received_at: datetime
    key_id: str | None
    """None: it came from our own page of the form."""
    origin: str | None
    language: str
    suspicion: str | None
    """Why it would have been put in quarantine."""
    captured: JsonObject
    """The `contact.captured.v1` that somebody new would have made."""


class FormTestsAnswer(Answer):
    """The tests of a form, the newest first."""

    model_config: ClassVar[ConfigDict] = example({"items": [_TEST | {"suspicion": "too_fast"}]}, items=[_TEST])

    items: list[FormTestAnswer]
