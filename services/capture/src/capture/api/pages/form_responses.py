"""How a form answers: with a page to a person, with JSON to a script, with a redirect to whoever says nothing."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import orjson
from fastapi import Path, Request
from starlette.responses import Response

from capture.api.pages.rendering import (
    OWN,
    WORDINGS,
    FormInLanguage,
    form_in_language,
    page_response,
    render_form_fields,
    render_template,
)
from capture.domain import forms
from capture.domain.arrival import SubmissionFault
from capture.domain.forms import FormInvalid
from capture.playbook import Form
from events.runtime import problems
from events.runtime.bodies import FORM, JSON, Responses
from events.runtime.json_answers import json_answer
from events.runtime.problems import BodyInvalid

FormName = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
_FIELDS = {"type": "object", "additionalProperties": {"type": "string"}}
BODY = {"requestBody": {"required": True, "content": {FORM: {"schema": _FIELDS}}}}
SCRIPT = {"description": "To a script that asks for JSON"}
ANSWERS: Responses = {
    303: {"description": "To the thank-you page"},
}
"""What a form's route takes and answers, as the OpenAPI document says it."""


def wants_page(request: Request) -> bool:
    """Return whether the client shows the answer to a person (it accepts HTML)."""
    return "text/html" in request.headers.get("accept", "")


def wants_json(request: Request) -> bool:
    """Return whether a script reads the answer (it accepts JSON and no HTML)."""
    return JSON in request.headers.get("accept", "") and not wants_page(request)


def form_page_response(
    name: str,
    shown: FormInLanguage,
    hidden: Mapping[str, str],
    filled: Mapping[str, str],
    faults: Sequence[SubmissionFault],
) -> Response:
    """Answer with the form, as it was filled in and with what is wrong."""
    part = render_form_fields(name, shown, hidden, filled, faults)
    html = render_template("page.html", title=shown.form.title, part=part, script=None, language=shown.language)
    return page_response(html, 422 if faults else 200, leads_to=shown.form.next_urls)


def form_errors_response(
    request: Request, name: str, shown: FormInLanguage, filled: Mapping[str, str], error: FormInvalid | BodyInvalid
) -> Response:
    """Name the faults: on the form itself to a person, as a problem to a script."""
    faults = (
        error.faults
        if isinstance(error, FormInvalid)
        else [SubmissionFault(str(each["field"]), str(each["code"])) for each in error.errors]
    )
    if not wants_page(request):
        return problems.answer_with_problem(422, [fault._asdict() for fault in faults])
    own = [question.name for question in shown.form.questions if question.kind == "hidden"]
    kept = (
        *forms.CARRIED,
        forms.CAMPAIGN,
        forms.STAMP,
        forms.KEY,
        forms.NEXT,
        *([forms.LINK] if shown.known else []),
        *own,
    )
    hidden = {key: filled[key] for key in kept if filled.get(key)}
    return form_page_response(name, shown, hidden, filled, faults)


def problem_response(request: Request, error: Exception) -> Response:
    """Return what went wrong: a page to a person, a problem to a script."""
    answer = problems.answer_expected_error(error)
    if not wants_page(request):
        return answer
    title = orjson.loads(answer.body)["title"]
    part = render_template("message.html", title=title, words=WORDINGS[OWN]["page"])
    shown = page_response(
        render_template("page.html", title=title, part=part, script=None, language=OWN), answer.status_code
    )
    kept = {name: answer.headers[name] for name in ("retry-after", "www-authenticate") if name in answer.headers}
    shown.headers.update(kept)
    return shown


def redirect_response(request: Request, after: str, fields: Mapping[str, str]) -> Response:
    """Return a redirect to the next page, or its address as JSON to a script."""
    if wants_json(request):
        return json_answer({**fields, "next": after}, 202)
    return Response(None, 303, {"Location": after, "Cache-Control": "no-store"})


def allow_origin(answer: Response, origin: str | None) -> Response:
    """Let the page at this origin, and no other, read the answer."""
    answer.headers["Vary"] = "Origin"
    if origin is not None:
        answer.headers["Access-Control-Allow-Origin"] = origin
    return answer


def form_shown_to(request: Request, form: Form, language: str = "", *, known: bool = False) -> FormInLanguage:
    """Return a form in the language of the address or the browser."""
    asked = language or request.query_params.get(forms.LANGUAGE, "")
    return form_in_language(form, asked, request.headers.get("accept-language", ""))._replace(known=known)


def language_parameter(filled: Mapping[str, str], form: Form) -> str:
    """Return the part of an address that keeps the language in which the form was filled in."""
    language = filled.get(forms.LANGUAGE, "")
    return f"&language={language}" if language in form.translations else ""
