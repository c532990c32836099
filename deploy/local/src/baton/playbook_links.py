"""Names that one file of the playbook uses and another defines: what is missing there, and what nobody uses.

Each service knows its own file alone, so a misspelt engagement in scoring earns no points and nobody notices.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from typing import Any

from events.business_time import parse_duration

BY_BATON = frozenset({"wake_up", "account_use"})
"""Engagements that Baton itself records."""

_LISTED = {
    "engagement": "capture", "team": "routing", "calendar": "sla-monitor", "track": "feedback", "clock": "sla-monitor",
    "motion": "scoring", "campaign": "definitions", "content": "definitions",
}  # fmt: skip
"""Kinds of things whose names are to be used somewhere, and the service in whose file they are missed."""

File = Mapping[str, Any]
Files = Mapping[str, File]
"""The parsed files by service, and `definitions`, which all share."""


@dataclass(frozen=True, slots=True)
class NameUse:
    """A name, the kind of thing it is a name of, and where it is used."""

    kind: str
    name: str
    service: str
    field: str


def find_undefined_names(files: Files) -> Iterator[tuple[str, str, str]]:
    """Yield (service, field, sentence) for each name that is used and nowhere defined."""
    known = _collect_defined_names(files)
    for use in _collect_name_uses(files):
        names = known[use.kind]
        if use.name not in names:
            close = get_close_matches(use.name, names, n=1)
            meant = f"; did you mean {close[0]}?" if close else ""
            yield use.service, use.field, f"no {use.kind} is called {use.name}{meant}"


def find_unequal_numbers(files: Files) -> Iterator[tuple[str, str, str]]:
    """Yield (service, field, sentence) for each number that two files give, and not the same."""
    minutes = files["feedback"]["spell_minutes"]
    promised = parse_duration(files["sla-monitor"]["touches"]["spell"])
    if promised.length != timedelta(minutes=minutes):
        sentence = f"calls within {minutes} minutes are one attempt here, within {promised.text} in touches.spell"
        yield "feedback", "spell_minutes", f"{sentence} of sla.yaml"


def find_unused_names(files: Files) -> Iterator[tuple[str, str]]:
    """Yield (service, sentence) for each name that is defined and nowhere used."""
    used = {(use.kind, use.name) for use in _collect_name_uses(files)}
    known = _collect_defined_names(files)
    for kind, service in _LISTED.items():
        for name in sorted(known[kind] - (BY_BATON if kind == "engagement" else frozenset())):
            if (kind, name) not in used:
                yield service, f"the {kind} {name} is defined and used nowhere"


def find_campaigns_no_form_brings(files: Files) -> Iterator[tuple[str, str]]:
    """Yield (service, sentence) for each campaign of a rule that no form brings, where no list says what there is."""
    if not files["definitions"].get("campaigns"):
        brought = {form["campaign"] for form in files["capture"]["forms"].values()}
        for use in _collect_name_uses({**files, "capture": {**files["capture"], "forms": {}}}):
            if use.kind == "campaign" and use.name not in brought:
                close = get_close_matches(use.name, [name for name in brought if name], n=1)
                meant = f"; did you mean {close[0]}?" if close else ""
                yield use.service, f"{use.field}: no form brings the campaign {use.name}{meant}"


def _collect_defined_names(files: Files) -> dict[str, set[str]]:
    capture, scoring, routing = files["capture"], files["scoring"], files["routing"]
    return {
        "engagement": {*capture["engagements"], *BY_BATON},
        "source": set(capture["sources"]),
        "segment": {segment["name"] for segment in scoring.get("segments", ())},
        "team": set(routing["teams"]),
        "reason": set(files["feedback"]["reasons"]),
        "calendar": set(files["sla-monitor"]["calendars"]),
        "clock": set(files["sla-monitor"].get("clocks", {})),
        "motion": set(scoring.get("motions", {})),
        **{kind: _listed_or_used(kind, files) for kind in ("track", "campaign", "content")},
    }


def _listed_or_used(kind: str, files: Files) -> set[str]:
    """Return the names that the definitions list; where they list none, any name is one."""
    listed = files["definitions"].get("content" if kind == "content" else f"{kind}s")
    return set(listed or {use.name for use in _collect_name_uses(files) if use.kind == kind})


def _collect_name_uses(files: Files) -> Iterator[NameUse]:
    for service, find in (
        ("capture", _names_used_in_capture),
        ("scoring", _names_used_in_scoring),
        ("routing", _names_used_in_routing),
        ("sla-monitor", _names_used_in_sla),
        ("feedback", _names_used_in_feedback),
    ):
        for kind, field, names in find(files[service]):
            yield from (NameUse(kind, str(name), service, field) for name in names or ())


Found = Iterator[tuple[str, str, Iterable[object] | None]]


def _names_used_in_capture(file: File) -> Found:
    yield "source", "default_source", [file["default_source"]]
    yield "engagement", "product_use", file.get("product_use", ())
    for name, source in file["sources"].items():
        yield "engagement", f"sources.{name}", [source["engagement"]]
    for name, form in file["forms"].items():
        for kind in ("source", "engagement", "campaign", "content"):
            yield kind, f"forms.{name}", [form[kind]] if form[kind] else ()
        yield "engagement", f"forms.{name}.choices", form["choices"].values()
    yield "engagement", "visits", [file["visits"]["engagement"]]


def _names_used_in_scoring(file: File) -> Found:
    for row in file["readiness"]["worth"]:
        yield "engagement", f"readiness.worth.{row['name']}", row.get("engagements", ())
        yield "source", f"readiness.worth.{row['name']}", row.get("sources", ())
    yield from _names_in_hand_raises(file["hand_raise"], "hand_raise")
    for name in ("too_early", "too_late"):
        yield "reason", f"outcomes.{name}", file.get("outcomes", {}).get(name, ())
    for segment in file.get("segments", ()):
        yield "motion", f"segments.{segment['name']}", [segment["motion"]] if segment["motion"] else ()
    yield "reason", "cycles.no_cool_down_after", file.get("cycles", {}).get("no_cool_down_after", ())


def _names_in_hand_raises(rule: File, field: str) -> Found:
    yield "engagement", f"{field}.engagements", rule.get("engagements", ())
    yield "source", f"{field}.sources", rule.get("sources", ())


def _names_used_in_routing(file: File) -> Found:
    for rule in file["rules"]:
        for kind in ("engagement", "source", "segment", "campaign"):
            yield kind, f"rules.{rule['name']}", rule["when"][kind]
            yield kind, f"rules.{rule['name']}.not", rule["when"]["never"][kind]
    yield "engagement", "openers.engagements", file["openers"]["engagements"]
    yield "reason", "openers.last_time", file["openers"].get("last_time", {})
    for language, phrases in file.get("first_sentences", {}).items():
        yield "engagement", f"first_sentences.{language}.engagements", phrases["engagements"]
        yield "reason", f"first_sentences.{language}.last_time", phrases.get("last_time", {})
    yield "team", "queues", [queue["team"] for queue in file["queues"].values()]
    yield "reason", "fairness.junk", file.get("fairness", {}).get("junk", ())
    yield "reason", "rejected_to", file.get("rejected_to", {})


def _names_used_in_sla(file: File) -> Found:
    touches = file.get("touches", {})
    yield "source", "touches.conversation_sources", touches.get("conversation_sources", ())
    yield "engagement", "touches.conversation_engagements", touches.get("conversation_engagements", ())
    yield "team", "team_calendars", file.get("team_calendars", {})
    for field in ("team_calendars", "rep_calendars"):
        yield "calendar", field, file.get(field, {}).values()
    yield "calendar", "calendar", [file["calendar"]]
    for volume in file["marketing"]["volume"]:
        for kind in ("source", "segment", "team"):
            yield kind, f"marketing.volume.{volume['name']}", volume["when"].get(kind) or ()
    yield from _names_used_in_policies(file, file["policies"], "policies")
    for name, profile in file.get("profiles", {}).items():
        yield from _names_used_in_policies(file, profile.get("policies", ()), f"profiles.{name}.policies")


def _names_used_in_policies(file: File, policies: Iterable[File], field: str) -> Found:
    for policy in policies:
        for kind in ("source", "segment", "team"):
            yield kind, f"{field}.{policy['name']}", policy.get("when", {}).get(kind, ())
        yield "clock", f"{field}.{policy['name']}.own", policy.get("own", {})
        named = (each["calendar"] for each in policy.values() if isinstance(each, dict) and each.get("calendar"))
        yield "calendar", f"{field}.{policy['name']}", [name for name in named if name in file["calendars"]]


def _names_used_in_feedback(file: File) -> Found:
    yield from _names_in_hand_raises(file["hand_raises"], "hand_raises")
    yield "engagement", "no_signs", file.get("no_signs", ())
    for name, reason in file["reasons"].items():
        yield "track", f"reasons.{name}", [reason["track"]] if reason.get("track") else ()
