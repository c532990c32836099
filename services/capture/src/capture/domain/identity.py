"""Who somebody is: e-mail, phone and company domain in one spelling each, and the keyed names made from them.

A key is an HMAC under the installation's secret. So the table that knows people again holds nothing that could be
read or guessed, may outlive an erasure, and nobody can test an e-mail by hashing it.
"""

import hmac
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from uuid import UUID

import tldextract
from disposable_email_domains import blocklist
from email_validator import EmailNotValidError, ValidatedEmail, validate_email
from pydantic_core import PydanticCustomError

from capture.playbook import EmailAddressRules
from events.contacts import EmailKind

LONGEST_EMAIL = 254
LONGEST_LOCAL = 64
"""Octets of an address and of its left side (RFC 5321; in UTF-8, RFC 6531): no mail server takes more."""

_PLAIN_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII)
"""The left side that needs no second look: RFC 5322's dot-atom."""

_UNSEEN = dict.fromkeys([0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF], None)
"""Letters that nobody sees, and that a page or a chat puts into what is copied from it."""

_APART = r"\s<>|^~;,=\"'()\[\]{}:"
_WITHIN = re.compile(
    rf"[^@&/{_APART}]{{1,64}}(?:['&][^@&/{_APART}]{{1,64}}){{0,8}}@[^\W_](?:[\w-]{{0,63}}\.){{1,8}}[\w-]{{0,63}}[^\W_]"
)
"""An address within other text; bounded, so that a long text costs what its length says."""

_SUFFIXES = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
"""The public suffix list that the package ships: no network, no cache on disk."""


@dataclass(frozen=True, slots=True)
class Email:
    """An address that could receive mail. `address` is as people write it, `ascii` as old mail servers need it."""

    address: str
    ascii: str | None
    local: str
    domain: str
    registrable: str
    disposable: bool

    @property
    def canonical(self) -> str:
        """The spelling that all spellings of this mailbox share."""
        return f"{self.local.lower()}@{self.domain}"

    @property
    def canonical_without_tag(self) -> str:
        """The same without what stands behind a plus."""
        return f"{self.local.lower().partition('+')[0] or self.local.lower()}@{self.domain}"


@dataclass(frozen=True, slots=True)
class _MailDomain:
    """The right side of an address: as people write it, in ASCII, and its registrable part."""

    written: str
    ascii: str
    registrable: str
    disposable: bool


@lru_cache(maxsize=65_536)
def _parse_mail_domain(text: str) -> _MailDomain | None:
    """Read the right side of an address; most senders share theirs with many, so it is read once."""
    try:
        found = _validate_email_syntax(f"x@{text}")
    except EmailNotValidError:
        return None
    name = found.ascii_domain.lower()
    registrable = _SUFFIXES.extract_str(name).top_domain_under_public_suffix
    registrable = registrable or ".".join(name.split(".")[-2:])
    return _MailDomain(found.domain, name, registrable, name in blocklist or registrable in blocklist)


def _validate_email_syntax(text: str) -> ValidatedEmail:
    return validate_email(
        text,
        check_deliverability=False,
        allow_smtputf8=True,
        allow_quoted_local=False,
        allow_domain_literal=False,
        allow_display_name=False,
    )


def read_email(value: object) -> Email | None:
    """Take an address by its syntax alone, without asking the network; an empty one counts as not given."""
    if not isinstance(value, str):
        raise PydanticCustomError("string_type", "Not a string.")
    text = value.strip() if value.isascii() else value.translate(_UNSEEN).strip()
    if not text:
        return None
    local, _, right = text.rpartition("@")
    domain = (
        _parse_mail_domain(right)
        if _count_utf8_bytes(text) <= LONGEST_EMAIL and _count_utf8_bytes(local) <= LONGEST_LOCAL
        else None
    )
    if domain is None or _count_utf8_bytes(local) + 1 + len(domain.ascii) > LONGEST_EMAIL:
        raise PydanticCustomError("email_invalid", "Not an e-mail address.")
    if _PLAIN_LOCAL.fullmatch(local):
        address, in_ascii = f"{local}@{domain.written}", f"{local}@{domain.ascii}"
        return Email(address, in_ascii, local, domain.ascii, domain.registrable, domain.disposable)
    try:
        found = _validate_email_syntax(text)
    except EmailNotValidError:
        raise PydanticCustomError("email_invalid", "Not an e-mail address.") from None
    return Email(
        found.normalized, found.ascii_email, found.local_part, domain.ascii, domain.registrable, domain.disposable
    )


def _count_utf8_bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def find_emails(text: str) -> list[str]:
    """Return what looks like an address within other text, in its order; `o'brien@` is one as a whole."""
    return [found.rstrip(".") for found in _WITHIN.findall(text)]


def classify_email(email: Email, lists: EmailAddressRules) -> EmailKind:
    """Return the kind of an address: disposable, shared (role), private (free) or of a company."""
    if email.disposable:
        return "disposable"
    if email.local.lower() in lists.role_local_parts:
        return "role"
    return "free" if email.registrable in lists.free_domains else "corporate"


def read_domain(value: object) -> str:
    """Return the registrable part, in ASCII, of a company's domain in any spelling."""
    if not isinstance(value, str):
        raise PydanticCustomError("string_type", "Not a string.")
    try:
        email = read_email(f"x@{value.strip()}")
    except PydanticCustomError:
        email = None
    if email is None:
        raise PydanticCustomError("domain_invalid", "Not a domain.")
    return email.registrable


class IdentityHasher:
    """Names people by an HMAC under the installation's secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def email_key(self, email: Email, *, plus_tags: Literal["kept", "ignored"]) -> UUID:
        """Name a mailbox; where plus-tags are ignored, `ada+news@` is `ada@`."""
        name = email.canonical if plus_tags == "kept" else email.canonical_without_tag
        return self._derive_hmac_uuid(f"email:{name}".encode())

    def badge_key(self, badge: str) -> UUID:
        """Name a badge, `<event>:<id>`; scanners and lists differ in case."""
        return self._derive_hmac_uuid(f"badge:{badge.casefold()}".encode())

    def badge_user_key(self, badge: str, name: str) -> UUID:
        """Name one of several wearers of a badge, `<event>:<id>`, by the name that tells them apart."""
        return self._derive_hmac_uuid(f"badge:{badge.casefold()}:{name}".encode())

    def phone_key(self, number: str) -> UUID:
        """Name a phone (E.164)."""
        return self._derive_hmac_uuid(f"phone:{number}".encode())

    def phone_user_key(self, number: str, name: str) -> UUID:
        """Return the key of one of several people who share a phone (E.164), by their name."""
        return self._derive_hmac_uuid(f"phone:{number}:{name}".encode())

    def contact_id(self, first: UUID, incarnation: int) -> UUID:
        """Name the contact whose first key this is; an erasure raises the incarnation, and a new subject begins."""
        return self._derive_hmac_uuid(b"contact:%b:%d" % (first.bytes, incarnation))

    def content_key(self, contents: bytes) -> UUID:
        """Return the key of the contents of a submission, by which a repeat is found."""
        return self._derive_hmac_uuid(b"said:" + contents)

    def _derive_hmac_uuid(self, text: bytes) -> UUID:
        return UUID(bytes=hmac.digest(self._secret, text, "sha256")[:16], version=5)
