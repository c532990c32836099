"""The week as both teams read it: promises, ignored leads, what is stuck, what came back (issue 14, point 15)."""

from datetime import timedelta
from typing import Any

from events.contacts import CampaignAnnounced, PlaybookActivated
from events.runtime.testing import START, ServiceHarness
from events.sla import ClockBreached, ClockMet, ClockRescinded
from tests.feedback.lead_story import LeadStory, days
from tests.feedback.test_service import YES, does, given_a_lead

HOUR = timedelta(hours=1)


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
    assert (promise["kept"], promise["missed"], promise["late"], promise["share"]) == (1, 1, 1, 0.5)
    assert found["untouched"] == {"development": 3}
    hours = found["hours_to_touch"]
    assert {name: hours[name] for name in ("median", "p90", "leads")} == {"median": 0, "p90": 0, "leads": 1}


async def test_the_page_says_how_many_are_stuck_and_ignored(harness: ServiceHarness) -> None:
    """Not that all is well while nobody works the leads."""
    await given_a_week(harness)
    await harness.advance(days(70))
    page = (await harness.http.get("/v1/digest?format=html")).text
    assert "of 4 stuck in mql: longer than 60 days there" in page
    assert "3 leads of development without a touch two days after hand-over" in page
    assert "No conversion drop" not in page


async def test_early_rates_are_shown_as_such(harness: ServiceHarness) -> None:
    await given_a_week(harness)
    ada = LeadStory("ada", start=START)
    await does(harness, "accept", story=ada)
    await does(harness, "confirm", story=ada, bant=YES)
    await harness.advance(days(7))
    early = (await digest(harness))["early"]
    assert (early["qualified"], early["sql"], early["rates"]["mql_to_sql"]) == (4, 1, 0.25)
    page = (await harness.http.get("/v1/digest?format=html")).text
    assert "no cohort is complete yet; so far 25.0% of 4 younger leads (95 %: 4.6% to 69.9%)" in page


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
