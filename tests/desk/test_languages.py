"""The pages in five languages: a file each, complete, and chosen by the person or by their browser."""

import re
from dataclasses import replace

import pytest

from desk.handlers.languages import LANGUAGES
from events.runtime.testing import ServiceHarness
from tests.desk.conftest import LEA, MAX, MIA, OLA, Browser, signed_in
from tests.desk.test_pages import ADA, profile, promised
from tests.desk.translated import texts
from tests.sla_monitor.lead_story import MONDAY, Story, minutes

OTHERS = sorted(set(LANGUAGES) - {"en"})
PATHS = {
    MIA: ("/leads", f"/people/{ADA.contact_id}", "/promises", "/settings"),
    LEA: ("/today", "/funnel", "/funnel?by=lead_type", "/funnel/list?step=touched", "/digest", "/digest/leads"),
    OLA: ("/operator/scanners",),
    MAX: ("/forms", "/returned", "/reviews", f"/people/{ADA.contact_id}"),
}
BACK = Story(name="back")
NAMED = re.compile(r"\{\w+\}")
BETWEEN = re.compile(r">\s*([^<>]+?)\s*<")


def test_there_are_five() -> None:
    assert sorted(LANGUAGES) == ["de", "en", "es", "fr", "pt"]


@pytest.mark.parametrize("code", OTHERS)
def test_a_file_says_all_that_the_pages_say_and_nothing_else(code: str) -> None:
    """With the same names in braces, so that no sentence loses a value."""
    translated = LANGUAGES[code].texts
    assert set(translated) == texts()
    for english, text in translated.items():
        assert sorted(NAMED.findall(text)) == sorted(NAMED.findall(english)), english
        assert text.strip() == text != "", english


async def filled(harness: ServiceHarness) -> Browser:
    await harness.deliver(
        profile(ADA, first_name="Ada"), ADA.qualified(), ADA.assigned("ann"), promised(ADA),
        ADA.touched(MONDAY + minutes(5)), ADA.accepted(MONDAY + minutes(6)),
    )  # fmt: skip
    return await signed_in(harness, MIA)


@pytest.mark.parametrize("code", OTHERS)
async def test_a_page_mixes_no_languages(harness: ServiceHarness, code: str) -> None:
    """What stands between two tags is no English text that has a translation."""
    await filled(harness)
    await harness.deliver(BACK.qualified(), BACK.assigned("ann"), BACK.recycled(MONDAY + minutes(9)))
    english = {text for text, found in LANGUAGES[code].texts.items() if found != text}
    for viewer, paths in PATHS.items():
        browser = await signed_in(harness, viewer)
        browser.headers["Accept-Language"] = f"{code};q=0.9, en;q=0.1"
        for path in paths:
            page = (await browser.get(path)).text
            assert f'<html lang="{code}">' in page, path
            assert set(BETWEEN.findall(page)) & english == set(), path


async def test_times_and_story_are_in_the_readers_language(harness: ServiceHarness) -> None:
    browser = await filled(harness)
    browser.headers["Accept-Language"] = "de"
    page = (await browser.get(f"/people/{ADA.contact_id}")).text
    for shown in ("heute 09:05", "Angenommen von ann", "in 15 Min.", "Die ganze Geschichte"):
        assert shown in page, shown
    assert 'data-late="{span} zu sp\u00e4t"' in page


@pytest.mark.parametrize(
    ("code", "shown"),
    [("en", "Asked to talk to sales: Demo request, "), ("de", "Demo-Anfrage, "), ("fr", "Demande de d\u00e9mo, ")],
)
async def test_why_somebody_is_a_lead_reads_as_words_and_no_id(harness: ServiceHarness, code: str, shown: str) -> None:
    """It said: "They asked to talk to sales by demo_request", in every language."""
    why = "They asked to talk to sales by demo_request on 2026-03-02."
    because = [{"kind": "request", "rule": "demo_request", "at": MONDAY.isoformat(), "why": why}]
    await harness.deliver(ADA.qualified(lead_type="hand_raiser", because=because), ADA.assigned("ann"))
    browser = await signed_in(harness, MIA)
    browser.headers["Accept-Language"] = code
    page = (await browser.get(f"/people/{ADA.contact_id}")).text
    assert shown in page
    assert "demo_request" not in page


async def test_what_somebody_chose_counts_before_their_browser(harness: ServiceHarness) -> None:
    browser = await signed_in(harness, replace(MIA))
    browser.headers["Accept-Language"] = "de"
    saved = await browser.post("/settings", zone="UTC", language="fr")
    assert saved.status_code == 303
    assert "Mes leads" in (await browser.get("/leads")).text
    await browser.post("/settings", zone="UTC", language="")
    assert "Meine Leads" in (await browser.get("/leads")).text
    await browser.post("/settings", zone="UTC", language="xx")
    assert "Meine Leads" in (await browser.get("/leads")).text


async def test_what_was_done_and_what_is_refused_is_in_the_language_too(harness: ServiceHarness) -> None:
    browser = await filled(harness)
    browser.headers["Accept-Language"] = "pt-BR"
    refused = await browser.post(f"/leads/{ADA.lead_id}/touch", kind="call")
    assert "Escolha como foi." in refused.text
    unknown = await browser.get("/people/00000000-0000-0000-0000-000000000000")
    assert "Esse lead n\u00e3o existe ou n\u00e3o \u00e9 seu." in unknown.text
