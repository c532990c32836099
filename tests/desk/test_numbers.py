"""Every number of the pages opens exactly the list that it counts, however long it is (issue 14, point 10)."""

import re
from datetime import timedelta
from html import unescape

import pytest

from desk import handlers
from desk.domain import Viewer
from events.runtime.testing import ServiceHarness
from tests.desk.conftest import LEA, OLA, Browser, signed_in
from tests.desk.test_pages import profile, promised
from tests.sla_monitor.lead_story import MONDAY, Story, hours, minutes

NUMBER = re.compile(r'<a href="(/[a-z]+(?:/list)?\?[^"]+)"[^>]*>(?:<span>[^<]*</span><span class="number">)?(\d+)<')
MORE = re.compile(r'<a href="([^"]+)">More</a>')
LINE = re.compile(r'<li><span class="when">|<article class="card"')


async def lines(browser: Browser, address: str) -> int:
    """Count the lines of a list, page by page."""
    page = (await browser.get(unescape(address))).text
    following = MORE.search(page)
    return len(LINE.findall(page)) + (await lines(browser, following[1]) if following else 0)


async def played(harness: ServiceHarness) -> None:
    """Five leads that are late, three due soon, four in line, and six that came back, one without a reason."""
    late, soon, line, back = (
        [Story(name=f"{kind} {n}") for n in range(count)]
        for kind, count in (("late", 5), ("soon", 3), ("line", 4), ("back", 6))
    )
    for story in (*late, *soon, *line, *back):
        await harness.deliver(profile(story), story.qualified())
    for story in (*late, *soon, *back):
        await harness.deliver(story.assigned("ann"))
    for story in line:
        await harness.deliver(story.queued())
    for story in (*late, *soon):
        due_at = MONDAY + (minutes(15) if story in late else hours(3))
        await harness.deliver(promised(story, due_at=due_at))
    for story in back:
        await harness.deliver(story.recycled(MONDAY + hours(1)))
    await harness.raw.execute("update leads set reason = null where lead_id = $1", back[0].lead_id)
    await harness.advance(timedelta(hours=2))


@pytest.mark.parametrize("viewer", [LEA, OLA])
@pytest.mark.parametrize(("path", "least"), [("/today", 3), ("/funnel", 3), ("/funnel?by=lead_type", 3)])
async def test_a_number_is_as_long_as_its_list(
    harness: ServiceHarness, monkeypatch: pytest.MonkeyPatch, viewer: Viewer, path: str, least: int
) -> None:
    monkeypatch.setattr(handlers.queries, "SHOWN", 2)
    monkeypatch.setattr(handlers.queries, "SHOWN_TODAY", 1)
    await played(harness)
    browser = await signed_in(harness, viewer)
    found = NUMBER.findall((await browser.get(path)).text)
    assert len(found) >= least
    for address, number in found:
        assert await lines(browser, address) == int(number), address


async def test_a_reason_opens_the_leads_that_came_back_for_it_and_none_given_is_one(
    harness: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers.queries, "SHOWN_TODAY", 2)
    await played(harness)
    browser = await signed_in(harness, OLA)
    found = NUMBER.findall((await browser.get("/returned")).text)
    assert sorted(int(number) for _, number in found) == [1, 5]
    for address, number in found:
        assert await lines(browser, address) == int(number), address
