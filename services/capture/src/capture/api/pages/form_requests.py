"""What a browser sends of a form, and what the form takes along from the page before."""

import re
import secrets
from datetime import UTC, datetime

from fastapi import Request

from capture import handlers
from capture.api.gate import get_sender_gate
from capture.api.intake import get_submission_intake
from capture.domain import forms
from capture.domain.cells import fit_row
from capture.domain.known_people import KnownPerson
from capture.domain.signatures import FormSigner, FormStamp
from capture.domain.submission import LONGEST_FACT, Submission, Values
from capture.domain.visits import COOKIE, read_visits
from capture.handlers import IncomingSubmission
from capture.playbook import Form
from events.names import CODE
from events.runtime import Transaction
from events.runtime.bodies import read_form_pairs, validate_as
from events.runtime.problems import BodyInvalid

MOST_FIELDS = 100
LONGEST_CARRIED = 200


async def read_filled_form(request: Request, person: Values, *, ours: bool) -> Submission:
    """Return what was filled in. Who left an e-mail is not turned away for a phone: its text is kept.

    On a page of somebody else (not `ours`) nobody sees beside which field something is wrong: what fits no field is
    kept as a fact there, as of a list.
    """
    if not ours:
        rules, now = await get_submission_intake(request).load_rules_and_time()
        fitted = fit_row(person, rules, now)
        if fitted.submission is not None:
            return fitted.submission
    try:
        return validate_as(Submission, person)
    except BodyInvalid as unread:
        if not any(each["field"] == "phone" for each in unread.errors):
            raise
    (with_home_country,) = await get_submission_intake(request).with_home_country_phones([person])
    try:
        return validate_as(Submission, with_home_country)
    except BodyInvalid as unread:
        if not person.get("email") or any(each["field"] != "phone" for each in unread.errors):
            raise
    facts = {**person.get("facts", {}), "phone_given": str(person["phone"])[:LONGEST_FACT]}
    return validate_as(Submission, {**person, "phone": None, "facts": facts})


async def read_past_visits(request: Request, sent: str, form: Submission) -> list[IncomingSubmission]:
    """Return the page views that a browser remembered before its person filled in a form.

    They come as a field, or from a site of the same domain as a cookie.
    """
    text = sent or request.cookies.get(COOKIE, "").strip('"')
    if not text:
        return []
    rules, now = await get_submission_intake(request).load_rules_and_time()
    if rules.visits is None:
        return []
    whom = {"email": form.email.address if form.email else None, "phone": form.phone, "source": form.source}
    if form.email is None:  # several people may share a phone
        whom |= {"first_name": form.first_name, "last_name": form.last_name}
    return [
        IncomingSubmission(
            validate_as(
                Submission,
                {
                    **whom, "engagement": visit.engagement, "content": visit.path,
                    "occurred_at": visit.at.isoformat(), "event_id": visit.event_id,
                },
            )
        )
        for visit in read_visits(text, rules.visits, now)
    ]  # fmt: skip


async def read_page_form(request: Request) -> tuple[bytes, list[tuple[str, str]]]:
    """Return what a browser sends of a form, in UTF-8 or as old pages do."""
    body, pairs = await read_form_pairs(request, MOST_FIELDS, ("utf-8", "cp1252"), any_page=True)
    return body, [(name, text) for name, text in pairs if name != "_charset_"]


async def find_person_of_link(
    request: Request, name: str, link: str, at: datetime, tx: Transaction
) -> KnownPerson | None:
    """Return whom a link of this form names at a time (UTC, real time); None where it is as if there were none."""
    contact_id = get_sender_gate(request).signer.read_link(name, link, at)
    return await handlers.find_known_person(contact_id, tx) if contact_id else None


def hidden_fields(request: Request, name: str, form: Form, person: KnownPerson | None) -> dict[str, str]:
    """Return a form's hidden fields: stamp, link, hidden questions, and the parameters of the landing page."""
    query = request.query_params
    stamp = FormStamp(datetime.now(UTC), secrets.token_hex(8))
    signer: FormSigner = get_sender_gate(request).signer
    own = {question.name: question.value or "" for question in form.questions if question.kind == "hidden"}
    carried = {
        each: query[each]
        for each in (*forms.CARRIED, *own)
        if 0 < len(query.get(each, "")) <= LONGEST_CARRIED and query[each].isprintable()
    }
    link = {forms.LINK: query[forms.LINK]} if person else {}
    campaign = query.get(forms.CAMPAIGN, "")
    if form.campaign is None and re.fullmatch(CODE, campaign):
        carried[forms.CAMPAIGN] = campaign
    return {forms.STAMP: signer.write_stamp(name, stamp), **link, **own, **carried}
