"""Every event that was ever published on a topic can be applied by each service that consumes the topic."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from events.topics import EVENT_TYPES, TOPIC_OF
from tests.bad_input.conftest import Target
from tests.bad_input.doors import LEAD, NAMES
from tests.events.test_contract_examples import FILES, headers_of, read

NOW = {"lead_id": str(LEAD.lead_id), "contact_id": str(LEAD.contact_id), "rep_id": "inbound-1", "by": "inbound-1"}
"""What makes an example an event about the lead that the service knows."""


def bodies(target: Target) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in FILES:
        example = read(path)
        name = dict(headers_of(example))["ce_type"].decode()
        if example["value"] is None or TOPIC_OF[EVENT_TYPES[name]] not in target.harness.service.on:
            continue
        yield name, example["value"]
        yield name, example["value"] | {field: text for field, text in NOW.items() if field in example["value"]}


@pytest.mark.parametrize("target", NAMES, indirect=True)
async def test_each_published_example_is_applied(target: Target) -> None:
    """About a stranger, and about the lead that the service knows; a type that changes nothing is passed over."""
    refused = {}
    for name, value in bodies(target):
        event = EVENT_TYPES[name].decode(json.dumps(value).encode())
        try:
            await target.harness.deliver(event)
        except Exception as error:  # noqa: BLE001 -- whatever a handler raises parks the event
            refused[name] = repr(error)
        await target.harness.raw.execute("rollback to savepoint attack")
    assert refused == {}
