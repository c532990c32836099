"""Customers after the win, feedback for marketing, and the funnel that counts both: on a real PostgreSQL."""

from typing import Any
from uuid import uuid4

import pytest

from events.contacts import CampaignAnnounced
from events.leads import CustomerChanged, FeedbackGiven, LeadLifecycle, LeadRecycled
from events.runtime.testing import START, ServiceHarness
from feedback.domain.commands import COMMANDS
from tests.feedback.lead_story import LeadStory, days
from tests.feedback.test_service import YES, does, given_a_lead, lead, residual, show

COUNT = """
select {column} as name, count(*) n, count(confirmed_at) sql, count(won_at) won,
       count(*) filter (where state = 'recycled') recycled, sum(revenue) revenue,
       count(*) filter (where state in ('mql', 'accepted', 'sal', 'sql', 'opportunity')) as open
from leads group by 1
"""


async def post(
    harness: ServiceHarness, path: str, status: int = 200, key: str | None = None, **body: Any
) -> dict[str, Any]:
    headers = {"Idempotency-Key": key} if key else {}
    answer = await harness.http.post(path, json={"by": "cleo", **body}, headers=headers)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def ask(harness: ServiceHarness, path: str) -> dict[str, Any]:
    answer = await harness.http.get(path)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize(
    ("name", "example"),
    [(name, each) for name, model in sorted(COMMANDS.items()) for each in model.model_json_schema()["examples"]],
)
async def test_each_example_of_a_command_is_carried_out_where_the_table_allows_it(
    harness: ServiceHarness, name: str, example: dict[str, Any]
) -> None:
    """What the document shows of a command is no invention: the service takes it as it stands."""
    await given_a_lead(harness)
    if name == "confirm":
        await does(harness, "accept")
    answer = await harness.http.post(f"/v1/leads/{lead.lead_id}/{name}", json={**example, "by": "ann"})
    assert answer.status_code == 200, answer.text


async def test_a_customer_grows_leaves_and_is_back_in_nurture(harness: ServiceHarness) -> None:
    """F19, F20: growth counts to the win's revenue; who leaves goes to a track, and the win stays a win."""
    await given_a_lead(harness)
    await does(harness, "won", amount=100)
    url = f"/v1/contacts/{lead.contact_id}/customer"
    grown = await post(harness, url, change="upsold", amount=40, key="k")
    assert (grown["from_state"], grown["state"], grown["stage"]) == ("won", "customer", "customer")
    assert await post(harness, url, change="upsold", amount=40, key="k") == grown
    assert (await post(harness, url, 422, change="upsold", amount=41, key="k"))["errors"][0][
        "code"
    ] == "idempotency_key_reused"
    left = await post(harness, url, change="churned")
    assert (left["from_state"], left["state"]) == ("customer", "recycled")

    assert [event.change for event in await harness.emitted(CustomerChanged)] == ["upsold", "churned"]
    (back,) = await harness.emitted(LeadRecycled)
    assert (back.reason, back.track, back.from_state, back.state) == ("churned", "win-back", "customer", "recycled")
    story = await show(harness)
    assert (story["state"], story["revenue"], story["side"]) == ("recycled", 140.0, "marketing")
    assert "customer.changed" in {line["kind"] for line in story["history"]}
    (source,) = (await ask(harness, "/v1/funnel?by=source"))["items"]
    assert (source["won"], source["won_amount"], source["recycled"]) == (1, 140.0, 1)
    assert await residual(harness) == []


async def test_a_customer_who_bought_more_breaks_no_rule(harness: ServiceHarness) -> None:
    """F19: the customer is customer success's, before and after."""
    await given_a_lead(harness)
    await does(harness, "won", amount=100)
    for change in ("renewed", "upsold"):
        await post(harness, f"/v1/contacts/{lead.contact_id}/customer", change=change, amount=40)
        assert await residual(harness) == []
    story = await show(harness)
    assert (story["state"], story["side"]) == ("customer", "customer_success")


async def test_customer_success_hands_back_and_a_stranger_is_recorded_too(harness: ServiceHarness) -> None:
    """F19."""
    await given_a_lead(harness)
    await does(harness, "won", amount=1)
    await post(harness, f"/v1/contacts/{lead.contact_id}/customer", change="handed_back")
    (back,) = await harness.emitted(LeadRecycled)
    assert (back.reason, back.track) == ("handed_back", "customer")
    stranger = await post(harness, f"/v1/contacts/{uuid4()}/customer", change="renewed", amount=7)
    assert (stranger["lead_id"], stranger["state"]) == (None, None)
    late = await post(
        harness, f"/v1/contacts/{lead.contact_id}/customer", change="renewed", at=(START - days(9)).isoformat()
    )
    assert late["lead_id"] is None
    again = await post(harness, f"/v1/contacts/{lead.contact_id}/customer", change="renewed")
    assert (again["lead_id"], again["state"]) == (str(lead.lead_id), None)


async def test_feedback_is_published_without_its_text(harness: ServiceHarness) -> None:
    """F11, F12: the note stays here and goes with the contact."""
    answered = await post(
        harness, "/v1/feedback", about="messaging", campaign="spring", note="They expect a free tier", key="f"
    )
    assert (
        await post(
            harness, "/v1/feedback", about="messaging", campaign="spring", note="They expect a free tier", key="f"
        )
        == answered
    )
    await post(harness, "/v1/feedback", about="topic", topic="price", contact_id=str(lead.contact_id), note="Too dear")
    first, second = await harness.emitted(FeedbackGiven)
    assert (first.key, first.has_note, second.key, second.topic) == ("spring", True, str(lead.contact_id), "price")
    assert "free tier" not in first.encode().decode()
    await given_a_lead(harness)
    await harness.deliver(lead.erased(START))
    rows = await harness.raw.fetch("select note from feedbacks")
    assert [row["note"] for row in rows] == ["They expect a free tier"]
    gone = await post(harness, "/v1/feedback", 410, about="topic", contact_id=str(lead.contact_id), key="g")
    assert gone["errors"][0]["code"] == "contact_erased"
    await post(harness, f"/v1/contacts/{lead.contact_id}/customer", 410, change="renewed")
    answer = await harness.http.post("/v1/feedback", json={"about": "topic"})
    assert answer.status_code == 422


async def given_a_quarter(harness: ServiceHarness) -> None:
    """Six leads of two campaigns: one won after two touches, two returned, one disqualified."""
    await harness.deliver(
        CampaignAnnounced(occurred_at=START, campaign="spring", revision=1, name="Spring", spend=300.0),
    )
    for n in range(6):
        story = LeadStory(f"q{n}", start=START)
        campaign = "spring" if n % 2 else "autumn"
        await harness.deliver(
            story.captured(START - days(4), "social", source="social", campaign="autumn"),
            story.captured(START, campaign=campaign),
            story.qualified(campaign=campaign, fit="D" if n == 5 else "A"),
            story.assigned(),
        )
    first, *_ = stories = [LeadStory(f"q{n}", start=START) for n in range(6)]
    await does(harness, "accept", story=first, role="ae")
    await does(harness, "confirm", story=first, bant=YES)
    await does(harness, "opportunity", story=first, amount=80)
    await does(harness, "won", story=first, amount=100)
    await does(harness, "recycle", story=stories[1], reason="not_ready")
    await does(harness, "recycle", story=stories[2], reason="competitor")
    await does(harness, "disqualify", story=stories[3], reason="wrong_icp")


async def test_the_sums_of_the_funnel_are_those_of_the_leads(harness: ServiceHarness) -> None:
    """A1: what is kept incrementally is what a count over all leads gives, whatever came in between."""
    await given_a_quarter(harness)
    await harness.deliver(
        LeadStory("q4").upgraded(START + days(1)), LeadStory("q5").captured(START - days(9), facts={"origin": "email"})
    )
    for by, column in (("lead_type", "lead_type"), ("grade", "fit"), ("campaign", "campaign"), ("team", "team")):
        items = (await ask(harness, f"/v1/funnel?by={by}"))["items"]
        rows = await harness.raw.fetch(COUNT.format(column=column))
        counted = {row["name"]: tuple(row)[1:] for row in rows}
        names = ("qualified", "sql", "won", "recycled", "won_amount", "open")
        assert {item["group"]: tuple(item[n] for n in names) for item in items if item["qualified"]} == counted


async def test_a_cohort_is_ripe_when_all_of_it_was_decided(harness: ServiceHarness) -> None:
    """A1: rates of young cohorts do not hide among the others."""
    await given_a_quarter(harness)
    funnel = await ask(harness, "/v1/funnel?by=month")
    assert [item["group"] for item in funnel["items"]] == ["2026-02", "2026-03"]
    assert (funnel["mature"]["qualified"], funnel["total"]["qualified"]) == (0, 6)
    assert funnel["mql_to_sql"]["mql"]["mature"] is None
    await harness.advance(days(91))
    funnel = await ask(harness, "/v1/funnel?by=week&kind=mql&first=2026-03-01&last=2026-03-31")
    assert funnel["mature"]["qualified"] == 6
    assert funnel["mql_to_sql"]["mql"]["mature"]["rate"] == 0.1667
    won = "/v1/leads?counted=won&first=2026-03-01&last=2026-03-31"
    assert funnel["days_to_won"] == {"median": 0, "p90": 0, "leads": 1, "lists": {"leads": won}}
    (march,) = funnel["items"]
    assert march["intervals"]["mql_to_sql"] == [0.0301, 0.5635]
    assert (await harness.http.get("/v1/funnel?first=yesterday")).status_code == 422


async def test_money_is_divided_by_what_came_of_it(harness: ServiceHarness) -> None:
    """A2, A6, A8, A9."""
    await given_a_quarter(harness)
    items = {item["group"]: item for item in (await ask(harness, "/v1/funnel?by=campaign"))["items"]}
    spring = items["spring"]
    assert (spring["name"], spring["spend"], spring["actions"]) == ("Spring", 300.0, 3)
    assert spring["cost_per"] == {"action": 100.0, "qualified": 100.0, "sql": None, "opportunity": None, "won": None}
    assert (spring["poor_fit_share"], items["autumn"]["won_amount"]) == (0.6667, 100.0)


@pytest.mark.parametrize(
    ("model", "social", "web"),
    [("first", 1.0, 0.0), ("last", 0.0, 1.0), ("linear", 0.5, 0.5), ("u_shaped", 0.5, 0.5), ("w_shaped", 0.5, 0.5)],
)
async def test_credit_goes_to_the_touches_that_led_to_the_win(
    harness: ServiceHarness, model: str, social: float, web: float
) -> None:
    await given_a_quarter(harness)
    items = (await ask(harness, f"/v1/attribution?by=source&model={model}"))["items"]
    found = {item["group"]: item["won"] for item in items}
    assert {name: share for name, share in found.items() if share} == {
        name: share for name, share in (("social", social), ("web_form", web)) if share
    }
    assert sum(item["won_amount"] for item in items) == 100.0


async def test_a_touch_that_is_heard_of_late_gets_its_share(harness: ServiceHarness) -> None:
    await given_a_quarter(harness)
    await harness.deliver(
        LeadStory("q0").captured(START - days(2), "webinar_attended", source="webinar", campaign="autumn")
    )
    items = (await ask(harness, "/v1/attribution?by=source&model=linear"))["items"]
    assert {item["group"]: item["won"] for item in items} == {"social": 0.3333, "web_form": 0.3333, "webinar": 0.3333}
    (cycle,) = (await harness.emitted(LeadLifecycle))[-1].cycles
    assert cycle.stage == "disqualified"


async def test_stages_show_who_is_where(harness: ServiceHarness) -> None:
    """D3, D18, Q19: stuck ones too, and erased ones leave their stage."""
    await given_a_quarter(harness)
    await harness.deliver(LeadStory("visitor").captured(START))
    stages = {item["stage"]: item for item in (await ask(harness, "/v1/stages"))["items"]}
    assert {name: item["leads"] for name, item in stages.items() if item["leads"]} == {
        "suspect": 1, "mql": 2, "won": 1, "recycled": 2, "disqualified": 1,
    }  # fmt: skip
    assert (stages["mql"]["side"], stages["mql"]["revenue_per_lead"], stages["won"]["leads"]) == ("sales", 16.67, 1)
    await harness.advance(days(61))
    await harness.deliver(LeadStory("q4").erased(START + days(61)))
    stages = {item["stage"]: item for item in (await ask(harness, "/v1/stages"))["items"]}
    assert (stages["mql"]["leads"], stages["mql"]["stuck"], stages["erased"]["leads"]) == (1, 1, 1)
    assert (await ask(harness, "/v1/funnel"))["total"]["qualified"] == 6


async def test_flags_say_what_is_out_of_the_way(harness: ServiceHarness) -> None:
    """A4, A7."""
    await given_a_quarter(harness)
    for n in range(40):
        story = LeadStory(f"late{n}", start=START + days(24))
        await harness.deliver(story.qualified(playbook_version="scoring-2", fit="C"))
    found = await ask(harness, "/v1/flags")
    assert (found["dips"], [each["version"] for each in found["loosened"]]) == ([], ["scoring-2"])


async def test_new_and_cold_are_shown_of_a_lead(harness: ServiceHarness) -> None:
    """F15."""
    await given_a_lead(harness)
    assert [(await show(harness))[name] for name in ("new", "cold", "stage")] == [True, False, "mql"]
    await harness.advance(days(31))
    assert [(await show(harness))[name] for name in ("new", "cold")] == [True, True]
