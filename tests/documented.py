"""Every answer that a service test receives is what the service's own OpenAPI document says of it.

`tests/conftest.py` puts `check` into the harness of all service tests, so that no test has to ask for it: a field that
the document lacks, another type or an undocumented status fails the test in which it first occurs.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import httpx
import jsonschema_rs
import orjson
from starlette.routing import compile_path

from events.runtime import Service
from events.runtime.bodies import JSON
from events.runtime.openapi import Application

PROBLEM = "application/problem+json"
BROKEN = 400
MOVED = 300


class Operation(NamedTuple):
    """An operation of the document, and the addresses that mean it."""

    pattern: "re.Pattern[str]"
    methods: Mapping[str, Mapping[str, Any]]


class Document:
    """A service's OpenAPI document, ready to compare answers with."""

    def __init__(self, application: Application) -> None:
        self._whole = application.openapi()
        self._paths = [
            Operation(compile_path(path)[0], {name.upper(): each for name, each in found.items()})
            for path, found in self._whole["paths"].items()
        ]
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def operation(self, method: str, path: str) -> Mapping[str, Any] | None:
        """Return the first operation that an address means; None: it is not in the document."""
        meant = (each.methods[method] for each in self._paths if each.pattern.match(path) and method in each.methods)
        return next(meant, None)

    def faults(self, schema: Mapping[str, Any], value: Any) -> list[str]:
        """Return what a schema of this document has against a value."""
        key = orjson.dumps(schema).decode()
        if key not in self._validators:
            whole = {**schema, "components": self._whole["components"]}
            self._validators[key] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        return [
            f"{'.'.join(map(str, error.instance_path))}: {error.message}"
            for error in self._validators[key].iter_errors(value)
        ]


_documents: WeakKeyDictionary[Service, Document] = WeakKeyDictionary()


def document_of(application: Application) -> Document:
    """Return the document of a service, which is written once a session."""
    service: Service = application.state.service
    if service not in _documents:
        _documents[service] = Document(application)
    return _documents[service]


def check(application: Application, response: httpx.Response) -> None:
    """Compare an answer with the document.

    Raises:
        AssertionError: the document does not say so.
    """
    request = response.request
    document = document_of(application)
    operation = document.operation(request.method, request.url.path)
    if operation is None:
        return
    where = f"{request.method} {request.url.path} -> {response.status_code}"
    kind = response.headers.get("content-type", "").partition(";")[0]
    if response.status_code >= BROKEN:
        if kind == PROBLEM:
            faults = document.faults({"$ref": "#/components/schemas/Problem"}, response.json())
            assert not faults, f"{where}: {faults}"
        return
    if response.status_code >= MOVED:
        return
    documented = operation["responses"].get(str(response.status_code))
    assert documented is not None, f"{where} is not in the document"
    if kind == JSON:
        found = documented.get("content", {}).get(JSON)
        assert found is not None, f"{where} should be no JSON"
        faults = document.faults(found.get("schema", {}), response.json())
        assert not faults, f"{where}: {faults} in {response.text[:2000]}"
