"""Who somebody of ours is, and what they may do, by what the company's identity provider says of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast, get_args

from pydantic import JsonValue

from desk.domain.rights import Role, Viewer
from desk.domain.wording import zone_or_utc
from events.names import PATH_SAFE_NAME


class ClaimsRefused(ValueError):
    """Somebody is known to the provider and may not come in here; its text is what they read."""


@dataclass(frozen=True, slots=True)
class ClaimRules:
    """In which claim stands what. A dot leads into a claim: `realm_access.roles`."""

    user: str
    roles: str
    granted: tuple[tuple[str, Role], ...]
    """A value of the claim `roles`, and the role that it grants; the first that somebody has counts."""
    rep: str
    team: str


@dataclass(frozen=True, slots=True)
class ProviderUser:
    """Somebody whom the provider vouches for."""

    subject: str
    viewer: Viewer
    email_verified: bool


def parse_role_grants(text: str) -> tuple[tuple[str, Role], ...]:
    """Read which values grant which role: `baton-reps=rep, baton-leads=manager`.

    Raises:
        ValueError: No such role, or a part without one.
    """
    found: list[tuple[str, Role]] = []
    for part in filter(None, map(str.strip, text.split(","))):
        value, _, role = (each.strip() for each in part.rpartition("="))
        if not value or role not in get_args(Role):
            raise ValueError(f"a part is value=role, the role being {', '.join(get_args(Role))}")
        found.append((value, cast("Role", role)))
    return tuple(found)


def read_provider_user(claims: Mapping[str, JsonValue], rules: ClaimRules) -> ProviderUser:
    """Return who signs in, with their role, by the claims of a checked ID token.

    Raises:
        ClaimsRefused: They have no role here, or a claim is missing that their role needs.
    """
    user_id = _name(claims, rules.user)
    if user_id is None:
        raise ClaimsRefused(f"Your account has no name that can be used here (claim {rules.user}).")
    mine = _values(claims, rules.roles)
    role = next((role for value, role in rules.granted if value in mine), None)
    if role is None:
        raise ClaimsRefused("Your account has no role here. Ask whoever manages accounts for one.")
    rep_id = _name(claims, rules.rep) if role == "rep" else None
    team = _name(claims, rules.team) if role == "manager" else None
    if role == "rep" and rep_id is None:
        raise ClaimsRefused(f"Your account does not say which rep you are (claim {rules.rep}).")
    if role == "manager" and team is None:
        raise ClaimsRefused(f"Your account does not say which team is yours (claim {rules.team}).")
    verified = claims.get("email_verified")
    email = claims.get("email")
    email = email if isinstance(email, str) and "@" in email and verified is not False else None
    zone = str(zone_or_utc(str(claims.get("zoneinfo") or "UTC")))
    viewer = Viewer(user_id, role, rep_id, team, email, zone=zone)
    return ProviderUser(read_provider_subject(claims), viewer, verified is True)


def read_provider_subject(claims: Mapping[str, JsonValue]) -> str:
    """Return the provider and what it calls somebody for ever, whatever their name is."""
    return f"{claims['iss']} {claims['sub']}"


def may_sign_in_as(person: ProviderUser, subject: str | None, email: str | None) -> bool:
    """Check whether somebody may sign in as the user of their name, given the user's `subject` and address.

    A name alone proves nothing, since people may choose it at some providers: the user is theirs by the subject, or,
    where an operator invited them before, by an address that the provider has verified.
    """
    if subject is not None:
        return subject == person.subject
    mine = person.viewer.email
    return person.email_verified and mine is not None and email is not None and email.lower() == mine.lower()


def _found(claims: Mapping[str, JsonValue], path: str) -> Any:
    if path in claims:
        return claims[path]
    found: Any = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _values(claims: Mapping[str, JsonValue], path: str) -> set[str]:
    found = _found(claims, path)
    return {found} if isinstance(found, str) else {str(each) for each in found} if isinstance(found, list) else set()


def _name(claims: Mapping[str, JsonValue], path: str) -> str | None:
    found = _found(claims, path)
    return found if isinstance(found, str) and re.fullmatch(PATH_SAFE_NAME, found) else None
