"""Pages for people: written on the server, at work without JavaScript, under a strict content policy."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from unicodedata import normalize
from urllib.parse import urlsplit

from babel import Locale
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import Response

from capture.domain import forms
from capture.domain.arrival import Fault
from capture.domain.countries import COUNTRIES
from capture.playbook import Form
from events.runtime.html import page as page_of

OPEN: dict[str, Any] = {"security": []}
"""What is read without a key, as the OpenAPI document says it."""
STATIC = Path(__file__).parent / "static"
LABELS = {
    "email": "E-mail",
    "phone": "Phone",
    "first_name": "First name",
    "last_name": "Last name",
    "company": "Company",
    "job_title": "Position",
    "country": "Country",
    "region": "Region",
    "postal_code": "Postal code",
    "industry": "Industry",
    "employees": "Number of employees",
    "message": "What are you working on?",
}
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
MESSAGES = {
    "missing": "Please fill this in.",
    "email_invalid": "This is not a complete e-mail address, such as name@company.com.",
    "email_or_phone_missing": "Please enter an e-mail address or a phone number.",
    "phone_invalid": "This number does not exist. Please check it, or leave it out.",
    "phone_needs_country": "Please choose your country, or write the number with + and the country code.",
    "country_unknown": "Please choose a country from the list.",
    "string_too_long": "Please write this shorter.",
    "int_type": "Please enter a whole number.",
    "not_a_tick": "Please tick this box or leave it alone.",
    "time_malformed": "Please enter a date and a time.",
    "time_implausible": "Please enter a date and a time that can be right.",
}
OTHERWISE = "Please check this."

_ENVIRONMENT = Environment(
    loader=PackageLoader("capture", "api/pages/templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


class Script(Response):
    """JavaScript."""

    media_type = "text/javascript"


_NAMES = Locale("en").territories
NAMED_COUNTRIES = sorted(((code, _NAMES[code]) for code in COUNTRIES), key=lambda named: normalize("NFKD", named[1]))


def render(template: str, **values: Any) -> str:
    """Write a page or a part of one."""
    return _ENVIRONMENT.get_template(template).render(**values)


def fields(name: str, form: Form, hidden: Mapping[str, str], filled: Mapping[str, str], faults: Iterable[Fault]) -> str:
    """Write the form itself, with what was filled in and what is wrong with it."""
    wrong = {fault.field: MESSAGES.get(fault.code, OTHERWISE) for fault in faults}
    asked = [
        {
            "name": each.name,
            "label": each.label or LABELS[each.name],
            "required": each.required,
            "type": KINDS.get(each.name, "text"),
            "fill": FILLS[each.name],
        }
        for each in form.questions
    ]
    return render(
        "fields.html",
        name=name,
        form=form,
        hidden=hidden,
        asked=asked,
        filled=filled,
        wrong=wrong,
        boxes=[(forms.box(each.purpose), each.wording) for each in form.consents],
        countries=NAMED_COUNTRIES,
        honeypot=forms.HONEYPOT,
        talk=forms.TALK,
    )


def page(html: str, status: int = 200, leads_to: Iterable[str] = ()) -> Response:
    """Answer with a page that may load and send nothing but to us, and lead to the addresses named."""
    elsewhere = {f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, leads_to)}
    own = "'self'"
    return page_of(
        html, status,
        script_src=own, style_src=own, img_src=f"{own} data:", connect_src=own, manifest_src=own, worker_src=own,
        form_action=" ".join([own, *sorted(elsewhere)]),
    )  # fmt: skip


def asset(name: str, kind: str, **headers: str) -> Response:
    """Answer with a file that pages load."""
    sent = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff", **headers}
    return Response((STATIC / name).read_bytes(), 200, sent, media_type=kind)
