"""`baton playbook simulate-routing`: past leads given out again under another playbook, roster or hours."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import yaml
from pydantic import ValidationError

from baton import playbook
from baton.access import load_stack_unless_remote
from baton.cli.output import DEFAULT_DATA, AsJson, Data, console, print_json, print_table
from baton.database import fetch
from baton.exit_codes import DONE, FoundWrongError
from baton.stack import Stack
from events.business_time import NeverDue, compute_due_at
from events.leads import LeadFacts, LeadQualified
from events.yaml_text import load_yaml
from routing.domain import PastLead, Rep, merge_roster, rehearse_routing, rep_calendar_of
from routing.domain.rehearsal import RehearsalFigures
from routing.playbook import Absence, Capacity, RoutingPlaybook
from sla_monitor.playbook import SlaPlaybook

LEADS = """
select facts::text as facts, handed_over_at, ended_at from leads
where handed_over_at >= (select business_now()) - $1::interval and facts is not null
"""
REPS = """
select rep_id, team, role, weight, status, capacity::text, absences::text, hours::text, works::text from reps
"""


ITS_DATABASE = "this reads routing's database: run it beside the stack, or try single leads with `baton route`"
TITLES = {
    "reps": "Load of each rep, and how many leads they are off their share",
    "queues": "How long leads waited in each queue, and how many past their first touch",
}
UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def simulate_routing(
    file: Path | None = None,
    *,
    days: int = 30,
    written_roster: bool = False,
    data: Data = DEFAULT_DATA,
    json: AsJson = False,
) -> int:
    """Assign the last leads again under another playbook, roster or hours; nothing is sent and nothing is changed.

    * `baton playbook simulate-routing`
    * `baton playbook simulate-routing new/routing.yaml --days 60 --written-roster`

    Shows each rep's load and how far it is from their share, how long leads waited in each queue, and how many would
    still have waited when their first touch was due.

    Parameters
    ----------
    file
        The routing playbook to try; the one in force if left out.
    days
        So many days back leads count, by their hand-over.
    written_roster
        Take the reps as the playbook writes them, without what the API said of them.
    """
    body = None if file is None else file.read_text()
    found = asyncio.run(_rehearse_routing(load_stack_unless_remote(data, ITS_DATABASE), body, days, written_roster))
    if json:
        print_json(found)
        return DONE
    for title in ("reps", "queues"):
        if lines := [_with_readable_durations(line) for line in found[title]]:
            print_table(TITLES[title], list(lines[0]), lines)
    console.print(
        f"{found['leads']} leads, {found['assigned']} assigned, {found['still_waiting']} still waiting,"
        f" {found['turned_away']} without a basis for contact,"
        f" {found['predicted_breaches']} would have waited past their first touch",
        highlight=False,
    )
    return DONE


def _with_readable_durations(line: Mapping[str, Any]) -> dict[str, Any]:
    """Write spans of time as people say them."""
    return {
        name.removesuffix("_seconds"): _format_duration(value)
        if name.endswith("_seconds") and value is not None
        else value
        for name, value in line.items()
    }


def _format_duration(seconds: float) -> str:
    """Write a span in its two largest units: `2 d 4 h`, `15 min`."""
    left, parts = round(seconds), []
    for unit, length in UNITS:
        count, left = divmod(left, length)
        parts += [f"{count} {unit}"] if count else []
    return " ".join(parts[:2]) or "0 s"


async def _rehearse_routing(stack: Stack, body: str | None, days: int, written_roster: bool) -> RehearsalFigures:
    in_force = await playbook.load_rules_in_force(stack)
    try:
        rules = RoutingPlaybook.model_validate(load_yaml(body or in_force["routing"]["body"]))
    except (ValidationError, yaml.YAMLError) as error:
        raise FoundWrongError(f"no routing playbook: {error}") from error
    promises = SlaPlaybook.model_validate(load_yaml(in_force["sla-monitor"]["body"]))

    def due_at(facts: LeadFacts, team: str, handed_over_at: datetime) -> datetime | None:
        policy = promises.policy_for(facts.lead_type, facts.source, facts.segment, facts.fit, team)
        try:
            return compute_due_at(handed_over_at, policy.first_touch.target, promises.calendar_for(team))
        except NeverDue:
            return None

    url = stack.databases["routing"]
    rows = await fetch(url, LEADS, timedelta(days=days))
    past = [PastLead(_decode_lead_facts(row["facts"]), row["handed_over_at"], row["ended_at"]) for row in rows]
    rows = [] if written_roster else await fetch(url, REPS)
    put = {row["rep_id"]: _row_to_rep(row, rules) for row in rows if row["team"] in rules.teams}
    return rehearse_routing(past, rules, merge_roster(rules, put), due_at)


def _decode_lead_facts(written: str) -> LeadFacts:
    return LeadQualified.decode(written.encode())


def _row_to_rep(row: Mapping[str, Any], rules: RoutingPlaybook) -> Rep:
    team = rules.teams[row["team"]]
    return Rep(
        rep_id=row["rep_id"],
        team=row["team"],
        role=row["role"],
        weight=row["weight"],
        capacity=Capacity.model_validate_json(row["capacity"]),
        absences=tuple(Absence.model_validate(each) for each in orjson.loads(row["absences"])),
        status=row["status"],
        works=rep_calendar_of(orjson.loads(row["hours"]), orjson.loads(row["works"] or "{}"), team),
        team_zone=team.zone,
    )
