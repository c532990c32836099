"""Playbooks are read by a fast loader: exactly as PyYAML's own safe one reads them, errors and places included."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from events import yaml_text
from events.yaml_text import compose_yaml, load_yaml

PLAYBOOK = sorted((Path(__file__).parents[2] / "deploy" / "playbook").glob("*.yaml"))
ROUGH = {
    "flow in flow": "[" * 200_000,
    "mapping in mapping": "{a: " * 50_000,
    "list in list": "- " * 50_000,
    "block in block": "\n".join(" " * depth + "a:" for depth in range(3_000)),
    "a zero byte": "a: \0",
    "half a character": "a: \ud800",
    "a tab": "a:\t1\n\tb: 2",
    "a line end of its own kind": "a: b\x85c",
    "an unknown directive": "%FOO\n--- a",
    "two documents": "a\n---\nb",
    "an alias of nothing": "a: *nope",
    "itself": "a: &a [*a]",
    "no such day": "a: 2026-02-31",
    "a Python object": "a: !!python/object/apply:os.system [ls]",
    "no hashable key": "? [a]\n: b\n{}: c",
    "merge of no mapping": "a: {<<: 5}",
}


def outcome(read: object, *arguments: object) -> object:
    try:
        return repr(read(*arguments))  # type: ignore[operator]
    except RecursionError:
        return RecursionError
    except Exception as error:  # noqa: BLE001 - each kind is compared with that of the other loader
        return type(error), str(error)


def test_the_fast_loader_is_the_one_in_use() -> None:
    assert yaml_text.Loader is not yaml.SafeLoader


@pytest.mark.parametrize("text", ROUGH.values(), ids=ROUGH)
def test_a_rough_text_is_refused_in_the_same_words_and_ends_no_process(text: str) -> None:
    assert outcome(load_yaml, text) == outcome(yaml.safe_load, text)


@pytest.mark.parametrize("path", PLAYBOOK, ids=lambda path: path.name)
def test_each_file_of_the_playbook_says_the_same_at_the_same_places(path: Path) -> None:
    text = path.read_text()
    assert load_yaml(text) == yaml.safe_load(text)
    assert places(compose_yaml(text)) == places(yaml.compose(text, yaml.SafeLoader))


@given(st.text("ab:-#?&*!|>'\"%@`{}[],.~=<0123456789 \n\t\u00e9\u4e2d\U0001f600", max_size=60))
def test_any_text_means_the_same(text: str) -> None:
    """Where the fast loader reads something that the other refuses, it is what the other reads without it."""
    fast, safe = outcome(load_yaml, text), outcome(yaml.safe_load, text)
    assert fast == safe or (isinstance(safe, tuple) and isinstance(fast, str))


def places(node: yaml.Node | None) -> list[tuple[str, int, int, int]]:
    if node is None:
        return []
    own = [(node.tag, node.start_mark.line, node.start_mark.index, node.end_mark.index)]
    inner = node.value if isinstance(node, yaml.SequenceNode | yaml.MappingNode) else []
    flat = [each for entry in inner for each in (entry if isinstance(entry, tuple) else (entry,))]
    return own + [place for each in flat for place in places(each)]
