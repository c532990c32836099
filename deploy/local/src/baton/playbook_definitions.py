"""What is wrong with the definitions that both teams signed: nobody else reads them whole before they are in force."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from events.runtime.playbooks import list_named_approvers
from events.yaml_text import load_yaml
from feedback.playbook import Definitions

BOTH_TEAMS = 2


def find_faults(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (field, sentence) for each fault of `definitions.yaml`."""
    try:
        definitions = load_yaml(path.read_text())
    except OSError as error:
        yield "", error.strerror or str(error)
        return
    except yaml.YAMLError as error:
        yield "", " ".join(str(error).split())
        return
    if not isinstance(definitions, dict):
        yield "", "is not a mapping"
    elif len(set(list_named_approvers(definitions))) < BOTH_TEAMS:
        yield "approvers", "names fewer than two: both teams must have agreed"
    elif "review_by" not in definitions:
        yield "review_by", "is missing: an agreement is looked at again some day"
    else:
        yield from _find_faults_for_feedback(definitions)


def _find_faults_for_feedback(definitions: Mapping[Any, Any]) -> Iterator[tuple[str, str]]:
    try:
        terms = [each.term.casefold() for each in Definitions.model_validate(definitions).terms]
    except ValidationError as error:
        yield from ((".".join(map(str, fault["loc"])), fault["msg"]) for fault in error.errors())
    else:
        twice = sorted({each for each in terms if terms.count(each) > 1})
        yield from (("terms", f"{term} has two meanings") for term in twice)
