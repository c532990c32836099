"""The week as both teams read it: promises, ignored leads, what is stuck, what came back (issue 14, point 15)."""

import re
from datetime import timedelta
from typing import Any

import pytest

from events.contacts import CampaignAnnounced, PlaybookActivated
from events.leads import LeadScheduled
from events.runtime.testing import START, ServiceHarness
from events.sla import ClockBreached, ClockMet, ClockRescinded
from tests.feedback.lead_story import LeadStory, days
from tests.feedback.test_service import YES, does, given_a_lead

HOUR = timedelta(hours=1)
TAG = re.compile("<[^>]*>")


async def digest(harness: ServiceHarness, week: str = "") -> dict[str, Any]:
    answer = await harness.http.get(f"/v1/digest?format=json{week}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def clock(story: LeadStory, name: str, **extra: Any) -> dict[str, Any]:
    return story.flagged(START + 4 * HOUR, name) | {"due_at": START + 4 * HOUR, "team": "development"} | extra


async def given_a_week(harness: ServiceHarness) -> None:
    """Ada is called in time, Bob late, Cora's miss is taken back, and of Dan nobody takes notice."""
    ada, bob, cora, dan = (LeadStory(name, start=START) for name in ("ada", "bob", "cora", "dan"))
    for story in (ada, bob, cora, dan):
        await given_a_lead(harness, story)
    await does(harness, "touches", story=ada, kind="call", outcome="welcomed")
    met = {"met_at": START + 2 * HOUR}
    late = {"met_at": START + 5 * HOUR, "overdue_seconds": 3600.0}
    await harness.deliver(
        ClockMet(**clock(ada, "first_touch", **met)),
        ClockBreached(**clock(bob, "first_touch")),
        ClockBreached(**clock(cora, "first_touch")),
    )
    await harness.deliver(
        ClockMet(**clock(bob, "first_touch", **late)), ClockRescinded(**clock(cora, "first_touch", **met))
    )


async def test_promises_kept_and_missed_by_team_and_policy(harness: ServiceHarness) -> None:
    await given_a_week(harness)
    await harness.advance(days(7))
    found = await digest(harness)
    (promise,) = found["promises"]
    assert (promise["clock"], promise["policy"], promise["team"]) == ("first_touch", "usual", "development")
    assert (promise["kept"], promise["missed"], promise["late"], promise["share"]) == (2, 1, 1, 0.6667)
    assert (promise["promised"], promise["is_kept"], promise["short"]) == (None, None, 0)
    assert found["untouched"] == {"development": 3}
    hours = found["hours_to_touch"]
    assert {name: hours[name] for name in ("median", "p90", "leads")} == {"median": 0, "p90": 0, "leads": 1}


async def test_the_page_says_how_many_are_stuck_and_ignored(harness: ServiceHarness) -> None:
    """Not that all is well while nobody works the leads."""
    await given_a_week(harness)
    await harness.advance(days(70))
    page = TAG.sub("", (await harness.http.get("/v1/digest?format=html")).text)
    assert "of 4 stuck in mql: longer than 60 days there" in page
    assert "3 leads of development without a touch two days after hand-over" in page
    assert "No promise fell short" not in page


async def test_early_rates_are_shown_as_such(harness: ServiceHarness) -> None:
    await given_a_week(harness)
    ada = LeadStory("ada", start=START)
    await does(harness, "accept", story=ada)
    await does(harness, "confirm", story=ada, bant=YES)
    await harness.advance(days(7))
    early = (await digest(harness))["early"]
    assert (early["qualified"], early["sql"], early["rates"]["mql_to_sql"]) == (4, 1, 0.25)
    page = TAG.sub("", (await harness.http.get("/v1/digest?format=html")).text)
    assert "no cohort is complete yet; so far 25.0% of 4 younger leads (95 %: 4.6% to 69.9%)" in page
    young = LeadStory("young", start=START + days(100))
    await harness.advance(days(100))
    await given_a_lead(harness, young)
    await harness.advance(days(7))
    page = TAG.sub("", (await harness.http.get("/v1/digest?format=html")).text)
    assert "25.0% of 4 leads in complete cohorts (95 %: 4.6% to 69.9%); so far 0.0% of 1 younger leads" in page


async def test_promises_stand_beside_the_share_that_was_promised_then(harness: ServiceHarness) -> None:
    """Ninety per cent were promised that week, fifty the week after: each week shows its own."""
    begun: dict[str, Any] = {"service": "sla-monitor", "version": "5f0c9d1e7a42"}
    await harness.deliver(
        PlaybookActivated(occurred_at=START - days(30), promised_shares={"first_touch": 0.9}, **begun),
        PlaybookActivated(occurred_at=START + days(7), promised_shares={"first_touch": 0.5}, **begun),
        PlaybookActivated(occurred_at=START + days(7), service="scoring", version="0a0b0c0d0e0f"),
    )
    await given_a_week(harness)
    again = {"due_at": START + 4 * HOUR + days(7)}
    eve = LeadStory("eve", start=START)
    await harness.deliver(
        ClockMet(**clock(eve, "first_touch", **again, met_at=START + days(7))),
        ClockMet(**clock(eve, "speed_to_lead", due_at=None, met_at=START + days(7))),
        ClockBreached(**clock(eve, "acceptance", **again)),
        ClockRescinded(**clock(eve, "acceptance", **again, met_at=START, kept=False)),
    )
    await harness.advance(days(14))
    for week, promised, is_kept, short in (("2026-W10", 0.9, False, 1), ("2026-W11", 0.5, True, 0)):
        found = await digest(harness, f"&week={week}")
        (promise,) = [each for each in found["promises"] if each["kept"] or each["missed"]]
        assert (promise["promised"], promise["is_kept"], promise["short"]) == (promised, is_kept, short)
    page = TAG.sub(" ", (await harness.http.get("/v1/digest?format=html&week=2026-W10")).text)
    assert "first touch of usual by development: 66.7% kept, 90.0% promised" in page
    assert "66.7%  90.0%   no, 1 short" in page


async def test_a_week_of_the_past_says_nothing_of_today(harness: ServiceHarness) -> None:
    """Who is stuck or ignored is so today: it stands with its date, and not as news of a week long gone."""
    await given_a_week(harness)
    await harness.advance(days(70))
    found, before = await digest(harness), await digest(harness, "&week=2026-W10")
    assert found["numbers"]["qualified"]["now"] == 0
    assert (before["numbers"]["qualified"]["now"], before["week"]["name"]) == (4, "2026-W10")
    assert before["as_of"].startswith("2026-05-11T")
    page = (await harness.http.get("/v1/digest?format=html&week=2026-W10")).text
    assert "On 11 May 2026, and how many have been there too long" in page
    assert "stuck in" not in page
    assert "without a touch two days" not in page


async def test_what_came_back_what_it_cost_and_what_changed(harness: ServiceHarness) -> None:
    await given_a_week(harness)
    ada = LeadStory("ada", start=START)
    await harness.deliver(
        CampaignAnnounced(
            occurred_at=START, campaign="spring", revision=1, name="Spring", spend=1000.0
        ),
        PlaybookActivated(
            occurred_at=START, service="scoring", version="5f0c9d1e7a42"
        ),
    )  # fmt: skip
    await does(harness, "recycle", story=ada, reason="not_ready")
    await harness.deliver(ada.captured(START + days(1), "demo_request"))
    await harness.deliver(LeadStory("ada", 2, START + days(1)).qualified(lead_type="content"))
    await harness.advance(days(7))
    found = await digest(harness)
    assert (found["came_back"]["woken"], found["came_back"]["qualified_again"]) == (1, 1)
    (campaign,) = found["campaigns"]
    assert (campaign["name"], campaign["spend"], campaign["cost_per"]["qualified"]) == ("Spring", 1000.0, 200.0)
    assert [(row["service"], row["version"]) for row in found["changed"]] == [("scoring", "5f0c9d1e7a42")]
    before = await digest(harness, "&week=2026-02-20")
    assert (before["came_back"]["woken"], before["came_back"]["qualified_again"], before["changed"]) == (0, 0, [])


@pytest.mark.parametrize("later", [False, True], ids=["with the form", "on a second visit"])
async def test_who_asked_to_be_called_later_is_ignored_by_nobody_before(harness: ServiceHarness, later: bool) -> None:
    """Eve asked for a call in ten days. Nobody has touched her on the third day, and nobody should have."""
    eve, then = LeadStory("eve", start=START), START + days(10)
    named: dict[str, Any] = {"preference": "call_me", "preferred_at": then}
    await given_a_lead(harness, LeadStory("dan", start=START))
    await harness.deliver(eve.qualified(**({} if later else named)), eve.assigned())
    if later:
        await harness.deliver(LeadScheduled(**eve.who, occurred_at=START + HOUR, engagement_id=eve.lead_id, **named))
    for day, waiting in ((3, 1), (11, 1), (13, 2)):
        await harness.advance(START + days(day) - await harness.now)
        found = await digest(harness)
        assert found["untouched"] == {"development": waiting}, day
        listed = (await harness.http.get(found["untouched_list"])).json()["items"]
        assert (str(eve.lead_id) in {row["lead_id"] for row in listed}, len(listed)) == (day == 13, waiting)


async def test_a_slot_that_was_called_off_excuses_nobody(harness: ServiceHarness) -> None:
    """Eve's meeting in ten days was cancelled on the second, and nobody has called her since."""
    eve, then = LeadStory("eve", start=START), START + days(10)
    await harness.deliver(eve.qualified(preference="book", preferred_at=then), eve.assigned())
    await harness.advance(days(1))
    await does(harness, "meetings", story=eve, outcome="cancelled", starts_at=then.isoformat())
    for day, waiting in ((3, {}), (5, {"development": 1})):
        await harness.advance(START + days(day) - await harness.now)
        assert (await digest(harness))["untouched"] == waiting, day
