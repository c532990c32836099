"""What both sides promised and delivered, who is ignored or forgotten, what looks odd; and reviews."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from events.contacts import ContactErased
from events.ids import derive_id
from events.runtime.testing import START, ServiceHarness
from sla_monitor.app import service
from sla_monitor.domain import (
    DeliveredLeadCounts,
    LeadTraits,
    PromiseCounts,
    compare_both_sides,
    is_lead_counted_for_promise,
    list_history,
)
from tests.sla_monitor.domain_harness import FOLDER, DomainHarness, playbook
from tests.sla_monitor.lead_story import MONDAY, Story, days, hours, minutes
from tests.sla_monitor.test_api import ask, paged

FULL = {"company": "Acme", "country": "DE", "job_title": "CTO"}


async def listed(harness: ServiceHarness, address: str) -> list[Mapping[str, Any]]:
    """Return all pages of a figure's list, two lines each."""
    asked = urlsplit(address)
    return await paged(harness, asked.path, 2, **dict(parse_qsl(asked.query)))


def row(month: str, leads: int, complete: int, *, lead_type: str = "content", fit: str = "A") -> DeliveredLeadCounts:
    return DeliveredLeadCounts(month, lead_type, "web_form", None, fit, "inbound", leads, complete)


def test_marketing_promises_volume_context_and_grades_and_sales_to_keep_its_clocks() -> None:
    """L6: each promise beside what was delivered, month by month."""
    agreement = playbook(
        marketing={
            "volume": [{"name": "hand-raisers", "when": {"lead_type": ["hand_raiser"]}, "per_month": 4}],
            "context": {"facts": ["company"], "share": 0.5},
            "grades": {"A": 0.5, "B": 0.9},
        },
        sales={"attainment": {"first_touch": 0.9}},
    )
    leads = [
        row("2026-03", 6, 5),
        row("2026-03", 3, 0, lead_type="hand_raiser", fit="B"),
        row("2026-03", 1, 1, fit="D"),
        row("2026-04", 4, 4, lead_type="hand_raiser"),
    ]
    promises = [PromiseCounts("2026-03", "first_touch", due=10, kept=8)]
    found = {(side.month, side.promise): side for side in compare_both_sides(leads, promises, agreement)}
    march = {
        promise: (side.promised, side.delivered, side.is_kept)
        for (month, promise), side in found.items()
        if month == "2026-03"
    }
    assert march == {
        "volume": (None, 10, None),
        "volume: hand-raisers": (4, 3, False),
        "context": (0.5, 0.6, True),
        "grade A or better": (0.5, 0.6, True),
        "grade B or better": (0.9, 0.9, True),
        "grade C or better": (None, 0.9, None),
        "grade D or better": (None, 1.0, None),
        "first_touch": (0.9, 0.8, False),
    }
    assert found["2026-04", "volume: hand-raisers"].is_kept
    assert {promise: side.leads for (month, promise), side in found.items() if month == "2026-03"} == {
        "volume": 10, "volume: hand-raisers": 3, "context": 6, "grade A or better": 6, "grade B or better": 9,
        "grade C or better": 9, "grade D or better": 10, "first_touch": 8,
    }  # fmt: skip
    raised = LeadTraits("hand_raiser", "web_form", None, "B", "inbound", complete=False)
    assert {promise: is_lead_counted_for_promise(promise, raised, agreement) for (_, promise) in found} == {
        "volume": True, "volume: hand-raisers": True, "context": False, "grade A or better": False,
        "grade B or better": True, "grade C or better": True, "grade D or better": True, "first_touch": None,
    }  # fmt: skip
    assert is_lead_counted_for_promise("volume: hand-raisers", raised._replace(lead_type="content"), agreement) is None
    assert compare_both_sides([], promises, agreement)[0].delivered == 0


async def test_both_sides_are_computed_from_what_happened(harness: ServiceHarness) -> None:
    """L6, with the default agreement: sales promises nine of ten, marketing four of five with their context."""
    kept, missed, bare = (Story(name=name) for name in ("kept", "missed", "bare"))
    await harness.deliver(kept.qualified(**FULL), missed.qualified(**FULL), bare.qualified(fit="C"))
    await harness.deliver(kept.assigned(), missed.assigned(), bare.assigned(fit="C"))
    await harness.deliver(kept.touched(START + hours(1)), bare.touched(START + hours(2)))
    await harness.advance(days(3))
    items = {item["promise"]: item for item in (await ask(harness, "/v1/promises"))["items"]}
    assert (items["volume"]["delivered"], items["volume"]["side"]) == (3, "marketing")
    assert (items["context"]["promised"], items["context"]["kept"]) == (0.8, False)
    assert round(items["context"]["delivered"], 3) == round(items["grade A or better"]["delivered"], 3) == 0.667
    assert (items["first_touch"]["side"], items["first_touch"]["of"], items["first_touch"]["kept"]) == (
        "sales",
        3,
        False,
    )
    for item in items.values():
        for name, address in item["lists"].items():
            assert len(await listed(harness, address)) == item[name], address
    (late,) = [row for row in await listed(harness, items["first_touch"]["lists"]["of"]) if not row["delivered"]]
    assert late["lead_id"] == str(missed.lead_id)
    later = await ask(harness, "/v1/promises", since=(START + days(40)).isoformat())
    assert later["items"] == []


async def test_open_misses_are_counted_by_their_age(harness: ServiceHarness) -> None:
    old, new, late = (Story(name=name, lead_type="hand_raiser") for name in ("old", "new", "late"))
    await harness.deliver(old.assigned(), late.assigned("bob", team="west"))
    await harness.advance(days(2))
    await harness.deliver(
        new.assigned(at=START + days(2), handed_over_at=START + days(2)), late.touched(START + days(2))
    )
    await harness.advance(minutes(30))
    items = await paged(harness, "/v1/breaches/ages", 1, by="clock")
    touch = next(item for item in items if item["key"] == "first_touch")
    assert (touch["breaches"], touch["under_an_hour"], touch["under_a_week"], touch["worst_seconds"]) == (
        2, 1, 1, (days(2) + minutes(15)).total_seconds(),
    )  # fmt: skip
    for by in ("team", "rep", "policy"):
        assert sum(item["breaches"] for item in await paged(harness, "/v1/breaches/ages", 1, by=by)) == 4


async def test_leads_that_nobody_followed_up_are_counted_by_team(harness: ServiceHarness) -> None:
    """L7."""
    ignored, other, answered, over = (Story(name=name) for name in ("ignored", "other", "answered", "over"))
    await harness.deliver(ignored.assigned(), other.assigned(team="west"), answered.assigned(), over.assigned())
    await harness.advance(days(4))
    await harness.deliver(answered.touched(START + days(3)), over.recycled(START + days(3)))
    await harness.advance(hours(0))
    items = await paged(harness, "/v1/ignored", 1)
    assert [(item["key"], item["leads"], item["worst_seconds"]) for item in items] == [
        ("inbound", 1, days(2).total_seconds()),
        ("west", 1, days(2).total_seconds()),
    ]


async def test_who_asked_to_be_called_later_is_ignored_by_nobody_before(harness: ServiceHarness) -> None:
    """14.8: both were missed; then one of them asked to be called in a week. The miss stays, the blame waits."""
    ignored, asked = Story(name="ignored"), Story(name="asked")
    await harness.deliver(ignored.assigned(), asked.assigned())
    await harness.advance(days(3))
    await harness.deliver(asked.scheduled(START + days(3), START + days(10)))
    for wait, leads in ((0, 1), (6, 1), (2, 2)):
        await harness.advance(days(wait))
        (team,) = await paged(harness, "/v1/ignored", 1)
        listed = (await harness.http.get(team["lists"]["leads"])).json()["items"]
        assert team["leads"] == len(listed) == leads
    misses = (await harness.http.get("/v1/breaches?open=true")).json()["items"]
    assert {row["lead_id"] for row in misses} == {str(ignored.lead_id), str(asked.lead_id)}


async def test_leads_that_nobody_has_and_leads_that_no_clock_watches_are_listed(harness: ServiceHarness) -> None:
    """L8."""
    queued, mine, forgotten = (Story(name=name) for name in ("queued", "mine", "forgotten"))
    await harness.deliver(queued.queued(), mine.assigned(), forgotten.assigned(at=START + hours(1)))
    await harness.raw.execute("delete from clocks where lead_id = $1", forgotten.lead_id)
    items = await paged(harness, "/v1/orphans", 1)
    assert {(item["kind"], item["lead_id"]) for item in items} == {
        ("ownerless", str(queued.lead_id)),
        ("clockless", str(forgotten.lead_id)),
    }
    await harness.deliver(queued.assigned(at=START + hours(1), number=2))
    assert [item["kind"] for item in await paged(harness, "/v1/orphans", 1)] == ["clockless"]


async def test_touches_just_before_the_deadline_are_listed(harness: ServiceHarness) -> None:
    """A rep who touches minutes before each deadline works the clock."""
    gamer = [Story(name=f"gamer {nth}") for nth in range(3)]
    fair = Story(name="fair")
    await harness.deliver(*(lead.assigned("gus") for lead in gamer), fair.assigned("ann"))
    await harness.deliver(*(lead.accepted(START, "gus") for lead in gamer), fair.accepted(START))
    await harness.deliver(*(lead.touched(START + hours(48) - minutes(5), "gus") for lead in gamer))
    await harness.deliver(fair.touched(START + hours(3)))
    await harness.advance(days(3))
    (found,) = (await ask(harness, "/v1/suspicions"))["items"]
    assert (found["kind"], found["by"], found["count"], found["of"]) == ("hurried_touch", "gus", 3, 6)
    assert set(found["examples"]) == {str(lead.lead_id) for lead in gamer}
    acts = await listed(harness, found["lists"]["count"])
    assert sorted(act["lead_id"] for act in acts) == sorted(found["examples"])


async def test_calls_that_nobody_could_have_held_are_listed(harness: ServiceHarness) -> None:
    lead = Story()
    calls = [lead.touched(START + minutes(n), "gus").changed(seconds=n) for n in (0, 1, 90)]
    machine = lead.touched(START, automated=True).changed(seconds=0)
    await harness.deliver(lead.assigned("gus"), *calls, machine)
    found = [item for item in (await ask(harness, "/v1/suspicions"))["items"] if item["kind"] == "short_call"]
    assert [(item["by"], item["count"]) for item in found] == [("gus", 1)]
    await harness.advance(minutes(2))
    found = [item for item in (await ask(harness, "/v1/suspicions"))["items"] if item["kind"] == "short_call"]
    assert [(item["by"], item["count"]) for item in found] == [("gus", 2)]
    acts = await listed(harness, found[0]["lists"]["count"])
    assert [(act["lead_id"], act["at"]) for act in acts] == [
        (str(lead.lead_id), f"2026-03-02T09:0{minute}:00Z") for minute in (0, 1)
    ]


async def test_many_returns_just_before_the_review_are_listed(harness: ServiceHarness) -> None:
    leads = [Story(name=f"returned {nth}") for nth in range(6)]
    await harness.deliver(*(lead.assigned() for lead in leads))
    await harness.deliver(*(lead.recycled(START + days(57)) for lead in leads[:4]))
    await harness.advance(days(58))
    odd = [item for item in (await ask(harness, "/v1/suspicions"))["items"] if item["kind"] == "mass_return"]
    assert odd == []
    await harness.deliver(leads[4].recycled(START + days(58)), leads[5].recycled(START + days(10)))
    odd = [item for item in (await ask(harness, "/v1/suspicions"))["items"] if item["kind"] == "mass_return"]
    assert [(item["by"], item["count"], item["week"]) for item in odd] == [("ann", 5, "2026-04-27T00:00:00Z")]
    acts = await listed(harness, odd[0]["lists"]["count"])
    assert {act["lead_id"] for act in acts} == {str(lead.lead_id) for lead in leads[:5]}
    assert len(acts) == 5


def test_the_history_of_a_lead_is_in_order() -> None:
    """F16."""
    lead = Story()
    harness = DomainHarness(MONDAY).apply(
        lead.recycled(MONDAY + days(9)),
        lead.meeting(MONDAY + days(3), "booked"),
        lead.touched(MONDAY + days(1), automated=True),
        lead.touched(MONDAY + days(2)),
        lead.upgraded(MONDAY + hours(3)),
        lead.qualified(),
        lead.queued(),
        lead.assigned(at=MONDAY + hours(1), number=2),
        lead.released(MONDAY + days(10), number=3),
    )
    assert harness.facts is not None
    assert [(entry.what, entry.by, entry.detail) for entry in list_history(harness.facts)] == [
        ("qualified", None, "content A"),
        ("queued", None, "inbound"),
        ("assigned", "ann", "inbound"),
        ("upgraded", None, "hand_raiser A"),
        ("automated touch", "ann", "no_answer"),
        ("touch", "ann", "no_answer"),
        ("meeting", "ann", "booked"),
        ("recycled", "ann", "not_ready"),
        ("released", None, None),
    ]


async def test_a_review_shows_the_whole_history_and_what_sales_says(harness: ServiceHarness) -> None:
    """L2: opens on day 60 as marketing's worklist; sales comments; a decision closes it."""
    leads = [Story(name=name) for name in ("one", "two", "three")]
    await harness.deliver(*(lead.qualified() for lead in leads), *(lead.assigned() for lead in leads))
    await harness.deliver(*(lead.touched(START + days(nth)) for nth, lead in enumerate(leads[:2])))
    await harness.deliver(leads[0].touched(START + minutes(5)))
    assert (await ask(harness, "/v1/reviews"))["items"] == []
    await harness.advance(days(61))
    items = await paged(harness, "/v1/reviews", 1)
    assert {item["lead_id"] for item in items} == {str(lead.lead_id) for lead in leads}
    published_events = {"by": "ann", "comment": "They asked for June."}
    path = f"/v1/reviews/{leads[0].lead_id}/comments"
    for _ in range(2):
        assert (await harness.http.post(path, json=published_events)).status_code == 204
    assert (
        await harness.http.post(path.replace(str(leads[0].lead_id), str(leads[0].contact_id)), json=published_events)
    ).status_code == 404
    (shown,) = await paged(harness, "/v1/reviews", 1, lead_id=str(leads[0].lead_id))
    assert [(each["by"], each["comment"]) for each in shown["comments"]] == [("ann", "They asked for June.")]
    assert [each["what"] for each in shown["history"]] == ["assigned", "qualified", "touch", "touch"]
    assert (shown["touches"], shown["attempts"], shown["reason"]) == (2, 1, "no_outcome"), "two calls in five minutes"
    (silent,) = await paged(harness, "/v1/reviews", 1, lead_id=str(leads[2].lead_id))
    assert (silent["touches"], silent["reason"]) == (0, "not_followed_up")
    await harness.deliver(leads[0].meeting(START + days(61), "booked"))
    assert len(await paged(harness, "/v1/reviews", 1, team="inbound")) == 2
    erasure = ContactErased(contact_id=leads[0].contact_id, occurred_at=START, erasure_id=derive_id("erasure"))
    await harness.deliver(erasure)
    assert await harness.raw.fetch("select from comments") == []


async def test_the_agreement_in_force_shows_what_both_sides_promise(harness: ServiceHarness) -> None:
    """L12."""
    shown = await ask(harness, "/v1/policies")
    assert shown["sales"] == {"attainment": {"acceptance": 0.9, "first_touch": 0.9}}
    assert shown["marketing"]["context"]["share"] == 0.8
    assert service.playbooks.read(FOLDER).version == shown["playbook_version"]
