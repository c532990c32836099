"""Worked deals do not count as ignored: what happens later implies the touch that nobody logged."""

from datetime import timedelta

import pytest

from events.runtime.testing import START, ServiceHarness
from events.sla import ClockBreached
from tests.sla_monitor.domain_harness import DomainHarness
from tests.sla_monitor.lead_story import MONDAY, Story, days, hours

FIRST, SECOND, SPEED = "first_touch", "second_touch", "speed_to_lead"


class TestImpliedTouches:
    @pytest.mark.parametrize("deed", ["confirmed", "opportunity"])
    def test_what_comes_after_a_touch_implies_it(self, deed: str) -> None:
        lead = Story()
        harness = DomainHarness(MONDAY).apply(lead.qualified(), lead.assigned(at=MONDAY), lead.accepted(MONDAY))
        harness.until(MONDAY + hours(20)).apply(getattr(lead, deed)(MONDAY + hours(20)))
        assert (harness.clock(FIRST).state, harness.clock(FIRST).met_at) == ("met", MONDAY + hours(20))
        assert harness.clock(SPEED).state == "met"
        assert not harness.until(MONDAY + days(20)).published(ClockBreached, FIRST)

    def test_a_deal_meets_the_second_touch_too(self) -> None:
        lead = Story()
        harness = DomainHarness(MONDAY).apply(lead.assigned(at=MONDAY), lead.opportunity(MONDAY + hours(4)))
        assert harness.clock(SECOND).met_at == MONDAY + hours(4)
        assert not harness.until(MONDAY + days(89)).published(ClockBreached)

    def test_a_confirmation_alone_does_not(self) -> None:
        lead = Story()
        harness = DomainHarness(MONDAY).apply(lead.assigned(at=MONDAY), lead.confirmed(MONDAY + hours(4)))
        harness.until(MONDAY + days(31))
        assert [event.clock for event in harness.published(ClockBreached)] == [SECOND]

    def test_a_deal_that_is_reported_late_takes_the_miss_back(self) -> None:
        lead = Story()
        harness = DomainHarness(MONDAY).apply(lead.assigned(at=MONDAY)).until(MONDAY + days(3))
        assert harness.clock(FIRST).state == "breached"
        harness.apply(lead.opportunity(MONDAY + hours(30)))
        assert harness.clock(FIRST).state == "rescinded"


async def test_a_deal_without_a_logged_touch_is_on_no_list_of_misses(harness: ServiceHarness) -> None:
    """One rep logs nothing and closes, another does nothing: only the second is listed."""
    deal, ignored = Story(name="deal", start=START), Story(name="ignored", start=START)
    await harness.deliver(deal.assigned(at=START), ignored.assigned(at=START))
    await harness.advance(timedelta(days=4))
    await harness.deliver(deal.opportunity(START + timedelta(days=4)))
    breaches = (await harness.http.get("/v1/breaches")).json()["items"]
    assert {row["lead_id"] for row in breaches} == {str(ignored.lead_id)}
    (team,) = (await harness.http.get("/v1/ignored")).json()["items"]
    assert team["leads"] == 1
    clocks = (await harness.http.get("/v1/clocks", params={"lead_id": str(deal.lead_id)})).json()["items"]
    assert {row["clock"]: row["state"] for row in clocks}[FIRST] == "met_late"
