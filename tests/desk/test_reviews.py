"""Marketing decides about leads that nothing came of, on the page, before the service that has their clocks does."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape

import pytest

from desk.handlers import queries
from events.runtime.testing import ServiceHarness
from sla_monitor.app import service as sla_monitor
from tests.conftest import Databases
from tests.desk.conftest import LEA, MAX, MIA, Neighbours, signed_in
from tests.desk.test_pages import profile
from tests.sla_monitor.domain_harness import FOLDER
from tests.sla_monitor.lead_story import MONDAY, Story, minutes

OLD, ELA = Story(name="old"), Story(name="ela")


@pytest.fixture
async def reviewed(
    harness: ServiceHarness, neighbours: Neighbours, databases: Databases
) -> AsyncIterator[ServiceHarness]:
    """Two leads whom nobody met for 61 days, in sla-monitor and on the pages."""
    async with ServiceHarness.open(sla_monitor, await databases("sla-monitor")) as clocks:
        async with clocks.transaction() as tx:
            await sla_monitor.playbooks.activate(tx, sla_monitor.playbooks.read(FOLDER), by="default", approvals=[])
        leads = (OLD, ELA)
        stories = [(lead.qualified(), lead.assigned("ann"), lead.touched(MONDAY + minutes(5))) for lead in leads]
        events = [event for each in stories for event in each]
        await clocks.deliver(*events)
        await clocks.advance(timedelta(days=61))
        await harness.deliver(profile(OLD, first_name="Olga"), profile(ELA, first_name="Ela"), *events)
        await harness.advance(timedelta(days=61))
        neighbours.harnesses["sla.test"] = clocks
        yield harness


async def test_a_lead_under_review_shows_what_happened_and_what_will(reviewed: ServiceHarness) -> None:
    page = (await (await signed_in(reviewed, MAX)).get("/reviews")).text
    for shown in ("Olga L\u00f6ng", "No outcome on Sun 31 May", "1 attempt", "review since"):
        assert shown in page, shown
    assert "Return now" not in page  # which reasons there are cannot be read: feedback is away


async def test_more_reviews_than_a_page_shows_are_on_the_next(
    reviewed: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "SHOWN", 1)
    marketing = await signed_in(reviewed, MAX)
    shown, path = [], "/reviews"
    while path:
        page = (await marketing.get(path)).text
        shown.append([name for name in ("Olga", "Ela") if name in page])
        following = re.search(r'<p class="turn"><a href="([^"]*)">More<', page)
        path = unescape(following[1]) if following else ""
    assert sorted(shown) == [["Ela"], ["Olga"]]


async def test_a_comment_reaches_the_service_and_stands_on_the_page(reviewed: ServiceHarness) -> None:
    marketing = await signed_in(reviewed, MAX)
    empty = await marketing.post(f"/reviews/{OLD.lead_id}", note=" ")
    assert "Write%20your%20comment" in empty.headers["set-cookie"]
    added = await marketing.post(f"/reviews/{OLD.lead_id}", note="Try the <office> number.")
    assert added.status_code == 303
    assert "Comment%20added" in added.headers["set-cookie"]
    page = (await marketing.get("/reviews")).text
    assert "Try the &lt;office&gt; number." in page
    assert "<strong>max</strong>" in page


async def test_only_those_who_decide_may_comment_and_only_about_leads(reviewed: ServiceHarness) -> None:
    for viewer in (MIA, LEA):
        answer = await (await signed_in(reviewed, viewer)).post(f"/reviews/{OLD.lead_id}", note="Now.")
        assert answer.status_code == 403
    unknown = Story(name="nobody").lead_id
    assert (await (await signed_in(reviewed, MAX)).post(f"/reviews/{unknown}", note="Now.")).status_code == 404


async def test_a_service_that_is_away_is_no_empty_list(harness: ServiceHarness) -> None:
    assert "cannot be read just now" in (await (await signed_in(harness, MAX)).get("/reviews")).text
