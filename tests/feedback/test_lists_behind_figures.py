"""Every figure of a report names the list behind it, and the list has exactly as many leads as the figure says."""

import random
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from events.contacts import PlaybookActivated
from events.runtime.testing import START, ServiceHarness
from feedback.app import service
from feedback.domain.credit import MODELS
from feedback.domain.figure_lists import COUNTED, find_cohort_bounds, stage_list_addresses
from tests.feedback.domain_harness import FOLDER
from tests.feedback.lead_story import LeadStory, days
from tests.feedback.test_properties import FIELDS
from tests.feedback.test_proposals import PROPOSED
from tests.feedback.test_service import YES, does, given_a_lead

PEOPLE = 20
WORK = tuple(FIELDS)
REPORTS = (
    *(
        f"/v1/funnel?by={by}"
        for by in ("source", "campaign", "lead_type", "grade", "playbook_version", "team", "origin", "week", "month")
    ),
    *(f"/v1/funnel?by=team&cohort={cohort}" for cohort in ("day", "month")),
    *(f"/v1/funnel?kind={kind}" for kind in ("mql", "hand_raisers", "requalified", "customers")),
    "/v1/funnel?by=source&cohort=week&first=2026-02-04&last=2026-02-20",
    *(f"/v1/attribution?by={by}&model={model}" for by in ("source", "campaign") for model in MODELS),
    "/v1/attribution?first=2026-02-04&last=2026-02-20",
    "/v1/stages",
    "/v1/reasons",
    "/v1/reasons?first=2026-02-20&last=2026-03-20",
    "/v1/topics",
    "/v1/topics?cohort=week",
    "/v1/topics?cohort=month&first=2026-02-20&last=2026-03-20",
)
TOPICS = ("pricing", "security", "integration")
OUTCOMES = ("no_answer", "welcomed", "stalled")  # fmt: skip


async def played(harness: ServiceHarness, seed: int = 14) -> None:
    """Let chance make and work twenty people's leads, qualified over six weeks; what they raise in calls too."""
    chance = random.Random(seed)  # noqa: S311 - a story, no secret
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
            raised: dict[str, Any] = {}
            if name == "touches":
                raised["topics"] = chance.choices(TOPICS, k=chance.randrange(4))
                raised["outcome"] = chance.choice(OUTCOMES)
                raised["at"] = (begins + days(chance.random() * 2)).isoformat() if chance.random() < 0.7 else None
            fields = {"by": "ann", **FIELDS[name], **{key: value for key, value in raised.items() if value is not None}}
            await harness.http.post(f"/v1/leads/{story.lead_id}/{name}", json=fields)


async def collect_feedback(harness: ServiceHarness, seed: int) -> None:
    """Let reps say something of campaigns, topics and people, and marketing change rules because of it."""
    chance = random.Random(seed)  # noqa: S311 - a story, no secret
    for n in range(6):
        about: dict[str, Any] = {"about": "messaging", "campaign": chance.choice(["spring", "fair"])}
        if chance.random() < 0.5:
            about = {"about": "topic", "topic": "pricing", "contact_id": str(LeadStory(f"p{n}").contact_id)}
        await harness.http.post("/v1/feedback", json={"by": chance.choice(["ann", "bob"]), **about})
    for n, asked in enumerate(({"reason": "not_ready"}, {"campaign": "spring", "topic": "pricing"}, {})):
        body = {"by": "max", **PROPOSED, "playbook_version": f"{n:012}", "change": "A paper counts less", **asked}
        made = await harness.http.post("/v1/proposals", json=body)
        assert made.status_code == 201, made.text
        await harness.deliver(PlaybookActivated(occurred_at=await harness.now, service="scoring", version=f"{n:012}"))


async def listed(harness: ServiceHarness, address: str, limit: int = 1000) -> list[str]:
    """Return the ids of all pages of a list; feedback may be about no lead."""
    found: list[str] = []
    following = None
    while True:
        cursor = f"&cursor={following}" if following else ""
        answer = await harness.http.get(f"{address}&limit={limit}{cursor}")
        assert answer.status_code == 200, (address, answer.text)
        page = answer.json()
        found += [row.get("feedback_id") or row["lead_id"] for row in page["items"]]
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
    return float(node["outcomes"][name] if name in node.get("outcomes", {}) else node[name])


def figures_of_week(week: Any, where: str) -> Iterator[tuple[str, float, str]]:
    """Yield the figures of a digest whose lists stand beside them: of both weeks, of the picture, of its bars."""
    for name, address in week["lists_before"].items():
        yield f"{where}.numbers.{name}.before", week["numbers"][name]["before"], address
    for name, addresses in week["week_lists"].items():
        for n, (number, address) in enumerate(zip(week[name], addresses, strict=True)):
            yield f"{where}.{name}[{n}]", number, address
    for rows, lists in ((week["reasons"], week["reason_lists"]), (week["topics"], week["topic_lists"])):
        assert lists.keys() == {name for name, *_ in rows}
        for name, now, before in rows:
            yield f"{where}.{name}.now", now, lists[name]["now"]
            yield f"{where}.{name}.before", before, lists[name]["before"]


async def check_lists(harness: ServiceHarness, *reports: str) -> dict[str, float]:
    """Check that each figure of these reports opens a list as long as it says; return the lists by address."""
    seen: dict[str, float] = {}
    for report in reports:
        answer = await harness.http.get(report, headers={"Accept": "application/json"})
        assert answer.status_code == 200, (report, answer.text)
        found = list(figures(answer.json(), report))
        if "digest" in report:
            found += figures_of_week(answer.json(), report)
        for name, says, address in found:
            if address.startswith("/v1/clocks"):
                continue
            if address not in seen:
                seen[address] = len(await listed(harness, address))
            assert seen[address] == says, (name, address)
    return seen


async def test_every_link_of_every_report_opens_exactly_its_list(harness: ServiceHarness) -> None:
    """A1: the whole of the funnel, the stages, the reasons and the topics, and the digest of each week."""
    await played(harness)
    await harness.advance(days(50))
    weeks = [f"/v1/digest?week={week}" for week in ("2026-02-16", "2026-W16")]
    seen = await check_lists(harness, *REPORTS, *weeks)
    assert sum(1 for count in seen.values() if count) > 100, "most lists are of somebody"
    assert sum(count for address, count in seen.items() if address.startswith("/v1/touches")) > 5
    untouched = (await harness.http.get(weeks[-1], headers={"Accept": "application/json"})).json()
    assert len(await listed(harness, untouched["untouched_list"], limit=2)) == sum(untouched["untouched"].values())


@pytest.mark.parametrize("seed", range(3))
async def test_every_number_of_a_generated_week_opens_exactly_its_list(harness: ServiceHarness, seed: int) -> None:
    """14, "must be seen": whatever happened, and in each week of it."""
    await played(harness, seed)
    await collect_feedback(harness, seed)
    await harness.advance(days(7))
    weeks = [f"/v1/digest?week={START - days(7 * back):%Y-%m-%d}" for back in range(6)]
    seen = await check_lists(harness, *weeks, "/v1/topics?cohort=week")
    assert sum(1 for address, count in seen.items() if address.startswith("/v1/proposal-sources") and count)
    await harness.advance(days(120))
    for week in (*weeks, f"/v1/digest?week={START + days(121):%Y-%m-%d}"):
        page = (await harness.http.get(f"{week}&format=html")).text
        assert find_numbers_without_list(page) == [], week


NO_COUNT = re.compile(
    r"week \d+ of \d{4}|W\d\d|\b\d{1,2} (?:January|February|March|April|May|June|July)(?: \d{4})?|last 13 weeks"
    r"|[▲▼→] \d+%|95 %: [\d.]+% to [\d.]+%|within \d+ (?:h|days)|longer than \d+ days|\b0(?:\.0%)?(?=\D|$)"
    r"|[\d.]+% promised|version [0-9a-f]{12}\b"
)
"""What a number may be without a list: a name, a day, a change, an interval, a limit, and nothing at all."""


class _UnlinkedText(HTMLParser):
    """Keeps what stands on a page outside links, and the scales of its pictures apart."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "line", "rect", "path", "circle", "polyline", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not {"a", "style", "title", "svg"} & set(self.open):
            self.found.append(data)


def find_numbers_without_list(page: str) -> list[str]:
    """Return the texts of a page with a number that opens no list, but for what is no count."""
    parser = _UnlinkedText()
    parser.feed(page)
    return [text for text in parser.found if re.search(r"\d", NO_COUNT.sub("", text))]


async def test_a_dip_opens_whom_it_counts_and_a_loosened_version_its_leads(
    harness: ServiceHarness, tmp_path: Path
) -> None:
    """Eight of eight became SQL before, none of eight since; and a version begun near the end of March made them."""
    rules = shutil.copytree(FOLDER, tmp_path / "rules")
    text = (rules / "feedback.yaml").read_text()
    (rules / "feedback.yaml").write_text(text.replace("dip_at_least: 30", "dip_at_least: 5"))
    async with harness.transaction() as tx:
        await service.playbooks.activate(tx, service.playbooks.read(rules), by="default", approvals=[])
    old, new = START - days(20), datetime(2026, 3, 25, 9, tzinfo=UTC)
    for n in range(16):
        story = LeadStory(f"p{n}", start=old + days(n) if n < 8 else new)
        await harness.deliver(story.qualified(playbook_version=f"scoring-{1 + n // 8}"), story.assigned("ann"))
        if n < 8:
            await does(harness, "accept", story=story)
            await does(harness, "confirm", story=story, bant=YES)
    await harness.advance(new + days(95) - await harness.now)
    found = await check_lists(harness, "/v1/flags", f"/v1/digest?week={new + days(95):%Y-%m-%d}")
    flags = (await harness.http.get("/v1/flags")).json()
    (dip,) = [each for each in flags["dips"] if each["step"] == "mql_to_sql"]
    assert [dip[name] for name in ("now_counted", "now_of", "before_counted", "before_of")] == [0, 8, 8, 8]
    (loosened,) = flags["loosened"]
    assert (loosened["leads"], loosened["leads_before"], len(found) > 6) == (8, 8, True)
    page = (await harness.http.get(f"/v1/digest?format=html&week={new + days(95):%Y-%m-%d}")).text
    assert f'fell from 100.0% (<a href="{escape(dip["lists"]["before_counted"])}">8</a>' in page
    assert f'<a href="{escape(loosened["lists"]["leads"])}">8</a> so far' in page


async def test_touches_of_a_topic_come_page_by_page_and_in_reach(harness: ServiceHarness) -> None:
    """A topic that is named twice in one call was raised once; a rep's key lists what concerns their leads."""
    for n, name in enumerate(("a", "b", "c")):
        story = LeadStory(name, start=START)
        await given_a_lead(harness, story)
        raised = {**FIELDS["touches"], "outcome": "welcomed" if n else "stalled", "topics": ["pricing", "pricing"]}
        await does(harness, "touches", story=story, **raised)
    (topic,) = (await harness.http.get("/v1/topics")).json()["items"]
    assert (topic["times"], topic["outcomes"]) == (3, {"welcomed": 2, "stalled": 1})
    whole = await listed(harness, "/v1/touches?topic=pricing")
    assert await listed(harness, "/v1/touches?topic=pricing", limit=1) == whole
    assert len(whole) == 3
    assert len(await listed(harness, "/v1/touches?topic=pricing&outcome=welcomed")) == 2
    assert await listed(harness, "/v1/touches?topic=pricing&last=2026-03-01") == []
    await harness.raw.execute("update leads set rep_id = 'bob', team = 'ae' where contact_id = $1", story.contact_id)
    for bound, seen in (("role = 'rep', rep_id = 'bob'", 1), ("role = 'manager', team = 'development'", 2)):
        await harness.raw.execute(f"update api_keys set {bound}")  # noqa: S608 - two texts of ours
        harness.service.keys.forget_keys()
        assert len(await listed(harness, "/v1/touches?topic=pricing")) == seen


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
