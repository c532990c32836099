"""Write `baton_client.generated` from the services' OpenAPI documents; with `--check`, say whether it is fresh.

The types are written by datamodel-code-generator, the operations here: a method each, twice, for programs that wait
and for programs that await.
"""

import importlib
import json
import keyword
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from datamodel_code_generator import generate
from datamodel_code_generator.enums import DataModelType, InputFileType
from datamodel_code_generator.format import DatetimeClassType, Formatter, PythonVersion
from datamodel_code_generator.parser import LiteralType

from events.runtime import Service

Schema = Mapping[str, Any]

GENERATED = Path(__file__).parent / "src" / "baton_client" / "generated"
SERVICES = {
    "capture": "capture",
    "scoring": "scoring",
    "routing": "routing",
    "sla_monitor": "sla-monitor",
    "feedback": "feedback",
    "desk": "desk",
}
JSON, LINES = "application/json", "application/x-ndjson"
PROBES = ("/livez", "/readyz", "/status", "/audit")
LEFT_OUT = frozenset({
    "title", "examples", "default", "pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum",
    "minItems", "maxItems", "uniqueItems", "discriminator", "propertyNames", "minProperties", "maxProperties",
})  # fmt: skip
"""What the service checks; and titles, which only repeat the names of fields."""
WIDTH = 120


@dataclass(frozen=True)
class Operation:
    """One operation of a document."""

    method: str
    path: str
    described: Schema

    @property
    def name(self) -> str:
        """The name of its method."""
        return str(self.described["operationId"])

    @property
    def is_for_programs(self) -> bool:
        """Whether it is no page for a browser."""
        return self.path.startswith("/v1/") or self.path in PROBES

    def parameters(self, place: str) -> list[Schema]:
        """Return the parameters in the path or in the query."""
        return [each for each in self.described.get("parameters", ()) if each["in"] == place]

    @property
    def takes_key(self) -> bool:
        """Whether it takes an idempotency key."""
        return any(each["name"] == "Idempotency-Key" for each in self.parameters("header"))

    @cached_property
    def body(self) -> Schema:
        """The kinds of body that it takes, each with its schema."""
        found: Schema = self.described.get("requestBody", {}).get("content", {})
        return found

    @cached_property
    def answers(self) -> list[Schema]:
        """The contents of each success."""
        return [each.get("content", {}) for status, each in self.described["responses"].items() if status[0] == "2"]


def document_of(module: str) -> dict[str, Any]:
    """Return the OpenAPI document of a service."""
    service: Service = importlib.import_module(f"{module}.app").service
    return service.document()


def operations_of(document: Schema) -> list[Operation]:
    """Return the operations of a document that programs use."""
    found = [
        Operation(method.upper(), path, described)
        for path, methods in document["paths"].items()
        for method, described in methods.items()
    ]
    return [each for each in found if each.is_for_programs]


def reachable(node: Any, schemas: Schema, found: set[str]) -> set[str]:
    """Add the names of the schemas that a node refers to, directly or not."""
    for part in node if isinstance(node, list) else node.values() if isinstance(node, dict) else ():
        reachable(part, schemas, found)
    if isinstance(node, dict) and "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        if name not in found:
            found.add(name)
            reachable(schemas[name], schemas, found)
    return found


def simplified(node: Any) -> Any:
    """Return a schema without what a client need not check: limits are the service's, and later fields may come."""
    if isinstance(node, list):
        return [simplified(part) for part in node]
    if not isinstance(node, dict):
        return node
    found = {}
    for name, part in node.items():
        if name == "properties":
            found[name] = {field: simplified(schema) for field, schema in part.items()}
        elif name == "patternProperties":
            found["additionalProperties"] = simplified(next(iter(part.values())))
        elif (name not in LEFT_OUT or (name == "title" and "properties" in node)) and not (
            (name == "additionalProperties" and part is False) or (name == "format" and part == "email")
        ):
            found[name] = simplified(part)
    return found


def types(names: Iterable[str], schemas: Schema, kind: DataModelType, says: str) -> str:
    """Return a module with a type for each schema."""
    parts = {name: simplified(schemas[name]) for name in sorted(names)}
    document = {"openapi": "3.1.0", "info": {"title": "", "version": ""}, "components": {"schemas": parts}}
    written = generate(
        json.dumps(document | {"paths": {}}),
        input_file_type=InputFileType.OpenAPI,
        output_model_type=kind,
        target_python_version=PythonVersion.PY_311,
        custom_file_header=f'"""{says} Written by `make docs`."""',
        disable_timestamp=True,
        use_standard_collections=True,
        use_union_operator=True,
        use_schema_description=True,
        use_single_line_docstring=True,
        use_title_as_name=True,
        use_double_quotes=True,
        base_class="typing.TypedDict" if kind is DataModelType.TypingTypedDict else "baton_client.model.Model",
        collapse_root_models=True,
        enum_field_as_literal=LiteralType.All,
        output_datetime_class=DatetimeClassType.Datetime,
        formatters=[Formatter.BUILTIN],
    )
    return str(written).strip() + "\n"


def annotation(schema: Schema) -> str:
    """Return the Python type of a parameter."""
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        found = dict.fromkeys(annotation(each) for each in choices)
        return " | ".join(sorted(found, key=lambda each: each == "None"))
    if "enum" in schema or "const" in schema:
        values = schema.get("enum") or [schema["const"]]
        return f"Literal[{', '.join(json.dumps(each) for each in values)}]"
    if schema.get("type") == "array":
        return f"list[{annotation(schema.get('items', {}))}]"
    formats = {"uuid": "UUID | str", "date-time": "datetime", "date": "date"}
    kinds = {"integer": "int", "number": "float", "boolean": "bool", "null": "None"}
    return formats.get(str(schema.get("format")), kinds.get(str(schema.get("type")), "str"))


def named(schema: Schema, module: str) -> str:
    """Return the name of the type of a body or an answer."""
    if "$ref" in schema:
        return f"{module}.{schema['$ref'].rpartition('/')[2]}"
    if schema.get("type") == "array":
        return f"list[{named(schema['items'], module)}]"
    return "dict[str, Any]"


class Method:
    """One operation as a method, for programs that wait or that await."""

    def __init__(self, operation: Operation, *, is_async: bool) -> None:
        self.operation = operation
        self.waits = "await " if is_async else ""
        self.is_async = is_async
        self.lines_in = list(operation.body) == [LINES]
        self.json_in = operation.body.get(JSON, {}).get("schema")
        contents = {kind: each["schema"] for answer in operation.answers for kind, each in answer.items()}
        self.kinds = list(contents)
        found = [named(each[JSON]["schema"], "answers") for each in operation.answers if JSON in each]
        self.answer = " | ".join(dict.fromkeys(found))
        self.lines_out = named(contents[LINES], "answers") if self.kinds == [LINES] else ""

    @property
    def result(self) -> str:
        """What the method returns."""
        if self.lines_out:
            return f"{'AsyncIterator' if self.is_async else 'Iterator'}[{self.lines_out}]"
        return self.answer or ("bytes" if self.kinds else "None")

    def arguments(self) -> Iterator[str]:
        """Yield the arguments: what stands in the path or is the body by place, the others by name."""
        operation = self.operation
        by_place = [f"{each['name']}: {annotation(each['schema'])}" for each in operation.parameters("path")]
        if self.lines_in:
            by_place.append("lines: Iterable[Mapping[str, Any]]")
        elif self.json_in and self.json_in.get("type") == "array":
            by_place.append(f"items: Sequence[{named(self.json_in['items'], 'bodies')}]")
        elif operation.body and not self.json_in:
            by_place.append("content: bytes")
        fields = self.json_in if self.json_in and "$ref" in self.json_in else None
        yield from [*by_place, "/"] if by_place or fields else []
        by_name = [
            f"{_safe(each['name'])}: {_optional(annotation(each['schema']))} = None"
            if not each.get("required")
            else f"{_safe(each['name'])}: {annotation(each['schema'])}"
            for each in operation.parameters("query")
        ]
        by_name += ["idempotency_key: str | None = None"] if operation.takes_key else []
        if "content: bytes" in by_place:
            kinds = ", ".join(json.dumps(kind) for kind in operation.body)
            by_name.append(f"content_type: Literal[{kinds}] = {json.dumps(next(iter(operation.body)))}")
        yield from ["*", *by_name] if by_name else []
        if fields:
            yield f"**body: Unpack[{named(fields, 'bodies')}]"

    def sends(self) -> Iterator[str]:
        """Yield what is given to the connection."""
        operation = self.operation
        path = operation.path
        names = [each["name"] for each in operation.parameters("path")]
        parts = ", ".join(f"{name}={name}" for name in names)
        yield json.dumps(operation.method)
        yield f'fill_path("{path}", {parts})' if names else json.dumps(path)
        if operation.parameters("query"):
            query = ", ".join(f"{each['name']}={_safe(each['name'])}" for each in operation.parameters("query"))
            yield f"params=build_query({query})"
        accept = "" if self.answer or not self.kinds else f", {json.dumps(self.kinds[0])}"
        headers = f"build_headers({'idempotency_key' if operation.takes_key else 'None'}{accept})"
        kinds = {"lines": json.dumps(LINES), "json": json.dumps(JSON), "content": "content_type"}
        taken = "lines" if self.lines_in else "json" if self.json_in else "content" if operation.body else ""
        yield (
            f"headers={headers} | {{'Content-Type': {kinds[taken]}}}".replace("'", '"')
            if taken
            else f"headers={headers}"
        )
        if taken:
            array = bool(self.json_in) and self.json_in.get("type") == "array"
            content = {
                "lines": "encode_json_lines(lines)",
                "json": f"encode_json({'items' if array else 'body'})",
                "content": "content",
            }
            yield f"content={content[taken]}"

    def written(self) -> str:
        """Return the method's source."""
        start = "async def" if self.is_async and not self.lines_out else "def"
        head = f"    {start} {self.operation.name}(self, {', '.join(self.arguments())}) -> {self.result}:"
        if len(head) > WIDTH:
            arguments = "".join(f"        {each},\n" for each in ["self", *self.arguments()])
            head = f"    {start} {self.operation.name}(\n{arguments}    ) -> {self.result}:"
        head = head.replace("(self, )", "(self)")
        return f"{head}\n{self._docstring()}{self._statement()}"

    def _docstring(self) -> str:
        text = str(self.operation.described.get("description", "")).strip().replace("\\", "\\\\")
        described = [(each["name"], each.get("description")) for each in self.operation.parameters("query")]
        arguments = "".join(f"\n            {_safe(name)}: {text}." for name, text in described if text)
        more = f"\n\n        Args:{arguments}\n        " if arguments else ""
        text = "\n        ".join(line.strip() for line in text.splitlines())
        return f'        """{text.replace(chr(10) + "        " + chr(10), chr(10) + chr(10))}{more}"""\n'

    def _statement(self) -> str:
        arguments = list(self.sends())
        if self.lines_out:
            call, arguments = "return self._connection.stream_as", [self.lines_out, *arguments]
        elif self.answer:
            call, arguments = (
                f"found: {self.answer} = {self.waits}self._connection.request_as",
                [self.answer, *arguments],
            )
        elif self.kinds:
            call = f"found = {self.waits}self._connection.send"
        else:
            call = f"{self.waits}self._connection.send"
        lines = "".join(f"            {each},\n" for each in arguments)
        ends = "" if self.lines_out or not self.kinds else f"        return found{'' if self.answer else '.content'}\n"
        return f"        {call}(\n{lines}        )\n{ends}"


def _safe(name: str) -> str:
    return f"{name}_" if keyword.iskeyword(name) else name


def _optional(kind: str) -> str:
    return kind if kind.endswith("None") else f"{kind} | None"


def operations(name: str, found: Iterable[Operation], *, is_async: bool) -> str:
    """Return a module with a class of operations."""
    prefix, base = ("Async", "async_common") if is_async else ("", "common")
    title = prefix + "".join(part.title() for part in name.split("_"))
    methods = "\n".join(Method(each, is_async=is_async).written() for each in found)
    folder = "baton_client.generated"
    if name == "common":
        module, parent = ("async_connection", "AsyncOperations") if is_async else ("connection", "Operations")
        imported = f"from baton_client.{module} import {parent}"
    else:
        parent = f"{prefix}Common"
        imported = (
            f"from {folder}.{base.replace('common', 'operations')}.common import {parent}"
            if is_async
            else (f"from {folder}.operations.common import {parent}")
        )
    return f'''"""What {SERVICES.get(name, "every service")} does for programs. Written by `make docs`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, Unpack
from uuid import UUID

from {folder}.answers import {name} as answers
from {folder}.bodies import {name} as bodies
{imported}
from baton_client.messages import build_headers, build_query, encode_json, encode_json_lines, fill_path


class {title}({parent}):
    """The operations of {SERVICES.get(name, "every service")}."""

{methods}'''


def files() -> dict[Path, str]:
    """Return each file of the generated package, and what must stand in it."""
    documents = {name: document_of(name) for name in SERVICES}
    of_service = {name: operations_of(document) for name, document in documents.items()}
    shared = set.intersection(*({each.path for each in found} for found in of_service.values()))
    groups = {"common": [each for each in of_service["capture"] if each.path in shared]}
    groups |= {name: [each for each in found if each.path not in shared] for name, found in of_service.items()}
    packages = ("", "answers", "bodies", "operations", "async_operations")
    written = {
        GENERATED / name / "__init__.py": f'"""{_PACKAGES[name]} Written by `make docs`."""\n' for name in packages
    }
    for name, found in groups.items():
        schemas = documents.get(name, documents["capture"])["components"]["schemas"]
        who = SERVICES.get(name, "every service")
        answered = reachable([each.answers for each in found], schemas, set())
        taken = reachable([each.body for each in found], schemas, set())
        texts = {
            "answers": types(answered, schemas, DataModelType.PydanticV2BaseModel, f"What {who} answers."),
            "bodies": types(taken, schemas, DataModelType.TypingTypedDict, f"What {who} is sent."),
            "operations": operations(name, found, is_async=False),
            "async_operations": operations(name, found, is_async=True),
        }
        written |= {GENERATED / folder / f"{name}.py": text for folder, text in texts.items()}
    return written


_PACKAGES = {
    "": "What follows from the services' OpenAPI documents.",
    "answers": "What services answer.",
    "bodies": "What services are sent.",
    "operations": "The operations of each service.",
    "async_operations": "The operations of each service, to be awaited.",
}


def main() -> int:
    """Write the files, or compare."""
    wanted = files()
    present = {path: path.read_text(encoding="utf-8") for path in GENERATED.rglob("*.py")}
    stale = [path for path in wanted | present if wanted.get(path) != present.get(path)]
    if "--check" in sys.argv:
        sys.stderr.writelines(f"{path.relative_to(GENERATED.parent)} is stale: run `make docs`\n" for path in stale)
        return int(bool(stale))
    for path in stale:
        if path in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path], encoding="utf-8")
        else:
            path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
