"""The OpenAPI document as the services really answer: problems instead of the framework's own errors, and keys."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import compile_path

OPEN = ("/livez", "/readyz", "/metrics")
"""What probes and Prometheus read without a key."""

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code"],
                "properties": {"field": {"type": "string"}, "code": {"type": "string"}},
            },
        },
    },
}
_ANSWER = {
    "description": "A problem (RFC 9457): which field, under which code; never what was sent",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_KEY = {"type": "http", "scheme": "bearer", "description": "An API key: `baton keys create`"}


PARAMETERS = {
    "Idempotency-Key": "Chosen by the sender: a request that comes again with its key is not carried out again",
    "at": "As of this instant (RFC 3339); left out: now",
    "by": "What to group by",
    "candidate_id": "The candidate, as its proposal answered it",
    "clock": "The promise's name, such as `first_touch`",
    "cohort": "Count by cohorts of this length",
    "contact_id": "The contact",
    "cursor": "Where the page before ended: its `next`",
    "delivery_id": "The message, as the list of deliveries names it",
    "erasure_id": "The erasure, as its request answered it",
    "first": "The first day",
    "form": "The form's name in the playbook",
    "from_offset": "The first offset",
    "gap_id": "The gap, as the list of gaps names it",
    "import_id": "The import; chosen by the sender, or as the first answer names it",
    "last": "The last day, included",
    "lead_id": "The lead",
    "limit": "How many items to answer at most",
    "key_id": "The public part of a key, as the list of keys names it",
    "name": "The name it has, or gets",
    "parked_id": "The parked record, as the list of dead letters names it",
    "partition": "The partition's number, from 0",
    "proposal_id": "The proposal, as the list of proposals names it",
    "policy": "The policy of the agreement",
    "quarantine_id": "The submission, as the list of the quarantine names it",
    "queue": "The queue's name in the playbook",
    "reevaluation_id": "The run, as the list of runs names it",
    "rep_id": "The rep",
    "since": "Only what happened at this time or later (RFC 3339)",
    "state": "Only those in this state",
    "team": "The team's name in the playbook",
    "to_offset": "The offset behind the last one; left out, all that follow",
    "topic": "The topic's name, such as `leads.worked.v1`",
    "until": "Only what happened before this time (RFC 3339)",
}
"""What a parameter means wherever it stands without a description of its own."""


SERVERS = [{"url": "/", "description": "The service that this document came from"}]


class DocumentedPath(NamedTuple):
    """What a path takes: its pattern, and for each method the query's parameters with the kinds of their values."""

    pattern: "re.Pattern[str]"
    methods: Mapping[str, Mapping[str, frozenset[str]]]


class Application(FastAPI):
    """A service's application; its document says what is answered when something is wrong."""

    _addresses: list[DocumentedPath] | None = None

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document."""
        document: dict[str, Any] | None = self.openapi_schema
        if document is None:
            document = super().openapi()
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            schemas["Problem"] = PROBLEM
            document["servers"] = SERVERS
            document["components"]["securitySchemes"] = {"key": _KEY}
            for path, operations in document["paths"].items():
                for operation in operations.values():
                    _title_body_schemas(operation, schemas)
                    operation["responses"] |= {"422": _ANSWER, "default": _ANSWER}
                    if path not in OPEN:
                        operation.setdefault("security", [{"key": []}])
                    for parameter in operation.get("parameters", ()):
                        if parameter["name"] in PARAMETERS:
                            parameter.setdefault("description", PARAMETERS[parameter["name"]])
                        if parameter["in"] == "query" and path.startswith("/v1/"):
                            _forbid_empty_text(parameter["schema"])
            for route in iter_route_contexts(self.routes):
                _restore_examples(route, schemas)
        return document

    def find_path(self, path: str) -> DocumentedPath | None:
        """Find what the document says of a path; the methods of all operations that it may mean."""
        if self._addresses is None:
            self._addresses = [
                DocumentedPath(
                    compile_path(form)[0], {name.upper(): _query_parameter_kinds(each) for name, each in found.items()}
                )
                for form, found in self.openapi()["paths"].items()
            ]
        meant = [address for address in self._addresses if address.pattern.match(path)]
        if not meant:
            return None
        return DocumentedPath(
            meant[0].pattern, {name: each for address in meant for name, each in address.methods.items()}
        )

    def list_parameter_names(self) -> set[str]:
        """Return the name of every parameter: no other name may come back in an answer."""
        operations = (each for found in self.openapi()["paths"].values() for each in found.values())
        return {parameter["name"] for each in operations for parameter in each.get("parameters", ())}


def _restore_examples(route: Any, schemas: dict[str, Any]) -> None:
    """Write the examples of a route's answers as they are: FastAPI leaves out of a document whatever is null."""
    model = getattr(route, "response_model", None)
    found = [(getattr(model, "__name__", ""), getattr(model, "model_config", {}).get("json_schema_extra"))]
    for answer in getattr(route, "responses", {}).values():
        contents = answer.get("content", {}).values()
        found += [(each["schema"].get("title", ""), each["schema"]) for each in contents if "schema" in each]
    for name, extra in found:
        if isinstance(extra, dict) and "examples" in extra and name in schemas:
            schemas[name]["examples"] = extra["examples"]


def _title_body_schemas(operation: Mapping[str, Any], schemas: dict[str, Any]) -> None:
    """Name the model of each body that was written in place, so that generators name it after its class."""
    bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
    for content in (content for body in bodies for content in body.get("content", {}).values()):
        holder, key = (
            (content, "schema") if content.get("schema", {}).get("type") != "array" else (content["schema"], "items")
        )
        schema = holder.get(key, {})
        name = schema.get("title", "")
        if schema.get("type") == "object" and name.isidentifier():
            if schemas.setdefault(name, schema) != schema:
                name += "Body"
                schemas[name] = schema
            holder[key] = {"$ref": f"#/components/schemas/{name}"}


def _query_parameter_kinds(operation: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    found = (each for each in operation.get("parameters", ()) if each["in"] == "query")
    return {each["name"]: frozenset(kind["type"] for kind in _kinds_of_parameter(each["schema"])) for each in found}


def _kinds_of_parameter(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the kinds of value that a parameter takes, but for null and for choices."""
    return [
        each
        for each in schema.get("anyOf", [schema])
        if each.get("type", "null") != "null" and not {"enum", "const"} & each.keys()
    ]


def _forbid_empty_text(schema: dict[str, Any]) -> None:
    """Write down that a text of the query is not empty: `queries.check_parameters` refuses one."""
    for kind in _kinds_of_parameter(schema):
        if kind["type"] == "string":
            kind["minLength"] = max(1, kind.get("minLength", 1))
