"""What differs between two versions of the rules, in words that those who agreed on them understand."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from desk.domain.agreement import Candidate
from desk.domain.facts import Fact
from desk.domain.orders import Target
from desk.domain.wording import id_as_text
from events.yaml_text import load_yaml

LONGEST = 160
"""Characters of a value; more would hide what changed."""
_NONE = object()


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A term that is new, gone or different; `before` and `after` are texts, empty where there is none."""

    term: str
    before: str
    after: str


def read_terms(text: str) -> Fact:
    """Return what a file of rules says, which was read before; empty where it is no mapping."""
    found = load_yaml(text)
    return found if isinstance(found, Mapping) else {}


def list_rule_changes(before: Any, after: Any) -> list[RuleChange]:
    """Return what differs between two files of rules, in their order.

    Entries of a list are compared by their `name` where they have one, so a policy that was moved is no change of its
    terms; that it stands elsewhere is one, since the first that fits counts.
    """
    return list(_compare(before, after, ()))


def _compare(before: Any, after: Any, path: tuple[str, ...]) -> Iterator[RuleChange]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in dict.fromkeys([*before, *after]):
            yield from _compare(before.get(name, _NONE), after.get(name, _NONE), (*path, str(name)))
    elif _is_named(before) and _is_named(after):
        was, now = ({str(each["name"]): each for each in entries} for entries in (before, after))
        for name in dict.fromkeys([*was, *now]):
            yield from _compare(was.get(name, _NONE), now.get(name, _NONE), (*path, name))
        kept = [[name for name in names if name in was and name in now] for names in (was, now)]
        if kept[0] != kept[1]:
            yield RuleChange(
                _term((*path, "order")), ", ".join(map(id_as_text, kept[0])), ", ".join(map(id_as_text, kept[1]))
            )
    elif before != after:
        yield RuleChange(_term(path), format_rule_value(before), format_rule_value(after))


def _is_named(value: Any) -> bool:
    return (
        isinstance(value, Sequence)
        and bool(value)
        and all(isinstance(each, Mapping) and "name" in each for each in value)
    )


def _term(path: Sequence[str]) -> str:
    return " \u203a ".join(id_as_text(part) for part in path)


def format_rule_value(value: Any) -> str:
    """Return a value of the rules as a text: `20`, `a, b`, `points: 20, cap: 40`; empty for none."""
    if value is _NONE or value is None:
        return ""
    text = _text(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}\u2026"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{id_as_text(str(name))}: {_text(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ("; " if any(isinstance(each, Mapping) for each in value) else ", ").join(map(_text, value))
    return str(value).strip()


def diff_candidate(candidate: Candidate, rules: Mapping[Target, Fact | None]) -> Mapping[str, list[RuleChange]]:
    """Return what a candidate would change, by file; what is meant by its words stands under `definitions`.

    Args:
        candidate: The rules that are proposed.
        rules: By which each service decides now; None for one that does not answer.
    """
    known = {name: found for name, found in rules.items() if found is not None}
    changed: dict[str, list[RuleChange]] = {}
    if known:
        before = next(iter(known.values()))["definitions"]
        changed["definitions"] = list_rule_changes(read_terms(before), read_terms(candidate.definitions))
    for name, found in known.items():
        if name in candidate.bodies:
            changed[name] = list_rule_changes(read_terms(found["body"]), read_terms(candidate.bodies[name]))
    return {name: each for name, each in changed.items() if each}
