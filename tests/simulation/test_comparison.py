"""Another playbook on the same history: who changes side, how many a week, how well (D10, Q14, Q17)."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

import yaml

from baton.pages import fill_template
from baton.simulation.comparison import ComparedSide, Comparison, QueueChooser, comparison_as_json
from baton.simulation.replay import simulate_leads
from baton.simulation.run import simulate_histories
from routing.playbook import RoutingPlaybook
from scoring.domain import Engagement, History, LifecycleFact, decide_contact
from scoring.playbook import ScoringPlaybook
from tests.scoring.builders import FAIR, IDEAL, PLAYBOOK, POOR, ROOT, became, day, did, disqualified, recycled, won

ROUTING = RoutingPlaybook.model_validate(yaml.safe_load((ROOT / "deploy/playbook/routing.yaml").read_text()))


def changed(**levels: float) -> ScoringPlaybook:
    """Return the default playbook with other lines of readiness."""
    rules = yaml.safe_load((ROOT / "deploy/playbook/scoring.yaml").read_text())
    rules["readiness"]["levels"] = {int(name[1:]): points for name, points in levels.items()}
    return ScoringPlaybook.model_validate(rules)


STRICT = changed(l1=90, l2=60, l3=15)
LOOSE = changed(l1=40, l2=15, l3=5)


def who(number: int) -> UUID:
    return UUID(int=number, version=4)


def past_of(number: int, *parts: Engagement | LifecycleFact) -> History:
    made = History(who(number))
    for part in parts:
        made.add_engagement(part) if isinstance(part, Engagement) else made.add_lifecycle_fact(part)
    return made


def warm(number: int, at: float = 0) -> list[Engagement]:
    """Two webinars: readiness of 40, level 2."""
    return [did("webinar_attended", at + later, contact=who(number), **IDEAL) for later in (0, 0.1)]


def a_past() -> list[History]:
    return [
        past_of(1, *warm(1), *became(won(9, contact=who(1)))),
        past_of(2, *warm(2, at=8), *became(recycled(20, contact=who(2)))),
        past_of(3, did("contact_sales", 1, contact=who(3), **IDEAL), *became(won(5, contact=who(3)))),
        past_of(4, did("webinar_attended", 2, contact=who(4), **IDEAL)),
        past_of(5, did("contact_sales", 3, contact=who(5), **POOR), *became(disqualified(6, contact=who(5)))),
        past_of(6, did("email_click", 3, contact=who(6), **FAIR)),
    ]


def compared(candidate: ScoringPlaybook, **options: Any) -> dict[str, Any]:
    found = Comparison(ComparedSide(PLAYBOOK), ComparedSide(candidate), QueueChooser(ROUTING), **options)
    for history in a_past():
        found.compare_contact(history)
    return comparison_as_json(found)


def test_the_same_playbook_changes_nothing() -> None:
    found = compared(PLAYBOOK)
    assert found["moves"] == {}
    assert found["in_force"] == found["candidate"]
    assert found["in_force"]["leads"] == 4


def test_a_stricter_playbook_makes_fewer_leads_and_its_precision_and_recall_are_counted_by_what_happened() -> None:
    """Strictness has a visible effect on volume (Q17); whom it would have missed is named."""
    found = compared(STRICT)
    assert found["moves"] == {"no longer a lead": 2}
    assert (found["in_force"]["leads"], found["candidate"]["leads"]) == (4, 2)
    assert (found["in_force"]["mqls"], found["candidate"]["mqls"]) == (2, 0)
    assert (found["in_force"]["precision"], found["in_force"]["recall"]) == (0.5, 1.0)
    assert (found["candidate"]["precision"], found["candidate"]["recall"]) == (0.5, 0.5)
    assert found["in_force"]["too_early"] == 0.25
    missed = [row for row in found["moved"] if row["became"] == "won"]
    assert [row["contact_id"] for row in missed] == [str(who(1))]


def test_a_looser_playbook_makes_more_leads_or_makes_them_earlier() -> None:
    found = compared(LOOSE)
    assert found["moves"] == {"becomes a lead earlier": 2, "becomes a lead": 1}
    assert found["candidate"]["mqls"] == 3


def test_volume_is_reported_by_week_and_work_by_queue() -> None:
    found = compared(STRICT)
    weeks = [(row["week"], row["in_force"], row["candidate"]) for row in found["weeks"]]
    assert weeks == [("2026-03-02", 3, 2), ("2026-03-09", 1, 0)]
    work = {row["queue"]: (row["in_force"], row["candidate"]) for row in found["workload"]}
    assert work == {"development": (2, 0), "hand-raisers": (1, 1), "poor-fit": (1, 1)}
    assert all(row["reps"] > 0 for row in found["workload"])


def test_leads_count_from_an_instant_on() -> None:
    found = compared(STRICT, since=day(7))
    assert found["in_force"]["leads"] == 1
    assert found["moves"] == {"no longer a lead": 1}


def test_a_replay_finds_the_leads_that_scoring_published_as_they_happened() -> None:
    """Decided one by one as they came, or all at once afterwards: the same leads, of the same type and instant."""
    for whole in a_past():
        living = History(whole.contact_id)
        steps: list[tuple[Any, Engagement | LifecycleFact]] = [
            (each.occurred_at, each) for each in whole.engagements.values()
        ]
        steps += [(turn.at, turn) for turn in whole.lifecycle.values()]
        for at, part in sorted(steps, key=lambda step: step[0]):
            living.add_engagement(part) if isinstance(part, Engagement) else living.add_lifecycle_fact(part)
            for lead in decide_contact(living, PLAYBOOK, now=at, version="v").leads:
                living.leads[lead.cycle] = lead
        published = [(lead.cycle, lead.lead_type, lead.opened_at, lead.fit) for lead in living.leads.values()]
        assert [
            (each.cycle, each.lead_type, each.opened_at, each.fit) for each in simulate_leads(whole, PLAYBOOK)
        ] == published


def test_progress_is_reported_and_the_page_shows_what_was_found() -> None:
    async def each(histories: Iterable[History]) -> AsyncIterator[History]:
        for history in histories:
            yield history

    heard: list[int] = []
    comparison = Comparison(ComparedSide(PLAYBOOK), ComparedSide(STRICT), QueueChooser(ROUTING))
    found = asyncio.run(simulate_histories(each(a_past()), comparison, heard.append))
    assert heard == [8]
    assert found["engagements"] == 8
    assert found["engagements_per_second"] > 0
    page = fill_template("simulation.html", found=found, candidate="new.yaml", in_force="0123", since=None)
    assert "no longer a lead" in page
    assert "2026-03-09" in page


def test_queues_depend_on_what_the_contact_did_and_on_what_a_rule_leaves_out() -> None:
    """A rule on engagements, and one that leaves a campaign out, are those of routing here too."""
    text = yaml.safe_load((ROOT / "deploy/playbook/routing.yaml").read_text())
    when = {"engagement": ["webinar_attended"], "not": {"campaign": ["trial"]}}
    text["rules"].insert(0, {"name": "webinars", "when": when, "queue": "fast-track"})
    teams = QueueChooser(RoutingPlaybook.model_validate(text))
    (webinar,) = simulate_leads(past_of(1, *warm(1)), PLAYBOOK)
    others: list[dict[str, Any]] = [{"campaign": "trial"}, {"engagement": "white_paper"}]
    leads = webinar, *(replace(webinar, raised=webinar.raised.changed(**other)) for other in others)
    assert [teams.choose_queue(lead) for lead in leads] == ["fast-track", "development", "development"]


def test_an_end_that_is_dated_before_the_first_request_is_the_end_of_that_lead() -> None:
    """Production published the lead before it learned of the win; a simulation knows of it from the start."""
    early: list[Engagement | LifecycleFact] = [
        did("demo_request", 2, contact=who(1), **IDEAL),
        *became(won(0, contact=who(1))),
    ]
    (made,) = simulate_leads(past_of(1, *early), PLAYBOOK)
    assert (made.cycle, made.lead_type, made.opened_at) == (1, "hand_raiser", day(2))
    again = did("demo_request", 9, contact=who(1), **IDEAL)
    assert [each.cycle for each in simulate_leads(past_of(1, *early, again), PLAYBOOK)] == [1, 2]
