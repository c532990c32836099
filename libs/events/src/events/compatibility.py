"""Which changes of a schema old records and old readers can live with: only additions.

A new optional field is an addition. A field that goes, changes its type, becomes required or stops
being so is not; nor is a new word in a list of words, which an old reader would refuse.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

Json = dict[str, Any]

DESCRIPTIVE = frozenset({"title", "description", "default", "examples"})
"""What a schema says to people; it may change freely."""


def find_breaking_changes(old: Json, new: Json) -> list[str]:
    """Return what in `new` old records or readers could not live with: nothing, if it only adds."""
    return list(
        _find_breaks(_inline_definitions(old, old.get("$defs", {})), _inline_definitions(new, new.get("$defs", {})), "")
    )


def _find_breaks(old: Any, new: Any, path: str) -> Iterator[str]:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        if old != new:
            yield f"{path or '/'}: {json.dumps(old)} became {json.dumps(new)}"
        return
    before, after = old.get("properties", {}), new.get("properties", {})
    for name, was in before.items():
        if name not in after:
            yield f"{path}/{name}: is gone"
        else:
            yield from _find_breaks(was, after[name], f"{path}/{name}")
    must_have, must_now = set(old.get("required", ())), set(new.get("required", ()))
    yield from (f"{path}/{name}: is required now" for name in sorted(must_now - must_have))
    yield from (f"{path}/{name}: is optional now" for name in sorted((must_have - must_now) & set(after)))
    for keyword in sorted((old.keys() | new.keys()) - {"properties", "required", "$defs"}):
        yield from _find_breaks_of_keyword(old.get(keyword), new.get(keyword), f"{path}/{keyword}")


def _find_breaks_of_keyword(old: Any, new: Any, path: str) -> Iterator[str]:
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for place, (was, now) in enumerate(zip(old, new, strict=True)):
            yield from _find_breaks(was, now, f"{path}/{place}")
    else:
        yield from _find_breaks(old, new, path)


def _inline_definitions(node: Any, definitions: Mapping[str, Any]) -> Any:
    """Put definitions in place of references, and leave out what is for people only."""
    if isinstance(node, list):
        return [_inline_definitions(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _inline_definitions(definitions[node["$ref"].removeprefix("#/$defs/")], definitions)
    return {
        name: (
            {field: _inline_definitions(body, definitions) for field, body in value.items()}
            if name == "properties"
            else _inline_definitions(value, definitions)
        )
        for name, value in node.items()
        if name not in DESCRIPTIVE and name != "$defs"
    }
