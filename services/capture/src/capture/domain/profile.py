"""What is known of one contact, and how a further submission changes it.

Of each fact, what was said last (by `occurred_at`) holds: a scan that arrives days late fills what nobody has told
since. So the profile comes out the same whatever the order of arrival.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from capture.domain import privacy
from capture.domain.submission import Submission
from events.contacts import Consent, ConsentChanged, ContactProfile, EmailKind

TOLD = (
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
"""The facts of which the last told holds. The e-mail is none of these: the first one stays."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One contact as capture knows it. `told` is when each fact was told; `engagements` counts what was done."""

    contact_id: UUID
    revision: int
    first_seen_at: datetime
    told: Mapping[str, datetime] = field(default_factory=dict)
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

    def event(self, now: datetime) -> ContactProfile:
        """Give the profile as the world may mirror it."""
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
            **{name: getattr(self, name) for name in TOLD},
        )

    @property
    def refuses(self) -> bool:
        """Whether this person withdrew an answer, or a channel is closed to them."""
        return bool(self.suppressed) or any(not one.granted and one.state != "pending" for one in self.consents)

    def allows(self, now: datetime) -> ConsentChanged:
        """Tell, without naming anybody, what this person allows."""
        return ConsentChanged(
            occurred_at=now,
            contact_id=self.contact_id,
            revision=self.revision,
            consents=privacy.public_consents(self.consents, self.named()),
            suppressed=list(self.suppressed),
        )

    def named(self, phone: str | None = None, email: str | None = None) -> privacy.Person:
        """Return the direct identifiers, with the phone and the e-mail of a submission before the known ones.

        An address that many share (`info@`) names nobody.
        """
        address = None if self.email_kind == "role" else email or self.email
        mailbox = address.rpartition("@")[0] if address else None
        return privacy.Person.of(phone or self.phone, self.first_name, self.last_name, mailbox=mailbox)


_MAIL = ("email", "email_ascii", "email_domain", "email_kind")
_FIELDS = tuple(one.name for one in fields(Profile))


def begin(contact_id: UUID, at: datetime) -> Profile:
    """Open the profile of somebody who was never heard of before."""
    return Profile(contact_id, 0, first_seen_at=at)


def absorb(
    profile: Profile,
    told: Submission,
    at: datetime,
    kind: EmailKind | None,
    consents: Iterable[Consent] = (),
    *,
    suppressed: Iterable[str] = (),
    revision: int,
) -> Profile:
    """Add one engagement and what it told, `at` (UTC) when it happened; gives the profile as its `revision`-th."""
    facts: dict[str, Any] = {name: getattr(profile, name) for name in _FIELDS}
    times = facts["told"] = dict(profile.told)
    for name in TOLD:
        given = getattr(told, name)
        if given is not None and (name not in times or at >= times[name]):
            facts[name] = given
            times[name] = at
    if told.email is not None and profile.email is None:
        facts["email"], facts["email_ascii"] = told.email.address, told.email.ascii
        facts["email_domain"], facts["email_kind"] = told.email.registrable, kind
    facts["revision"] = revision
    facts["engagements"] += 1
    facts["first_seen_at"] = min(profile.first_seen_at, at)
    facts["consents"] = current(profile.consents, consents)
    if suppressed:
        facts["suppressed"] = tuple(sorted({*profile.suppressed, *suppressed}))
    return Profile(**facts)


def joined(rows: Sequence[Profile]) -> Profile:
    """Give several contacts that are one person as one, under the first one's id and revision."""
    first, *others = rows
    if not others:
        return first
    facts: dict[str, Any] = {name: getattr(first, name) for name in _FIELDS}
    times = facts["told"] = dict(first.told)
    for one in sorted(others, key=lambda row: (row.first_seen_at, row.contact_id)):
        for name, at in one.told.items():
            if name not in times or at > times[name]:
                facts[name], times[name] = getattr(one, name), at
        if facts["email"] is None:
            facts |= {name: getattr(one, name) for name in _MAIL}
        facts["engagements"] += one.engagements
        facts["first_seen_at"] = min(facts["first_seen_at"], one.first_seen_at)
        facts["consents"] = current(facts["consents"], one.consents)
        facts["suppressed"] = tuple(sorted({*facts["suppressed"], *one.suppressed}))
    return Profile(**facts)


class Named(Protocol):
    """Somebody or something with the names of a person."""

    @property
    def first_name(self) -> str | None:
        """The given name."""

    @property
    def last_name(self) -> str | None:
        """The family name."""


def names_agree(one: Named, other: Named) -> bool:
    """Tell whether two names may be one person's: what is unknown on either side speaks against nothing."""
    return _alike(one.last_name, other.last_name) and _alike((one.first_name or "")[:1], (other.first_name or "")[:1])


def _alike(one: str | None, other: str | None) -> bool:
    return not one or not other or one.casefold() == other.casefold()


def first_seen(one: Profile, other: Profile) -> tuple[Profile, Profile]:
    """Give the one that was seen first, then the other."""
    first, second = sorted((one, other), key=lambda row: (row.first_seen_at, row.contact_id))
    return first, second


def current(held: tuple[Consent, ...], given: Iterable[Consent]) -> tuple[Consent, ...]:
    """Keep the last answer of each purpose and channel; of two at one instant a withdrawal holds.

    An answer that waits for its confirmation takes the place of none.
    """
    answers = {(one.purpose, one.channel or ""): one for one in held}
    changed = False
    for consent in given:
        name = (consent.purpose, consent.channel or "")
        last = answers.get(name)
        if last is None or _weight(consent) > _weight(last):
            answers[name] = consent
            changed = True
    if not changed:
        return held
    return tuple(answers[name] for name in sorted(answers))


def _weight(answer: Consent) -> tuple[bool, datetime, bool]:
    return (answer.state != "pending", answer.at, not answer.granted)
