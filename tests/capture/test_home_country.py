"""A source says where its national phone numbers are, once, in the playbook (B44)."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
import yaml
from pydantic import ValidationError

from capture.playbook import SourceRule
from events.contacts import ContactProfile
from events.runtime.testing import ServiceHarness
from tests.capture.browsers import stamped, stranger, submitted
from tests.capture.test_imports import counts, send, taken
from tests.capture.test_senders import key_of

HOME = {"web_form": "DE", "event_scan": "FR", "import": "GB", "chat": "AT"}
BERLIN = "030 901820"


@pytest.fixture
async def harness(harness: ServiceHarness) -> ServiceHarness:
    """Capture under a playbook that names countries."""
    playbooks = harness.service.playbooks
    async with harness.transaction() as tx:
        before = playbooks._sources[tx.playbook_version]
        rules = yaml.safe_load(before.body)
        for source, country in HOME.items():
            rules["sources"][source]["country"] = country
        agreed = type(before)(before.definitions, yaml.safe_dump(rules))
        await playbooks.activate(tx, agreed, by="tests", approvals=[])
    return harness


async def phones(harness: ServiceHarness) -> list[str | None]:
    return [each.phone for each in await harness.emitted(ContactProfile)]


async def post(harness: ServiceHarness, **changes: Any) -> httpx.Response:
    return await harness.http.post("/v1/contacts", json=changes)


async def test_a_national_number_is_one_of_its_sources_country(harness: ServiceHarness) -> None:
    """The submission's own country comes first."""
    for number, changes in ((BERLIN, {}), ("01 4000 4001", {"source": "chat"}), ("044 668 18 00", {"country": "CH"})):
        assert (await post(harness, phone=number, **changes)).status_code == 202
    assert await phones(harness) == ["+4930901820", "+43140004001", "+41446681800"]
    assert (await harness.emitted(ContactProfile))[0].country is None


async def test_what_is_no_number_there_or_has_no_country_is_refused_as_ever(harness: ServiceHarness) -> None:
    for changes in ({"phone": BERLIN, "source": "webinar"}, {"phone": "123"}, {"phone": BERLIN, "source": ["x"]}):
        answer = await post(harness, **changes)
        assert answer.status_code == 422
        assert {"field": "phone", "code": "phone_needs_country"} in answer.json()["errors"]
    nul = await post(harness, phone=BERLIN, facts={"a": "b\0"})
    assert nul.status_code in {400, 422}
    assert await phones(harness) == []


async def test_a_key_that_is_bound_to_a_source_need_not_name_it(harness: ServiceHarness) -> None:
    _, key = await key_of(harness, "api", source="chat")
    async with await stranger(harness, Authorization=f"Bearer {key}") as http:
        assert (await http.post("/v1/contacts", json={"phone": "01 4000 4001"})).status_code == 202
    assert await phones(harness) == ["+43140004001"]


async def test_so_it_is_in_lists_streams_and_files(harness: ServiceHarness) -> None:
    items = [{"phone": BERLIN}, {"phone": "01 4000 4001", "source": "chat"}, {"phone": BERLIN, "source": "webinar"}]
    array = (await harness.http.post("/v1/contacts/batch", json=items)).json()
    assert [each["status"] for each in array["items"]] == ["accepted", "accepted", "rejected"]
    lines = "".join(json.dumps(each | {"event_id": f"line-{n}"}) + "\n" for n, each in enumerate(items))
    stream = await harness.http.post(
        "/v1/contacts/batch", content=lines, headers={"Content-Type": "application/x-ndjson"}
    )
    assert json.loads(stream.text.splitlines()[-1]) == {"accepted": 2, "duplicates": 0, "rejected": 1}
    listed = {"event": "expo", "badge": "1", "phone": "01 53 05 05 05"}
    assert (await harness.http.post("/v1/attendees", json=[listed])).json()["accepted"] == 1
    file = "phone\n020 7946 0958\n1\n"
    assert (await send(harness, file, preview="true")).json()["good"] == 1
    assert counts(await taken(harness, file))[:4] == (2, 1, 0, 1)
    assert {"+33153050505", "+442079460958", "+4930901820", "+43140004001"} == {*await phones(harness)}


async def test_a_row_that_waits_for_its_day_is_still_the_same_number(harness: ServiceHarness) -> None:
    assert counts(await taken(harness, "phone\n020 7946 0958\n020 7946 0959\n", per_day=1))[-1] == 2
    await harness.advance(timedelta(days=3))
    assert await phones(harness) == ["+442079460958", "+442079460959"]


async def test_a_form_takes_it_as_well(harness: ServiceHarness) -> None:
    async with await stranger(harness) as browser:
        filled = {"last_name": "Long", "email": "ada@works.example", "phone": BERLIN}
        answer = await submitted(browser, filled | stamped())
    assert answer.status_code == 202, answer.text
    assert await phones(harness) == ["+4930901820"]


def test_a_country_without_numbers_is_a_slip_of_the_pen() -> None:
    with pytest.raises(ValidationError, match="no country has the numbers of UK"):
        SourceRule(engagement="form_submitted", country="UK")
