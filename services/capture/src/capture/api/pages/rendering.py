"""Pages for people: written on the server, at work without JavaScript, under a strict content policy."""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from unicodedata import normalize
from urllib.parse import urlsplit

from babel import Locale, UnknownLocaleError
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import Response

from capture.domain import forms
from capture.domain.arrival import SubmissionFault
from capture.domain.countries import COUNTRIES
from capture.playbook import Form, FormQuestion
from events.languages import choose_language
from events.runtime.html import TOKENS
from events.runtime.html import answer_with_page as page_of

"""What is read without a key, as the OpenAPI document says it."""
STATIC = Path(__file__).parent / "static"
KINDS = {"email": "email", "phone": "tel", "employees": "number"}
FILLS = {
    "email": "email",
    "phone": "tel",
    "first_name": "given-name",
    "last_name": "family-name",
    "company": "organization",
    "job_title": "organization-title",
    "country": "country",
    "region": "address-level1",
    "postal_code": "postal-code",
    "industry": "off",
    "employees": "off",
    "message": "off",
}
"""What a browser may fill in by itself (the `autocomplete` of HTML)."""
WORDINGS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((Path(__file__).parent / "wordings").glob("*.json"))
}
"""What our pages say by themselves, by language; a further file is a further language."""
OWN = "en"

_ENVIRONMENT = Environment(
    loader=PackageLoader("capture", "api/pages/templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


class ScriptResponse(Response):
    """JavaScript."""

    media_type = "text/javascript"


class FormInLanguage(NamedTuple):
    """A form in one language, and the words around it."""

    form: Form
    language: str
    known: bool = False
    """Whether a link said who fills it in."""

    @property
    def page_texts(self) -> Mapping[str, Mapping[str, str]]:
        """What the page says by itself: in English what is not translated."""
        return WORDINGS.get(self.language) or WORDINGS.get(self.language.partition("-")[0]) or WORDINGS[OWN]


def form_in_language(form: Form, asked: str, accepted: str) -> FormInLanguage:
    """Return a form in the language of the address, else in the browser's (`Accept-Language`), else in its own."""
    language = choose_language([form.language, *form.translations], asked, accepted)
    return FormInLanguage(form.in_language(language), language)


@lru_cache(maxsize=64)
def country_names_in(language: str) -> list[tuple[str, str]]:
    """Return each country's code and its name, in the order of the names."""
    try:
        names = Locale.parse(language.replace("-", "_")).territories
    except (ValueError, UnknownLocaleError):
        names = Locale(OWN).territories
    named = ((code, names.get(code, code)) for code in COUNTRIES)
    return sorted(named, key=lambda each: normalize("NFKD", each[1]))


def render_template(template: str, **values: Any) -> str:
    """Write a page or a part of one."""
    return _ENVIRONMENT.get_template(template).render(**values)


def render_form_fields(
    name: str,
    shown: FormInLanguage,
    hidden: Mapping[str, str],
    filled: Mapping[str, str],
    faults: Iterable[SubmissionFault],
) -> str:
    """Write the form itself, with what was filled in and what is wrong with it."""
    form, texts = shown.form, shown.page_texts
    messages = texts["messages"]
    asked = [_question_for_template(each, texts["labels"]) for each in form.questions if each.kind != "hidden"]
    return render_template(
        "fields.html",
        name=name,
        form=form,
        words=texts["page"],
        hidden={**hidden, forms.LANGUAGE: shown.language},
        asked=asked,
        filled=filled,
        wrong={fault.field: messages.get(fault.code, messages["otherwise"]) for fault in faults},
        boxes=[(forms.consent_box_name(each.purpose), each.wording) for each in form.consents],
        countries=country_names_in(shown.language),
        honeypot=forms.HONEYPOT,
        talk=forms.TALK,
        known=shown.known,
    )


class _ShownQuestion(NamedTuple):
    """What the template shows of a question."""

    name: str
    label: str
    required: bool
    kind: str
    options: Mapping[str, str]
    type: str
    fill: str


def _question_for_template(question: FormQuestion, labels: Mapping[str, str]) -> _ShownQuestion:
    return _ShownQuestion(
        question.name,
        question.label or labels.get(question.name, question.name),
        question.required,
        question.kind or {"country": "country", "message": "long_text"}.get(question.name, "text"),
        question.options,
        {"number": "number", "date": "date"}.get(question.kind or "") or KINDS.get(question.name, "text"),
        FILLS.get(question.name, "off"),
    )


def page_response(html: str, status: int = 200, leads_to: Iterable[str] = ()) -> Response:
    """Answer with a page that may load and send nothing but to us, and lead to the addresses named."""
    elsewhere = {f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, leads_to)}
    own = "'self'"
    return page_of(
        html, status,
        script_src=own, style_src=own, img_src=f"{own} data:", connect_src=own, manifest_src=own, worker_src=own,
        form_action=" ".join([own, *sorted(elsewhere)]),
    )  # fmt: skip


def load_style_sheet() -> str:
    """Return the style sheet of our pages, the colours of all pages before it."""
    return TOKENS + (STATIC / "baton.css").read_text(encoding="utf-8")


def asset_response(name: str, kind: str, **headers: str) -> Response:
    """Answer with a file that pages load."""
    sent = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff", **headers}
    content = load_style_sheet().encode() if name == "baton.css" else (STATIC / name).read_bytes()
    return Response(content, 200, sent, media_type=kind)
