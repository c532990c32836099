"""A service in which nothing happened yet: what it answers is among the examples of its document."""

from typing import Any

import pytest

from events.runtime.testing import ServiceHarness
from tests.bad_input.conftest import PLAYBOOKS
from tests.bad_input.doors import JSON, NAMES, doors_of, service_of
from tests.conftest import Databases


def form_of(value: Any) -> Any:
    """Return a value with each text, number and truth value replaced by the name of its type."""
    if isinstance(value, dict):
        return {name: form_of(each) for name, each in value.items()}
    if isinstance(value, list):
        return [form_of(each) for each in value]
    return None if value is None else type(value).__name__


@pytest.mark.parametrize("name", NAMES)
async def test_a_list_of_nothing_is_an_example_of_its_document(name: str, databases: Databases) -> None:
    service = service_of(name)
    asked, unlike = [], []
    async with ServiceHarness.open(service, await databases(service.name)) as harness:
        async with harness.transaction() as tx:
            await service.playbooks.activate(tx, service.playbooks.read(PLAYBOOKS), by="tests", approvals=[])
        document = service.app().openapi()
        for door in doors_of(name):
            if door.method != "GET" or door.asked("path") or JSON not in door.answers:
                continue
            answer = await harness.http.get(door.path + door.needed())
            found = answer.json()
            sums = any(isinstance(each, dict) for each in found.values())  # looked at by the service's own tests
            if answer.status_code != 200 or found.get("items") != [] or sums:
                continue
            asked.append(door)
            content = document["paths"][door.path]["get"]["responses"]["200"]["content"][JSON]
            examples = document["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]["examples"]
            if form_of(found) not in [form_of(each) for each in examples]:
                unlike.append(f"{door}: {answer.text}")
    assert unlike == []
    assert len(asked) >= 3
