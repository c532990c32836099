"""The numbers of a file of rules: of what each is, and the same file with others in their places.

Everything else of the file stays as it was written, comments and order too, so that it can go back to where it is kept.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

import yaml

from desk.domain.orders import FormFault
from desk.domain.wording import id_as_text
from events.yaml_text import compose_yaml

NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?")
"""What can be changed on a page: no hexadecimal, no time of day that YAML would take for a number."""


@dataclass(frozen=True, slots=True)
class RuleNumber:
    """A number of a file, where it stands in the text, and the term of the agreement that it is."""

    field: str
    """The name of its field in a form: `n0`, `n1` and so on."""
    section: str
    """The part of the file that it belongs to, in words."""
    group: str
    """What it belongs to within the section, in words: `worth \u203a pricing view`; empty where it stands alone."""
    term: str
    """What it is of there: `points`."""
    text: str
    begins: int
    ends: int

    @property
    def name(self) -> str:
        """The whole of what it is, in words."""
        return " \u203a ".join(dict.fromkeys(part for part in (self.section, self.group, self.term) if part))


def find_rule_numbers(text: str) -> list[RuleNumber]:
    """Return the numbers of a file in their order; one that other places refer to is left out."""
    root = compose_yaml(text)
    found = [] if root is None else sorted(_numbers(root, (), set()), key=lambda each: each[0])
    return [
        RuleNumber(f"n{number}", *_place(path), text[begins:ends], begins, ends)
        for number, (begins, ends, path) in enumerate(found)
        if NUMBER.fullmatch(text[begins:ends])
    ]  # fmt: skip


def _place(path: tuple[str, ...]) -> tuple[str, str, str]:
    """Return the section, the group and the term of a number; one at the top is its own section."""
    names = [id_as_text(part) for part in path] or [""]
    return names[0], " \u203a ".join(names[1:-1]), names[-1]


def group_by_section(numbers: Sequence[RuleNumber]) -> list[tuple[str, list[tuple[str, list[RuleNumber]]]]]:
    """Return numbers by section, and by group within it, each in the order of the file."""
    return [
        (section, [(group, list(each)) for group, each in groupby(found, attrgetter("group"))])
        for section, found in groupby(numbers, attrgetter("section"))
    ]


def _numbers(node: yaml.Node, path: tuple[str, ...], seen: set[int]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _numbers(value, (*path, str(key.value)), seen)
    elif isinstance(node, yaml.SequenceNode):
        for place, entry in enumerate(node.value, 1):
            yield from _numbers(entry, (*path, _name(entry, place)), seen)
    elif node.tag in {"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"}:
        yield node.start_mark.index, node.end_mark.index, path


def _name(entry: yaml.Node, place: int) -> str:
    """Name an entry of a list: by its name, else by what it begins with, else by its place."""
    pairs = entry.value if isinstance(entry, yaml.MappingNode) else []
    named = next((value for key, value in pairs if key.value == "name"), None)
    if isinstance(named, yaml.ScalarNode):
        return str(named.value)
    if pairs and isinstance(pairs[0][1], yaml.ScalarNode):
        return f"{pairs[0][0].value} {pairs[0][1].value}"
    return str(place)


def with_changed_numbers(text: str, given: Mapping[str, str]) -> str:
    """Return the file with the numbers of a form in it; a field that is missing leaves its number as it is.

    Raises:
        FormFault: A field holds something else than a number.
    """
    for number in reversed(find_rule_numbers(text)):
        value = given.get(number.field, number.text).strip()
        if value == number.text:
            continue
        if not NUMBER.fullmatch(value):
            raise FormFault(f"{number.name}: write a number, such as {number.text}.")
        text = f"{text[: number.begins]}{value}{text[number.ends :]}"
    return text
