"""`baton playbook simulate`: the real history decided upon again under another playbook."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from baton import clusters
from baton.access import ServiceAddresses
from baton.cli import export_simulation
from baton.cli.output import DEFAULT_DATA, AsJson, Data, errors, print_json, print_notice, print_table
from baton.cli.rule_files import load_rules_in_force, parse_rules, read_rule_text
from baton.exit_codes import DONE, WrongUsageError
from baton.playbook import RulesInForce
from baton.simulation.comparison import ComparedSide, Comparison, QueueChooser
from baton.simulation.past import read_past_from_database, read_past_from_topics
from baton.simulation.past_by_services import read_histories_from_services
from baton.simulation.published_leads import PublishedLeads
from baton.simulation.run import simulate_histories as run
from baton.simulation.run import write_simulation
from baton.stack import Stack
from events.runtime import kafka
from routing.playbook import RoutingPlaybook
from scoring.domain import History
from scoring.playbook import ScoringPlaybook

KAFKA = "KAFKA_BOOTSTRAP_SERVERS"
SOURCES = ("database", "topics")
FIGURES = ("leads", "mqls", "precision", "recall", "confirmed", "too_early")


def simulate(
    *,
    playbook: Path,
    from_: str = "database",
    export: Path | None = None,
    activities: Path | None = None,
    deals: Path | None = None,
    mapping: Path | None = None,
    dates: Literal["dmy", "mdy"] | None = None,
    report: Path | None = None,
    data: Data = DEFAULT_DATA,
    json: AsJson = False,
) -> int:
    """Decide upon the real history again under another playbook, and say who changes side.

    * `baton playbook simulate --playbook new/scoring.yaml`
    * `baton playbook simulate --playbook new/ --from 2026-01-01 --report out`
    * `baton playbook simulate --playbook new/scoring.yaml --from topics`
    * `baton playbook simulate --playbook candidate/ --export leads.csv --activities calls.csv --deals deals.csv`

    Shows volume by week, precision and recall against what became of the leads, and the work for each queue, beside the
    playbook in force. Nothing is sent and nothing is changed.

    With `--export` no stack is needed: the export of a CRM, as `baton leaks` reads it, goes through the whole playbook.
    It says which leads would have gone to sales, who would have had them, until when each was to be called, and which
    of these promises were missed by when it was called really.

    Parameters
    ----------
    playbook
        The scoring playbook to try: a file, or a folder with `scoring.yaml` (and `routing.yaml`, which then counts).
    from_
        Where the history is read: `database` (scoring's own, or by BATON_*_URL what scoring shows of it), `topics`
        (the last 30 days), or the instant from which leads count, such as 2026-01-01.
    export
        The leads of a CRM's export; times without an offset are read in the zone of the playbook's calendar.
    activities
        Its activities: they say when a lead was called.
    deals
        Its deals.
    mapping
        Which column of the export holds what: a file that `baton leaks --save-mapping` wrote.
    dates
        Whether 3/4 has the day or the month first; only needed where the whole export leaves it open.
    report
        A folder to write `simulation.json` and `index.html` to; of an export `simulation.json` and `what-if.csv`.
    """
    if export is not None:
        figures = export_simulation.simulate_crm_export(
            playbook, export, activities=activities, deals=deals, mapping=mapping, order=dates, out=report
        )
        print_json(figures) if json else export_simulation.print_export_figures(figures)
        return DONE
    since = None if from_ in SOURCES else _parse_from_instant(from_)
    found = asyncio.run(
        _simulate_both_playbooks(load_rules_in_force(data), playbook, HistorySource(data, from_, since))
    )
    if report is not None:
        version = found["in_force"]["version"]
        write_simulation(found, report, candidate=str(playbook), in_force=version, since=since)
        print_notice(f"the page is {report / 'index.html'}")
    if json:
        print_json(found)
    else:
        print_comparison(found)
    return DONE


@dataclass(frozen=True)
class HistorySource:
    """Where the history is read, and from when on leads count."""

    data: Path
    source: str
    since: datetime | None

    async def load_past(self) -> tuple[int | None, AsyncIterator[History], PublishedLeads | None]:
        """Return how many engagements there are, the histories, and what was published where that is known."""
        services = ServiceAddresses.from_environment()
        if self.source == "topics":
            past, histories = await read_past_from_topics(
                self._kafka_of_stack_or_environment(elsewhere=services is not None)
            )
            return past.engagements, histories, None
        if services is not None:
            published = PublishedLeads()
            return None, read_histories_from_services(services, published.add_published), published
        url = Stack.load(self.data).databases["scoring"]
        past, histories = await read_past_from_database(url)
        return past.engagements, histories, await PublishedLeads.load(url)

    def _kafka_of_stack_or_environment(self, *, elsewhere: bool) -> kafka.Servers:
        if not elsewhere:
            stack = Stack.load(self.data)
            return clusters.make_kafka_cluster(stack.state.bootstrap, stack.state.rung)
        named = os.environ.get(KAFKA)
        if not named:
            raise WrongUsageError(f"--from topics reads Kafka: set {KAFKA} (and its login), or leave --from out")
        return clusters.make_kafka_cluster(named, "given")


async def _simulate_both_playbooks(
    rules: dict[str, RulesInForce], file: Path, comparing: HistorySource
) -> dict[str, Any]:
    now = parse_rules(ScoringPlaybook, rules["scoring"]["body"], "the scoring playbook in force")
    then = parse_rules(ScoringPlaybook, *read_rule_text(file, "scoring.yaml"))
    routing = parse_rules(RoutingPlaybook, rules["routing"]["body"], "the routing playbook in force")
    if (file / "routing.yaml").exists():
        routing = parse_rules(RoutingPlaybook, *read_rule_text(file, "routing.yaml"))
    engagements, histories, published = await comparing.load_past()
    columns = (TextColumn("deciding"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True) as shown:
        task = shown.add_task("", total=engagements)
        comparison = Comparison(
            ComparedSide(now), ComparedSide(then), QueueChooser(routing), comparing.since, published
        )
        found = await run(histories, comparison, lambda done: shown.update(task, completed=done))
    found["in_force"]["version"] = rules["scoring"]["version"]
    if published is not None:
        found["agreement"] = published.finish_comparison().as_json()
    return found


def _parse_from_instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise WrongUsageError(
            f"--from is {' or '.join(SOURCES)} or an instant such as 2026-01-01, not {text!r}"
        ) from None
    return found.replace(tzinfo=found.tzinfo or UTC)


def print_comparison(found: dict[str, Any]) -> None:
    """Print a simulation as tables."""
    sides = ("in_force", "candidate")
    rows = [{"": name.replace("_", " "), **{side: found[side][name] for side in sides}} for name in FIGURES]
    title = f"{found['engagements']:,} engagements of {found['contacts']:,} contacts, {found['won']:,} won"
    print_table(title, ("", *sides), rows)
    print_table(
        "Who changes side", ("", "contacts"), [{"": move, "contacts": many} for move, many in found["moves"].items()]
    )
    print_table("By week", ("week", *sides), found["weeks"])
    columns = ("queue", "team", "reps", *sides, "in_force_a_week", "candidate_a_week")
    print_table("Workload", columns, found["workload"])
    if "agreement" in found:
        same, published = found["agreement"]["agreeing"], found["agreement"]["published"]
        print_notice(f"{same:,} of the {published:,} leads that were published come out again under the rules in force")
        for sentence in found["agreement"]["differing"]:
            print_notice(f"  {sentence}")
    print_notice(f"{found['engagements_per_second']:,} engagements/s under both playbooks; nothing was sent or changed")
