"""What sla-monitor shows of its promises is what its API says of them."""

from datetime import timedelta

from prometheus_client import REGISTRY

from events.runtime import counting
from events.runtime.testing import START, ServiceHarness
from sla_monitor.store.counts import OUTCOMES, WINDOW
from tests.sla_monitor.lead_story import Story, days, hours
from tests.sla_monitor.test_api import ask


async def test_the_gauges_are_what_the_api_says(harness: ServiceHarness) -> None:
    """M: a promise kept, one missed, one that runs; and one that fell due before the last thirty days."""
    early, kept, missed, runs = (Story(name=name) for name in ("early", "kept", "missed", "runs"))
    await harness.deliver(early.assigned())
    await harness.advance(days(40))
    now = START + days(40)
    await harness.deliver(*(story.assigned(at=now, handed_over_at=now) for story in (kept, missed)))
    await harness.deliver(kept.touched(now + hours(1)))
    await harness.advance(days(5))
    now += days(5)
    await harness.deliver(runs.assigned(at=now, handed_over_at=now))
    await counting.count_gauges_once(harness.service)
    for by in ("team", "policy"):
        span = {"since": (now - WINDOW).isoformat(), "until": now.isoformat()}
        items = [item for item in (await ask(harness, "/v1/compliance", by=by, **span))["items"] if item["due"]]
        assert items
        for item in items:
            names = {"by": by, "key": item["key"], "clock": item["clock"]}
            shown = [REGISTRY.get_sample_value("baton_promised_leads", {**names, "outcome": each}) for each in OUTCOMES]
            assert shown == [item[each] for each in OUTCOMES], names
    running = {"clock": "first_touch", "policy": "standard", "team": "inbound"}
    assert REGISTRY.get_sample_value("baton_clocks", {**running, "state": "running"}) == 1
    assert REGISTRY.get_sample_value("baton_promise_goal", {"clock": "first_touch"}) == 0.9
    assert REGISTRY.get_sample_value("baton_promises_total", {**running, "outcome": "rescinded"}) is not None
    assert timedelta(days=30) == WINDOW
