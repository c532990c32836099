"""What a browser sends of a form, and what the form takes along from the page before."""

import secrets
from datetime import UTC, datetime

from fastapi import Request

from capture.api.gate import gate_of
from capture.api.intake import intake_of
from capture.domain import forms
from capture.domain.cells import fit
from capture.domain.forms import Signer, Stamp
from capture.domain.submission import LONGEST_FACT, Submission, Values
from capture.domain.visits import COOKIE, read_visits
from capture.handlers import Incoming
from capture.playbook import Form
from events.runtime.bodies import form_pairs, validated
from events.runtime.problems import Invalid

MOST_FIELDS = 100
LONGEST_CARRIED = 200


async def read_person(request: Request, person: Values, *, ours: bool) -> Submission:
    """Return what was filled in. Who left an e-mail is not turned away for a phone: its text is kept.

    On a page of somebody else (not `ours`) nobody sees beside which field something is wrong: what fits no field is
    kept as a fact there, as of a list.
    """
    if not ours:
        rules, now = await intake_of(request).rules_now()
        fitted = fit(person, rules, now)
        if fitted.submission is not None:
            return fitted.submission
    try:
        return validated(Submission, person)
    except Invalid as unread:
        if not any(each["field"] == "phone" for each in unread.errors):
            raise
    (with_home_country,) = await intake_of(request).with_home_country([person])
    try:
        return validated(Submission, with_home_country)
    except Invalid as unread:
        if not person.get("email") or any(each["field"] != "phone" for each in unread.errors):
            raise
    facts = {**person.get("facts", {}), "phone_given": str(person["phone"])[:LONGEST_FACT]}
    return validated(Submission, {**person, "phone": None, "facts": facts})


async def visits_before(request: Request, sent: str, form: Submission) -> list[Incoming]:
    """Return the page views that a browser remembered before its person filled in a form.

    They come as a field, or from a site of the same domain as a cookie.
    """
    text = sent or request.cookies.get(COOKIE, "").strip('"')
    if not text:
        return []
    rules, now = await intake_of(request).rules_now()
    if rules.visits is None:
        return []
    whom = {"email": form.email.address if form.email else None, "phone": form.phone, "source": form.source}
    if form.email is None:  # several people may share a phone
        whom |= {"first_name": form.first_name, "last_name": form.last_name}
    return [
        Incoming(
            validated(
                Submission,
                {
                    **whom, "engagement": visit.engagement, "content": visit.path,
                    "occurred_at": visit.at.isoformat(), "event_id": visit.event_id,
                },
            )
        )
        for visit in read_visits(text, rules.visits, now)
    ]  # fmt: skip


async def pairs_of(request: Request) -> tuple[bytes, list[tuple[str, str]]]:
    """Return what a browser sends of a form, in UTF-8 or as old pages do."""
    body, pairs = await form_pairs(request, MOST_FIELDS, ("utf-8", "cp1252"), any_page=True)
    return body, [(name, text) for name, text in pairs if name != "_charset_"]


def hidden_in(request: Request, name: str, form: Form) -> dict[str, str]:
    """Return a form's hidden fields: its stamp, its hidden questions, and the parameters of the landing page."""
    query = request.query_params
    stamp = Stamp(datetime.now(UTC), secrets.token_hex(8))
    signer: Signer = gate_of(request).signer
    own = {question.name: question.value or "" for question in form.questions if question.kind == "hidden"}
    carried = {
        each: query[each]
        for each in (*forms.CARRIED, *own)
        if 0 < len(query.get(each, "")) <= LONGEST_CARRIED and query[each].isprintable()
    }
    return {forms.STAMP: signer.stamp(name, stamp), **own, **carried}
