"""What of a submission may leave on `contacts.captured.v1`, which names nobody.

People write e-mails into company fields and phone numbers into facts. Such a value stays in capture's own tables,
where erasure reaches it; the event goes out without it. In doubt a value stays.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from capture.playbook import Withheld
from events.envelope import Scalar

_DATES = re.compile(
    r"\b(19|20)\d\d-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)?)?(?!\w)"
    r"|\b(19|20)\d\d[-/](19|20)\d\d(?![\w-])"
)
_PHONE = re.compile(r"(?<![\w-])\+?\(?\d(?:[\s().\-/]{0,3}\d){6,14}(?![\w-])", re.ASCII)
_DIGITS = re.compile(r"(?:\d\D*){7}")
_WORD = re.compile(r"\w+")
_MAIL = re.compile(r"\S@\S")
_LARGEST_PLAIN_NUMBER = 10**10
_SHORTEST_NAME = 2
_TAIL = 7


def looks_like_mail(text: str) -> bool:
    """Tell whether an e-mail address may stand in a text."""
    return "@" in text and _MAIL.search(text) is not None


def looks_like_phone(text: str) -> bool:
    """Tell whether a phone number may stand in a text; dates and ids with letters are none."""
    return _DIGITS.search(text) is not None and _PHONE.search(_DATES.sub(" ", text)) is not None


class Person(NamedTuple):
    """The direct identifiers of whom a submission is about: no outgoing text may repeat them."""

    names: tuple[str, ...]
    digits: str

    @classmethod
    def of(cls, phone: str | None, *names: str | None) -> "Person":
        """Take the names and the last digits of the phone, which all its spellings share."""
        words = [word for name in names if name for word in _words(name)]
        kept = tuple(word for word in words if len(word) >= _SHORTEST_NAME)
        return cls(kept, phone[-_TAIL:] if phone else "")

    def is_dialled_by(self, text: str) -> bool:
        """Tell whether the text holds this person's phone, however it is written."""
        return bool(self.digits) and self.digits in "".join(filter(str.isdigit, text))

    def is_named_by(self, text: str) -> bool:
        """Tell whether one of this person's names is a word of the text."""
        folded = text.casefold()
        near = [name for name in self.names if name in folded]
        return bool(near) and not set(near).isdisjoint(_words(text))

    def is_spelt_out_by(self, text: str) -> bool:
        """Tell whether the text gives this person's whole name; a firm may well be called by the last one alone."""
        if len(self.names) < 2:  # noqa: PLR2004 - a whole name has two parts
            return False
        folded = text.casefold()
        return self.names[-1] in folded and set(self.names) <= set(_words(text))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def public_text(text: str | None, person: Person) -> str | None:
    """Give a descriptive text (company, title, region, industry), or nothing where it may identify somebody."""
    if text is None or looks_like_phone(text):
        return None
    return public_code(text, person)


def public_code(text: str | None, person: Person) -> str | None:
    """Give a code of marketing's (campaign, content, utm, postcode), which may well be a long number."""
    if text is None or looks_like_mail(text) or person.is_dialled_by(text) or person.is_spelt_out_by(text):
        return None
    return text


def public_facts(facts: Mapping[str, Scalar], person: Person, withheld: Withheld) -> dict[str, Scalar]:
    """Give the facts that identify nobody."""
    return {
        key: fact
        for key, fact in facts.items()
        if key.lower() not in withheld.key_set
        and not looks_like_phone(key)
        and not _is_personal(fact, person, withheld)
    }


def _is_personal(fact: Scalar, person: Person, withheld: Withheld) -> bool:
    if fact is None or isinstance(fact, bool):
        return False
    if isinstance(fact, int | float):
        return abs(fact) >= _LARGEST_PLAIN_NUMBER or person.is_dialled_by(f"{fact:.0f}")
    return (
        len(fact) > withheld.longer_than
        or looks_like_mail(fact)
        or looks_like_phone(fact)
        or person.is_dialled_by(fact)
        or person.is_named_by(fact)
    )
