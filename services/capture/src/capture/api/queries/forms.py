"""The forms of the playbook, as whoever puts one into a page needs them."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from capture import handlers
from capture.api import answers
from capture.api.pages import rendering
from capture.handlers.queries import FormWithKeys
from events.parts import JsonObject
from events.runtime.json_answers import json_answer
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires

router = APIRouter()

Reader = Annotated[Caller, requires("leads:read")]
FormName = Annotated[str, Path(max_length=64, description="The form, as the playbook names it")]
MOST_TESTS = 20


@router.get("/forms", response_model=answers.FormsAnswer)
async def list_forms(service: ServiceDep, _: Reader) -> Response:
    """List the forms of the playbook in force: what they ask, in which languages, and by which keys pages submit."""
    async with service.transaction() as tx:
        found = await handlers.show_forms(tx)
    return json_answer({"items": [_described(each) for each in found]})


def _described(found: FormWithKeys) -> JsonObject:
    form = found.form
    asked = [each for each in form.questions if each.kind != "hidden" and not each.progressive]
    return {
        "form": found.name,
        "title": form.title,
        "languages": [form.language, *form.translations],
        **{name: getattr(form, name) for name in ("engagement", "source", "campaign", "content")},
        "questions": [
            {"name": each.name, "kind": each.kind, "required": each.required, "options": [*each.options]}
            for each in asked
        ],
        "keys": [{name: text for name, text in key.as_dict().items() if name != "form"} for key in found.keys],
    }


@router.get("/forms/{form}/preview", response_model=answers.FormPreviewAnswer)
async def preview_form(
    service: ServiceDep, _: Reader, form: FormName,
    language: Annotated[str, Query(max_length=35, description="One of its languages; left out: its own")] = "",
) -> Response:  # fmt: skip
    """Return a form as visitors see it, without a stamp: what is filled in there can be sent nowhere."""
    async with service.transaction() as tx:
        rules = handlers.load_form_in_force(form, tx)
    shown = rendering.form_in_language(rules, language, "")
    html = rendering.render_form_fields(form, shown, {}, {}, [])
    return json_answer(
        {"title": shown.form.title, "language": shown.language, "html": html, "css": rendering.load_style_sheet()}
    )


@router.get("/forms/{form}/tests", response_model=answers.FormTestsAnswer)
async def list_form_tests(service: ServiceDep, _: Reader, form: FormName) -> Response:
    """List how a form was filled in as a test (as form-test@baton.example), the newest first: 20 at most."""
    async with service.transaction() as tx:
        return json_answer({"items": await handlers.show_form_tests(form, MOST_TESTS, tx)})
