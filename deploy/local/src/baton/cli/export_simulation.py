"""`baton playbook simulate --export`: what would have happened to the leads of a CRM's export under a playbook."""

import csv
import json
from pathlib import Path

import leaks as exports
from baton.cli.output import console, print_notice, print_table
from baton.cli.rule_files import parse_rules, read_rule_text
from baton.exit_codes import WrongUsageError
from baton.simulation.exported import PROMISES, ExportFigures, ExportRules, simulate_export, write_rows
from capture.playbook import CapturePlaybook
from events.business_time import Calendar
from leaks.time_columns import Order
from routing.playbook import RoutingPlaybook
from scoring.playbook import ScoringPlaybook
from sla_monitor.playbook import SlaPlaybook

MOST_REPS = 20


def simulate_crm_export(
    folder: Path,
    leads: Path,
    *,
    activities: Path | None,
    deals: Path | None,
    mapping: Path | None,
    order: Order | None,
    out: Path | None,
) -> ExportFigures:
    """Take an export through the rules; return the figures, and write them and each lead to `out` where it is given."""
    rules = load_rule_files(folder)
    calendar: Calendar = rules.sla.calendars[rules.sla.calendar]
    try:
        choices = exports.MappingChoices() if mapping is None else exports.load_mapping(mapping)
        files = exports.ExportFiles(leads, activities, deals, choices=choices, calendar=calendar, order=order)
        found, lines = simulate_export(exports.build_report(files), rules)
    except exports.ExportUnreadable as error:
        raise WrongUsageError(str(error)) from error
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "simulation.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        write_rows(lines, out / "what-if.csv")
        print_notice(f"each lead, who would have had it and until when it was to be called: {out / 'what-if.csv'}")
    return found


def load_rule_files(folder: Path) -> ExportRules:
    """Load the files of a playbook; raises `WrongUsageError` or `FoundWrongError` where one is missing or none."""
    sources = {}
    if (folder / "sources.csv").exists():
        with (folder / "sources.csv").open(encoding="utf-8", newline="") as file:
            sources = {row["source"]: row["taken for"] for row in csv.DictReader(file)}
    return ExportRules(
        parse_rules(CapturePlaybook, *read_rule_text(folder, "capture.yaml")),
        parse_rules(ScoringPlaybook, *read_rule_text(folder, "scoring.yaml")),
        parse_rules(RoutingPlaybook, *read_rule_text(folder, "routing.yaml")),
        parse_rules(SlaPlaybook, *read_rule_text(folder, "sla.yaml")),
        sources,
    )


def print_export_figures(found: ExportFigures) -> None:
    """Print a simulation as tables."""
    won = f", of {found['won']:,} won {found['won_of_handed_over']:,} among them" if found["won"] else ""
    counts = f"{found['leads']:,} leads: {found['handed_over']:,} would have gone to sales{won}"
    sentence = f"{counts}; {found['nurture']:,} to nurture"
    console.print(sentence, highlight=False)
    print_table("Called within the promise, as they were called really", ("policy", *PROMISES), found["promises"])
    print_table("Who would have had them", ("rep", "leads"), found["reps"][:MOST_REPS])
