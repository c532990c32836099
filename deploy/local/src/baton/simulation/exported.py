"""What would have happened to the leads of a CRM's export under a playbook: who would have had whom, called until when.

Each lead goes through the rules of the services: scoring's decide whether it is a lead for sales, routing's who has it,
sla-monitor's until when it was to be called. When it was called really is what the export says.
"""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import TypedDict
from uuid import UUID, uuid5

from baton.simulation.replay import simulate_leads
from capture.domain.countries import read_country
from capture.domain.sizes import read_company_size
from capture.playbook import CapturePlaybook
from events.business_time import NeverDue, compute_due_at
from events.leads import LeadFacts
from events.parts import Scalar
from leaks import LeaksReport, make_rule_name
from routing.domain import PastLead, RehearsalRun, merge_roster, run_rehearsal
from routing.playbook import RoutingPlaybook
from scoring.domain import Engagement, History
from scoring.playbook import ScoringPlaybook
from sla_monitor.playbook import SlaPlaybook

LINES = UUID("7c0b0f0e-5f0e-5d3c-9c52-6f1c6b3f8a10")
"""The namespace of the ids that rows get."""
LISTED = ("line", "lead_id", "created_at", "decision", "policy", "team", "queue", "rep", "assigned_at", "due_at",
          "first_touch", "promise", "outcome")  # fmt: skip
UNRECORDED = "called, nobody knows when"
PROMISES = ("kept", "missed", "not due yet", UNRECORDED)


_KNOWN = 15
"""So many fields of a line come from the export, the first ones."""


@dataclass(frozen=True)
class ExportRules:
    """The files of a playbook that decide about a lead."""

    capture: CapturePlaybook
    scoring: ScoringPlaybook
    routing: RoutingPlaybook
    sla: SlaPlaybook
    sources: dict[str, str]
    """Source of the file to a source of the playbook, where a proposal says so."""

    def compute_due_at(self, facts: LeadFacts, team: str, handed_over_at: datetime) -> datetime | None:
        """Return when a lead is to be called at the latest."""
        policy = self.sla.policy_for(facts.lead_type, facts.source, facts.segment, facts.fit, team)
        try:
            return compute_due_at(handed_over_at, policy.first_touch.target, self.sla.calendar_for(team))
        except NeverDue:
            return None


@dataclass(slots=True)
class ExportLine:
    """A lead of the export, and what would have happened to it; what is not known, or was not so, is None."""

    line: int
    lead_id: str | None = None
    created_at: datetime | None = None
    source: str | None = None
    hand_raised: bool | None = None
    outcome: str | None = None
    first_touch: datetime | None = None
    touched: bool | None = None
    won_at: datetime | None = None
    closed_at: datetime | None = None
    returned_at: datetime | None = None
    industry: str | None = None
    country: str | None = None
    job_title: str | None = None
    employees: str | None = None
    decision: str = "nurture"
    policy: str | None = None
    team: str | None = None
    queue: str | None = None
    rep: str | None = None
    assigned_at: datetime | None = None
    due_at: datetime | None = None
    promise: str | None = None

    @property
    def ended_at(self) -> datetime | None:
        """When it really ended, after it had begun."""
        ends = [at for at in (self.won_at, self.closed_at, self.returned_at) if at and self.created_at]
        return min((at for at in ends if self.created_at and at > self.created_at), default=None)


class ExportFigures(TypedDict):
    """What would have happened to the leads of an export."""

    leads: int
    handed_over: int
    nurture: int
    won: int
    won_of_handed_over: int
    promises: list[dict[str, str | int]]
    reps: list[dict[str, str | int]]
    queues: dict[str, int]


def simulate_export(report: LeaksReport, rules: ExportRules) -> tuple[ExportFigures, list[ExportLine]]:
    """Return what would have happened in figures, and each lead of the export."""
    lines, past, placed = list(_read_exported_leads(report)), [], []
    for line in lines:
        facts = None if line.created_at is None else _decide_lead_facts(line, line.created_at, rules)
        if facts is not None and line.created_at is not None:
            line.decision = facts.lead_type
            past.append(PastLead(facts, line.created_at, line.ended_at))
            placed.append((line, line.created_at, facts))
    run = run_rehearsal(past, rules.routing, merge_roster(rules.routing, {}), rules.compute_due_at)
    for line, created_at, facts in placed:
        _note_hand_over(line, created_at, facts, run, rules)
        line.promise = _promise_outcome(line, report.leads.as_of)
    return _summarize_leads(lines, rules), lines


def _note_hand_over(
    line: ExportLine, created_at: datetime, facts: LeadFacts, run: RehearsalRun, rules: ExportRules
) -> None:
    """Write down who would have had a lead, from when, and until when it was to be called."""
    lead, waited = run.leads[facts.lead_id], run.waited.get(facts.lead_id)
    handed_over = lead.handed_over_at or created_at
    line.policy = rules.sla.policy_for(facts.lead_type, facts.source, facts.segment, facts.fit, lead.team).name
    line.team, line.queue, line.rep = lead.team, lead.queue, lead.rep_id
    line.assigned_at = None if waited is None else handed_over + waited
    line.due_at = rules.compute_due_at(facts, lead.team or "", handed_over)


def _read_exported_leads(report: LeaksReport) -> Iterator[ExportLine]:
    table = report.leads.table.sort("created_at", "line", nulls_last=True)
    there = table.collect_schema()
    names = [field.name for field in fields(ExportLine)[:_KNOWN] if field.name in there]
    for row in table.select(names).collect().iter_rows(named=True):
        yield ExportLine(**row)


def _decide_lead_facts(line: ExportLine, created_at: datetime, rules: ExportRules) -> LeadFacts | None:
    """Return the facts of the lead that scoring makes of a line; None: it would not go to sales."""
    contact_id = uuid5(LINES, str(line.line))
    given = line.source or ""
    source = rules.sources.get(given) or make_rule_name(given)
    known = source in rules.capture.sources
    asked = "contact_sales" if line.hand_raised else None
    engagement = Engagement(
        engagement_id=contact_id,
        contact_id=contact_id,
        engagement=asked or (rules.capture.sources[source].engagement if known else "form_submitted"),
        source=source if known else rules.capture.default_source,
        occurred_at=created_at,
        received_at=created_at,
        content=None,
        campaign=None,
        talk_to_sales=False,
        preference=None,
        preferred_at=None,
        facts=_line_to_facts(line),
    )
    history = History(contact_id, accounts={})
    history.add_engagement(engagement)
    made = simulate_leads(history, rules.scoring)
    return made[0].raised if made else None


def _line_to_facts(line: ExportLine) -> dict[str, Scalar]:
    """Return what an import would keep of a line's cells."""
    found: dict[str, Scalar] = {"industry": line.industry, "job_title": line.job_title}
    found["country"] = read_country(line.country or "")
    known: dict[str, Scalar] = {name: value for name, value in found.items() if value}
    size = read_company_size(line.employees or "")
    return known | ({"employees": size} if isinstance(size, int) else {})


def _promise_outcome(line: ExportLine, as_of: datetime) -> str:
    due, called = line.due_at, line.first_touch
    if called is not None:
        return "kept" if due is None or called <= due else "missed"
    if line.touched:
        return UNRECORDED
    return "not due yet" if due is None or due > as_of else "missed"


def _summarize_leads(lines: list[ExportLine], rules: ExportRules) -> ExportFigures:
    handed = [line for line in lines if line.policy is not None]
    policies = [policy.name for policy in rules.sla.policies]
    by_policy = {name: Counter(line.promise for line in handed if line.policy == name) for name in policies}
    reps = Counter(line.rep or "(nobody)" for line in handed)
    by_load = sorted(reps.items(), key=lambda each: (-each[1], each[0]))
    return {
        "leads": len(lines),
        "handed_over": len(handed),
        "nurture": len(lines) - len(handed),
        "won": sum(line.outcome == "won" for line in lines),
        "won_of_handed_over": sum(line.outcome == "won" for line in handed),
        "promises": [
            {"policy": name, **{promise: counts[promise] for promise in PROMISES}}
            for name, counts in by_policy.items() if counts
        ],
        "reps": [{"rep": rep, "leads": count} for rep, count in by_load],
        "queues": dict(Counter(line.queue or "(none)" for line in handed).most_common()),
    }  # fmt: skip


def write_rows(lines: list[ExportLine], path: Path) -> None:
    """Write a row for each lead, in the order in which they came in."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(LISTED)
        for line in lines:
            values = (getattr(line, name) for name in LISTED)
            writer.writerow(value.isoformat() if isinstance(value, datetime) else value for value in values)
