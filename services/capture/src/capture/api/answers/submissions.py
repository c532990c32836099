"""What becomes of submissions, of forms and of what is in quarantine."""

from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import ConfigDict

from events.runtime.answers import EMPTY, EXAMPLE_ID, Answer, example, examples

_IDS = {"contact_id": EXAMPLE_ID, "engagement_id": EXAMPLE_ID}
_REPEATED = {"status": "duplicate"}
_REJECTED = {
    "status": "rejected",
    "problem": {
        "type": "urn:baton:problem:email_invalid", "title": "Some fields are not valid", "status": 422,
        "errors": [{"field": "email", "code": "email_invalid"}],
    },
}  # fmt: skip
_QUARANTINED = {
    "quarantine_id": EXAMPLE_ID, "received_at": "2026-03-02T09:00:00Z", "reason": "honeypot", "form": "contact",
    "submission": {"email": "ada@lovelace.example"}, "state": "held", "settled_at": None, "settled_by": None,
    "answer": None,
}  # fmt: skip


class SubmissionAnswer(Answer):
    """Whose a submission is, and whether it is a repeat of an earlier one."""

    model_config: ClassVar[ConfigDict] = example(_REPEATED, **_IDS, status="accepted")

    contact_id: UUID
    engagement_id: UUID
    status: Literal["accepted", "duplicate"]


class FormSubmissionAnswer(SubmissionAnswer):
    """The same for a form, with the address of the page that follows."""

    model_config: ClassVar[ConfigDict] = example(_REPEATED, **_IDS, status="accepted", next="/f/contact/thanks?t=1")

    next: str


class NextStepAnswer(Answer):
    """The address of the page that follows a choice on the thank-you page."""

    model_config: ClassVar[ConfigDict] = example(
        {"next": "/f/contact/thanks?t=1&choice=not_now"}, status="accepted", next="/f/contact/thanks?t=1&choice=call_me"
    )

    status: Literal["accepted"]
    next: str


class EmbeddedFormAnswer(Answer):
    """A form for the snippet on another site: its HTML and style, its title, and the sentences for faults by code."""

    model_config: ClassVar[ConfigDict] = example(
        {
            "title": "Hable con nosotros", "messages": {"missing": "Rellene este campo, por favor."},
            "otherwise": "Compruebe este campo, por favor.",
        },
        html="<form></form>", css="", title="Contact us", messages={"missing": "Please fill this in."},
        otherwise="Please check this.",
    )  # fmt: skip

    html: str
    css: str
    title: str
    messages: dict[str, str]
    otherwise: str


class BatchItemAnswer(Answer):
    """The answer to one of many submissions: whose it is, or why it was rejected."""

    index: int
    """Its place among those that were sent, from 0."""
    status: Literal["accepted", "duplicate", "rejected"]
    contact_id: UUID | None = None
    engagement_id: UUID | None = None
    problem: dict[str, Any] | None = None
    no_address: bool | None = None
    """True for a scan of somebody of whom neither an e-mail nor a phone is known: the booth may ask."""


class BatchAnswer(Answer):
    """How many submissions were accepted, repeated and rejected, and the answer to each."""

    model_config: ClassVar[ConfigDict] = example(
        {
            "accepted": 0,
            "duplicates": 1,
            "rejected": 1,
            "items": [{"index": 0, **_IDS, **_REPEATED}, {"index": 1, **_REJECTED}],
        },
        accepted=1,
        duplicates=0,
        rejected=0,
        items=[{"index": 0, "status": "accepted", **_IDS}],
    )

    accepted: int
    duplicates: int
    rejected: int
    items: list[BatchItemAnswer]


class BatchLineAnswer(Answer):
    """A line of the answer to a stream: the answer to one submission, or, in the last line, the counts."""

    model_config: ClassVar[ConfigDict] = examples(
        {"index": 0, "status": "accepted", **_IDS},
        {"index": 1, **_REJECTED},
        {"accepted": 1, "duplicates": 0, "rejected": 1},
    )

    index: int | None = None
    status: Literal["accepted", "duplicate", "rejected"] | None = None
    contact_id: UUID | None = None
    engagement_id: UUID | None = None
    problem: dict[str, Any] | None = None
    no_address: bool | None = None
    accepted: int | None = None
    duplicates: int | None = None
    rejected: int | None = None


class QuarantinedSubmissionAnswer(Answer):
    """A submission in quarantine, or what became of it."""

    quarantine_id: UUID
    received_at: datetime
    reason: str
    form: str
    submission: dict[str, Any] | None
    state: Literal["held", "released", "discarded"]
    settled_at: datetime | None
    settled_by: str | None
    answer: dict[str, Any] | None


class QuarantinePage(Answer):
    """Submissions in quarantine, newest first."""

    model_config: ClassVar[ConfigDict] = example(EMPTY, items=[_QUARANTINED], next="WzgxMl0")

    items: list[QuarantinedSubmissionAnswer]
    next: str | None


class SettledSubmissionAnswer(Answer):
    """What became of a quarantined submission, and whose it is where it was released."""

    model_config: ClassVar[ConfigDict] = examples(
        {"state": "released", **_IDS, "status": "accepted"}, {"state": "discarded"}
    )

    state: Literal["released", "discarded"]
    contact_id: UUID | None = None
    engagement_id: UUID | None = None
    status: Literal["accepted", "duplicate"] | None = None


class NewSenderKeyAnswer(Answer):
    """A new key of a form, a webhook or a sender, shown this once."""

    model_config: ClassVar[ConfigDict] = example(
        {"key": "bk_5f2ab81c90de_RGFzIGlzdCBrZWluIFNjaGx1ZXNzZWwuIE5pY2h0"},
        key_id="5f2ab81c90de", key="whsec_bWFkZSBvZiB0aGUgaW5zdGFsbGF0aW9u",
    )  # fmt: skip

    key_id: str
    key: str
