"""What marketing puts into its own pages so that a form stands there, and what a test of it amounts to."""

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from desk.domain.facts import Fact
from desk.domain.orders import FormFault, ServiceCommand
from events.contacts import FORM_TEST_ADDRESS
from events.names import CODE
from events.parts import JsonObject

KEY = re.compile(r"bk_[0-9a-f]{12}_[A-Za-z0-9_-]{43}")
LEADS = frozenset({"mql", "hand_raiser"})
"""Outcomes of a score with which a lead is published."""
MOST_ORIGINS = 20
_HOST = re.compile(r"[A-Za-z0-9.-]+")
_SCORED = (
    "engagement", "source", "campaign", "content", "email_domain", "email_kind", "company", "country", "region",
    "postal_code", "industry", "employees", "job_title", "talk_to_sales", "preference", "facts", "out_of_audience",
)  # fmt: skip
"""What scoring asks of an engagement."""
_ROUTED = (
    "source", "engagement", "campaign", "content", "email_domain", "email_kind", "company", "country", "region",
    "postal_code", "employees", "industry", "job_title", "preference", "facts",
)  # fmt: skip
"""What routing asks of an engagement's lead."""
SAMPLES: Mapping[str, str] = {
    "email": FORM_TEST_ADDRESS, "first_name": "Form", "last_name": "Test", "company": "Form test", "country": "DE",
    "job_title": "Head of Marketing", "employees": "250", "phone": "+4930901820", "message": "A test. Call nobody.",
    "industry": "software", "region": "Berlin", "postal_code": "10115",
}  # fmt: skip
_SAMPLES_BY_KIND = {"number": "1", "date": "2026-01-05", "yes_no": "yes"}


class SnippetChoice(NamedTuple):
    """Which form, in which language (empty: the visitor's), for which campaign (empty: none)."""

    form: str
    title: str
    language: str = ""
    campaign: str = ""


class Snippet(NamedTuple):
    """What is copied: the form within a page, and a link to the form's own page."""

    within: str
    link: str


def read_origins(text: str) -> list[str]:
    """Return the sites that somebody wrote, one a line, as browsers name them: `https://www.example.com`.

    Raises:
        FormFault: None was written, or one is no address.
    """
    found = []
    for each in re.split(r"[\s,;]+", text.strip()):
        try:
            parts = urlsplit(each if "//" in each else f"https://{each}")
            port = f":{parts.port}" if parts.port else ""
        except ValueError:
            raise FormFault(NO_ORIGIN) from None
        host = parts.hostname or ""
        if "//" not in each and "." not in host:
            raise FormFault(NO_ORIGIN)
        if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host) or len(host) > 253:  # noqa: PLR2004 - DNS
            raise FormFault(NO_ORIGIN)
        found.append(f"{parts.scheme}://{host}{port}")
    if len(found) > MOST_ORIGINS:
        raise FormFault(NO_ORIGIN)
    return list(dict.fromkeys(found))


NO_ORIGIN = "Write the address of each site, one a line, such as https://www.example.com (20 at most)."


def read_choice(form: Fact, chosen: Mapping[str, str]) -> SnippetChoice:
    """Return what was chosen for a form; a language that it does not have is none.

    Raises:
        FormFault: The campaign is no name of one.
    """
    language, campaign = chosen.get("language", ""), chosen.get("campaign", "").strip()
    if campaign and not re.fullmatch(CODE, campaign):
        raise FormFault("The name of a campaign has letters, digits and - _ . : alone.")
    return SnippetChoice(
        str(form["form"]), str(form["title"]), language if language in form["languages"] else "",
        "" if form["campaign"] else campaign,
    )  # fmt: skip


def write_snippet(choice: SnippetChoice, title: str, base: str, key: str) -> Snippet:
    """Return the HTML of a form for a page elsewhere; `title` is the form's in the chosen language.

    Without JavaScript the first one shows a link to the form's own page, which needs none.
    """
    named = {name: getattr(choice, name) for name in ("language", "campaign") if getattr(choice, name)}
    page = f"{base}/f/{choice.form}" + (f"?{urlencode(named)}" if named else "")
    link = f'<a href="{escape(page)}">{escape(title)}</a>'
    more = "".join(f' data-{name}="{escape(text)}"' for name, text in named.items())
    script = f'<script src="{escape(base)}/f/{choice.form}/snippet.js" data-key="{escape(key)}"{more} async></script>'
    return Snippet(f"{script}\n<noscript>{link}</noscript>", link)


def fill_in_as_test(form: Fact, choice: SnippetChoice, key: str) -> dict[str, str]:
    """Return the fields of a form that is filled in as a test, as its snippet sends them."""
    filled = {str(each["name"]): _sample(each) for each in form["questions"]}
    named = {"language": choice.language, "campaign": choice.campaign}
    return filled | {name: text for name, text in named.items() if text} | {"form_key": key}


def _sample(question: Fact) -> str:
    if question["options"]:
        return str(question["options"][0])
    return SAMPLES.get(str(question["name"])) or _SAMPLES_BY_KIND.get(str(question["kind"]), "test")


def build_form_key_command(choice: SnippetChoice, label: str, origins: Sequence[str], by: str) -> ServiceCommand:
    """Return the command that makes the key of a snippet: of one form, on these sites alone."""
    body = {"kind": "form", "label": label, "form": choice.form, "origins": list(origins), "by": by}
    return ServiceCommand("capture", "/v1/sender-keys", body)


def build_score_trial(captured: Fact) -> ServiceCommand:
    """Return the question what somebody new would be scored for an engagement."""
    body = _parts(captured, _SCORED)
    body["consents"] = {each["purpose"]: each["granted"] for each in captured.get("consents") or ()}
    return ServiceCommand("scoring", "/v1/scores", body)


def build_route_trial(captured: Fact, score: Fact) -> ServiceCommand:
    """Return the question who would get the lead that an engagement would make."""
    decided = {
        "lead_type": score["lead_type"], "outcome": score["outcome"], "fit": score["fit"]["grade"],
        "readiness": score["readiness"]["level"],
    }  # fmt: skip
    return ServiceCommand("routing", "/v1/routes", _parts(captured, _ROUTED) | decided)


def _parts(captured: Fact, names: Sequence[str]) -> JsonObject:
    return {name: captured[name] for name in names if captured.get(name) not in (None, {}, [])}
