"""A submission at the door: what the playbook or the clock has against it, whom it names and what it says."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import PydanticCustomError

from capture.domain.identity import Keyring, read_phone
from capture.domain.submission import ConsentGiven, Submission
from capture.playbook import CapturePlaybook
from events.contacts import Consent, ConsentState


class Fault(NamedTuple):
    """Why a submission is refused: in which field, under which code."""

    field: str
    code: str


class Arrival(NamedTuple):
    """A submission with the keyed names of its person and of what it says. `by_event` where the client named it."""

    submission: Submission
    source: str
    engagement: str
    occurred_at: datetime
    keys: tuple[UUID, ...]
    """The mailbox, the badge, the phone: those that were given, in this order. A phone alone is followed by the names
    that its users have on it: that of the sender, and that of whoever leaves no name."""
    newcomer: UUID
    """The contact that this person is, if nobody was ever known by the first key."""
    repeat_key: UUID | None
    by_event: bool
    by_phone_alone: bool = False
    """Whether the phone is the only key: then it names somebody only together with their name."""


def at_home(told: Mapping[str, Any], country: str | None) -> Mapping[str, Any]:
    """Say with its country's code a phone number that was told without; one that is none there stays as it is."""
    try:
        return {**told, "phone": read_phone(told["phone"], country)}
    except PydanticCustomError:
        return told


def fault_of(submission: Submission, rules: CapturePlaybook, now: datetime) -> Fault | None:
    """Tell what the playbook or the clock has against a submission that is well-formed."""
    if submission.source is not None and submission.source not in rules.sources:
        return Fault("source", "unknown_source")
    if submission.engagement is not None and submission.engagement not in rules.engagement_set:
        return Fault("engagement", "unknown_engagement")
    if submission.occurred_at is not None and submission.occurred_at > rules.latest(now, submission.source):
        return Fault("occurred_at", "in_the_future")
    if submission.consent is not None:
        return consent_fault(submission.consent, rules.latest(now, submission.source))
    return None


def consent_fault(given: Sequence[ConsentGiven], latest: datetime) -> Fault | None:
    """Refuse an answer that is dated after `latest`."""
    if any(consent.at is not None and consent.at > latest for consent in given):
        return Fault("consent.at", "in_the_future")
    return None


def arrive(
    submission: Submission, keyring: Keyring, rules: CapturePlaybook, now: datetime, badge: str | None = None
) -> Arrival:
    """Name the person and the words of a submission, and fill in what the playbook says goes without saying.

    `badge` is `<event>:<id>`, where a badge was scanned or listed.
    """
    source = submission.source or rules.default_source
    keys = []
    if submission.email is not None:
        keys.append(keyring.email(submission.email, plus_tags=rules.email.plus_tags))
    if badge is not None:
        keys.append(keyring.badge(badge))
    by_phone_alone = submission.phone is not None and not keys
    if submission.phone is not None:
        keys.append(keyring.phone(submission.phone))
    if submission.phone is not None and by_phone_alone:
        keys += [keyring.phone_user(submission.phone, name) for name in _names_on_a_phone(submission)]
    if submission.event_id is not None:
        repeat_key = keyring.content(f"event|{source}|{submission.event_id}".encode())
    elif rules.repeat_minutes:
        repeat_key = keyring.content(b"%b|%b" % (source.encode(), _words(submission, keys)))
    else:
        repeat_key = None
    return Arrival(
        submission,
        source,
        submission.engagement or rules.sources[source].engagement,
        min(submission.occurred_at or now, now),
        tuple(keys),
        keyring.contact(keys[0], 0),
        repeat_key,
        by_event=submission.event_id is not None,
        by_phone_alone=by_phone_alone,
    )


LISTS = ("import",)
LISTED = ("imported", "event_registered")


def is_undated_row(arrival: Arrival) -> bool:
    """Return whether this is the row of a list, of somebody's doing at a time that the list does not say."""
    is_listed = arrival.source in LISTS or arrival.engagement in LISTED
    return is_listed and arrival.submission.occurred_at is None


def _names_on_a_phone(submission: Submission) -> list[str]:
    """Return the sender's name as it tells users of one phone apart, then the empty one of whoever leaves none."""
    first, last = submission.first_name or "", submission.last_name or ""
    name = f"{first[:1]}|{last}".casefold() if first or last else ""
    return [name, ""] if name else [""]


_SAID = [name for name in Submission.model_fields if name not in ("email", "phone", "consent", "event_id")]


def _words(submission: Submission, keys: Sequence[UUID]) -> bytes:
    """Write down what is said and by whom; not how the address is spelt, nor when a box was ticked."""
    consents = [
        (one.purpose, one.granted, one.wording_version, one.channel, one.confirmed) for one in submission.consent or ()
    ]
    said = [getattr(submission, name) for name in _SAID]
    return repr((*keys, *consents, *said)).encode()


def consents_of(given: Sequence[ConsentGiven], at: datetime, double_opt_in: Sequence[str]) -> list[Consent]:
    """Date the answers: `at` (UTC) where the sender does not say when; never after it."""
    found = []
    for one in given:
        waits = one.granted and not one.confirmed and one.purpose in double_opt_in
        state: ConsentState = "pending" if waits else "granted" if one.granted else "withdrawn"
        found.append(
            Consent(
                purpose=one.purpose,
                granted=state == "granted",
                wording_version=one.wording_version,
                at=one.at or at,
                channel=one.channel,
                form_version=one.form_version,
                state=state,
            )
        )
    return found
