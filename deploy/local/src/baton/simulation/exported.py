"""What would have happened to the leads of a CRM's export under a playbook: who would have had whom, called until when.

Each lead goes through the rules of the services: scoring's decide whether it is a lead for sales, routing's who has it,
sla-monitor's until when it was to be called. When it was called really is what the export says.
"""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from baton.simulation.replay import leads_of
from capture.domain.countries import read_country
from capture.domain.sizes import read_size
from capture.playbook import CapturePlaybook
from events.business_time import NeverDue, after
from events.leads import LeadFacts
from events.parts import Scalar
from leaks import Report, slug
from routing.domain import PastLead, Rehearsal, play, roster
from routing.playbook import RoutingPlaybook
from scoring.domain import Engagement, History
from scoring.playbook import ScoringPlaybook
from sla_monitor.playbook import SlaPlaybook

LINES = UUID("7c0b0f0e-5f0e-5d3c-9c52-6f1c6b3f8a10")
"""The namespace of the ids that rows get."""
FACTS = ("industry", "country", "job_title", "employees")
LISTED = ("line", "lead_id", "created_at", "decision", "policy", "team", "queue", "rep", "assigned_at", "due_at",
          "first_touch", "promise", "outcome")  # fmt: skip
UNRECORDED = "called, nobody knows when"
PROMISES = ("kept", "missed", "not due yet", UNRECORDED)


@dataclass(frozen=True)
class Rules:
    """The files of a playbook that decide about a lead."""

    capture: CapturePlaybook
    scoring: ScoringPlaybook
    routing: RoutingPlaybook
    sla: SlaPlaybook
    sources: dict[str, str]
    """Source of the file to a source of the playbook, where a proposal says so."""

    def due_at(self, facts: LeadFacts, team: str, handed_over_at: datetime) -> datetime | None:
        """Return when a lead is to be called at the latest."""
        policy = self.sla.policy_for(facts.lead_type, facts.source, facts.segment, facts.fit, team)
        try:
            return after(handed_over_at, policy.first_touch.target, self.sla.calendar_of(team))
        except NeverDue:
            return None


def simulate_export(report: Report, rules: Rules) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return what would have happened in figures, and a row for each lead of the export."""
    rows: list[dict[str, Any]] = []
    past: dict[UUID, PastLead] = {}
    for row in _rows(report):
        facts = None if row["created_at"] is None else _decided(row, rules)
        if facts is not None:
            past[facts.lead_id] = PastLead(facts, row["created_at"], _ended_at(row))
        decision = "nurture" if facts is None else facts.lead_type
        rows.append({**row, "id": facts and facts.lead_id, "decision": decision})
    run = play(past.values(), rules.routing, roster(rules.routing, {}), rules.due_at)
    for row in rows:
        if row["id"] in past:
            row.update(_handed_over(row, run, past[row["id"]].facts, rules))
            row["promise"] = _promise(row, report.people.as_of)
    return _summary(rows, rules), rows


def _handed_over(row: dict[str, Any], run: Rehearsal, facts: LeadFacts, rules: Rules) -> dict[str, Any]:
    """Return who would have had a lead, from when, and until when it was to be called."""
    lead, waited = run.leads[row["id"]], run.waited.get(row["id"])
    handed_over = lead.handed_over_at or row["created_at"]
    policy = rules.sla.policy_for(facts.lead_type, facts.source, facts.segment, facts.fit, lead.team)
    return {
        "policy": policy.name, "team": lead.team, "queue": lead.queue, "rep": lead.rep_id,
        "assigned_at": None if waited is None else handed_over + waited,
        "due_at": rules.due_at(facts, lead.team or "", handed_over),
    }  # fmt: skip


def _rows(report: Report) -> Iterator[dict[str, Any]]:
    table = report.people.table.sort("created_at", "line", nulls_last=True)
    names = ("line", "lead_id", "created_at", "source", "hand_raised", "outcome", "first_touch", "touched", "won_at",
             "closed_at", "returned_at", *FACTS)  # fmt: skip
    nothing = dict.fromkeys(names)
    for row in table.select(name for name in names if name in table.columns).iter_rows(named=True):
        yield nothing | row


def _ended_at(row: dict[str, Any]) -> datetime | None:
    ends: list[datetime] = [row[name] for name in ("won_at", "closed_at", "returned_at") if row[name] is not None]
    return min((at for at in ends if at > row["created_at"]), default=None)


def _decided(row: dict[str, Any], rules: Rules) -> LeadFacts | None:
    """Return the facts of the lead that scoring makes of a row; None: it would not go to sales."""
    contact_id = uuid5(LINES, str(row["line"]))
    given = row["source"] or ""
    source = rules.sources.get(given) or slug(given)
    known = source in rules.capture.sources
    asked = "contact_sales" if row["hand_raised"] else None
    engagement = Engagement(
        engagement_id=contact_id,
        contact_id=contact_id,
        engagement=asked or (rules.capture.sources[source].engagement if known else "form_submitted"),
        source=source if known else rules.capture.default_source,
        occurred_at=row["created_at"],
        received_at=row["created_at"],
        content=None,
        campaign=None,
        talk_to_sales=False,
        preference=None,
        preferred_at=None,
        facts=_facts(row),
    )
    history = History(contact_id, accounts={})
    history.add_engagement(engagement)
    made = leads_of(history, rules.scoring)
    return made[0].raised if made else None


def _facts(row: dict[str, Any]) -> dict[str, Scalar]:
    """Return what an import would keep of a row's cells."""
    found: dict[str, Scalar] = {name: row[name] for name in ("industry", "job_title") if row[name]}
    country, size = read_country(row["country"] or ""), read_size(row["employees"] or "")
    return found | ({"country": country} if country else {}) | ({"employees": size} if isinstance(size, int) else {})


def _promise(row: dict[str, Any], as_of: datetime) -> str:
    due, called = row["due_at"], row["first_touch"]
    if called is not None:
        return "kept" if due is None or called <= due else "missed"
    if row["touched"]:
        return UNRECORDED
    return "not due yet" if due is None or due > as_of else "missed"


def _summary(rows: list[dict[str, Any]], rules: Rules) -> dict[str, Any]:
    handed = [row for row in rows if "policy" in row]
    policies = [policy.name for policy in rules.sla.policies]
    by_policy = {name: Counter(row["promise"] for row in handed if row["policy"] == name) for name in policies}
    reps = Counter(row["rep"] or "(nobody)" for row in handed)
    by_load = sorted(reps.items(), key=lambda each: (-each[1], each[0]))
    return {
        "leads": len(rows),
        "handed_over": len(handed),
        "nurture": len(rows) - len(handed),
        "won": sum(row["outcome"] == "won" for row in rows),
        "won_of_handed_over": sum(row["outcome"] == "won" for row in handed),
        "promises": [
            {"policy": name, **{promise: counts[promise] for promise in PROMISES}}
            for name, counts in by_policy.items() if counts
        ],
        "reps": [{"rep": rep, "leads": count} for rep, count in by_load],
        "queues": dict(Counter(row["queue"] or "(none)" for row in handed).most_common()),
    }  # fmt: skip


def write_rows(rows: list[dict[str, Any]], path: Path) -> None:
    """Write a row for each lead, in the order in which they came in."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, LISTED, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        for row in rows:
            texts = {name: value.isoformat() for name, value in row.items() if isinstance(value, datetime)}
            writer.writerow({**row, **texts})
