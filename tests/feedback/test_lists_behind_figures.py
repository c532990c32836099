"""Every figure of a report names the list behind it, and the list has exactly as many leads as the figure says."""

import random
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from events.runtime.testing import START, ServiceHarness
from feedback.domain.credit import MODELS
from feedback.domain.figure_lists import COUNTED, find_cohort_bounds, stage_list_addresses
from tests.feedback.lead_story import LeadStory, days
from tests.feedback.test_properties import FIELDS
from tests.feedback.test_service import given_a_lead

PEOPLE = 20
WORK = tuple(FIELDS)
REPORTS = (
    *(f"/v1/funnel?by={by}" for by in
      ("source", "campaign", "lead_type", "grade", "playbook_version", "team", "origin", "week", "month")),
    *(f"/v1/funnel?by=team&cohort={cohort}" for cohort in ("day", "month")),
    *(f"/v1/funnel?kind={kind}" for kind in ("mql", "hand_raisers", "requalified", "customers")),
    "/v1/funnel?by=source&cohort=week&first=2026-02-04&last=2026-02-20",
    *(f"/v1/attribution?by={by}&model={model}" for by in ("source", "campaign") for model in MODELS),
    "/v1/attribution?first=2026-02-04&last=2026-02-20",
    "/v1/stages",
    "/v1/reasons",
    "/v1/reasons?first=2026-02-20&last=2026-03-20",
)  # fmt: skip


async def played(harness: ServiceHarness) -> None:
    """Let chance make and work forty people's leads, qualified over six weeks; some are merged or came twice."""
    chance = random.Random(14)  # noqa: S311 - a story, no secret
    for n in range(PEOPLE):
        begins = START - days(chance.randrange(42))
        story = LeadStory(f"p{n}", start=begins)
        facts: dict[str, Any] = {
            "lead_type": chance.choice(["content", "hand_raiser", "fast_track", "customer", "event"]),
            "fit": chance.choice("ABCD"),
            "source": chance.choice(["web_form", "event_scan"]),
            "campaign": chance.choice([None, "spring", "fair"]),
            "playbook_version": chance.choice(["scoring-1", "scoring-2"]),
        }
        await harness.deliver(story.captured(facts={"origin": chance.choice(["social", "mail"])} if n % 3 else {}))
        await harness.deliver(story.qualified(**facts))
        if n % 5:
            await harness.deliver(story.assigned("ann", team=chance.choice(["development", "ae"])))
        for _ in range(chance.randrange(5)):
            name = chance.choice(WORK)
            await harness.http.post(f"/v1/leads/{story.lead_id}/{name}", json={"by": "ann", **FIELDS[name]})


async def listed(harness: ServiceHarness, address: str, limit: int = 1000) -> list[str]:
    """Return the ids of all pages of a list."""
    found: list[str] = []
    following = None
    while True:
        cursor = f"&cursor={following}" if following else ""
        answer = await harness.http.get(f"{address}&limit={limit}{cursor}")
        assert answer.status_code == 200, (address, answer.text)
        page = answer.json()
        found += [row["lead_id"] for row in page["items"]]
        following = page["next"]
        if following is None:
            return found


def figures(node: Any, where: str) -> Iterator[tuple[str, float, str]]:
    """Yield every figure with a list: what it is, how many it says, and the address of the list."""
    if isinstance(node, list):
        for n, each in enumerate(node):
            yield from figures(each, f"{where}[{n}]")
    elif isinstance(node, dict):
        for name, address in node.get("lists", {}).items():
            yield f"{where}.{name}", _number(node, name), address
        for name, each in node.items():
            if name != "lists":
                yield from figures(each, f"{where}.{name}")


def _number(node: dict[str, Any], name: str) -> float:
    if name == "poor_fit":
        return float(round((node["poor_fit_share"] or 0) * node["qualified"]))
    if name in node.get("numbers", {}):
        return float(node["numbers"][name]["now"])
    return float(node[name])


async def test_every_link_of_every_report_opens_exactly_its_list(harness: ServiceHarness) -> None:
    """A1: the whole of the funnel, the stages and the reasons, and the digest of each week."""
    await played(harness)
    await harness.advance(days(50))
    weeks = [f"/v1/digest?week={week}" for week in ("2026-02-16", "2026-W16")]
    seen: dict[str, float] = {}
    for report in (*REPORTS, *weeks):
        answer = await harness.http.get(report, headers={"Accept": "application/json"})
        assert answer.status_code == 200, (report, answer.text)
        for name, says, address in figures(answer.json(), report):
            if address not in seen:
                seen[address] = len(await listed(harness, address))
            assert seen[address] == says, (name, address)
    assert sum(1 for count in seen.values() if count) > 100, "most lists are of somebody"
    untouched = (await harness.http.get(weeks[-1], headers={"Accept": "application/json"})).json()
    assert len(await listed(harness, untouched["untouched_list"], limit=2)) == sum(untouched["untouched"].values())


@pytest.mark.parametrize("column", ["since", "qualified_at", "handed_over_at", "wake_at", "amount"])
async def test_leads_come_in_the_order_that_was_asked_for(harness: ServiceHarness, column: str) -> None:
    """What is not known comes last either way, and pages join into the whole."""
    await played(harness)
    for sort in (column, f"-{column}"):
        answer = await harness.http.get(f"/v1/leads?limit=1000&sort={sort}")
        rows = answer.json()["items"]
        values = [row[column] for row in rows]
        known = [each for each in values if each is not None]
        assert len(known) > 1
        assert values == sorted(known, reverse=sort != column) + [None] * (len(values) - len(known))
        assert await listed(harness, f"/v1/leads?sort={sort}", limit=3) == [row["lead_id"] for row in rows]


async def test_a_list_names_the_company_of_each_lead(harness: ServiceHarness) -> None:
    """Of an upgrade that comes before its qualification too."""
    known, early = LeadStory("known", start=START), LeadStory("early", start=START)
    await harness.deliver(known.qualified(company="Works"), early.upgraded(START, company="Mills"))
    rows = (await harness.http.get("/v1/leads")).json()["items"]
    assert {row["company"] for row in rows} == {"Works", "Mills"}


async def test_a_lead_of_somebody_forgotten_stays_in_the_sums_and_in_no_list(harness: ServiceHarness) -> None:
    story = await given_a_lead(harness)
    await harness.deliver(story.erased(START))
    (row,) = (await harness.http.get("/v1/funnel?by=team")).json()["items"]
    assert (row["qualified"], row["open"]) == (1, 0)
    assert await listed(harness, row["lists"]["qualified"]) == []


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ("sqo=true", 0), ("sqo=false", 2), ("woken=false", 2), ("untouched_days=0", 2), ("team=development", 2),
        ("origin=(none)", 1), ("campaign=(none)", 0), ("stage=mql", 2), ("stage=mql&stuck=true", 0),
        ("stage=sqo", 0), ("first=2026-03-01&grade=A", 1), ("last=2026-03-01", 1), ("counted=open&kind=mql", 2),
    ],
)  # fmt: skip
async def test_a_list_can_be_asked_for_by_each_filter(harness: ServiceHarness, filters: str, found: int) -> None:
    await given_a_lead(harness, LeadStory("a", start=START))
    other = LeadStory("b", start=START - days(3))
    await harness.deliver(other.captured(), other.qualified(), other.assigned(at=START, handed_over_at=START - days(1)))
    await harness.advance(days(1))
    assert len(await listed(harness, f"/v1/leads?{filters}")) == found


async def test_a_manager_s_key_lists_its_own_team_only(harness: ServiceHarness) -> None:
    answer = await harness.http.get("/v1/leads?counted=everything")
    assert answer.status_code == 422
    assert "qualified" in answer.text


@pytest.mark.parametrize(
    ("cohort", "label", "begins", "ends"),
    [
        ("day", "2026-03-02", "2026-03-02", "2026-03-02"),
        ("week", "2026-W10", "2026-03-02", "2026-03-08"),
        ("month", "2026-12", "2026-12-01", "2026-12-31"),
        ("month", "2026-02", "2026-02-10", "2026-02-28"),
    ],
)
def test_a_cohort_s_label_says_its_days(cohort: str, label: str, begins: str, ends: str) -> None:
    span = (date(2026, 2, 10), date(2026, 12, 31))
    assert find_cohort_bounds(cohort, label, span) == (date.fromisoformat(begins), date.fromisoformat(ends))


def test_only_stages_of_leads_have_lists() -> None:
    assert stage_list_addresses("prospect") == {}
    assert set(stage_list_addresses("won")) == {"leads"}
    assert set(stage_list_addresses("sql")) == {"leads", "stuck"}
    assert "open" in COUNTED
