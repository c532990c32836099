"""What a query may ask for is named where it was misspelt, and a number has a single name (issue 14, points 16, 18)."""

from importlib import import_module
from typing import Any

import pytest

from events.runtime.testing import START, ServiceHarness
from tests.feedback.lead_story import LeadStory, days
from tests.feedback.test_service import YES, does, given_a_lead, show


async def fault(harness: ServiceHarness, query: str) -> dict[str, Any]:
    answer = await harness.http.get(query)
    assert answer.status_code == 422, answer.text
    (found,) = answer.json()["errors"]
    return dict(found)


@pytest.mark.parametrize(
    ("query", "field", "code", "expected", "meant"),
    [
        ("/v1/leads?stat=mql", "query", "unknown_parameter", "state", "state"),
        ("/v1/leads?state=acepted", "state", "literal_error", "accepted", "accepted"),
        ("/v1/funnel?by=campain", "by", "literal_error", "campaign", "campaign"),
        ("/v1/worklist?kind=xyz", "kind", "literal_error", "nurture", None),
        ("/v1/digest?weeks=2026-W03", "query", "unknown_parameter", "week", "week"),
    ],
)
async def test_a_misspelt_query_is_answered_with_what_is_legal(  # noqa: PLR0917 - a table
    harness: ServiceHarness, query: str, field: str, code: str, expected: str, meant: str | None
) -> None:
    found = await fault(harness, query)
    assert (found["field"], found["code"], found.get("did_you_mean")) == (field, code, meant)
    assert expected in found["expected"]


async def test_a_body_with_a_misspelt_field_is_answered_with_which_was_meant(harness: ServiceHarness) -> None:
    lead = await given_a_lead(harness)
    answer = await harness.http.post(f"/v1/leads/{lead.lead_id}/recycle", json={"by": "ann", "reson": "not_ready"})
    errors = {each["code"]: each for each in answer.json()["errors"]}
    assert errors["extra_forbidden"] == {"field": "?", "code": "extra_forbidden", "did_you_mean": "reason"}


@pytest.mark.parametrize("week", ["2026-W03", "2026W03", "2026-01-14"])
async def test_a_week_is_taken_as_it_is_printed(harness: ServiceHarness, week: str) -> None:
    answer = await harness.http.get(f"/v1/digest?format=json&week={week}")
    assert answer.json()["week"] == {"name": "2026-W03", "from": "2026-01-12", "to": "2026-01-18"}
    assert (await harness.http.get("/v1/digest?week=2026-W60")).status_code == 422


async def test_who_is_sql_was_sal_and_each_rate_says_of_whom(harness: ServiceHarness) -> None:
    """Ann, a BDR, accepts ("I work it") and confirms: no AE took it, and yet it counts as SAL."""
    for name, lead_type in (("m1", "content"), ("m2", "content"), ("h1", "hand_raiser")):
        story = LeadStory(name, start=START - days(1))
        await harness.deliver(story.qualified(lead_type=lead_type), story.assigned())
        await does(harness, "accept", story=story)
        if name != "m2":
            await does(harness, "confirm", story=story, bant=YES)
    found = (await harness.http.get("/v1/funnel?by=source")).json()
    counts = [found["total"][name] for name in ("qualified", "accepted", "sal", "sql")]
    assert counts == sorted(counts, reverse=True) == [3, 3, 2, 2]
    assert found["mql_to_sql"]["mql"]["rate"] == 0.5
    assert "mql_to_sql" not in found["total"]["rates"]
    assert found["total"]["rates"]["lead_to_sql"] == 0.6667
    mqls = (await harness.http.get("/v1/funnel?by=source&kind=mql")).json()["items"]
    assert [item["rates"]["mql_to_sql"] for item in mqls] == [0.5]
    assert (await show(harness, LeadStory("h1", start=START)))["evidence"]["readiness"]["by"] == "raised_hand"
    assert (await show(harness, LeadStory("m1", start=START)))["evidence"]["readiness"]["by"] == "score"


SUMS = """
select dimension, "group", day, kind, sum(leads) as leads, sum(accepted) as accepted, sum(sal) as sal from tallies
where dimension in ('all', 'source', 'team', 'origin', 'campaign', 'grade', 'lead_type', 'playbook_version')
   or "group" in ('sal', 'accepted')
group by 1, 2, 3, 4 having coalesce(sum(leads), sum(accepted), sum(sal), 0) > 0 order by 1, 2, 3, 4
"""
LEADS = "select lead_id, accepted_at, sal_at from leads order by lead_id"


async def test_what_was_counted_before_is_counted_anew_by_the_migration(harness: ServiceHarness) -> None:
    """Leads that went past SAL, as the version before kept them; a new installation counts the same."""
    steps: dict[str, dict[str, dict[str, Any]]] = {
        "deal": {"opportunity": {"amount": 5.0}}, "won": {"won": {"amount": 7.0}}, "accepted": {"accept": {}},
        "later": {"accept": {}, "opportunity": {"amount": 5.0}}, "new": {},
    }  # fmt: skip
    for name, deeds in steps.items():
        story = LeadStory(name, start=START - days(1))
        await harness.deliver(story.captured(facts={"origin": "mail"}))
        await harness.deliver(story.qualified(lead_type="customer" if name == "won" else "content"), story.assigned())
        for deed, fields in deeds.items():
            await does(harness, deed, story=story, **fields)
    sums, leads = await harness.raw.fetch(SUMS), await harness.raw.fetch(LEADS)
    assert sum(row["sal"] or 0 for row in sums if row["dimension"] == "all") == 3
    await harness.raw.execute(
        "update leads set sal_at = null, accepted_at = case when lead_id = any($1) then accepted_at end",
        [LeadStory(name).lead_id for name in ("accepted", "later")],
    )
    await harness.raw.execute(
        "update tallies set sal = null, accepted = case when dimension <> 'reached' and kind = 'mql'"
        " and accepted >= 3 then accepted - 1 end"
    )
    await harness.raw.execute("delete from tallies where \"group\" = 'sal'")
    await harness.raw.execute("update tallies set leads = 2 where dimension = 'reached' and \"group\" = 'accepted'")
    migration = import_module("feedback.migrations.versions.0013_sal_and_times")
    for statement in (migration.COUNT_COHORTS, migration.COUNT_DAYS, migration.DATE_LEADS):
        await harness.raw.execute(statement)
    assert await harness.raw.fetch(SUMS) == sums
    assert await harness.raw.fetch(LEADS) == leads
