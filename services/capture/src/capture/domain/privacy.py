"""What of a submission may leave on `contacts.captured.v1`, which names nobody.

People write e-mails into company fields and phone numbers into facts. Such a value stays in capture's own tables,
where erasure reaches it; the event goes out without it and says so (`withheld`). In doubt a value stays.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import unquote_plus

from capture.playbook import WithheldFacts
from events.contacts import Consent
from events.names import fold_case_and_accents
from events.parts import Scalar

WITHHELD = "withheld"
"""Stands for a required text that would name the person."""

_DATES = re.compile(
    r"\b(19|20)\d\d-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)?)?(?!\w)"
    r"|\b(19|20)\d\d[-/](19|20)\d\d(?![\w-])"
)
_PHONE = re.compile(r"(?<![\w-])\+?\(?\d(?:[\s().\-/]{0,3}\d){6,14}(?![\w-])", re.ASCII)
_DIGITS = re.compile(r"(?:\d\D*){7}")
_TERM = re.compile(r"[^\W\d_]+")
_MAIL = re.compile(r"\S@\S")
_LARGEST_PLAIN_NUMBER = 10**10
_OF_FORMS = "form_"
"""The beginning of a fact that a page sent without being asked: what it holds, nobody knows."""
_UNSPACED = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff]")
"""Letters of scripts that put no space between words, after folding: kana, Chinese characters, parts of Hangul."""
_SHORTEST_NAME = 2
_LONG_NAME = 6
"""Letters from which on a name counts wherever it stands in a text; a shorter one may be part of another word."""
_SHORTEST_MAILBOX = 5
_TAIL = 7


def looks_like_mail(text: str) -> bool:
    """Return whether an e-mail address may stand in a text."""
    return "@" in text and _MAIL.search(text) is not None


def looks_like_phone(text: str) -> bool:
    """Return whether a phone number may stand in a text; dates and ids with letters are none."""
    return _DIGITS.search(text) is not None and _PHONE.search(_DATES.sub(" ", text)) is not None


class DirectIdentifiers(NamedTuple):
    """The direct identifiers of whom a submission is about: no outgoing text may repeat them."""

    names: tuple[str, ...]
    digits: str
    mailbox: str = ""
    """The letters and digits of the e-mail's part before the `@`, where it is a person's own."""
    run_together: tuple[str, ...] = ()
    """Names of several parts without what stands between: `obrien`."""
    anywhere: tuple[str, ...] = ()
    """Names in scripts that put no space between words: wherever they stand, they are meant."""

    @classmethod
    def from_contact_details(
        cls, phone: str | None, *names: str | None, mailbox: str | None = None
    ) -> "DirectIdentifiers":
        """Take the names, the last digits of the phone, which all its spellings share, and the mailbox."""
        terms = [term for name in names if name for term in _split_terms(_fold_text(name))]
        kept = tuple(term for term in terms if len(term) >= _SHORTEST_NAME)
        own = _letters_and_digits_only(_fold_text(mailbox)) if mailbox else ""
        given = [name for name in names if name]
        whole = [_letters_and_digits_only(_fold_text(name)) for name in given]
        long = [name for name, as_given in zip(whole, given, strict=True) if len(as_given) >= _SHORTEST_NAME]
        return cls(
            kept,
            phone[-_TAIL:] if phone else "",
            own if len(own) >= _SHORTEST_MAILBOX else "",
            tuple(name for name in long if name not in terms),
            tuple(name for name in (*long, "".join(whole), "".join(whole[::-1])) if _UNSPACED.search(name)),
        )

    def has_phone_in(self, text: str) -> bool:
        """Return whether the text holds this person's phone, however it is written."""
        return bool(self.digits) and self.digits in "".join(filter(str.isdigit, text))

    def has_name_in(self, text: str) -> bool:
        """Return whether the text holds one of this person's names or their mailbox, however it is written.

        A long name counts anywhere in the text, a short one as a word of its own or beside the other name.
        """
        folded = _fold_text(text)
        if self.mailbox and self.mailbox in _letters_and_digits_only(folded):
            return True
        if any(name in folded for name in self.anywhere):
            return True
        near = [name for name in (*self.names, *self.run_together) if name in folded]
        if not near:
            return False
        if max(map(len, near)) >= _LONG_NAME or not set(near).isdisjoint(_split_terms(folded)):
            return True
        pairs = (name + other for name in near for other in near if name != other)
        return any(len(pair) > _LONG_NAME and pair in folded for pair in pairs)

    def is_a_term_of(self, text: str) -> bool:
        """Return whether a long name is a word of its own in a text, or a name stands there that needs no space."""
        long = {name for name in (*self.names, *self.run_together) if len(name) >= _LONG_NAME}
        folded = _fold_text(text)
        return not long.isdisjoint(_split_terms(folded)) or any(name in folded for name in self.anywhere)

    def has_whole_name_in(self, text: str) -> bool:
        """Return whether the text has this person's whole name; a firm may well be called by the last one alone."""
        if len(self.names) < 2:  # noqa: PLR2004 - a whole name has two parts
            return False
        folded = _fold_text(text)
        return self.names[-1] in folded and set(self.names) <= set(_split_terms(folded))


def _fold_text(text: str) -> str:
    """Return the text in lower case, without accents and without percent-encoding."""
    if "%" in text:
        text = unquote_plus(text)
    return fold_case_and_accents(text)


def _letters_and_digits_only(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _split_terms(text: str) -> list[str]:
    return _TERM.findall(text)


def public_company_name(text: str | None, person: DirectIdentifiers) -> str | None:
    """Return a company's name, or None where it may identify somebody. A firm may bear one name of a person."""
    if text is None or looks_like_phone(text):
        return None
    return None if looks_like_mail(text) or person.has_phone_in(text) or person.has_whole_name_in(text) else text


def public_code(text: str | None, person: DirectIdentifiers) -> str | None:
    """Return a code of marketing's (campaign, content, utm), which may well be a long number, if it names nobody."""
    if text is None or looks_like_mail(_fold_text(text)) or person.has_phone_in(text) or person.has_name_in(text):
        return None
    return text


def public_description(text: str | None, person: DirectIdentifiers) -> str | None:
    """Return a region, an industry or a job title, or None where it may identify somebody."""
    return None if text is None or looks_like_phone(text) else public_code(text, person)


def public_consents(consents: Iterable[Consent], person: DirectIdentifiers) -> list[Consent]:
    """Return the answers; a version that names the person is left out, for it is the sender's own text.

    So is an answer to a purpose that names them. A short name, and a part of a word, may well be the purpose itself.
    """
    return [
        consent
        if public_code(consent.wording_version, person) and public_code(consent.form_version or "-", person)
        else consent.changed(
            wording_version=public_code(consent.wording_version, person) or WITHHELD,
            form_version=public_code(consent.form_version, person),
        )
        for consent in consents
        if public_company_name(consent.purpose, person) and not person.is_a_term_of(consent.purpose)
    ]


def public_facts(facts: Mapping[str, Scalar], person: DirectIdentifiers, withheld: WithheldFacts) -> dict[str, Scalar]:
    """Return the facts that identify nobody."""
    return {
        key: fact
        for key, fact in facts.items()
        if key.lower() not in withheld.lower_case_keys
        and not key.lower().startswith(_OF_FORMS)
        and not looks_like_phone(key)
        and not person.has_name_in(key)
        and not _is_personal(fact, person, withheld)
    }


def _is_personal(fact: Scalar, person: DirectIdentifiers, withheld: WithheldFacts) -> bool:
    if fact is None or isinstance(fact, bool):
        return False
    if isinstance(fact, int | float):
        return abs(fact) >= _LARGEST_PLAIN_NUMBER or person.has_phone_in(f"{fact:.0f}")
    return (
        len(fact) > withheld.longer_than
        or looks_like_mail(_fold_text(fact))
        or looks_like_phone(fact)
        or person.has_phone_in(fact)
        or person.has_name_in(fact)
    )
