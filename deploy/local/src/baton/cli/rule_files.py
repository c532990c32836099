"""Reading the rules that a command compares: files that are to be tried, and what is in force."""

import asyncio
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from baton import playbook, remote
from baton.access import ServiceAddresses
from baton.data_dir import DataDir
from baton.exit_codes import FoundWrongError, WrongUsageError
from baton.stack import Stack, is_stack_up
from baton.stack_processes import playbook_directory
from events.runtime.playbooks import PlaybookText
from events.yaml_text import load_yaml

M = TypeVar("M", bound=BaseModel)


def read_rule_text(path: Path, name: str) -> tuple[str, str]:
    """Read a playbook from a file, or from a folder by its name; give the path as well."""
    file = path / name if path.is_dir() else path
    try:
        return file.read_text(encoding="utf-8"), str(file)
    except OSError as error:
        raise WrongUsageError(f"{file}: {error.strerror or error}") from error


def parse_rules(model: type[M], text: str, name: str) -> M:
    """Read a playbook; raises `FoundWrongError` with its first fault where it is none."""
    try:
        return model.model_validate(load_yaml(text))
    except yaml.YAMLError as error:
        raise FoundWrongError(f"{name}: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        fault = error.errors()[0]
        raise FoundWrongError(f"{name}: {'.'.join(map(str, fault['loc'])) or 'the file'}: {fault['msg']}") from error


def checked(folder: Path | None) -> dict[str, PlaybookText]:
    """Read a folder of rules, or those that come with Baton; raises `FoundWrongError` with its first fault."""
    sources, faults = playbook.check_folder(folder or playbook_directory())
    if faults:
        first = faults[0]
        raise FoundWrongError(f"{len(faults)} faults, first {first.file}: {first.field or 'the file'}: {first.message}")
    return sources


def are_rules_in_force(data: Path) -> bool:
    """Return whether rules are in force anywhere: in services that the environment names, or in a stack that is up."""
    return ServiceAddresses.from_environment() is not None or is_stack_up(DataDir.of_folder(data).read_state())


def load_rules_in_force(data: Path) -> dict[str, playbook.RulesInForce]:
    """Return the rules in force, of services somewhere else or of the stack that is up."""
    services = ServiceAddresses.from_environment()
    return asyncio.run(
        remote.load_rules_in_force(services) if services else playbook.load_rules_in_force(Stack.load(data))
    )
