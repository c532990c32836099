"""Every way in, as each service's own OpenAPI document lists them, and a request for each that is in order."""

import importlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode

from events.runtime import Service
from events.runtime.testing import START
from tests.architecture.code import SERVICE_SOURCES
from tests.feedback.lead_story import LeadStory

JSON = "application/json"
NDJSON = "application/x-ndjson"
CSV = "text/csv"
FORM = "application/x-www-form-urlencoded"
METHODS = ("GET", "PUT", "POST", "PATCH", "DELETE")
LEAD = LeadStory(start=START)
"""The lead that every service knows of."""

Json = Any
Schema = Mapping[str, Any]

KNOWN: dict[str, Json] = {
    "team": "inbound",
    "reason": "not_ready",
    "lead_id": str(LEAD.lead_id),
    "contact_id": str(LEAD.contact_id),
    "rep_id": "inbound-1",
    "queue": "inbound",
    "into": str(LEAD.contact_id),
    "domain": "customer.example",
    "email": "ada@customer.example",
    "by": "inbound-1",
    "form": "contact",
    "playbook_version": "9a7b3c2d1e0f",
    "simulation": {"mql_after": 131},
}
"""Words that have a meaning here; whatever else is asked for is made up from its schema."""

WRITTEN = ("ada", "2026", "09:00", "ABC", "https://hooks.example/", "2026-03")
FORMATS = {
    "email": "ada@customer.example",
    "date-time": "2026-03-02T08:00:00Z",
    "date": "2026-03-02",
    "uuid": str(LEAD.contact_id),
}


@dataclass(frozen=True)
class Spot:
    """A place in a body where a value stands; `body(value)` is a body that is in order but for that value."""

    path: tuple[str, ...]
    schema: Schema
    body: Callable[[Json], Json]


SAMPLES = {
    "text/calendar": b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n",
    CSV: b"email\nada@customer.example\n",
}
"""Bodies in order of kinds that no schema describes."""


@dataclass(frozen=True)
class Door:
    """One operation of one service."""

    service: str
    method: str
    path: str
    parameters: tuple[Schema, ...]
    bodies: Mapping[str, Schema]
    open: bool = False
    """Whether it is read without a key."""
    answers: frozenset[str] = frozenset()
    """The media types of its answers."""

    def __str__(self) -> str:
        return f"{self.service} {self.method} {self.path}"

    def asked(self, place: str) -> dict[str, Schema]:
        """The parameters in the path, in the query or in the headers."""
        return {each["name"]: each["schema"] for each in self.parameters if each["in"] == place}

    def url(self, **changed: str) -> str:
        """The path with its parameters filled in; `changed` ones are taken as they are, encoded by the caller."""
        filled = {name: str(example(schema, name)) for name, schema in self.asked("path").items()} | changed
        return self.path.format(**filled)

    @property
    def many(self) -> bool:
        """Whether it takes many at once and answers each."""
        return NDJSON in self.bodies

    @property
    def streams(self) -> bool:
        """Whether it takes a body without end."""
        return bool({NDJSON, CSV} & self.bodies.keys())

    def spots(self) -> list[Spot]:
        """Every place of its JSON body."""
        return list(_spots(self.bodies[JSON])) if JSON in self.bodies else []

    def needed(self, but: str = "") -> str:
        """The query parameters that it cannot do without, `but` for one."""
        needed = {
            each["name"]: example(each["schema"], each["name"])
            for each in self.parameters
            if _must(each) and each["name"] != but
        }
        return f"?{urlencode(needed)}" if needed else ""

    def content(self) -> bytes | None:
        """A body that is in order."""
        if FORM in self.bodies:
            return b"last_name=Ada&email=ada%40customer.example"
        if JSON in self.bodies:
            return json.dumps(example(self.bodies[JSON])).encode()
        return next((SAMPLES[kind] for kind in self.bodies if kind in SAMPLES), None)


def _must(parameter: Schema) -> bool:
    return parameter["in"] == "query" and bool(parameter.get("required"))


def service_of(name: str) -> Service:
    service: Service = importlib.import_module(f"{name}.app").service
    return service


NAMES = [harness.module for harness in SERVICE_SOURCES]


@cache
def doors_of(name: str) -> tuple[Door, ...]:
    """What a service's document lists."""
    service = service_of(name)
    before, service.settings = service._settings, service._settings_class.model_construct()
    document = service.app().openapi()
    service._settings = before
    return tuple(
        Door(
            name,
            method.upper(),
            path,
            tuple(each | {"schema": _whole(each["schema"], document)} for each in operation.get("parameters", ())),
            {
                kind: _whole(content["schema"], document)
                for kind, content in operation.get("requestBody", {}).get("content", {}).items()
            },
            not operation.get("security"),
            frozenset(kind for each in operation["responses"].values() for kind in each.get("content", ())),
        )
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    )


def _whole(node: Any, document: Mapping[str, Any]) -> Any:
    """A schema with the parts that it refers to in their places."""
    if isinstance(node, list):
        return [_whole(part, document) for part in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _whole(document["components"]["schemas"][node["$ref"].rsplit("/", 1)[-1]], document)
    return {name: _whole(part, document) for name, part in node.items()}


def kinds(schema: Schema) -> list[Schema]:
    """The kinds of value that a schema takes, but for null."""
    found = [kind for each in schema.get("anyOf", ()) for kind in kinds(each)] or [schema]
    return [kind for kind in found if kind.get("type") != "null"]


def example(schema: Schema, name: str = "") -> Json:
    """The value that a schema gives as its example, else the smallest that it takes."""
    schema = kinds(schema)[0]
    if isinstance(schema.get("examples", [None])[0], dict):
        return schema["examples"][0]
    if name in KNOWN:
        return KNOWN[name]
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    return _made(schema)


def _made(schema: Schema) -> Json:
    match schema.get("type"):
        case "object":
            properties = schema.get("properties", {})
            needed = [*schema.get("required", ()), *(each for each in ("email", "by", "team") if each in properties)]
            return {each: example(properties[each], each) for each in needed}
        case "array":
            return [example(schema["items"])] * schema.get("minItems", 0)
        case "boolean":
            return True
        case "integer" | "number":
            return schema.get("minimum", 1)
        case _:
            written = (each for each in WRITTEN if re.search(schema.get("pattern", ""), each))
            return FORMATS.get(schema.get("format", "")) or next(written)


def _spots(schema: Schema) -> Iterator[Spot]:
    yield Spot((), schema, lambda value: value)
    for kind in kinds(schema):
        if kind.get("type") == "object":
            whole = example(kind)
            properties = kind.get("properties", {})
            for name, part in properties.items():
                for spot in _spots(part):
                    yield Spot((name, *spot.path), spot.schema, _inside(whole, name, spot))
        elif kind.get("type") == "array":
            for spot in _spots(kind["items"]):
                yield Spot(("0", *spot.path), spot.schema, _listed(spot))


def _inside(whole: Json, name: str, spot: Spot) -> Callable[[Json], Json]:
    return lambda value: {**whole, name: spot.body(value)}


def _listed(spot: Spot) -> Callable[[Json], Json]:
    return lambda value: [spot.body(value)]
