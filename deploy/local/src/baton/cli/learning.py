"""`baton playbook calibrate` and `score`: points learned from outcomes, and what they say of other leads."""

import asyncio
import csv
import json as jsons
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import yaml
from cyclopts import Parameter

from baton.access import ServiceAddresses
from baton.cli.output import DEFAULT_DATA, AsJson, Data, console, print_json, print_notice, print_table
from baton.cli.rule_files import are_rules_in_force, load_rules_in_force
from baton.database import fetch
from baton.exit_codes import DONE, FoundWrongError, WrongUsageError
from baton.simulation.past import read_past_from_database
from baton.simulation.past_by_services import read_histories_from_services
from baton.stack import Stack
from baton.stack_processes import playbook_directory
from events.yaml_text import load_yaml
from scoring.domain import History
from scoring.playbook import ScoringPlaybook

try:
    from baton.calibration.calibrate import calibrate_card as learn
    from baton.calibration.card import Card, read_card
    from baton.calibration.columns import Column, read_column
    from baton.calibration.crossing import with_crossed_columns
    from baton.calibration.evidence import gather_training_data
    from baton.calibration.history_rows import LEADS, OUTCOME, TIME, table_of_ended_leads
    from baton.calibration.probability import DecidedLead, learn_probability, list_decided_leads
    from baton.calibration.proposal import diff_playbooks, write_proposed_playbook
    from baton.calibration.proposed import measure_proposal
    from baton.calibration.report import write_report
    from baton.calibration.table import Table, read_table
except ModuleNotFoundError as error:
    raise WrongUsageError(f"{error.name} is missing: install baton with its extra `learn`") from error

FromHistory = Annotated[bool, Parameter(negative=())]
Columns = Annotated[list[str] | None, Parameter(consume_multiple=True, negative=())]
OURS = ("points", "probability", "evidence")
RIVALS = ("boosting", "naive_bayes", "base_rate")


def calibrate(
    file: Path | None = None,
    *,
    report: Path,
    outcome: str | None = None,
    from_history: FromHistory = False,
    positive: str | None = None,
    time: str | None = None,
    exclude: Columns = None,
    keep: Columns = None,
    rising: Columns = None,
    falling: Columns = None,
    data: Data = DEFAULT_DATA,
    json: AsJson = False,
) -> int:
    """Learn a card of points from leads whose outcome is known, and say what it is worth on leads it has not seen.

    * `baton playbook calibrate leads.csv --outcome Converted --report out`
    * `baton playbook calibrate leads.csv --outcome status --positive won --time created_at --report out`
    * `baton playbook calibrate --from-history --report out`

    Writes `card.json` (the points), `calibration.json` (the figures), `index.html` (both as a page), and `scoring.yaml`
    with `playbook.diff`: what would change in the playbook in force. It puts nothing in force. Columns that were filled
    in after the outcome are named and left out; with fewer than 30 successes it refuses.

    Parameters
    ----------
    file
        A CSV file of any delimiter and encoding, a lead a row.
    report
        The folder to write to.
    outcome
        The column that says what became of the lead.
    from_history
        Learn from the leads that were published and have ended, instead of a file.
    positive
        The value of that column that is a success, where it is not plain (yes, 1, true, won, converted).
    time
        The column that says when the lead became known: the card is then tried on the later leads.
    exclude
        Columns to leave out.
    keep
        Columns to learn from although they look like leaks.
    rising
        Columns of numbers of which more must never count less.
    falling
        Columns of numbers of which more must never count more.
    """
    decided: list[DecidedLead] = []
    now = _load_scoring_rules(data)
    if from_history:
        found_table = asyncio.run(_load_ended_leads(data, now, decided))
        outcome, time = outcome or OUTCOME, time or TIME
    elif file is not None and outcome is not None:
        found_table = read_table(file)
    else:
        raise WrongUsageError("a file with its --outcome COLUMN is needed, or --from-history")
    for name in (*(rising or ()), *(falling or ())):
        found_table.get_column(name)
    evidence = gather_training_data(
        found_table, outcome=outcome, positive=positive, time=time, exclude=exclude or (), keep=keep or ()
    )
    directions: dict[str, Any] = dict.fromkeys(rising or (), "rising") | dict.fromkeys(falling or (), "falling")
    found = learn(evidence, directions=directions, say=print_notice)
    proposed = write_proposed_playbook(found.card, evidence.columns, now)
    figures = write_report(found, report, proposed, diff_playbooks(now, proposed), measure_proposal(found, now))
    probability = learn_probability(decided, datetime.now(UTC))
    if probability is not None:
        figures["probability"] = probability
        text = yaml.safe_dump({"probability": probability}, sort_keys=False)
        (report / "probability.yaml").write_text(text, encoding="utf-8")
        print_notice(f"{report / 'probability.yaml'}: what points mean by now, for scoring.yaml; it decides nothing")
    if json:
        print_json(figures)
    else:
        _print_calibration(figures)
    print_notice(f"the page is {report / 'index.html'}; nothing was put in force")
    return DONE


async def _load_ended_leads(data: Path, in_force: str, decided: list[DecidedLead]) -> Table:
    """Return the leads that have ended as a table, and add those that were decided to `decided`."""
    rules = ScoringPlaybook.model_validate(load_yaml(in_force))
    leads_by_contact: dict[UUID, list[Mapping[str, Any]]] = defaultdict(list)

    def add_leads(rows: Iterable[Mapping[str, Any]]) -> None:
        for row in rows:
            leads_by_contact[row["contact_id"]].append(row)

    services = ServiceAddresses.from_environment()
    if services:
        histories = read_histories_from_services(services, add_leads)
    else:
        url = Stack.load(data).databases["scoring"]
        add_leads(await fetch(url, LEADS))
        _, histories = await read_past_from_database(url)

    async def passing() -> AsyncIterator[History]:
        async for history in histories:
            decided.extend(list_decided_leads(history, leads_by_contact.get(history.contact_id, ()), rules))
            yield history

    found = await table_of_ended_leads(passing(), leads_by_contact)
    if OUTCOME not in found.columns:
        raise FoundWrongError("no lead has ended yet: there is nothing to learn from")
    return found


def score(card: Path, file: Path, *, out: Path) -> int:
    """Score leads by a card: every row with its points, what they mean as a probability, and where they come from.

    * `baton playbook score out/card.json new-leads.csv --out scored.csv`

    Parameters
    ----------
    card
        The `card.json` that `calibrate` wrote.
    file
        A CSV file with the card's columns; what is missing counts as unknown.
    out
        The CSV file to write.
    """
    known, leads = _load_card(card), read_table(file)
    columns = {
        name: read_column(name, leads.columns[name], kind)
        for name, kind in known.needed_columns.items()
        if name in leads.columns
    }
    missing = [name for name in known.needed_columns if name not in columns]
    if missing:
        print_notice(f"not in the file, and taken as unknown: {', '.join(missing)}")
    with out.open("w", encoding="utf-8", newline="") as stream:
        kept = [name for name in leads.columns if name not in OURS]
        writer = csv.writer(stream)
        writer.writerow([*kept, *OURS])
        for row, scored in enumerate(_score_rows(known, leads, columns)):
            writer.writerow([*(leads.columns[name][row] for name in kept), *scored])
    print_notice(f"{leads.rows} rows scored: {out}")
    return DONE


def _score_rows(card: Card, leads: Table, columns: dict[str, Column]) -> Iterator[tuple[int, str, str]]:
    """Return points, probability and evidence of each row."""
    scored = []
    known = with_crossed_columns(columns, card.crosses)
    for feature in card.features:
        bins, points = feature.as_bins()
        column = known.get(feature.column)
        codes = [bins.code_of_unknown] * leads.rows if column is None else bins.find_bin_of_rows(column).tolist()
        answers: Sequence[str | None] = [None] * leads.rows
        if column is not None:
            answers = leads.columns.get(feature.column) or [column.levels[code] for code in column.codes]
        scored.append((feature.column, answers, points.astype(int).tolist(), codes))
    total = card.row_totals(columns, leads.rows)
    chances = card.probability(total).tolist()
    for row in range(leads.rows):
        lines = [
            {"column": name, "value": answers[row], "points": points[codes[row]]}
            for name, answers, points, codes in scored
        ]
        yield sum(line["points"] for line in lines), f"{chances[row]:.6f}", jsons.dumps(lines, ensure_ascii=False)


def _load_card(path: Path) -> Card:
    try:
        return read_card(jsons.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise WrongUsageError(f"{path}: {error.strerror or error}") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WrongUsageError(f"{path} is no card that `baton playbook calibrate` wrote") from error


def _load_scoring_rules(data: Path) -> str:
    """Return the scoring rules in force, or those that come with Baton where nothing is up."""
    if are_rules_in_force(data):
        return str(load_rules_in_force(data)["scoring"]["body"])
    return (playbook_directory() / "scoring.yaml").read_text(encoding="utf-8")


def _print_calibration(figures: dict[str, Any]) -> None:
    rows = [{"": "this card", **figures}, *({"": name.replace("_", " "), **figures["beside"][name]} for name in RIVALS)]
    print_table(
        f"On {figures['split']['held_out_rows']} rows not seen ({figures['split']['kind']})",
        ("", "auc", "brier", "ece", "lift"),
        rows,
    )
    by_itself = figures["proposal"]
    console.print(f"The proposed criteria of fit alone: AUC {by_itself['auc']:.3f}", highlight=False)
    if figures["leaks"]:
        print_table("Leaks, left out", ("column", "auc", "reason"), figures["leaks"])
    if figures["dropped"]:
        print_table("Nothing to learn from", ("column", "reason"), figures["dropped"])
    for warning in figures["warnings"]:
        console.print(f"! {warning}", highlight=False, markup=False)
