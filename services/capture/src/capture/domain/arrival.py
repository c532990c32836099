"""A submission as it arrives: why it is refused, whose keys it has, and the key by which a repeat is found."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from pydantic_core import PydanticCustomError

from capture.domain.identity import IdentityHasher
from capture.domain.phones import parse_phone_number
from capture.domain.profile import fold_name
from capture.domain.submission import EXTENSION, ConsentBody, Submission, Values
from capture.playbook import CapturePlaybook
from events.contacts import Consent, ConsentState


class SubmissionFault(NamedTuple):
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
    by_extension: bool = False
    """Whether an extension stands for the name: another extension of the phone is another person."""
    phone_users: tuple[UUID, ...] = ()
    """The names on a phone beside another key: that of the sender, and that of whoever leaves no name."""
    badge_user: UUID | None = None
    """The sender's name on a badge that is the first key: who bears another name is another person."""
    is_listed: bool = False
    """Whether it is the row of a list, which somebody else wrote."""

    @property
    def shared_keys(self) -> tuple[UUID, ...]:
        """The names on what several people may use, which are looked up and seldom owned."""
        return self.phone_users if self.badge_user is None else (*self.phone_users, self.badge_user)


def make_event_key(source: str, event_id: str, hasher: IdentityHasher) -> UUID:
    """Return the keyed name of a source's event, by which it is taken once."""
    return hasher.content_key(f"event|{source}|{event_id}".encode())


def with_home_country_phone(values: Values, country: str | None) -> Values:
    """Return the values with their national phone number of `country` in E.164; unchanged where it is none."""
    try:
        return {**values, "phone": parse_phone_number(values["phone"], country)}
    except PydanticCustomError:
        return values


def find_submission_fault(submission: Submission, rules: CapturePlaybook, now: datetime) -> SubmissionFault | None:
    """Return why a well-formed submission is refused by the playbook or for its time (UTC); None where it is not."""
    if submission.source is not None and submission.source not in rules.sources:
        return SubmissionFault("source", "unknown_source")
    if submission.engagement is not None and submission.engagement not in rules.engagement_set:
        return SubmissionFault("engagement", "unknown_engagement")
    if submission.occurred_at is not None and submission.occurred_at > rules.latest_allowed_time(
        now, submission.source
    ):
        return SubmissionFault("occurred_at", "in_the_future")
    if submission.consent is not None:
        return find_consent_fault(submission.consent, rules.latest_allowed_time(now, submission.source))
    return None


def find_consent_fault(given: Sequence[ConsentBody], latest: datetime) -> SubmissionFault | None:
    """Refuse an answer that is dated after `latest`."""
    if any(consent.at is not None and consent.at > latest for consent in given):
        return SubmissionFault("consent.at", "in_the_future")
    return None


def make_arrival(
    submission: Submission,
    hasher: IdentityHasher,
    rules: CapturePlaybook,
    now: datetime,
    badge: str | None = None,
    *,
    is_listed: bool = False,
) -> Arrival:
    """Name the person and the words of a submission, and fill in what the playbook says goes without saying.

    `badge` is `<event>:<id>`, where a badge was scanned or listed; `is_listed` where a list names the person.
    """
    source = submission.source or rules.default_source
    keys = []
    if submission.email is not None:
        keys.append(hasher.email_key(submission.email, plus_tags=rules.email.plus_tags))
    if badge is not None:
        keys.append(hasher.badge_key(badge))
    by_phone_alone = submission.phone is not None and not keys
    if submission.phone is not None:
        keys.append(hasher.phone_key(submission.phone))
    users = _phone_user_keys(submission, hasher)
    if by_phone_alone:
        keys += users
    if submission.event_id is not None:
        repeat_key = make_event_key(source, submission.event_id, hasher)
    elif rules.repeat_minutes:
        repeat_key = hasher.content_key(b"%b|%b" % (source.encode(), _submission_content_bytes(submission, keys)))
    else:
        repeat_key = None
    return Arrival(
        submission,
        source,
        submission.engagement or rules.sources[source].engagement,
        min(submission.occurred_at or now, now),
        tuple(keys),
        hasher.contact_id(keys[0], 0),
        repeat_key,
        by_event=submission.event_id is not None,
        by_phone_alone=by_phone_alone,
        by_extension=by_phone_alone
        and not (submission.first_name or submission.last_name)
        and EXTENSION in submission.facts,
        phone_users=() if by_phone_alone else users,
        badge_user=None if badge is None else _badge_user_key(submission, badge, hasher),
        is_listed=is_listed or source == LIST,
    )


def _phone_user_keys(submission: Submission, hasher: IdentityHasher) -> tuple[UUID, ...]:
    """Return the keys of those who may use the phone of a submission, none where it has no phone."""
    if submission.phone is None:
        return ()
    return tuple(hasher.phone_user_key(submission.phone, name) for name in _names_on_a_phone(submission))


def _badge_user_key(submission: Submission, badge: str, hasher: IdentityHasher) -> UUID | None:
    """Return the key of who wears a badge by their name, None where an e-mail or nothing names them."""
    whole = f"{fold_name(submission.first_name)}|{fold_name(submission.last_name)}"
    return None if submission.email is not None or whole == "|" else hasher.badge_user_key(badge, whole)


LIST = "import"
"""The source of what a program reads out of a list and sends by itself."""


def is_undated_list_row(arrival: Arrival) -> bool:
    """Return whether this is the row of a list, of somebody's doing at a time that the list does not say."""
    return arrival.is_listed and arrival.submission.occurred_at is None


def _names_on_a_phone(submission: Submission) -> list[str]:
    """Return what tells the sender from other users of a phone, the surest first, then the empty name of nobody.

    That is their name, and its first letter beside the last name; where they leave none, the extension at which they
    are reached.
    """
    first, last = submission.first_name or "", submission.last_name or ""
    if not (first or last):
        extension = submission.facts.get(EXTENSION)
        return [f"x{extension}", ""] if extension else [""]
    whole, short = f"{fold_name(first)}|{fold_name(last)}", f"{first[:1]}|{last}".casefold()
    return [whole, *([short] if short != whole else []), ""]


_CONTENT_FIELDS = [name for name in Submission.model_fields if name not in ("email", "phone", "consent", "event_id")]


def _submission_content_bytes(submission: Submission, keys: Sequence[UUID]) -> bytes:
    """Write down what is said and by whom; not how the address is spelt, nor when a box was ticked."""
    consents = [
        (consent.purpose, consent.granted, consent.wording_version, consent.channel, consent.confirmed)
        for consent in submission.consent or ()
    ]
    contents = [getattr(submission, name) for name in _CONTENT_FIELDS]
    return repr((*keys, *consents, *contents)).encode()


def date_consents(given: Sequence[ConsentBody], at: datetime, double_opt_in: Sequence[str]) -> list[Consent]:
    """Date the answers: `at` (UTC) where the sender does not say when; never after it."""
    found = []
    for consent in given:
        waits = consent.granted and not consent.confirmed and consent.purpose in double_opt_in
        state: ConsentState = "pending" if waits else "granted" if consent.granted else "withdrawn"
        found.append(
            Consent(
                purpose=consent.purpose,
                granted=state == "granted",
                wording_version=consent.wording_version,
                at=consent.at or at,
                channel=consent.channel,
                form_version=consent.form_version,
                state=state,
            )
        )
    return found
