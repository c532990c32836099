"""Keep a form that was filled in as a test: no contact, no engagement, no event."""

from typing import NamedTuple
from uuid import uuid4

import orjson

from capture.domain.form_tests import build_event_of_test
from capture.domain.identity import IdentityHasher
from capture.domain.intake import CaptureAnswer
from capture.domain.submission import Submission
from capture.playbook import CapturePlaybook
from capture.store import contacts
from capture.store import form_tests as store
from events.runtime import Transaction


class FormTestContext(NamedTuple):
    """How a test came: of which form, by which key, from which site, in which language, and what spoke against it."""

    form: str
    key_id: str | None
    origin: str | None
    language: str
    suspicion: str | None


async def save_form_test(
    context: FormTestContext, submission: Submission, hasher: IdentityHasher, tx: Transaction
) -> CaptureAnswer:
    """Save what a test would have published; returns an answer like any other, of ids that nobody has."""
    ends = await contacts.load_campaign_ends(tx, {submission.campaign} if submission.campaign else ())
    content = await contacts.load_catalogue_entries(tx, {submission.content} if submission.content else ())
    event = build_event_of_test(submission, hasher, tx.playbook(CapturePlaybook), tx.now, ends, content)
    test_id = uuid4()
    await store.save_test(
        tx,
        store.FormTestRow(
            test_id=test_id, received_at=tx.now, captured=orjson.loads(event.encode()), **context._asdict()
        ),
    )
    return CaptureAnswer(uuid4(), test_id, "accepted")
