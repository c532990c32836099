"""Names that one file of the playbook uses and another defines: what is missing there, and what nobody uses.

Each service knows its own file alone, so a misspelt engagement in scoring earns no points and nobody notices.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

BY_BATON = frozenset({"wake_up", "account_use"})
"""Engagements that Baton itself records."""

Files = Mapping[str, Mapping[str, Any]]
"""The parsed files by service."""


@dataclass(frozen=True, slots=True)
class Use:
    """A name, the kind of thing it is a name of, and where it is used."""

    kind: str
    name: str
    service: str
    field: str


def missing(files: Files) -> Iterator[tuple[str, str, str]]:
    """Yield (service, field, sentence) for each name that is used and nowhere defined."""
    known = _defined(files)
    for use in _uses(files):
        names = known[use.kind]
        if use.name not in names:
            close = get_close_matches(use.name, names, n=1)
            meant = f"; did you mean {close[0]}?" if close else ""
            yield use.service, use.field, f"no {use.kind} is called {use.name}{meant}"


def unused(files: Files) -> Iterator[tuple[str, str]]:
    """Yield (service, sentence) for each name that is defined and nowhere used."""
    used = {(use.kind, use.name) for use in _uses(files)}
    known = _defined(files)
    for kind, service in (("engagement", "capture"), ("team", "routing"), ("calendar", "sla-monitor")):
        for name in sorted(known[kind] - (BY_BATON if kind == "engagement" else frozenset())):
            if (kind, name) not in used:
                yield service, f"the {kind} {name} is defined and used nowhere"


def _defined(files: Files) -> dict[str, set[str]]:
    capture, scoring, routing = files["capture"], files["scoring"], files["routing"]
    return {
        "engagement": {*capture["engagements"], *BY_BATON},
        "source": set(capture["sources"]),
        "segment": {segment["name"] for segment in scoring.get("segments", ())},
        "team": set(routing["teams"]),
        "reason": set(files["feedback"]["reasons"]),
        "calendar": set(files["sla-monitor"]["calendars"]),
    }


def _uses(files: Files) -> Iterator[Use]:
    for service, find in (
        ("capture", _in_capture),
        ("scoring", _in_scoring),
        ("routing", _in_routing),
        ("sla-monitor", _in_sla),
        ("feedback", _in_feedback),
    ):
        for kind, field, names in find(files[service]):
            yield from (Use(kind, str(name), service, field) for name in names or ())


Found = Iterator[tuple[str, str, Iterable[object] | None]]


def _in_capture(file: Mapping[str, Any]) -> Found:
    yield "source", "default_source", [file["default_source"]]
    yield "engagement", "product_use", file.get("product_use", ())
    for name, source in file["sources"].items():
        yield "engagement", f"sources.{name}", [source["engagement"]]


def _in_scoring(file: Mapping[str, Any]) -> Found:
    for row in file["readiness"]["worth"]:
        yield "engagement", f"readiness.worth.{row['name']}", row.get("engagements", ())
        yield "source", f"readiness.worth.{row['name']}", row.get("sources", ())
    yield from _hand_raises(file["hand_raise"], "hand_raise")
    for name in ("too_early", "too_late"):
        yield "reason", f"outcomes.{name}", file.get("outcomes", {}).get(name, ())
    yield "reason", "cycles.no_cool_down_after", file.get("cycles", {}).get("no_cool_down_after", ())


def _hand_raises(rule: Mapping[str, Any], field: str) -> Found:
    yield "engagement", f"{field}.engagements", rule.get("engagements", ())
    yield "source", f"{field}.sources", rule.get("sources", ())


def _in_routing(file: Mapping[str, Any]) -> Found:
    for rule in file["rules"]:
        for kind in ("engagement", "source", "segment"):
            yield kind, f"rules.{rule['name']}", rule.get("when", {}).get(kind, ())
    yield "engagement", "openers.engagements", file["openers"]["engagements"]
    yield "reason", "openers.last_time", file["openers"].get("last_time", {})
    yield "team", "queues", [queue["team"] for queue in file["queues"].values()]
    yield "reason", "fairness.junk", file.get("fairness", {}).get("junk", ())
    yield "reason", "rejected_to", file.get("rejected_to", {})


def _in_sla(file: Mapping[str, Any]) -> Found:
    touches = file.get("touches", {})
    yield "source", "touches.conversation_sources", touches.get("conversation_sources", ())
    yield "engagement", "touches.conversation_engagements", touches.get("conversation_engagements", ())
    yield "team", "team_calendars", file.get("team_calendars", {})
    for field in ("team_calendars", "rep_calendars"):
        yield "calendar", field, file.get(field, {}).values()
    yield "calendar", "calendar", [file["calendar"]]
    for policy in file["policies"]:
        for kind in ("source", "segment", "team"):
            yield kind, f"policies.{policy['name']}", policy.get("when", {}).get(kind, ())
        named = (each["calendar"] for each in policy.values() if isinstance(each, dict) and each.get("calendar"))
        yield "calendar", f"policies.{policy['name']}", [name for name in named if name in file["calendars"]]


def _in_feedback(file: Mapping[str, Any]) -> Found:
    yield from _hand_raises(file["hand_raises"], "hand_raises")
