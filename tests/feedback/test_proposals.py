"""The loop from a rep's word to a changed rule and back, the digest that both teams read, and the export."""

import csv
import io
from datetime import timedelta
from typing import Any

import orjson
import pytest

from events.contacts import PlaybookActivated
from events.leads import FeedbackAnswered
from events.runtime.testing import START, ServiceHarness
from feedback.api.queries.exports import format_csv_cell
from feedback.domain import digest, pictures
from feedback.domain.digest import Week, week_of
from feedback.domain.funnel import FunnelRow
from feedback.domain.pictures import RatePoint, Series
from tests.feedback.lead_story import MONDAY, SPACE, LeadStory, days
from tests.feedback.test_commands import ask, given_a_quarter, post
from tests.feedback.test_service import does, given_a_lead

VERSION = "9a7b3c2d1e0f"
PROPOSED: dict[str, Any] = {
    "service": "scoring",
    "change": "A pricing view is worth 20 points instead of 15",
    "diff": "--- scoring.yaml\n+++ scoring.yaml\n-  pricing_view: {points: 15}\n+  pricing_view: {points: 20}\n",
    "playbook_version": VERSION,
    "simulation": {"mql_before": 120, "mql_after": 131},
}


def activated(version: str = VERSION, day: int = 1) -> PlaybookActivated:
    return PlaybookActivated(occurred_at=START + days(day), service="scoring", version=version)


async def given_returns(harness: ServiceHarness) -> None:
    """Ann returns two leads for the same reason, Bob one for another."""
    for name, by, reason in (("r1", "ann", "not_ready"), ("r2", "ann", "not_ready"), ("r3", "bob", "competitor")):
        story = await given_a_lead(harness, LeadStory(name, start=START))
        await does(harness, "recycle", by, story=story, reason=reason)


async def test_whose_feedback_led_to_a_change_gets_an_answer(harness: ServiceHarness) -> None:
    """F1: proposed with its trend and simulation, in force once both sides approved it, answered; each once."""
    await given_returns(harness)
    made = await post(harness, "/v1/proposals", 201, **PROPOSED, reason="not_ready")
    assert (made["sources"], made["trend"]) == (2, [{"week": "2026-W10", "times": 2}])
    url = f"/v1/proposals/{made['proposal_id']}"
    await harness.deliver(activated("000000000000"))
    assert (await ask(harness, url))["state"] == made["state"] == "open"
    assert await harness.emitted(FeedbackAnswered) == []
    await harness.deliver(activated(), activated())

    answers = await harness.emitted(FeedbackAnswered)
    assert {(answer.rep_id, answer.change, answer.playbook_version) for answer in answers} == {
        ("ann", PROPOSED["change"], VERSION)
    }
    assert {answer.contact_id for answer in answers} == {LeadStory("r1").contact_id, LeadStory("r2").contact_id}
    shown = await ask(harness, url)
    assert (shown["diff"], shown["simulation"], shown["reps"]) == (PROPOSED["diff"], PROPOSED["simulation"], 1)
    assert [item["state"] for item in (await ask(harness, "/v1/proposals"))["items"]] == ["activated"]


async def test_a_change_that_is_in_force_already_answers_at_once(harness: ServiceHarness) -> None:
    """Both approved it at the desk before somebody said which feedback led to it."""
    await given_returns(harness)
    await harness.deliver(activated())
    made = await post(harness, "/v1/proposals", 201, **PROPOSED, reason="not_ready")
    assert made["state"] == "activated"
    assert [answer.rep_id for answer in await harness.emitted(FeedbackAnswered)] == ["ann", "ann"]


async def test_a_proposal_to_go_back_is_answered_when_the_rules_of_before_are_in_force_again(
    harness: ServiceHarness,
) -> None:
    """They were in force before somebody asked for them, and others are now."""
    await given_returns(harness)
    await harness.deliver(activated("000000000000", -2), activated(day=-3))
    made = await post(harness, "/v1/proposals", 201, **PROPOSED, reason="not_ready")
    assert made["state"] == "open"
    assert await harness.emitted(FeedbackAnswered) == []
    await harness.deliver(activated(day=2))
    assert [answer.occurred_at for answer in await harness.emitted(FeedbackAnswered)] == [START + days(2)] * 2
    rows = await harness.raw.fetch("select version, activated_at from activations order by 2")
    assert [tuple(row) for row in rows] == [(VERSION, START - days(3)), ("000000000000", START - days(2))]


async def test_a_proposal_answers_feedback_that_no_lead_led_to(harness: ServiceHarness) -> None:
    """And feedback on a campaign is answered too, but not of somebody who was erased."""
    await post(harness, "/v1/feedback", by="ann", about="messaging", campaign="spring", note="Too loud")
    await post(
        harness, "/v1/feedback", by="bob", about="topic", topic="price", contact_id=str(LeadStory("r1").contact_id)
    )
    made = await post(harness, "/v1/proposals", 201, **PROPOSED, campaign="spring", topic="price")
    assert made["sources"] == 2
    await harness.deliver(LeadStory("r1").erased(START), activated())
    (answer,) = await harness.emitted(FeedbackAnswered)
    assert (answer.rep_id, answer.key, answer.service) == ("ann", "spring", "scoring")
    assert [row["answered_at"] for row in await harness.raw.fetch("select answered_at from feedbacks")] == [
        START + days(1)
    ]


async def test_a_proposal_without_its_simulation_is_refused(harness: ServiceHarness) -> None:
    for missing in ("simulation", "diff", "playbook_version", "change"):
        body = {name: value for name, value in PROPOSED.items() if name != missing}
        found = await post(harness, "/v1/proposals", 422, **body, reason="not_ready")
        assert found["errors"][0]["field"] == missing
    assert (await post(harness, "/v1/proposals", 201, **PROPOSED))["sources"] == 0
    await post(harness, "/v1/proposals", 422, **PROPOSED | {"simulation": {}})
    assert (await harness.http.get(f"/v1/proposals/{SPACE}")).status_code == 404
    assert (await harness.http.post("/v1/proposals", json=PROPOSED | {"reason": "spam"})).status_code == 422


async def test_topics_and_messaging_are_shown_as_trends(harness: ServiceHarness) -> None:
    """F10, F11."""
    await given_a_quarter(harness)
    for n, (topic, outcome) in enumerate([("price", "stalled"), ("price", "welcomed"), ("security", "welcomed")]):
        await does(harness, "touches", story=LeadStory(f"q{n}"), kind="call", outcome=outcome, topics=[topic])
    await post(harness, "/v1/feedback", about="messaging", campaign="spring", note="Too loud")
    topics = (await ask(harness, "/v1/topics?cohort=week"))["items"]
    counted = {"topic": "price", "cohort": "2026-W10", "times": 2, "outcomes": {"stalled": 1, "welcomed": 1}}
    assert {name: topics[0][name] for name in counted} == counted
    (spring,) = (await ask(harness, "/v1/messaging"))["items"]
    assert (spring["name"], spring["told"], spring["qualified"], spring["told_per_lead"]) == ("Spring", 1, 3, 0.3333)
    assert (await ask(harness, "/v1/messaging?last=2026-01-01"))["items"] == []


async def test_the_digest_compares_a_week_with_the_week_before(harness: ServiceHarness) -> None:
    """A5, A7: as JSON and as a page with its pictures inside, the same figures."""
    await given_a_quarter(harness)
    await does(harness, "touches", story=LeadStory("q4"), kind="call", outcome="welcomed", topics=["price"])
    await harness.advance(days(7))
    await given_a_lead(harness, LeadStory("later", start=START + days(7)))
    found = await ask(harness, "/v1/digest?week=2026-03-11")
    assert (found["week"]["name"], found["before"]["name"]) == ("2026-W11", "2026-W10")
    assert found["numbers"]["qualified"] == {"now": 1.0, "before": 6.0, "change": -0.8333}
    assert found["numbers"]["revenue"] == {"now": 0.0, "before": 100.0, "change": -1.0}
    assert (found["qualified"][-2:], found["sql"][-2:]) == ([6.0, 1.0], [1.0, 0.0])
    assert ["competitor", 0.0, 1.0] in found["reasons"]
    assert found["topics"] == [["price", 0.0, 1.0]]
    last = await ask(harness, "/v1/digest")
    assert last["week"]["name"] == "2026-W10"
    page = await harness.http.get("/v1/digest", headers={"accept": "text/html"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    for text in ("Volume", "<svg", "not ready", "source", "web_form"):
        assert text in page.text
    assert "<script" not in page.text
    assert (await harness.http.get("/v1/digest?format=html&week=2026-06-30")).status_code == 200


async def test_labelled_history_is_exported_without_names_and_without_formulas(harness: ServiceHarness) -> None:
    """F16, Q15: CSV for a spreadsheet, NDJSON for a program."""
    await given_a_quarter(harness)
    await given_a_lead(harness, LeadStory("evil", start=START))
    await harness.deliver(LeadStory("formula", start=START).qualified(campaign="=HYPERLINK(0)", segment="-2+3"))
    answer = await harness.http.get("/v1/exports/leads")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 8
    (formula,) = [row for row in rows if "HYPERLINK" in row["campaign"]]
    assert (formula["campaign"], formula["segment"]) == ("'=HYPERLINK(0)", "'-2+3")
    assert sorted(row["label"] for row in rows) == ["open"] * 4 + ["returned"] * 3 + ["won"]
    assert orjson.loads(rows[0]["fit_evidence"])[0]["criterion"] == "employees"
    lines = (await harness.http.get("/v1/exports/leads?format=json&first=2026-03-01")).content.splitlines()
    assert {orjson.loads(line)["label"] for line in lines} == {"open", "returned", "won"}
    assert (await harness.http.get("/v1/exports/leads?format=json&first=2026-04-01")).content == b""


@pytest.mark.parametrize(
    ("value", "written"),
    [(None, ""), ("+1", "'+1"), ("@x", "'@x"), (-5.0, "-5.0"), (START, START.isoformat()), ("a", "a"), ([1], "[1]")],
)
def test_a_cell_is_never_a_formula(value: Any, written: str) -> None:
    assert format_csv_cell(value) == written


def test_pictures_are_drawn_from_their_numbers() -> None:
    """Every value is in the picture with its words; nothing at all is a picture too."""
    drawn = pictures.draw_columns(["W1", "W2"], [Series("SQL", [3, 12], "red")], "a <title>")
    assert "W2: 12 SQL" in drawn
    assert "a &lt;title&gt;" in drawn
    assert drawn.count("<rect") == 3
    rates = pictures.draw_rate_line(
        [RatePoint("W1", 0.25, 0.1, 0.5), RatePoint("W2", None), RatePoint("W3", 1.0, 0.9, 1.0)], "rates"
    )
    assert "W1: 25.0% (95 %: 10.0% to 50.0%)" in rates
    assert rates.count("<circle") == 2
    assert pictures.draw_bars([("price", 4, 2)], "bars").count("<rect") == 4
    linked = Series("SQL", [3, 0], "red", ["/sql?a=1&b=2", "/none"])
    columns = pictures.draw_columns(["W1", "W2"], [linked], "links")
    assert columns.count("<a ") == 1, "of nothing there is no list"
    assert '<a href="/sql?a=1&amp;b=2" aria-label="W1: 3 SQL">' in columns
    assert ('role="group"' in columns, 'role="img"' in drawn) == (True, True)
    bars = pictures.draw_bars([("price", 4, 2), ("size", 0, 2)], "bars", ["/price", "/size"])
    assert (bars.count('<a href="/price" aria-label="price: 4">'), bars.count("/size")) == (1, 0)
    quiet = pictures.draw_columns(["W1"], [Series("SQL", [0], "red")], "a week without a lead")
    assert [f">{number}<" in quiet for number in (1, 2, 3, 4)] == [True] * 4  # leads are counted whole
    for nothing in (pictures.draw_columns([], [], "x"), pictures.draw_rate_line([], "x"), pictures.draw_bars([], "x")):
        assert nothing.startswith("<svg")


def test_a_week_is_compared_with_the_one_before() -> None:
    week = week_of(MONDAY.date() + timedelta(days=6))
    assert (week, week.name, week.minus_weeks(9).name) == (Week(MONDAY.date()), "2026-W10", "2026-W01")
    rows = [FunnelRow("won", "2026-W10", leads=2.0, revenue=30.0)]
    numbers = digest.compare_with_week_before(rows, week)
    assert numbers["won"] == {"now": 2.0, "before": 0.0, "change": None}
    assert numbers["revenue"]["now"] == 30.0
    assert digest.weekly_counts(rows, week, "won")[-1] == 2.0
    (*_, last) = digest.compute_cohort_rates([FunnelRow(cohort="2026-W10", sql=1.0, leads=4.0)], week)
    assert (last.label, last.rate, last.low) == ("W10", 0.25, 0.0456)
    assert digest.pair_counts({"a": 1}, {"a": 2, "b": 3}) == [("a", 1, 2), ("b", 0.0, 3)]
