"""What the pages say where the facts are ids, dates or nothing: words of the trade, in the reader's language."""

import pytest

from desk.domain import wording
from desk.domain.wording import Language
from events.contacts import CampaignAnnounced
from events.runtime.testing import ServiceHarness
from tests.desk.conftest import MAX, signed_in
from tests.desk.test_pages import ADA, profile
from tests.sla_monitor.lead_story import MONDAY

GERMAN = Language("de", {"Campaign": "Kampagne", "May": "Mai", "Not known": "Nicht bekannt", "Qualified": "Gewonnen"})


@pytest.mark.parametrize("by", [{}, {"by": None}], ids=["without", "of nobody"])
def test_a_touch_of_nobody_known_is_by_nobody(by: dict[str, None]) -> None:
    """It read `by None`, and a touch without the field ended the page."""
    body = {"kind": "call", "outcome": "no_answer", **by}
    assert wording.write_story_sentence("lead.touched", body) == "Call: no answer"
    automated = body | {"automated": True}
    assert wording.write_story_sentence("lead.touched", automated) == "Call by a machine: no answer"


def test_what_is_due_now_is_late() -> None:
    """The leader's list of what is late said `in 0 s` in red."""
    assert wording.due_text(MONDAY, MONDAY) == "0 s late"


@pytest.mark.parametrize(
    ("pairs", "text"),
    [
        ([("counted", "qualified"), ("reached", "qualified"), ("reached_first", "2026-05-04"),
          ("reached_last", "2026-05-10")], "Qualified \u00b7 4 May 2026 \u2013 10 May 2026"),
        ([("topic", "price"), ("outcome", "no_answer"), ("first", "2026-05-04")],
         "Topic: price \u00b7 No answer \u00b7 4 May 2026"),
        ([("clock", "first_touch"), ("team", "inbound"), ("since", "2026-05-04T00:00:00Z"), ("until", "soon")],
         "Promise: First call or mail \u00b7 Team: inbound \u00b7 4 May 2026 \u2013 soon"),
        ([("state", "mql"), ("stuck", "true"), ("rep_id", "ann_lee-1"), ("lead_type", "hand_raiser")],
         "New \u00b7 Stuck \u00b7 Rep: ann_lee-1 \u00b7 Lead type: Asked to talk to sales"),
        ([], ""),
    ],
)  # fmt: skip
def test_a_list_says_in_words_what_it_is_narrowed_by(pairs: list[tuple[str, str]], text: str) -> None:
    assert wording.write_filters(pairs) == text


def test_a_list_says_it_in_the_readers_language() -> None:
    text = wording.write_filters([("reached", "qualified"), ("campaign", "spring"), ("last", "2026-05-10")], GERMAN)
    assert text == "Gewonnen \u00b7 Kampagne: spring \u00b7 10 Mai 2026"


def test_a_group_has_its_name_or_its_words() -> None:
    assert wording.write_group_name("campaign", "spring", "Spring fair") == "Spring fair"
    assert wording.write_group_name("campaign", "spring_fair", None) == "spring fair"
    assert wording.write_group_name("lead_type", "hand_raiser", None) == "Asked to talk to sales"
    assert wording.write_group_name("campaign", "none", None) == "No campaign"
    assert wording.write_group_name("source", "none", None, GERMAN) == "Nicht bekannt"


async def test_the_funnel_calls_a_campaign_by_its_name(harness: ServiceHarness) -> None:
    """And so does the list behind its number, also for who came without one."""
    spring = CampaignAnnounced(occurred_at=MONDAY, campaign="spring-26", revision=1, name="Month-end in a day")
    await harness.deliver(spring, profile(ADA, last_name="Long"), ADA.qualified(campaign="spring-26"))
    marketing = await signed_in(harness, MAX)
    page = (await marketing.get("/funnel?by=campaign&days=3660")).text
    assert ">Month-end in a day</th>" in page
    listed = (await marketing.get("/funnel/list?by=campaign&group=spring-26&days=3660")).text
    assert "<h1>Qualified: Month-end in a day</h1>" in listed
    assert "<h1>Qualified: No campaign</h1>" in (await marketing.get("/funnel/list?by=campaign&group=none")).text


async def test_why_somebody_has_a_lead_is_in_words(harness: ServiceHarness) -> None:
    given = ADA.assigned("ann", reason="acceptance_missed")
    await harness.deliver(profile(ADA, last_name="Long"), ADA.qualified(), given)
    reader = await signed_in(harness, MAX)
    reader.headers["Accept-Language"] = "de"
    page = (await reader.get(f"/people/{ADA.contact_id}")).text
    assert "Davor hat ihn niemand rechtzeitig angenommen" in page
