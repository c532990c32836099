"""Who somebody is by the claims of their ID token, as a pure function."""

from dataclasses import replace
from typing import Any

import pytest

from desk.domain.claims import (
    ClaimRules,
    ClaimsRefused,
    ProviderUser,
    may_sign_in_as,
    parse_role_grants,
    read_provider_user,
)

RULES = ClaimRules(
    "preferred_username", "realm_access.roles", parse_role_grants("chief=manager, reps=rep"), "rep", "team"
)
CLAIMS: dict[str, Any] = {
    "iss": "https://login.example", "sub": "1", "preferred_username": "kim", "realm_access": {"roles": ["reps"]},
    "rep": "inbound-1", "team": "inbound", "email": "kim@works.example", "zoneinfo": "Europe/Berlin",
}  # fmt: skip


def kim(**more: Any) -> ProviderUser:
    return read_provider_user({**CLAIMS, **more}, RULES)


def test_claims_name_the_user_the_role_and_what_the_role_needs() -> None:
    person = kim()
    viewer = person.viewer
    assert person.subject == "https://login.example 1"
    assert (viewer.user_id, viewer.role, viewer.rep_id, viewer.team) == ("kim", "rep", "inbound-1", None)
    assert (viewer.email, viewer.zone) == ("kim@works.example", "Europe/Berlin")


def test_the_first_role_of_the_settings_counts() -> None:
    viewer = kim(realm_access={"roles": ["reps", "chief"]}).viewer
    assert (viewer.role, viewer.rep_id, viewer.team) == ("manager", None, "inbound")


def test_a_claim_whose_name_has_a_dot_is_found_by_its_name() -> None:
    rules = replace(RULES, roles="https://works.example/roles")
    assert read_provider_user({**CLAIMS, "https://works.example/roles": "reps"}, rules).viewer.role == "rep"


def test_an_address_that_is_not_verified_reaches_nobody() -> None:
    assert kim(email_verified=False).viewer.email is None
    assert kim(email="none").viewer.email is None
    assert kim(zoneinfo="Mars/Base").viewer.zone == "UTC"


@pytest.mark.parametrize(
    "more",
    [
        {"preferred_username": "kim@works.example"}, {"preferred_username": 7}, {"realm_access": "reps"},
        {"realm_access": {"roles": 7}}, {"rep": ""}, {"realm_access": {"roles": ["chief"]}, "team": None},
    ],
    ids=str,
)  # fmt: skip
def test_who_lacks_what_is_needed_is_refused_with_a_sentence(more: dict[str, Any]) -> None:
    with pytest.raises(ClaimsRefused, match=r"^Your account .*\.$"):
        kim(**more)


@pytest.mark.parametrize("text", ["reps", "=rep", "reps=boss", "reps=rep, chief"])
def test_roles_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="value=role"):
        parse_role_grants(text)


def test_values_of_a_claim_may_hold_an_equals_sign() -> None:
    assert parse_role_grants("cn=reps=rep") == (("cn=reps", "rep"),)


def test_a_user_is_theirs_by_the_subject_or_by_a_verified_address() -> None:
    person = kim(email_verified=True)
    assert may_sign_in_as(person, person.subject, None)
    assert not may_sign_in_as(person, "https://login.example 2", "kim@works.example")
    assert may_sign_in_as(person, None, "Kim@works.example")
    assert not may_sign_in_as(person, None, "max@works.example")
    assert not may_sign_in_as(person, None, None)
    assert not may_sign_in_as(kim(), None, "kim@works.example")
    assert not may_sign_in_as(kim(email=None, email_verified=True), None, "kim@works.example")
