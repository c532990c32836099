"""The contract as files, for those who don't read Python: JSON Schemas and AsyncAPI 3.

They are generated, committed, and checked for freshness. A schema is never overwritten by one that
old records or old readers could not live with: such a change is a new class and a new version.
"""

import argparse
import inspect
import json
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import yaml
from pydantic.json_schema import GenerateJsonSchema

from events.compatibility import Json, find_breaking_changes
from events.envelope import Event
from events.topics import EVENT_TYPES, SERVICES, TOPICS, Topic, dead_letter_topic_name

DRAFT = "https://json-schema.org/draft/2020-12/schema"
FORMAT = "application/schema+json;version=draft-2020-12"
TOMBSTONES = " The last record of each key stays; one without a value erases the key."

HEADERS: Json = {
    "type": "object",
    "required": [
        "ce_id",
        "ce_type",
        "ce_source",
        "ce_specversion",
        "ce_time",
        "ce_sequence",
        "content-type",
    ],
    "properties": {
        "ce_id": {
            "type": "string",
            "description": "Same fact, same id: what a consumer dedupes by.",
        },
        "ce_type": {"type": "string", "description": "`<subject>.<fact>.v<n>`"},
        "ce_source": {"type": "string", "description": "`baton/<service>`: who says it."},
        "ce_specversion": {"type": "string", "const": "1.0"},
        "ce_time": {
            "type": "string",
            "format": "date-time",
            "description": "Real time of the decision; business time is the value's `occurred_at`.",
        },
        "ce_sequence": {
            "type": "string",
            "pattern": "^[0-9]+$",
            "description": "Rises by one per source, topic and key.",
        },
        "content-type": {"type": "string", "const": "application/json"},
        "traceparent": {"type": "string", "description": "W3C trace context."},
    },
}


PARKED = "record.parked.v1"
POINTER: Json = {
    "name": PARKED,
    "title": "RecordParked",
    "summary": "A record could not be applied; its bytes stay in the service's database.",
    "traits": [{"$ref": "#/components/messageTraits/cloudEvents"}],
    "payload": {
        "type": "object",
        "required": ["service", "parked_id", "topic", "reason"],
        "properties": {
            "service": {"type": "string"},
            "parked_id": {"type": "string", "format": "uuid"},
            "topic": {"type": "string", "description": "Where it came from, or `timer:<kind>`."},
            "reason": {"type": "string"},
        },
    },
}


class SchemaWithoutFieldTitles(GenerateJsonSchema):
    """JSON Schema without the titles that only repeat the fields' names."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 - pydantic's hook
        """Never."""
        return False


def build_event_schema(kind: type[Event]) -> Json:
    """Return the JSON Schema (draft 2020-12) of an event's value."""
    body = kind.model().model_json_schema(mode="serialization", schema_generator=SchemaWithoutFieldTitles)
    return {
        "$schema": DRAFT,
        "$id": f"urn:baton:{kind.ce_type}",
        "x-identity": list(kind.identity),
    } | body


def build_asyncapi_document() -> Json:
    """Return the AsyncAPI 3.0 description of all topics."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Baton",
            "version": version("baton-events"),
            "description": (
                "The lead hand-over between marketing and sales, as events. CloudEvents 1.0 in "
                "Kafka's binary mode: attributes in `ce_` headers, a flat JSON object as value. "
                "Records come at least once, in order per key; consumers ignore a `ce_id` they "
                "have seen and fields they don't know."
            ),
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "kafka": {
                "host": "{bootstrap}",
                "protocol": "kafka",
                "description": "`baton env` prints the running stack's KAFKA_BOOTSTRAP_SERVERS.",
                "variables": {"bootstrap": {"default": "localhost:9092"}},
            }
        },
        "channels": {topic.name: _build_channel(topic) for topic in TOPICS}
        | {dead_letter_topic_name(service): _build_dead_letter_channel(service) for service in SERVICES},
        "operations": dict(_build_operations()),
        "components": {
            "messageTraits": {"cloudEvents": {"contentType": "application/json", "headers": HEADERS}},
            "messages": {kind.ce_type: _build_message(kind, topic) for topic in TOPICS for kind in topic.events}
            | {PARKED: POINTER},
        },
    }


def _build_channel(topic: Topic) -> Json:
    settings = topic.settings()
    configuration = {name: int(value) if value.lstrip("-").isdigit() else value for name, value in settings.items()}
    return {
        "address": topic.name,
        "description": topic.purpose + (TOMBSTONES if topic.compacted else ""),
        "messages": {kind.ce_type: {"$ref": f"#/components/messages/{kind.ce_type}"} for kind in topic.events},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": configuration | {"cleanup.policy": [settings["cleanup.policy"]]},
                "bindingVersion": "0.5.0",
            }
        },
    }


def _build_dead_letter_channel(service: str) -> Json:
    return {
        "address": dead_letter_topic_name(service),
        "description": f"Pointers at what {service} parked; `baton dead-letters` shows them.",
        "messages": {PARKED: {"$ref": f"#/components/messages/{PARKED}"}},
    }


def _build_message(kind: type[Event], topic: Topic) -> Json:
    return {
        "name": kind.ce_type,
        "title": kind.__name__,
        "summary": inspect.cleandoc(kind.__doc__ or ""),
        "traits": [{"$ref": "#/components/messageTraits/cloudEvents"}],
        "payload": {
            "schemaFormat": FORMAT,
            "schema": {"$ref": f"./schemas/{kind.ce_type}.json"},
        },
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": topic.key},
                "bindingVersion": "0.5.0",
            }
        },
    }


def _build_operations() -> Iterator[tuple[str, Json]]:
    for service in SERVICES:
        for topic in TOPICS:
            if service in topic.producers:
                yield _build_operation(service, "send", topic.name)
            if service in topic.consumers:
                yield _build_operation(service, "receive", topic.name)
        yield _build_operation(service, "send", dead_letter_topic_name(service))


def _build_operation(service: str, action: str, topic: str) -> tuple[str, Json]:
    return f"{service}.{action}.{topic}", {
        "action": action,
        "channel": {"$ref": f"#/channels/{topic}"},
        "tags": [{"name": service}],
    }


def build_generated_files() -> dict[str, str]:
    """Return every generated file's text by its path under `docs/`."""
    texts = {
        f"schemas/{ce_type}.json": json.dumps(build_event_schema(kind), indent=2, ensure_ascii=False) + "\n"
        for ce_type, kind in sorted(EVENT_TYPES.items())
    }
    head = "# Generated by `make docs` from libs/events: edit the models, not this file.\n"
    body = yaml.safe_dump(build_asyncapi_document(), sort_keys=False, allow_unicode=True, width=110)
    return texts | {"asyncapi.yaml": head + body}


def list_stale_files(docs: Path) -> list[str]:
    """Name the files under `docs` that are not what the models say, or that no model asks for."""
    wanted = build_generated_files()
    differ = [
        name
        for name, text in wanted.items()
        if not (docs / name).is_file() or (docs / name).read_text(encoding="utf-8") != text
    ]
    left_over = [
        f"schemas/{path.name}"
        for path in sorted((docs / "schemas").glob("*.json"))
        if f"schemas/{path.name}" not in wanted
    ]
    return differ + left_over


def list_broken_promises(docs: Path) -> list[str]:
    """Return where the models break a schema that `docs` has promised."""
    found: list[str] = []
    for path in sorted((docs / "schemas").glob("*.json")):
        kind = EVENT_TYPES.get(path.stem)
        if kind is None:
            found.append(f"{path.stem}: is gone")
            continue
        promised = json.loads(path.read_text(encoding="utf-8"))
        found += [f"{path.stem}{line}" for line in find_breaking_changes(promised, build_event_schema(kind))]
    return found


def main(arguments: list[str] | None = None) -> int:
    """Write the files, or only say whether they are fresh."""
    parser = argparse.ArgumentParser(prog="python -m events.asyncapi", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when stale")
    parser.add_argument("--docs", type=Path, default=Path("docs"))
    asked = parser.parse_args(arguments)
    complaints = list_broken_promises(asked.docs)
    if complaints:
        complaints.append("This breaks the contract: keep the class, add a new one with the next version.")
    elif asked.check:
        complaints = [f"{asked.docs / name} is stale: run `make docs`" for name in list_stale_files(asked.docs)]
    else:
        for name, text in build_generated_files().items():
            (asked.docs / name).parent.mkdir(parents=True, exist_ok=True)
            (asked.docs / name).write_text(text, encoding="utf-8")
    sys.stderr.writelines(f"{line}\n" for line in complaints)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
