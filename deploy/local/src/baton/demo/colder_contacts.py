"""Contacts that the data does not know: played, to show what scoring does not pass on.

Readers, webinar guests, scanned badges, poor fits, customers, a few competitors. They have no
`origin` and no `mql_id`, and none of them is ever won, so they touch no figure of the data.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from baton.demo import people
from baton.demo.dice import Dice

KINDS = {
    "reader": 34,
    "webinar guest": 20,
    "scan": 14,
    "poor fit": 12,
    "trial": 8,
    "customer": 5,
    "competitor": 4,
    "ticked": 3,
}
POOR_FIT = {"job_title": "Student", "employees": 3, "country": "AR"}
CONTENTS = ("lead-handover-guide", "sla-template", "scoring-workbook", "nurture-playbook")


@dataclass(frozen=True, slots=True)
class ColderContact:
    """One played contact: what they submit and when, and what is known of their firm before."""

    key: str
    account: dict[str, Any] | None
    submissions: tuple[tuple[datetime, dict[str, Any]], ...]


def make_colder_contacts(seed: int, count: int, first: date, last: date) -> Iterator[ColderContact]:
    """Yield `count` contacts who appear between two days."""
    span = max(1, (last - first).days)
    for number in range(1, count + 1):
        key = f"played-{number:05d}"
        dice = Dice.for_subject(seed, key)
        start = first + timedelta(days=dice.whole_between("appears", 0, span))
        kind = dice.choose_weighted("kind", KINDS)
        yield ColderContact(key, _known_account(kind, key), tuple(_build_submissions(kind, key, dice, start)))


def _known_account(kind: str, key: str) -> dict[str, Any] | None:
    if kind in {"customer", "competitor"}:
        return {"name": f"Firm {key}", "kind": kind}
    return None


def _build_submissions(kind: str, key: str, dice: Dice, start: date) -> Iterator[tuple[datetime, dict[str, Any]]]:
    day = start
    for event, (engagement, source, more) in enumerate(_build_engagements(kind, dice), start=1):
        minutes = dice.between(f"minute {event}", 0, 170)
        at = datetime.combine(day, time(9), UTC) + timedelta(minutes=minutes)
        facts = {"played": key, **more.pop("facts", {})}
        body = people.make_submission(key, dice, at, engagement, facts, event=event, source=source)
        if kind == "poor fit":
            body |= POOR_FIT
        yield at, body | more
        day += timedelta(days=dice.whole_between(f"pause {event}", 1, 12))


def _build_engagements(kind: str, dice: Dice) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield engagement, source and what else the submission says."""
    content = {"content": dice.choose("content", CONTENTS)}
    if kind == "webinar guest":
        yield from _build_webinar_engagements(dice, content)
    elif kind == "scan":
        answers = {"qualifier_project": True} if dice.happens("qualified", 0.25) else {}
        yield "event_scan", "event_scan", {"campaign": "fair-2018", "facts": answers}
    elif kind == "trial":
        yield "trial_started", "product", {"facts": {"seats": dice.whole_between("seats", 1, 40)}}
        if dice.happens("more seats", 0.4):
            yield "seats_added", "product", {"facts": {"seats": dice.whole_between("more", 5, 80)}}
    elif kind == "customer":
        yield dice.choose("wish", ("contact_sales", "pricing_view")), "web_form", {}
    elif kind == "ticked":
        yield "content_download", "web_form", {**content, "talk_to_sales": True}
    else:
        for _ in range(dice.whole_between("downloads", 1, 3)):
            yield "content_download", "web_form", dict(content)
        if dice.happens("prices", 0.3):
            yield "pricing_view", "web_form", {}


def _build_webinar_engagements(dice: Dice, content: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    yield "webinar_registered", "webinar", {"campaign": "webinar-2018"}
    if dice.happens("attends", 0.6):
        yield "webinar_attended", "webinar", {"campaign": "webinar-2018"}
    if dice.happens("downloads too", 0.4):
        yield "content_download", "web_form", dict(content)
