"""The generated papers are fresh, valid, and promise nothing that is later taken back."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from events import asyncapi
from events.compatibility import find_breaking_changes
from events.topics import EVENT_TYPES, SERVICES, TOPICS, dead_letter_topic_name
from tests.events.test_contract_examples import FILES, every_example, read

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
ASYNCAPI = Path(__file__).parent / "asyncapi" / "3.0.0.json"


def schema_of(ce_type: str) -> Any:
    return json.loads((DOCS / "schemas" / f"{ce_type}.json").read_text(encoding="utf-8"))


def test_the_papers_are_fresh() -> None:
    assert asyncapi.list_stale_files(DOCS) == []


def test_the_models_keep_what_the_committed_schemas_promise() -> None:
    assert asyncapi.list_broken_promises(DOCS) == []


@pytest.mark.parametrize("ce_type", EVENT_TYPES)
def test_each_schema_is_a_valid_schema(ce_type: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema_of(ce_type))


@every_example
def test_each_example_fits_its_schema(path: Path) -> None:
    example = read(path)
    validator = jsonschema.Draft202012Validator(
        schema_of(example["headers"]["ce_type"]),
        format_checker=jsonschema.FormatChecker(),
    )
    assert list(validator.iter_errors(example["value"])) == []


def test_the_headers_schema_fits_every_example() -> None:
    validator = jsonschema.Draft202012Validator(asyncapi.HEADERS)
    for path in FILES:
        assert list(validator.iter_errors(read(path)["headers"])) == []


def test_asyncapi_is_valid_by_its_own_schema() -> None:
    document = yaml.safe_load((DOCS / "asyncapi.yaml").read_text(encoding="utf-8"))
    rules = json.loads(ASYNCAPI.read_text(encoding="utf-8"))
    assert [error.message for error in jsonschema.Draft7Validator(rules).iter_errors(document)] == []


def test_asyncapi_refers_only_to_what_exists() -> None:
    document = asyncapi.build_asyncapi_document()

    def follow(node: Any) -> None:
        if isinstance(node, dict):
            if "$ref" in node:
                target, _, pointer = node["$ref"].partition("#")
                if target:
                    assert (DOCS / target).is_file()
                else:
                    found: Any = document
                    for step in pointer.strip("/").split("/"):
                        found = found[step]
            for child in node.values():
                follow(child)

    follow(document)


def test_asyncapi_names_every_topic_with_its_speakers_and_listeners() -> None:
    operations = asyncapi.build_asyncapi_document()["operations"]
    wanted = {f"{who}.send.{topic.name}" for topic in TOPICS for who in topic.producers} | {
        f"{who}.receive.{topic.name}" for topic in TOPICS for who in topic.consumers
    }
    wanted |= {f"{who}.send.{dead_letter_topic_name(who)}" for who in SERVICES}
    assert set(operations) == wanted
    assert {tag["name"] for each in operations.values() for tag in each["tags"]} == set(SERVICES)


OLD: dict[str, Any] = {
    "$defs": {
        "Line": {
            "type": "object",
            "properties": {"points": {"type": "number"}},
            "required": ["points"],
        }
    },
    "description": "A lead.",
    "type": "object",
    "properties": {
        "fit": {"type": "string", "enum": ["A", "B"]},
        "rep_id": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}},
    },
    "required": ["fit", "lines"],
}


def add_optional(new: Any) -> None:
    new["properties"]["team"] = {"type": "string", "default": ""}
    new["$defs"]["Line"]["properties"]["note"] = {"type": "string", "default": ""}


def reword(new: Any) -> None:
    new["description"] = "A lead, told better."


def rename_a_definition(new: Any) -> None:
    new["$defs"]["Evidence"] = new["$defs"].pop("Line")
    new["properties"]["lines"]["items"]["$ref"] = "#/$defs/Evidence"


def drop(new: Any) -> None:
    del new["properties"]["rep_id"]


def retype(new: Any) -> None:
    new["$defs"]["Line"]["properties"]["points"]["type"] = "string"


def add_required(new: Any) -> None:
    new["properties"]["team"] = {"type": "string"}
    new["required"].append("team")


def loosen(new: Any) -> None:
    new["required"].remove("fit")


def widen_the_enumeration(new: Any) -> None:
    new["properties"]["fit"]["enum"].append("E")


def change_the_identity(new: Any) -> None:
    new["x-identity"] = ["fit"]


@pytest.mark.parametrize("change", [add_optional, reword, rename_a_definition])
def test_additions_and_words_are_compatible(change: Callable[[Any], None]) -> None:
    new = copy.deepcopy(OLD)
    change(new)
    assert find_breaking_changes(OLD, new) == []


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (drop, "/rep_id: is gone"),
        (retype, '/lines/items/points/type: "number" became "string"'),
        (add_required, "/team: is required now"),
        (loosen, "/fit: is optional now"),
        (widen_the_enumeration, '/fit/enum: ["A", "B"] became ["A", "B", "E"]'),
        (change_the_identity, '/x-identity: null became ["fit"]'),
    ],
)
def test_what_old_readers_or_records_could_not_live_with_is_named(
    change: Callable[[Any], None], complaint: str
) -> None:
    new = copy.deepcopy(OLD)
    change(new)
    assert find_breaking_changes(OLD, new) == [complaint]


def test_the_generator_writes_checks_and_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    docs = str(tmp_path)
    assert asyncapi.main(["--check", "--docs", docs]) == 1
    assert asyncapi.main(["--docs", docs]) == 0
    assert asyncapi.main(["--check", "--docs", docs]) == 0
    promised = tmp_path / "schemas" / "lead.won.v1.json"
    schema = json.loads(promised.read_text(encoding="utf-8"))
    schema["properties"]["discount"] = {"type": "number"}
    promised.write_text(json.dumps(schema), encoding="utf-8")
    capsys.readouterr()
    assert asyncapi.main(["--docs", docs]) == 1
    assert "lead.won.v1/discount: is gone" in capsys.readouterr().err
    assert "discount" in promised.read_text(encoding="utf-8")
    promised.unlink()
    (tmp_path / "schemas" / "lead.sold.v1.json").write_text("{}", encoding="utf-8")
    assert asyncapi.list_broken_promises(tmp_path) == ["lead.sold.v1: is gone"]
    assert "schemas/lead.won.v1.json" in asyncapi.list_stale_files(tmp_path)
