"""What is known of one contact, and how a further submission changes it.

Of each fact the latest value (by `occurred_at`) counts: a scan that arrives days late fills what nobody has sent
since. So the profile comes out the same whatever the order of arrival.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from capture.domain import privacy
from capture.domain.submission import Submission
from events.contacts import Consent, ConsentChanged, ContactProfile, EmailKind
from events.names import fold_case_and_accents

_APOSTROPHE = re.compile("['\u2019\u2018\u02bc\u00b4`]")
_TERM = re.compile(r"[^\W_]+")
_TITLES = frozenset(
    ("dr", "prof", "professor", "mr", "mrs", "ms", "mx", "herr", "frau", "dipl", "ing", "phd", "md", "mba", "jr", "sr")
)
PROFILE_FACTS = (
    "phone",
    "first_name",
    "last_name",
    "company",
    "job_title",
    "country",
    "region",
    "postal_code",
    "industry",
    "employees",
    "referrer",
    "message",
)
"""The facts of which the latest value counts. Of e-mails the first one stays."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One contact as capture knows it. `fact_times` is when each fact was last sent; `engagements` counts them."""

    contact_id: UUID
    revision: int
    first_seen_at: datetime
    fact_times: Mapping[str, datetime] = field(default_factory=dict)
    engagements: int = 0
    email: str | None = None
    email_ascii: str | None = None
    email_domain: str | None = None
    email_kind: EmailKind | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    job_title: str | None = None
    country: str | None = None
    region: str | None = None
    postal_code: str | None = None
    industry: str | None = None
    employees: int | None = None
    referrer: str | None = None
    message: str | None = None
    consents: tuple[Consent, ...] = ()
    suppressed: tuple[str, ...] = ()
    """Channels by which this person must not be reached."""

    def profile_event(self, now: datetime) -> ContactProfile:
        """Return the profile as it is published."""
        return ContactProfile(
            occurred_at=now,
            contact_id=self.contact_id,
            revision=self.revision,
            email=self.email,
            email_kind=self.email_kind,
            consents=list(self.consents),
            first_seen_at=self.first_seen_at,
            engagements=self.engagements,
            suppressed=list(self.suppressed),
            **{name: getattr(self, name) for name in PROFILE_FACTS},
        )

    @property
    def has_refusal(self) -> bool:
        """Whether this person withdrew a consent, or must not be reached by a channel."""
        return bool(self.suppressed) or any(
            not consent.granted and consent.state != "pending" for consent in self.consents
        )

    def consent_event(self, now: datetime) -> ConsentChanged:
        """Return the consents and closed channels as an event that names nobody."""
        return ConsentChanged(
            occurred_at=now,
            contact_id=self.contact_id,
            revision=self.revision,
            consents=privacy.public_consents(self.consents, self.identifiers()),
            suppressed=list(self.suppressed),
        )

    def identifiers(self, phone: str | None = None, email: str | None = None) -> privacy.DirectIdentifiers:
        """Return the direct identifiers, with the phone and the e-mail of a submission before the known ones.

        An address that many share (`info@`) names nobody.
        """
        address = None if self.email_kind == "role" else email or self.email
        mailbox = address.rpartition("@")[0] if address else None
        return privacy.DirectIdentifiers.from_contact_details(
            phone or self.phone, self.first_name, self.last_name, mailbox=mailbox
        )


_MAIL = ("email", "email_ascii", "email_domain", "email_kind")
_FIELDS = tuple(column.name for column in fields(Profile))


def new_profile(contact_id: UUID, at: datetime) -> Profile:
    """Return the profile of a new contact, first seen `at` (UTC)."""
    return Profile(contact_id, 0, first_seen_at=at)


def with_engagement(
    profile: Profile,
    submission: Submission,
    at: datetime,
    kind: EmailKind | None,
    consents: Iterable[Consent] = (),
    *,
    suppressed: Iterable[str] = (),
    revision: int,
) -> Profile:
    """Return the profile with one more engagement, which happened `at` (UTC), under this `revision`."""
    facts = {name: getattr(profile, name) for name in _FIELDS}
    times = facts["fact_times"] = dict(profile.fact_times)
    for name in PROFILE_FACTS:
        given = getattr(submission, name)
        if given is not None and (name not in times or _replaces_known_fact(name, given, at, facts[name], times[name])):
            facts[name] = given
            times[name] = at
    if submission.email is not None and profile.email is None:
        facts["email"], facts["email_ascii"] = submission.email.address, submission.email.ascii
        facts["email_domain"], facts["email_kind"] = submission.email.registrable, kind
    facts["revision"] = revision
    facts["engagements"] += 1
    facts["first_seen_at"] = min(profile.first_seen_at, at)
    facts["consents"] = merge_consents(profile.consents, consents)
    if suppressed:
        facts["suppressed"] = tuple(sorted({*profile.suppressed, *suppressed}))
    return Profile(**facts)


def join_profiles(rows: Sequence[Profile]) -> Profile:
    """Return the contacts of one person as one profile, under the id and revision of the first."""
    first, *others = rows
    if not others:
        return first
    facts = {name: getattr(first, name) for name in _FIELDS}
    times = facts["fact_times"] = dict(first.fact_times)
    for row in sorted(others, key=lambda row: (row.first_seen_at, row.contact_id)):
        for name, at in row.fact_times.items():
            if name not in times or _replaces_known_fact(
                name, getattr(row, name), at, facts[name], times[name], later=True
            ):
                facts[name], times[name] = getattr(row, name), at
        if facts["email"] is None:
            facts |= {name: getattr(row, name) for name in _MAIL}
        facts["engagements"] += row.engagements
        facts["first_seen_at"] = min(facts["first_seen_at"], row.first_seen_at)
        facts["consents"] = merge_consents(facts["consents"], row.consents)
        facts["suppressed"] = tuple(sorted({*facts["suppressed"], *row.suppressed}))
    return Profile(**facts)


def _replaces_known_fact(
    name: str, given: Any, at: datetime, known: Any, known_at: datetime, *, later: bool = False
) -> bool:
    """Return whether a fact takes the place of a known one: the newer does, but no initial that of its own name."""
    if name == "first_name" and is_initial_of(given, known):
        return False
    newer = at > known_at or (at == known_at and not later)
    return newer or (name == "first_name" and is_initial_of(known, given))


def is_initial_of(short: str, name: str) -> bool:
    """Return whether `A.` stands for `Ada`."""
    return len(fold_name(short)) == 1 < len(fold_name(name)) and fold_name(name).startswith(fold_name(short))


class HasPersonName(Protocol):
    """Somebody or something with the names of a person."""

    @property
    def first_name(self) -> str | None:
        """The given name."""

    @property
    def last_name(self) -> str | None:
        """The family name."""


def names_agree(left: HasPersonName, right: HasPersonName) -> bool:
    """Return whether two names may be of one person; an unknown part fits every other.

    Accents, apostrophes and hyphens do not count. A first name may be shortened (`A.`, `Alex`): Anna and Andreas of one
    household are two.
    """
    last = fold_name(left.last_name), fold_name(right.last_name)
    first = fold_name(left.first_name), fold_name(right.first_name)
    shorter, longer = sorted(first, key=len)
    return (not all(last) or last[0] == last[1]) and longer.startswith(shorter)


def are_names_swapped(left: HasPersonName, right: HasPersonName) -> bool:
    """Return whether the first name of each is the last of the other, as lists and badges mix them up."""
    first, last = fold_name(left.first_name), fold_name(left.last_name)
    return (first, last) == (fold_name(right.last_name), fold_name(right.first_name))


def may_wear_same_badge(left: HasPersonName, right: HasPersonName) -> bool:
    """Return whether two names may be of the person who wears one badge, however each was typed and cut in two.

    Where the words of one name are all in the other it may be: titles, the second of two family names, and whether an
    umlaut is written out do not count.
    """
    if names_agree(left, right) or are_names_swapped(left, right):
        return True
    fewer, more = sorted((_name_terms(left), _name_terms(right)), key=len)
    return fewer <= more


def _name_terms(name: HasPersonName) -> set[str]:
    terms = f"{fold_name(name.first_name)} {fold_name(name.last_name)}"
    for written_out, letter in (("ae", "a"), ("oe", "o"), ("ue", "u")):
        terms = terms.replace(written_out, letter)
    return set(terms.split()) - _TITLES


def fold_name(name: str | None) -> str:
    """Return what all spellings of a name share: its words without case, accents and apostrophes."""
    return " ".join(_TERM.findall(_APOSTROPHE.sub("", fold_case_and_accents(name)))) if name else ""


def order_by_first_seen(left: Profile, right: Profile) -> tuple[Profile, Profile]:
    """Return both, the one that was seen first before the other."""
    first, second = sorted((left, right), key=lambda row: (row.first_seen_at, row.contact_id))
    return first, second


def merge_consents(known: tuple[Consent, ...], given: Iterable[Consent]) -> tuple[Consent, ...]:
    """Keep the last answer of each purpose and channel; of two at one instant a withdrawal holds.

    An answer that waits for its confirmation takes the place of none.
    """
    answers = {(consent.purpose, consent.channel or ""): consent for consent in known}
    changed = False
    for consent in given:
        name = (consent.purpose, consent.channel or "")
        last = answers.get(name)
        if last is None or _consent_precedence(consent) > _consent_precedence(last):
            answers[name] = consent
            changed = True
    if not changed:
        return known
    return tuple(answers[name] for name in sorted(answers))


def _consent_precedence(answer: Consent) -> tuple[bool, datetime, bool]:
    return (answer.state != "pending", answer.at, not answer.granted)
