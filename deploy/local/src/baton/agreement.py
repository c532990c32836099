"""The agreement as a page to sign: what the rules of engagement say, in the words of those who keep them.

It is made from the playbook alone, so that what people sign is what the services do.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined

from events.business_time import Block, Calendar, PromiseLength
from events.runtime.playbooks import PlaybookText
from events.yaml_text import load_yaml
from routing.playbook import AccountClaimRules, BookingRule, RoutingPlaybook
from sla_monitor.playbook import Policy, PromiseRule, SlaPlaybook

if TYPE_CHECKING:
    from baton.playbook import RulesInForce

_UNITS = {"b": "business minute", "w": "working day", "h": "hour", "d": "day"}
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ACTIONS = {
    "rep": "the rep is told",
    "manager": "the manager is told",
    "reassign": "another rep gets the lead",
    "recycle": "the lead goes back to marketing",
}
_WHEN = {"lead_type": "", "fit": "fit ", "source": "from ", "segment": "segment ", "team": "team "}
_DOES = {
    "recycle": "back to nurture",
    "disqualify": "closed",
    "route_again": "routed again",
}


@dataclass(frozen=True)
class SignedRules:
    """One version of the rules: its texts by service, its names, and who has approved it."""

    definitions: str
    texts: Mapping[str, str]
    versions: Mapping[str, str]
    activated_at: datetime | None = None
    approvals: tuple[str, ...] = ()


def rules_from_files(sources: Mapping[str, PlaybookText]) -> SignedRules:
    """Take files that are not in force yet."""
    texts = {name: source.body for name, source in sources.items()}
    return SignedRules(
        next(iter(sources.values())).definitions, texts, {name: source.version for name, source in sources.items()}
    )


def load_rules_in_force(rows: "Mapping[str, RulesInForce]") -> SignedRules:
    """Take what the services decide by now, with who has approved it."""
    first = next(iter(rows.values()))
    return SignedRules(
        first["definitions"],
        {name: row["body"] for name, row in rows.items()},
        {name: row["version"] for name, row in rows.items()},
        max(row["activated_at"] for row in rows.values()),
        tuple(map(str, orjson.loads(first["approvals"]))),
    )


def render_agreement(signed: SignedRules) -> str:
    """Render the agreement as one HTML page that prints well and needs nothing beside it."""
    environment = Environment(
        loader=PackageLoader("baton", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {
        "span": spell_out_duration,
        "words": _spaced_name,
        "percent": _format_percent,
        "day": _format_day,
    }
    definitions = load_yaml(signed.definitions)
    agreement = SlaPlaybook.model_validate(load_yaml(signed.texts["sla-monitor"]))
    routing = load_yaml(signed.texts["routing"])
    return environment.get_template("agreement.html").render(
        signed=signed,
        definitions=definitions,
        scoring=load_yaml(signed.texts["scoring"]),
        agreement=agreement,
        policies=[_policy_row(policy) for policy in agreement.policies],
        own=sorted(agreement.own_clocks.items()),
        steps=list(_list_escalation_steps(agreement)),
        follows=list(_list_team_successions(routing)),
        waits=AccountClaimRules.model_validate(routing.get("account_first", {})).returning_waits,
        booking=BookingRule.model_validate(routing.get("booking", {})),
        opener=_opener_settings(RoutingPlaybook.model_validate(routing)),
        calendars={name: _calendar_rows(calendar) for name, calendar in agreement.calendars.items()},
        reasons=list(_reason_rows(load_yaml(signed.texts["feedback"]))),
        sql={"needs": ["need"], "others": 2} | load_yaml(signed.texts["feedback"]).get("sql", {}),
        approvers=list(_list_approvers(definitions)),
    )


def spell_out_duration(span: PromiseLength) -> str:
    """Return a duration: `8 business hours`, `48 hours`, `2 working days`."""
    number, unit = int(span.text[:-1]), _UNITS[span.unit]
    if span.unit == "b" and number % 60 == 0:
        number, unit = number // 60, "business hour"
    return f"{number} {unit}{'' if number == 1 else 's'}"


def _opener_settings(routing: RoutingPlaybook) -> dict[str, Any]:
    """Return what a rep gets to begin with: the languages of the first sentences, and how much is suggested."""
    return {"languages": list(routing.first_sentences), "suggested": routing.suggested_content}


def _policy_row(policy: Policy) -> dict[str, Any]:
    when = [
        f"{text}{' or '.join(_spaced_name(each) for each in wanted)}"
        for name, text in _WHEN.items()
        if (wanted := getattr(policy.when, name))
    ]
    shown = {clock: _promise_text(promise) for clock, promise in policy.promises.items()}
    own = [f"{_spaced_name(clock)} within {shown[clock]}" for clock in policy.own]
    return {"name": policy.name, "when": ", ".join(when) or "every other lead", "own": own, **shown}


def _promise_text(promise: PromiseRule) -> str:
    by = f" ({promise.calendar})" if promise.calendar else ""
    return spell_out_duration(promise.target) + by


def _list_escalation_steps(agreement: SlaPlaybook) -> Iterator[tuple[str, str]]:
    """Return what follows when a promise is not kept."""
    for clock in ("acceptance", "first_touch", "second_touch", "review", *sorted(agreement.own_clocks)):
        steps = agreement.conduct_for(
            clock, agreement.clocks.get(clock) or agreement.policies[-1].first_touch
        ).escalations
        sentences = [
            _ACTIONS[step.action] + (f" {spell_out_duration(step.after)} later" if step.after else "")
            for step in steps or ()
        ]
        yield _spaced_name(clock), ", then ".join(sentences) or "it is recorded"


def _list_team_successions(routing: Mapping[str, Any]) -> Iterator[str]:
    """Yield which team gets a lead after another, each pair once."""
    queues = routing["queues"]
    pairs = {(queue["team"], queues[queue["then"]]["team"]): None for queue in queues.values() if queue.get("then")}
    yield from (f"after {_spaced_name(team)} comes {_spaced_name(following)}" for team, following in pairs)


def _calendar_rows(calendar: Calendar) -> list[dict[str, Any]]:
    """Return a calendar's shifts, each as a row."""
    return [
        {
            "zone": shift.zone,
            "days": {day: _hours_text(getattr(shift, day)) for day in _DAYS},
            "off": [
                *([f"public holidays of {shift.public_holidays}"] if shift.public_holidays else []),
                *map(_format_day, shift.holidays),
                *(f"{day} only {_hours_text(hours) or 'off'}" for day, hours in shift.half_days.items()),
                *(f"{_format_day(day)} {_hours_text(hours) or 'off'}" for day, hours in shift.special_days.items()),
            ],
        }
        for shift in calendar.shifts or (calendar,)
    ]


def _hours_text(blocks: tuple[Block, ...]) -> str:
    return ", ".join("\u2013".join(f"{minute // 60}:{minute % 60:02}" for minute in block) for block in blocks)


def _reason_rows(feedback: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for name, reason in feedback["reasons"].items():
        yield {
            "reason": _spaced_name(name),
            "says": reason["says"],
            "does": _DOES.get(reason["does"], _spaced_name(reason["does"])),
            "track": reason.get("track", ""),
            "wakes": _wake_up_text(reason.get("wake") or {}),
            "starts": reason.get("wakes_at", "marketing") if reason["does"] == "recycle" else "",
        }


def _wake_up_text(wake: Mapping[str, Any]) -> str:
    """Return when a contact who went back is looked at again."""
    templates = {
        "after": "after {days} days",
        "fiscal_year": "{days_before} days before the fiscal year",
        "size_check": "after {days} days the size is asked for again; wakes once it fits (from {at_least})",
        "renewal": "{days_before} days before the renewal; unknown: after {unknown_days} days",
        "at_once": "at once",
        "crossing": "at the next crossing of the line",
        "engagement": "when it is repaired",
        "hand_raise": "by a raised hand",
    }
    kind = wake.get("kind", "")
    return templates.get(kind, _spaced_name(kind)).format_map(wake)


def _list_approvers(definitions: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Return who signs, each with the side: `marketing:head_of_demand` is a head of demand of marketing."""
    for named in definitions["approvers"]:
        side, _, who = str(named).rpartition(":")
        yield side, who


def _spaced_name(name: object) -> str:
    return str(name).replace("_", " ")


def _format_percent(share: float) -> str:
    return f"{share * 100:g} %"


def _format_day(day: date | datetime | str) -> str:
    given = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{given.day} {given:%B %Y}"
