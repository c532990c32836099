"""The rules of engagement as files and as they are in force.

Each service knows its own rules: its model says what a file may contain, and its database holds the
versions that were ever in force. Here they are only read side by side and put in force together.
"""

import difflib
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any, TypedDict, cast

import yaml
from fastapi import APIRouter
from pydantic import BaseModel, SecretStr, ValidationError

from baton import playbook_definitions, playbook_links
from baton.database import fetch
from baton.exit_codes import FoundWrongError
from baton.services import SERVICES, Service
from baton.stack import Stack
from events.runtime.playbooks import (
    DEFINITIONS,
    LOCK,
    PlaybookText,
    PlaybookVersions,
    build_timer_key,
    list_named_approvers,
)
from events.runtime.rows import Row
from events.runtime.service import Service as Speaker
from events.runtime.settings import Settings
from events.runtime.transaction import Transaction
from events.yaml_text import load_yaml
from scoring.playbook import ReevaluationRules, ScoringPlaybook

IN_FORCE = """
select version, definitions, body, activated_at, activated_by, approvals from playbooks
order by nth desc limit 1
"""
FORGOTTEN_RUN = "delete from reevaluated where reevaluation_id = $1"
LIMITED_RUN = """
insert into reevaluations
    (reevaluation_id, version, activated_at, evaluated, publishes, most_qualified, most_qualified_a_day)
values ($1, $2, $3, 0, $4, $5, $6)
on conflict (reevaluation_id) do update set evaluated = 0, last_contact_id = null, finished_at = null,
    publishes = excluded.publishes, most_qualified = excluded.most_qualified,
    most_qualified_a_day = excluded.most_qualified_a_day
"""
"""Of the same version at the same instant, which a stepped clock allows, the run begins anew."""
DEEPEST_HEADING = 6


@dataclass(frozen=True)
class PlaybookFault:
    """Something in a file that the service which reads it will not take."""

    file: str
    field: str
    message: str


class RulesInForce(TypedDict):
    """What a service decides by: its rules and the definitions as texts, since when, by whom."""

    version: str
    definitions: str
    body: str
    activated_at: datetime
    activated_by: str
    approvals: str
    """A list, as JSON."""


def make_rules_reader(service: Service) -> PlaybookVersions:
    """Return how a service reads its file.

    Only its rules are imported, never its service: two services in one process would share their tables.
    """
    model: type[BaseModel] = getattr(import_module(f"{service.module}.playbook"), f"{service.short.title()}Playbook")
    return PlaybookVersions(model, f"{service.short.lower()}.yaml")


def check_folder(folder: Path) -> tuple[dict[str, PlaybookText], list[PlaybookFault]]:
    """Read all files of a folder; return each service's rules, and all faults at once."""
    faults = [PlaybookFault(DEFINITIONS, *each) for each in playbook_definitions.find_faults(folder / DEFINITIONS)]
    sources = {}
    for service in SERVICES:
        playbooks = make_rules_reader(service)
        try:
            source = sources[service.name] = playbooks.read(folder)
            faults += [
                PlaybookFault(playbooks.file, "", each)
                for each in list_rule_faults_or_warnings("mistakes", playbooks.model, source)
            ]
        except ValidationError as error:
            faults += [
                PlaybookFault(playbooks.file, ".".join(map(str, fault["loc"])), fault["msg"])
                for fault in error.errors()
            ]
        except yaml.YAMLError as error:
            faults.append(PlaybookFault(playbooks.file, "", " ".join(str(error).split())))
        except OSError as error:
            faults.append(PlaybookFault(playbooks.file, "", error.strerror or str(error)))
    if not faults:
        faults += _find_unlinked_names(sources)
    return sources, faults


def _find_unlinked_names(sources: Mapping[str, PlaybookText]) -> Iterator[PlaybookFault]:
    """Yield the names that one file uses and another does not define, and numbers that two files give differently."""
    files, parsed = {service.name: make_rules_reader(service).file for service in SERVICES}, _parse_all_rules(sources)
    for service, field, sentence in (
        *playbook_links.find_undefined_names(parsed), *playbook_links.find_unequal_numbers(parsed)
    ):  # fmt: skip
        yield PlaybookFault(files[service], field, sentence)


def _parse_all_rules(sources: Mapping[str, PlaybookText]) -> dict[str, dict[str, Any]]:
    """Return the rules of each service with what its file leaves out, and the definitions that they share."""
    definitions = load_yaml(next(iter(sources.values())).definitions) or {}
    return {"definitions": definitions} | {
        service.name: make_rules_reader(service)
        .model.model_validate(load_yaml(sources[service.name].body))
        .model_dump(mode="json")
        for service in SERVICES
    }


def list_rule_faults_or_warnings(what: str, model: type[BaseModel], source: PlaybookText) -> list[str]:
    """Return the `mistakes` or `warnings` that a service finds in its own rules, where it looks for any."""
    look = getattr(model.model_validate(load_yaml(source.body)), what, None)
    return list(look()) if look is not None else []


def list_warnings(sources: Mapping[str, PlaybookText]) -> Iterator[str]:
    """Return what is allowed and probably not meant, as far as a service's rules know."""
    for service in SERVICES:
        if service.name in sources:
            rules = make_rules_reader(service)
            yield from (
                f"{rules.file}: {each}"
                for each in list_rule_faults_or_warnings("warnings", rules.model, sources[service.name])
            )
    if len(sources) == len(SERVICES):
        files, parsed = (
            {service.name: make_rules_reader(service).file for service in SERVICES},
            _parse_all_rules(sources),
        )
        files["definitions"] = DEFINITIONS
        for name, each in (
            *playbook_links.find_unused_names(parsed), *playbook_links.find_campaigns_no_form_brings(parsed)
        ):  # fmt: skip
            yield f"{files[name]}: {each}"


async def load_rules_in_force(stack: Stack) -> dict[str, RulesInForce]:
    """Return what each service decides by now: version, texts, since when, by whom."""
    found = {}
    for name, url in stack.databases.items():
        rows = await fetch(url, IN_FORCE)
        if not rows:
            raise FoundWrongError(f"{name} has no playbook in force")
        found[name] = cast("RulesInForce", rows[0])
    return found


def diff_rules(now: Mapping[str, RulesInForce], then: Mapping[str, PlaybookText]) -> str:
    """Return what would change, as a unified diff; the definitions are the same file for all."""
    first = SERVICES[0].name
    pairs = [(DEFINITIONS, now[first]["definitions"], then[first].definitions)]
    for service in SERVICES:
        file = make_rules_reader(service).file
        pairs.append((file, now[service.name]["body"], then[service.name].body))
    lines: list[str] = []
    for file, before, after in pairs:
        lines += difflib.unified_diff(before.splitlines(), after.splitlines(), f"{file} (in force)", file, lineterm="")
    return "\n".join(lines)


async def activate_scoring(
    stack: Stack, source: PlaybookText, by: str, known: ReevaluationRules, approvals: list[str]
) -> bool:
    """Put scoring's rules in force; return whether that changed something.

    `known` is what scoring may publish about those already known, in place of what its own rules say.
    """
    scoring = next(service for service in SERVICES if service.name == "scoring")
    async with open_speaker(stack, scoring) as speaker, speaker.transaction() as tx:
        await tx.raw.execute("select pg_advisory_xact_lock($1)", LOCK)
        changed = await speaker.playbooks.activate(tx, source, by, list(approvals))
        if changed:
            key = build_timer_key(ScoringPlaybook.timer_on_activation, source.version, tx.now)
            limits = (known.publishes, known.most_qualified, known.most_qualified_a_day)
            await tx.raw.execute(FORGOTTEN_RUN, key)
            await tx.raw.execute(LIMITED_RUN, key, source.version, tx.now, *limits)
    return changed


def choose_reevaluation_rules(sources: Mapping[str, PlaybookText], choice: str | None) -> ReevaluationRules:
    """Return what scoring may publish about those already known: as whoever activates chose, else as its rules say."""
    rules = ScoringPlaybook.model_validate(load_yaml(sources["scoring"].body)).reevaluation
    return rules if choice is None else rules.with_choice(choice)


@asynccontextmanager
async def open_speaker(stack: Stack, service: Service) -> AsyncIterator[Speaker]:
    """Speak as a service does: its database, its clock, its outbox."""
    rules = make_rules_reader(service)
    speaker = Speaker(
        name=service.name,
        settings=Settings,
        playbook=(rules.file, rules.model),
        migrations=Path(),
        on={},
        due={},
        router=APIRouter(),
        audit=_audit_nothing,
    )
    speaker.settings = Settings(
        database_url=SecretStr(stack.databases[service.name]),
        kafka_bootstrap_servers=stack.state.bootstrap,
        secret=SecretStr(stack.secrets.installation),
    )
    try:
        yield speaker
    finally:
        await speaker.stop()


def list_approvers(sources: Mapping[str, PlaybookText]) -> list[str]:
    """Return the approvers that the definitions name."""
    return list_named_approvers(load_yaml(next(iter(sources.values())).definitions) or {})


def render_rules(texts: Mapping[str, str]) -> str:
    """Render rules as the page people sign: headings, tables and lists in Markdown."""
    return "\n".join(
        line for title, text in texts.items() for line in (f"# {title}", "", *_markdown_lines(load_yaml(text), 2))
    )


async def _audit_nothing(_: Transaction) -> list[Row]:
    return []


def _markdown_lines(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, dict):
        plain = {key: item for key, item in value.items() if not isinstance(item, dict | list)}
        yield from (f"- **{_spaced_name(key)}**: {item}" for key, item in plain.items())
        if plain:
            yield ""
        for key, item in value.items():
            if key not in plain:
                yield from (f"{'#' * min(depth, DEEPEST_HEADING)} {_spaced_name(key)}", "")
                yield from _markdown_lines(item, depth + 1)
    elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        columns = list(dict.fromkeys(key for item in value for key in item))
        yield f"| {' | '.join(map(_spaced_name, columns))} |"
        yield f"|{'---|' * len(columns)}"
        for item in value:
            yield f"| {' | '.join(_format_cell(item.get(column)) for column in columns)} |"
        yield ""
    elif isinstance(value, list):
        yield from (f"- {_format_cell(item)}" for item in value)
        yield ""
    else:
        yield from (str(value), "")


def _spaced_name(key: Any) -> str:
    return str(key).replace("_", " ")


def _format_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return "; ".join(f"{_spaced_name(key)}: {_format_cell(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(_format_cell(item) for item in value)
    return str(value).strip().replace("\n", " ").replace("|", "\\|")
