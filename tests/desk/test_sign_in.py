"""Signing in at the company's identity provider: only who comes back as begun, with a valid token and a role, is in."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey
from pydantic import SecretStr, ValidationError

from desk import handlers
from desk.api.access import BEGUN
from desk.api.forms import COOKIE
from desk.app import service
from desk.settings import PageSettings
from events.runtime.testing import ServiceHarness
from tests.desk.conftest import MIA, Browser, signed_in
from tests.desk.identity_provider import CLIENT, SECRET, IdentityProvider, running

KIM = {
    "sub": "4711", "preferred_username": "kim", "groups": ["everybody", "baton-reps"], "baton_rep": "inbound-1",
    "email": "kim@works.example", "email_verified": True, "zoneinfo": "Europe/Berlin",
}  # fmt: skip
HTML = {"Accept": "text/html", "Authorization": ""}


@pytest.fixture
async def provider(harness: ServiceHarness) -> AsyncIterator[IdentityProvider]:
    with running() as started:
        more = {
            "oidc_issuer": started.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SecretStr(SECRET),
            "oidc_roles": "baton-reps=rep, baton-leads=manager, staff.ops=operator",
        }  # fmt: skip
        service.settings = service.settings.model_copy(update=more)
        harness.http.cookies.clear()
        yield started


async def begins(harness: ServiceHarness) -> tuple[str, str]:
    """Follow the button; returns what the cookie keeps, and where the provider leads back to."""
    begun = await harness.http.get("/sign-in/start", headers=HTML)
    assert begun.status_code == 303
    secret = begun.cookies[BEGUN]
    assert "HttpOnly" in begun.headers["set-cookie"]
    harness.http.cookies.clear()
    async with httpx.AsyncClient() as browser:
        led = await browser.get(begun.headers["location"])
    parts = urlsplit(led.headers["location"])
    return secret, f"{parts.path}?{parts.query}"


async def comes_back(harness: ServiceHarness, secret: str, path: str) -> httpx.Response:
    answer = await harness.http.get(path, headers={**HTML, "Cookie": f"{BEGUN}={secret}"})
    harness.http.cookies.clear()
    return answer


async def signs_in(harness: ServiceHarness) -> httpx.Response:
    return await comes_back(harness, *await begins(harness))


def browser_of(harness: ServiceHarness, answer: httpx.Response) -> Browser:
    cookie = answer.cookies[COOKIE]
    return Browser(harness.http, cookie, handlers.derive_form_token(service, cookie))


async def users(harness: ServiceHarness) -> list[dict[str, Any]]:
    return [dict(row) for row in await harness.raw.fetch("select * from users order by user_id")]


async def test_who_has_a_role_at_the_provider_is_in_with_it(
    harness: ServiceHarness, provider: IdentityProvider
) -> None:
    page = await harness.http.get("/sign-in", headers=HTML)
    assert 'href="/sign-in/start"' in page.text
    provider.claims = KIM
    answer = await signs_in(harness)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    (user,) = await users(harness)
    assert (user["role"], user["rep_id"], user["zone"]) == ("rep", "inbound-1", "Europe/Berlin")
    browser = browser_of(harness, answer)
    assert "My leads" in (await browser.get("/leads")).text


async def test_the_role_is_the_one_of_the_latest_sign_in(harness: ServiceHarness, provider: IdentityProvider) -> None:
    """Whoever has none any longer is refused, and signed out everywhere."""
    provider.claims = KIM
    before = browser_of(harness, await signs_in(harness))
    provider.claims = {**KIM, "preferred_username": "kim.long", "groups": "baton-leads", "baton_team": "inbound"}
    after = browser_of(harness, await signs_in(harness))
    assert [(user["user_id"], user["role"], user["team"]) for user in await users(harness)] == [
        ("kim", "manager", "inbound")
    ]
    assert (await before.get("/today")).status_code == 200
    provider.claims = {**KIM, "groups": []}
    refused = await signs_in(harness)
    assert refused.status_code == 403
    assert "no role here" in refused.text
    assert (await after.get("/today")).headers["location"] == "/sign-in"


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        ({"preferred_username": "kim long"}, "no name"),
        ({"preferred_username": None}, "no name"),
        ({"baton_rep": None}, "which rep"),
        ({"groups": ["baton-leads"]}, "which team"),
        ({"groups": {"a": "b"}}, "no role"),
    ],
)
async def test_who_lacks_a_claim_reads_which(
    harness: ServiceHarness, provider: IdentityProvider, claims: dict[str, Any], sentence: str
) -> None:
    provider.claims = {**KIM, **claims}
    provider.claims = {name: value for name, value in provider.claims.items() if value is not None}
    answer = await signs_in(harness)
    assert answer.status_code == 403
    assert sentence in answer.text
    assert await users(harness) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "another"}, {"nonce": None}, {"aud": "another client"}, {"iss": "https://elsewhere.example"},
        {"exp": 1}, {"exp": None}, {"sub": None}, {"at_hash": "another"}, {"azp": "another client"}, {"iat": None},
    ],
    ids=str,
)  # fmt: skip
async def test_a_token_that_is_not_for_this_sign_in_opens_nothing(
    harness: ServiceHarness, provider: IdentityProvider, wrong: dict[str, Any]
) -> None:
    provider.claims, provider.wrong = KIM, wrong
    answer = await signs_in(harness)
    assert answer.status_code == 403
    assert "not valid" in answer.text
    assert COOKIE not in answer.cookies
    assert await users(harness) == []


async def test_a_token_must_be_signed_by_the_provider(harness: ServiceHarness, provider: IdentityProvider) -> None:
    """Nobody's signature is none; a new key of the provider is asked for; another's key is refused."""
    provider.claims = KIM
    assert (await signs_in(harness)).status_code == 303
    provider.change_key()
    assert (await signs_in(harness)).status_code == 303
    provider.algorithm = "none"
    assert (await signs_in(harness)).status_code == 403
    provider.algorithm = "RS256"
    provider.forger = RSAKey.generate_key(2048)
    assert (await signs_in(harness)).status_code == 403


async def test_only_the_browser_that_began_comes_back_and_only_once(
    harness: ServiceHarness, provider: IdentityProvider
) -> None:
    provider.claims = KIM
    _, path = await begins(harness)
    other, _ = await begins(harness)
    for secret in (other, ""):
        answer = await comes_back(harness, secret, path)
        assert answer.status_code == 403
        assert "another browser" in answer.text
    secret, path = await begins(harness)
    assert (await comes_back(harness, secret, path)).status_code == 303
    again = await comes_back(harness, secret, path)
    assert again.status_code == 403
    assert "refused it" in again.text


async def test_who_breaks_off_at_the_provider_may_begin_again(
    harness: ServiceHarness, provider: IdentityProvider
) -> None:
    provider.refuses = True
    answer = await signs_in(harness)
    assert answer.status_code == 403
    assert "broken off" in answer.text
    assert 'href="/sign-in/start"' in answer.text


async def test_a_name_alone_makes_nobody_the_user_of_that_name(
    harness: ServiceHarness, provider: IdentityProvider
) -> None:
    """Who was invited before is the same person only by an address that the provider has verified."""
    await signed_in(harness, replace(MIA, email="mia@works.example"))
    provider.claims = {**KIM, "preferred_username": "mia"}
    refused = await signs_in(harness)
    assert refused.status_code == 403
    assert "somebody else here" in refused.text
    provider.claims = {**KIM, "preferred_username": "mia", "email": "Mia@works.example", "email_verified": False}
    assert (await signs_in(harness)).status_code == 403
    provider.claims = {**KIM, "preferred_username": "mia", "email": "Mia@works.example"}
    assert (await signs_in(harness)).status_code == 303
    (user,) = await users(harness)
    assert (user["user_id"], user["rep_id"]) == ("mia", "inbound-1")


async def test_who_was_shut_out_here_stays_out(harness: ServiceHarness, provider: IdentityProvider) -> None:
    provider.claims = KIM
    browser = browser_of(harness, await signs_in(harness))
    await harness.raw.execute("update users set disabled_at = now()")
    assert (await browser.get("/leads")).headers["location"] == "/sign-in"
    assert (await signs_in(harness)).status_code == 403


async def test_a_session_ends_by_itself(harness: ServiceHarness, provider: IdentityProvider) -> None:
    provider.claims = KIM
    answer = await signs_in(harness)
    assert "Max-Age=43200" in answer.headers["set-cookie"]
    browser = browser_of(harness, answer)
    await harness.raw.execute("update sessions set expires_at = clock_timestamp()")
    assert (await browser.get("/leads")).headers["location"] == "/sign-in"


async def test_a_provider_that_is_away_is_no_fault_of_ours(harness: ServiceHarness, provider: IdentityProvider) -> None:
    update = {"oidc_issuer": "http://127.0.0.1:1"}
    service.settings = service.settings.model_copy(update=update)
    answer = await harness.http.get("/sign-in/start", headers=HTML)
    assert answer.status_code == 403
    assert "does not answer just now" in answer.text
    service.settings = service.settings.model_copy(update={"oidc_issuer": f"{provider.issuer}/other"})
    assert "not valid" in (await harness.http.get("/sign-in/start", headers=HTML)).text


async def test_without_a_provider_links_alone_sign_in(harness: ServiceHarness) -> None:
    service.settings = service.settings.model_copy(update={"oidc_issuer": ""})
    assert "/sign-in/start" not in (await harness.http.get("/sign-in", headers=HTML)).text
    for path in ("/sign-in/start", "/sign-in/done?code=some&state=some"):
        answer = await harness.http.get(path, headers=HTML)
        assert (answer.status_code, "No provider is set here" in answer.text) == (403, True)


@pytest.mark.parametrize(
    "wrong", [{"oidc_issuer": "http://login.example"}, {"oidc_roles": "reps=boss"}, {"oidc_roles": "reps"}]
)
def test_settings_that_cannot_be_meant_stop_the_start(wrong: dict[str, str]) -> None:
    given = {"database_url": "postgresql://u:p@h/d", "kafka_bootstrap_servers": "h:1", "secret": "s", "api_key": "k"}
    with pytest.raises(ValidationError):
        PageSettings(**given, **wrong)  # type: ignore[arg-type]  # text, as the environment has it
