"""Which two contacts may be one person? Reasons to merge them and to keep them apart; nobody is merged by them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from events.contacts import EmailKind
from events.names import fold_case_and_accents, normalize_company_name

LEAST_POINTS = 50
"""Below so many points a pair is not listed."""
MOST_POINTS = 100

_NEARLY = 85
"""From this likeness on (0 to 100) two texts may be one, mistyped."""
_NEARLY_NAMED = 82
"""The same for whole names."""
_OTHER = 60
"""Below this likeness two texts are different ones."""
NEARLY_THE_SAME = "Nearly the same name"
_LONG_LOCAL = 4
"""Shorter left sides of addresses are shared by chance."""
_INITIALS = 2
"""`J` and `JP` are initials."""
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
_TOKEN = re.compile(r"[^\W_]+")
_SHORT_NAMES = {
    short: name
    for name, shorts in {
        "alexander": "alex sascha xander", "alexandra": "alex sandra", "andrew": "andy drew", "anthony": "tony",
        "antonio": "toni tonio", "benjamin": "ben", "catherine": "cathy kate katie", "charles": "charlie chuck",
        "christopher": "chris kit", "daniel": "dan danny", "david": "dave", "edward": "ed eddie ted",
        "elizabeth": "liz beth betty lisa", "francisco": "paco pancho kiko", "frederick": "fred", "gregory": "greg",
        "henry": "harry hank", "ignacio": "nacho", "james": "jim jimmy jamie", "jennifer": "jen jenny",
        "johannes": "hannes hans", "john": "jack johnny", "jose": "pepe ze", "joseph": "joe joey",
        "josef": "sepp", "katherine": "kate kathy katie", "lawrence": "larry", "margaret": "maggie peggy meg",
        "maria": "mia mariechen", "matthew": "matt", "michael": "mike mick michi", "nicholas": "nick",
        "patricia": "pat patty tricia", "richard": "dick rick rich", "robert": "bob bobby rob", "samuel": "sam",
        "stephen": "steve", "steven": "steve", "susan": "sue susie", "theodore": "ted theo", "thomas": "tom tommy",
        "timothy": "tim", "ulrich": "uli", "ulrike": "uli", "wilhelm": "willi", "william": "bill billy will",
    }.items()
    for short in shorts.split()
}  # fmt: skip
"""What people are called, where that is no beginning of their name."""


@dataclass(frozen=True, slots=True)
class ComparedContact:
    """What is compared of a contact."""

    contact_id: UUID
    email: str | None = None
    email_domain: str | None = None
    email_kind: EmailKind | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    job_title: str | None = None
    country: str | None = None


@dataclass(slots=True)
class PossibleDuplicate:
    """Two contacts that may be one person, and what speaks for it and against it."""

    first: ComparedContact
    second: ComparedContact
    points: int = 0
    """0 to 100, more where more speaks for one person."""
    to_merge: list[str] = field(default_factory=list)
    to_keep_apart: list[str] = field(default_factory=list)

    def add_reason(self, points: int, reason: str) -> None:
        """Add a reason: points above zero speak for one person, others against it."""
        self.points += points
        (self.to_merge if points > 0 else self.to_keep_apart).append(reason)


def compare_contacts(first: ComparedContact, second: ComparedContact) -> PossibleDuplicate | None:
    """Return what speaks for and against two contacts being one person; None where too little speaks for it."""
    found = PossibleDuplicate(first, second)
    for points, reason in (
        *_compare_names(first, second),
        *_compare_phones(first, second),
        *_compare_emails(first, second),
        *_compare_companies(first, second),
        *_compare_countries_and_job_titles(first, second),
    ):
        found.add_reason(points, reason)
    if found.points < LEAST_POINTS:
        return None
    found.points = min(found.points, MOST_POINTS)
    return found


Reasons = Iterator[tuple[int, str]]


def _compare_names(first: ComparedContact, second: ComparedContact) -> Reasons:
    """Compare the names, the better of both readings: people write them in either order."""
    own, given, family = (
        _both_name_orders(first),
        _fold_name_spelling(second.first_name),
        _fold_name_spelling(second.last_name),
    )
    if not any(name for pair in own for name in pair) or not (given or family):
        return
    points, reason = max(_compare_ordered_names(*pair, given, family) for pair in own)
    if points:
        yield points, reason
    if reason == NEARLY_THE_SAME and own[0][1] == family:
        yield -5, "First names that differ in a letter or two"


def _compare_ordered_names(given: str, family: str, other_given: str, other_family: str) -> tuple[int, str]:
    """Return what two names in this order say."""
    if not (family and other_family):
        return (10, "The same first name") if given and given == other_given else (0, "")
    if fuzz.ratio(family, other_family) < _OTHER:
        return -50, "Different last names"
    if not (given and other_given):
        return (20, "The same last name, and only one first name is known") if family == other_family else (0, "")
    return _compare_full_names(given, family, other_given, other_family)


def _compare_full_names(given: str, family: str, other_given: str, other_family: str) -> tuple[int, str]:
    """Return what two whole names say, whose last names are alike."""
    nearly = fuzz.ratio(family, other_family) >= _NEARLY
    initial = min(len(given), len(other_given)) <= _INITIALS and given[0] == other_given[0]
    whole = fuzz.ratio(f"{given} {family}", f"{other_given} {other_family}")
    rules = (
        ((given, family) == (other_given, other_family), 45, "The same name"),
        (nearly and initial, 35, "The same name, of one only the initial"),
        (nearly and _is_short_form(given, other_given), 40, "The same name, of one in its short form"),
        (whole >= _NEARLY_NAMED, 40, NEARLY_THE_SAME),
        (fuzz.ratio(given, other_given) < _OTHER, -35, "Different first names"),
    )
    return next(((points, reason) for holds, points, reason in rules if holds), (0, ""))


def _is_short_form(given: str, other: str) -> bool:
    """Return whether two first names are a name and its short form, or two short forms of one."""
    short, long = sorted((given, other), key=len)
    if short == long:
        return False
    named = {_SHORT_NAMES.get(short, short), _SHORT_NAMES.get(long, long)}
    return len(named) == 1 or (len(short) > _INITIALS and long.startswith(short))


def _compare_phones(first: ComparedContact, second: ComparedContact) -> Reasons:
    if first.phone is None or second.phone is None:
        return
    if first.phone == second.phone:
        yield 35, "The same phone"
    elif OSA.distance(first.phone, second.phone, score_cutoff=1) <= 1:
        yield 15, "Phones that differ in one digit"
    else:
        yield -10, "Different phones"


def _compare_emails(first: ComparedContact, second: ComparedContact) -> Reasons:
    """Compare the addresses; a mailbox of several people says nothing of one."""
    if first.email is None or second.email is None:
        return
    if "role" in {first.email_kind, second.email_kind}:
        yield -5, "One address is a mailbox of several people"
        return
    local, other = _mailbox_without_tag(first.email), _mailbox_without_tag(second.email)
    alike = fuzz.ratio(local, other)
    if first.email_domain != second.email_domain:
        if local == other and len(local) >= _LONG_LOCAL:
            yield 30, "The same address at two providers"
    elif alike >= _NEARLY or local == other:
        yield 25, "Addresses at one provider that differ by a letter or two"
    elif first.email_kind == "corporate":
        yield -15, "Two mailboxes of one company"


def _compare_companies(first: ComparedContact, second: ComparedContact) -> Reasons:
    own, other = normalize_company_name(first.company), normalize_company_name(second.company)
    shares_domain = first.email_domain == second.email_domain and first.email_kind == "corporate"
    if own and other:
        alike = fuzz.token_set_ratio(own, other)
        if own == other:
            yield 15, "The same company"
            return
        if alike >= _NEARLY or shares_domain:
            yield 10, "Nearly the same company"
        elif alike < _OTHER:
            yield -15, "Different companies"
    elif shares_domain:
        yield 15, "The same company by its e-mail domain"


def _compare_countries_and_job_titles(first: ComparedContact, second: ComparedContact) -> Reasons:
    if first.country and second.country and first.country != second.country:
        yield -10, "Different countries"
    if (
        first.job_title
        and second.job_title
        and fold_case_and_accents(first.job_title) == fold_case_and_accents(second.job_title)
    ):
        yield 5, "The same position"


def _both_name_orders(contact: ComparedContact) -> list[tuple[str, str]]:
    """Return first and last name, and the other way round."""
    given, family = _fold_name_spelling(contact.first_name), _fold_name_spelling(contact.last_name)
    return [(given, family), (family, given)]


def _fold_name_spelling(name: str | None) -> str:
    """Return a name as all its spellings share it: `Jörg-Peter` and `JOERG PETER` are the same."""
    return " ".join(_TOKEN.findall(fold_case_and_accents((name or "").translate(_UMLAUTS))))


def _mailbox_without_tag(email: str) -> str:
    """Return the left side of an address without dots and what stands behind a plus."""
    return (
        fold_case_and_accents(email.rpartition("@")[0].partition("+")[0])
        .replace(".", "")
        .replace("_", "")
        .replace("-", "")
    )
