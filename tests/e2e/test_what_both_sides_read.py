"""What sales reads of a person, and both sides of a week: openers, the digest, one name a number, errors that help."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from baton import stack as stacks
from baton.cli import run
from baton.exit_codes import DONE, FOUND_WRONG
from baton.stack import StartOptions
from baton.stack_processes import playbook_directory
from tests.e2e.conftest import A_MONDAY, free_base
from tests.e2e.heads import activate
from tests.e2e.test_known_people import page_of
from tests.e2e.test_people_at_work import ENOUGH, NO
from tests.e2e.world import Record, World

pytestmark = pytest.mark.e2e

GUIDE, CASE = "pumps-7", "pumps-8"
TITLES = {GUIDE: "How to choose a pump", CASE: "What a pump costs"}


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A stack of its own: a digest counts all that happened in a week."""
    data = tmp_path_factory.mktemp("read") / "d"
    stack = stacks.start_detached(StartOptions(str(data), free_base(), "stepped", A_MONDAY))
    try:
        async with World(stack) as world:
            yield world
    finally:
        stacks.stop_stack(Path(data))


async def put(world: World, path: str, body: dict[str, Any]) -> None:
    answer = await world.http.put(f"{world.stack.urls['capture']}{path}", json=body)
    assert answer.is_success, answer.text


async def holder(world: World, contact: str) -> Record:
    """Return the assignment that is in force."""
    await world.settled()
    return (await world.read("lead.assigned.v1", contact))[-1]


async def test_who_comes_back_is_met_with_what_they_read_and_what_was_learned_last_time(world: World) -> None:
    """14.5: titles as they are registered, the paper before the request, the first cycle's end in the second."""
    for content, title in TITLES.items():
        await put(world, f"/v1/content/{content}", {"title": title})
    await put(world, "/v1/campaigns/spring", {"name": "Spring fair", "content": [GUIDE, CASE]})
    await world.settled()
    who = {"email": "ada@pumps.example", "campaign": "spring"}
    contact = await world.somebody_submits("content_download", content=GUIDE, **who)
    await world.time_passes("1h")
    await world.somebody_submits("demo_request", **who)
    first = await world.reads("lead.assigned.v1", contact)
    assert first.value["opener"] == (
        "They asked for a demo on 2 March 2026. Before that they downloaded \u201cHow to choose a pump\u201d."
    )
    assert first.value["suggested_content"] == [CASE]
    rep_id = first.value["rep_id"]
    await world.settled()
    page = await page_of(world, rep_id, contact)
    assert TITLES[GUIDE] in page
    assert TITLES[CASE] in page
    assert CASE not in page

    ends = (await world.now()).date() + timedelta(days=300)
    form = {"reason": "competitor", "context_competitor": "Rival", "renewal_on": ends.isoformat()}
    await returns(world, first, form | {"note": "Their boss is Grace"})
    await world.reads("lead.released.v1", contact)
    await world.put_rep(rep_id, status="paused")
    await world.time_passes("40d")
    await world.somebody_submits("demo_request", **who)
    again = await world.reads("lead.assigned.v1", contact, lambda value: value["cycle"] == 2)
    assert again.value["rep_id"] != rep_id
    day = f"{ends.day} {ends:%B %Y}"
    assert again.value["opener"].endswith(
        f"Last time ({rep_id}, 2 March 2026) they used a competitor's product (Rival, contract until {day})."
    )
    await world.settled()
    page = await page_of(world, again.value["rep_id"], contact)
    assert "Their boss is Grace" in page
    assert "Rival" in page
    await world.put_rep(rep_id, status="active")
    await world.the_rep_says(again, "disqualify", reason="vendor")


async def returns(world: World, lead: Record, form: dict[str, str]) -> None:
    """Have the rep of a lead return it on the desk's page."""
    who = {"user_id": f"returns-{lead.value['rep_id']}", "role": "rep", "rep_id": lead.value["rep_id"]}
    link = (await world.post("desk", "/v1/invitations", who))["url"]
    headers = {"Accept": "text/html"}
    async with httpx.AsyncClient(base_url=world.stack.urls["desk"], headers=headers) as browser:
        assert (await browser.post(link)).status_code == 303
        page = (await browser.get(f"/people/{lead.key}")).text
        there = page.partition(f'action="/leads/{lead.value["lead_id"]}/return"')[2].partition("</form>")[0]
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', there))
        done = await browser.post(f"/leads/{lead.value['lead_id']}/return", data=hidden | form)
        assert done.status_code == 303, done.text


async def answered(world: World, path: str) -> httpx.Response:
    """Ask feedback until it has the time to answer: a week is counted from many tables."""
    found: list[httpx.Response] = []

    async def there() -> bool:
        found[:] = [await world.http.get(f"{world.stack.urls['feedback']}{path}")]
        return found[0].status_code != httpx.codes.SERVICE_UNAVAILABLE

    await world.until(there)
    assert found[0].is_success, found[0].text
    return found[0]


async def week_of(world: World, week: str | None = None) -> Any:
    """Return the digest of a week, that of the last whole one where none is named."""
    return (await answered(world, f"/v1/digest?format=json{f'&week={week}' if week else ''}")).json()


async def test_the_week_has_both_halves_and_a_week_of_the_past_is_that_week(world: World) -> None:
    """14.15: one promise kept, one missed and ignored, one returned who came back; read a week and a day later."""
    await world.time_passes(f"{8 - (await world.now()).isoweekday()}d")
    await world.a_working_morning()
    await put(world, "/v1/campaigns/autumn", {"name": "Autumn", "spend": 900.0})
    kept = await world.somebody_submits("demo_request", campaign="autumn")
    missed = await world.somebody_submits("demo_request", campaign="autumn")
    back = await world.somebody_submits("demo_request", campaign="autumn")
    await world.the_rep_says(await world.reads("lead.assigned.v1", kept), "touches", kind="call", outcome="welcomed")
    returned = await world.reads("lead.assigned.v1", back)
    await world.the_rep_says(returned, "touches", kind="call", outcome="stalled")
    await world.the_rep_says(returned, "recycle", reason="not_ready")
    week = f"{(await world.now()).date():%G-W%V}"
    await world.time_passes("3d")
    email = (await world.reads("contact.profile.v1", back)).value["email"]
    assert await world.somebody_submits("contact_sales", email=email, campaign="autumn") == back
    await world.reads("lead.assigned.v1", back, lambda value: value["cycle"] == 2)
    assert await world.read("clock.breached.v1", missed)
    await world.time_passes("5d")

    found = await week_of(world, week)
    assert found["week"]["name"] == week
    of_touch = [promise for promise in found["promises"] if promise["clock"] == "first_touch"]
    assert (sum(each["kept"] for each in of_touch), sum(each["missed"] for each in of_touch) >= 1) == (2, True)
    assert {each["promised"] for each in of_touch} == {0.9}, "as the agreement in force says"
    assert found["hours_to_touch"]["leads"] == 2
    assert (found["came_back"]["woken"], found["came_back"]["qualified_again"]) == (1, 0), "they asked again themselves"
    assert sum(found["untouched"].values()) >= 1
    (campaign,) = [each for each in found["campaigns"] if each["campaign"] == "autumn"]
    assert (campaign["name"], campaign["spend"]) == ("Autumn", 900.0)
    assert campaign["cost_per"]["qualified"] == 900 / campaign["qualified"] <= 300
    assert {name: now for name, now, _ in found["reasons"]}["not_ready"] == 1
    page = await page_of_week(world, week)
    for text in ("Autumn", "without a touch two days after hand-over"):
        assert text in page
    before = await week_of(world, "2026-W03")
    assert (before["promises"], before["came_back"]["woken"], before["reasons"]) == ([], 0, [])


async def page_of_week(world: World, week: str) -> str:
    """Return the page of a week as a leader reads it on the desk."""
    link = (await world.post("desk", "/v1/invitations", {"user_id": "leader", "role": "manager", "team": "inbound"}))[
        "url"
    ]
    async with httpx.AsyncClient(headers={"Accept": "text/html"}) as browser:
        assert (await browser.post(link)).status_code == 303
        found: list[httpx.Response] = []

        async def there() -> bool:
            found[:] = [await browser.get(f"{world.stack.urls['desk']}/digest?week={week}")]
            return found[0].status_code != httpx.codes.SERVICE_UNAVAILABLE

        await world.until(there)
    assert found[0].status_code == httpx.codes.OK, found[0].text
    return found[0].text


async def test_whoever_filled_in_a_form_in_german_is_spoken_to_in_german(world: World, tmp_path: Path) -> None:
    """14.5, 15.8: the language travels with the request; content and the form's version stay with what was answered."""
    folder = tmp_path / "playbook"
    shutil.copytree(playbook_directory(), folder)
    rules = yaml.safe_load((folder / "capture.yaml").read_text())
    rules["forms"] = {"guide": FORM}
    (folder / "capture.yaml").write_text(yaml.safe_dump(rules))
    await asyncio.to_thread(activate, world.stack.data_dir.directory, folder)
    await world.time_passes("1m")
    await world.a_working_morning()
    async with httpx.AsyncClient(base_url=world.stack.urls["capture"], headers={"Accept-Language": "de-AT"}) as browser:
        page = (await browser.get("/f/guide")).text
        assert "Unser Leitfaden" in page
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
        assert hidden["language"] == "de"
        typed = {"email": "greta@gusto.example", "consent.news": "yes"}
        sent = await browser.post("/f/guide", data=hidden | typed, headers={"Accept": "application/json"})
        assert sent.status_code == httpx.codes.ACCEPTED, sent.text
    contact = sent.json()["contact_id"]
    assigned = await world.reads("lead.assigned.v1", contact)
    at = await world.now()
    assert assigned.value["language"] == "de"
    assert assigned.value["first_sentences"].startswith("Sie haben am ")
    assert assigned.value["first_sentences"].endswith(f"{at.year} um eine Vorf\u00fchrung gebeten.")
    captured = await world.reads("contact.captured.v1", contact)
    assert captured.value["content"] == GUIDE
    (consent,) = captured.value["consents"]
    assert (consent["purpose"], consent["wording_version"]) == ("news", "1/de")
    (answer,) = (await world.get("capture", f"/v1/contacts/{contact}"))["consents"]
    assert answer["form_version"] == consent["form_version"] is not None
    await world.settled()
    assert assigned.value["first_sentences"] in await page_of(world, assigned.value["rep_id"], contact)


FORM = {
    "title": "Our guide", "engagement": "demo_request", "content": GUIDE, "minimum_seconds": 0,
    "questions": [{"name": "email", "required": True}],
    "consents": [{"purpose": "news", "wording": "Send me news", "wording_version": "1"}],
    "translations": {"de": {"title": "Unser Leitfaden", "consents": {"news": "Schickt mir Neues"}}},
}  # fmt: skip


async def test_a_number_has_one_name_and_who_is_sql_was_sal(world: World) -> None:
    """14.16: a BDR who accepts takes no SAL, and yet it was one; and a raised hand is never said to be no sign."""
    await world.a_working_morning()
    contact = await world.somebody_submits("demo_request", campaign="names")
    lead = await world.reads("lead.assigned.v1", contact)
    await world.the_rep_says(lead, "accept")
    await world.the_rep_says(lead, "confirm", bant=ENOUGH)
    await world.settled()
    (line,) = [
        each for each in (await world.get("feedback", "/v1/funnel?by=campaign"))["items"] if each["group"] == "names"
    ]
    assert (line["qualified"], line["sal"], line["sql"]) == (1, 1, 1)
    assert line["rates"]["lead_to_sql"] == 1
    assert "mql_to_sql" not in line["rates"], "a share of all leads is none of the MQLs"
    digest = await week_of(world)
    assert "mql_to_sql" in digest["mature"]["rates"]
    assert "lead_to_sql" not in digest["mature"]["rates"]
    assert "no sign" not in (await page_of(world, lead.value["rep_id"], contact)).lower()


async def test_who_misspells_a_field_or_a_week_reads_what_was_meant(world: World) -> None:
    """14.18: in lists and in bodies; the values that are legal are named."""
    contact = await world.somebody_submits("demo_request")
    lead = await world.reads("lead.assigned.v1", contact)
    feedback = world.stack.urls["feedback"]
    for address, meant in (("/v1/leads?sate=mql", "state"), ("/v1/funnel?by=campain", "campaign")):
        refused = await world.http.get(f"{feedback}{address}")
        assert refused.status_code == 422, refused.text
        (error,) = refused.json()["errors"]
        assert error["did_you_mean"] == meant
    assert "source" in error["expected"]
    await world.settled()
    body = {"by": lead.value["rep_id"], "reason": "competitor", "renewal_att": "2026-12-01T00:00:00Z"}
    refused = await world.http.post(f"{feedback}/v1/leads/{lead.value['lead_id']}/recycle", json=body)
    assert [each["did_you_mean"] for each in refused.json()["errors"]] == ["renewal_at"]
    week = (await week_of(world, "2026-W03"))["week"]
    assert (week["name"], week["from"]) == ("2026-W03", "2026-01-12")
    no = await world.http.post(
        f"{feedback}/v1/leads/{lead.value['lead_id']}/confirm", json={"by": lead.value["rep_id"], "bant": NO}
    )
    assert no.status_code == 422
    await world.the_rep_says(lead, "disqualify", reason="vendor")


async def test_a_misspelt_engagement_is_found_across_the_files_before_it_earns_nothing(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """14.20: `webinar_atended` in scoring's file alone; by the right name a webinar is worth something."""
    folder = tmp_path / "playbook"
    shutil.copytree(playbook_directory(), folder)
    scoring = folder / "scoring.yaml"
    scoring.write_text(scoring.read_text().replace("engagements: [webinar_attended]", "engagements: [webinar_atended]"))
    capsys.readouterr()
    assert await asyncio.to_thread(run, ["playbook", "check", str(folder)]) == FOUND_WRONG
    printed = " ".join(capsys.readouterr().err.split())
    assert "no engagement is called webinar_atended; did you mean webinar_attended?" in printed
    assert await asyncio.to_thread(run, ["playbook", "check", str(playbook_directory())]) == DONE
    contact = await world.somebody_submits("webinar_attended", source="webinar")
    await world.settled()
    assert (await world.get("scoring", f"/v1/contacts/{contact}/score"))["readiness"]["points"] > 0
