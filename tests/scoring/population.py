"""Ten thousand invented people in ninety days, played by the pure domain: what mix the default rules make of them.

`python -m tests.scoring.population` prints the tables of `docs/defaults.md`. The shares below are what marketers of
software for companies would call ordinary; they are nobody's data. All is drawn from one seed.
"""

import copy
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import yaml

from events.leads import LeadQualified, LeadUpgraded
from scoring.domain import Engagement, History, decide_contact
from scoring.domain.crossings import rank_lead_type
from scoring.domain.fit import grade_fit
from scoring.domain.knowledge import choose_best_facts
from scoring.playbook import ScoringPlaybook
from tests.scoring.builders import ROOT, did

PEOPLE, DAYS, SEED = 10_000, 90, 20260302
Choices = Sequence[tuple[Any, float]]

EMPLOYEES: Choices = [
    (None, 12), (3, 22), (8, 8), (20, 14), (35, 10), (80, 10), (180, 9), (400, 6), (700, 3), (2_500, 4), (12_000, 2),
]  # fmt: skip
INDUSTRIES: Choices = [
    (None, 15), ("Software", 14), ("Manufacturing", 10), ("Retail", 7), ("Consulting", 8), ("Healthcare", 5),
    ("Logistics", 4), ("Media", 3), ("Hospitality", 9), ("Education", 9), ("Government", 7), ("Agriculture", 4),
    ("Real estate", 5),
]  # fmt: skip
COUNTRIES: Choices = [
    (None, 8), ("DE", 30), ("US", 18), ("FR", 10), ("ES", 7), ("BR", 6), ("IN", 9), ("NG", 5), ("JP", 4), ("TR", 3),
]  # fmt: skip
TITLES: Choices = [
    (None, 18), ("CEO", 5), ("Managing Director", 3), ("VP Marketing", 3), ("Head of Marketing", 5),
    ("Marketing Manager", 10), ("Head of Sales", 3), ("Sales Manager", 6), ("Sales Representative", 4),
    ("Operations Manager", 4), ("Marketing Specialist", 7), ("Head of Engineering", 2), ("CTO", 2),
    ("Software Engineer", 8), ("Finance Manager", 4), ("HR Manager", 4), ("Project Coordinator", 4),
    ("Executive Assistant to the CEO", 2), ("Student", 4), ("Looking for work", 1), ("経理部長", 1),
]  # fmt: skip
MAILS: Choices = [("corporate", 71), ("free", 23), ("role", 4), ("disposable", 2)]
PAPERS = ("buyers-guide", "checklist", "benchmark", "case-study", "white-paper")

Acts = Iterator[tuple[str, float, dict[str, Any]]]


def _subscriber(dice: random.Random) -> Acts:
    for _ in range(dice.randint(1, 8)):
        yield dice.choice(("email_open", "email_open", "email_click", "social")), dice.uniform(0, DAYS), {}


def _reader(dice: random.Random) -> Acts:
    start = dice.uniform(0, DAYS)
    for _ in range(dice.choice((1, 1, 1, 2, 2, 3, 4))):
        yield "content_download", min(DAYS, start + dice.expovariate(1 / 10)), {"content": dice.choice(PAPERS)}


def _listener(dice: random.Random) -> Acts:
    start = dice.uniform(7, DAYS)
    yield "webinar_registered", start - 7, {"content": "webinar-1"}
    if dice.random() < 0.45:
        yield "webinar_attended", start, {"content": "webinar-1"}
    if dice.random() < 0.25:
        yield "content_download", min(DAYS, start + 1), {"content": dice.choice(PAPERS)}


def _visitor_of_a_fair(dice: random.Random) -> Acts:
    answers = {"facts": {"has_project": "yes"}} if dice.random() < 0.2 else {}
    yield "event_scan", 30.0, {"source": "event_scan", **answers}
    if dice.random() < 0.3:
        yield "content_download", dice.uniform(31, DAYS), {"content": dice.choice(PAPERS)}


def _evaluator(dice: random.Random) -> Acts:
    start = dice.uniform(0, DAYS)
    for _ in range(dice.randint(1, 4)):
        yield "pricing_view", min(DAYS, start + dice.uniform(0, 14)), {}
    yield from _reader(dice)
    if dice.random() < 0.25:
        yield "webinar_attended", dice.uniform(0, DAYS), {"content": "webinar-2"}


def _user(dice: random.Random) -> Acts:
    start, seats = dice.uniform(0, DAYS - 20), dice.choice((1, 1, 1, 1, 2, 2, 3, 5, 12, 60))
    yield "trial_started", start, {"source": "product", "facts": {"seats": 1}}
    if seats > 1:
        yield "seats_added", start + dice.uniform(1, 14), {"source": "product", "facts": {"seats": seats}}
    yield "product_used", start + 15, {"source": "product", "facts": {"active_days": dice.choice((1, 2, 3, 6, 11))}}


def _asker(dice: random.Random) -> Acts:
    yield from _reader(dice)
    yield dice.choice(("demo_request", "contact_sales")), dice.uniform(0, DAYS), {}


def _applicant(dice: random.Random) -> Acts:
    yield from ((dice.choice(("careers_view", "content_download")), dice.uniform(0, DAYS), {}) for _ in range(4))


def _leaver(dice: random.Random) -> Acts:
    yield from _evaluator(dice)
    yield "unsubscribed", dice.uniform(DAYS / 2, DAYS), {}


BEHAVIOUR: Choices = [
    (_subscriber, 26), (_reader, 32), (_listener, 11), (_visitor_of_a_fair, 9), (_evaluator, 8), (_user, 7),
    (_asker, 3), (_applicant, 2), (_leaver, 2),
]  # fmt: skip


def _draw(dice: random.Random, choices: Choices) -> Any:
    return dice.choices([value for value, _ in choices], [weight for _, weight in choices])[0]


def people() -> Iterator[list[Engagement]]:
    """Yield what everybody did, in order, always the same."""
    dice = random.Random(SEED)  # noqa: S311 - a population, no secret
    for number in range(1, PEOPLE + 1):
        contact = UUID(int=number)
        drawn = {
            "employees": _draw(dice, EMPLOYEES),
            "industry": _draw(dice, INDUSTRIES),
            "country": _draw(dice, COUNTRIES),
            "job_title": _draw(dice, TITLES),
            "email_kind": _draw(dice, MAILS),
            "email_domain": f"company-{number}.example",
        }
        facts = {name: value for name, value in drawn.items() if value is not None}
        behaviour: Callable[[random.Random], Acts] = _draw(dice, BEHAVIOUR)
        acts = [
            did(engagement, at, contact=contact, name=str(place), **facts, **more)
            for place, (engagement, at, more) in enumerate(behaviour(dice))
        ]
        yield sorted(acts, key=lambda act: act.sort_key)


def rules(change: Callable[[dict[str, Any]], Any] = lambda _: None) -> ScoringPlaybook:
    """Return the default rules with a change."""
    body = copy.deepcopy(yaml.safe_load((ROOT / "deploy/playbook/scoring.yaml").read_text(encoding="utf-8")))
    change(body)
    return ScoringPlaybook.model_validate(body)


@dataclass
class Mix:
    """What became of everybody under some rules."""

    grades: Counter[str] = field(default_factory=Counter)
    by_score: Counter[str] = field(default_factory=Counter)
    """Leads that the score made, by their grade."""
    by_request: int = 0
    """Leads whose contact asked to talk to sales, those among them that the score had made before."""


def play(everybody: Sequence[Sequence[Engagement]], playbook: ScoringPlaybook) -> Mix:
    """Decide at each arrival, as the service does, and look at everybody at the end."""
    mix = Mix()
    for acts in everybody:
        known = History(acts[0].contact_id)
        for act in acts:
            known.add_engagement(act)
            verdict = decide_contact(known, playbook, now=act.occurred_at, version="v")
            for lead in verdict.leads:
                known.put_lead(lead)
            for event in verdict.events:
                if isinstance(event, LeadQualified | LeadUpgraded) and rank_lead_type(event.lead_type):
                    mix.by_request += 1
                elif isinstance(event, LeadQualified):
                    mix.by_score[event.fit] += 1
        mix.grades[grade_fit(choose_best_facts(acts, playbook), playbook).grade] += 1
    return mix


def _without_needs(body: dict[str, Any]) -> None:
    body["fit"]["needs"] = []


def _each_time(body: dict[str, Any]) -> None:
    for row in body["readiness"]["worth"]:
        for name in ("same_content_days", "period_days", "period_cap"):
            row.pop(name, None)


def _nothing_against(body: dict[str, Any]) -> None:
    body["readiness"]["worth"] = [row for row in body["readiness"]["worth"] if row["points"] >= 0]


def _trial_at_once(body: dict[str, Any]) -> None:
    row = next(row for row in body["readiness"]["worth"] if row["name"] == "trial_started")
    row.update(points=35, cap=35)


VARIANTS: Mapping[str, Callable[[dict[str, Any]], None]] = {
    "any function and level may be A": _without_needs,
    "the same paper and each look at prices counts again": _each_time,
    "nothing speaks against a lead": _nothing_against,
    "a trial alone is a lead (35 points)": _trial_at_once,
}


def tables() -> list[str]:
    """Return the three tables of the page, each as Markdown."""
    everybody, default = list(people()), rules()
    played = {name: play(everybody, default.with_strictness(name)) for name in default.strictness.adds}
    mix = played[default.strictness.setting]
    changed = {"as they are": mix} | {name: play(everybody, rules(change)) for name, change in VARIANTS.items()}
    return [
        _table(["fit", "people", "share"], [[grade, mix.grades[grade], _share(mix.grades[grade])] for grade in "ABCD"]),
        _table(
            ["strictness", "leads by score", "A", "B", "C", "by request", "of all people"],
            [
                [name, (total := each.by_score.total()), *(each.by_score[grade] for grade in "ABC"), each.by_request,
                 _share(total + each.by_request)]
                for name, each in played.items()
            ],
        ),
        _table(
            ["rules", "people of grade A", "leads by score", "A", "B", "C"],
            [
                [name, each.grades["A"], each.by_score.total(), *(each.by_score[grade] for grade in "ABC")]
                for name, each in changed.items()
            ],
        ),
    ]  # fmt: skip


def _share(number: int) -> str:
    return f"{number / PEOPLE:.1%}".replace("%", " %")


def _table(heading: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [heading, ["--"] * len(heading), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


if __name__ == "__main__":
    sys.stdout.write("\n\n".join(tables()) + "\n")
