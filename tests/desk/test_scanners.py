"""Operators pair phones that scan, and end them: what the desk shows, and what capture then accepts."""

import re
from html import unescape

import pytest

from desk.domain import orders
from desk.domain.orders import FormFault
from events.runtime import security
from events.runtime.testing import ServiceHarness
from tests.capture.browsers import stranger
from tests.desk.conftest import LEA, MAX, MIA, OLA, Browser, signed_in

HERE = "/operator/scanners"
SCAN = {
    "event": "expo-2026", "scan_id": "1", "scanned_by": "bo", "occurred_at": "2026-03-02T08:59:00Z",
    "badge": "MECARD:N:Long,Ada;EMAIL:ada@works.example;;",
}  # fmt: skip


async def code_from(operator: Browser, label: str = "Booth 1") -> str:
    """Have a link made on the page; gives what stands behind `#pair=`."""
    page = await operator.post(HERE, event="expo-2026", label=label)
    assert page.status_code == 200, page.text
    (address,) = re.findall(r'value="(http://capture.test/scan#pair=[^"]+)"', unescape(page.text))
    return str(address.partition("#pair=")[2])


async def test_a_phone_is_paired_listed_and_ended(stack: dict[str, ServiceHarness]) -> None:
    """Issue 18, 7: the picture and the address show a code that works once; the key is the phone's own."""
    pages, capture = stack["desk"], stack["capture"]
    operator, drawn = await signed_in(pages, OLA), security.draw_key()
    page = await operator.post(HERE, event="expo-2026", label="Booth <1>")
    assert 'src="data:image/svg+xml' in page.text
    assert "Pair Booth &lt;1&gt; now" in page.text
    assert "no-store" in page.headers["cache-control"]
    code = await code_from(operator)
    assert code not in (await operator.get(HERE)).text
    assert (await operator.get(HERE)).text.count("Link open") == 2
    async with await stranger(capture) as phone:
        body = {"code": code, "key_id": drawn[0], "hash": drawn[2]}
        assert (await phone.post("/v1/scanner-pairings/redeem", json=body)).status_code == 200
        phone.headers["Authorization"] = f"Bearer {drawn[1]}"
        assert (await phone.post("/v1/scans", json=SCAN)).json()["accepted"] == 1
        shown = (await operator.get(HERE)).text
        assert ("Paired" in shown, "not used yet" in shown, "by ola" in shown) == (True, True, True)
        await capture.service.keys.save_last_uses()
        assert "last used" in (await operator.get(HERE)).text
        (path,) = re.findall(rf'action="({HERE}/\S+/end)"(?=[^§]*?End Booth 1 for good)', shown)[-1:]
        ended = await operator.post(path)
        assert "scans%20no%20more" in ended.headers["set-cookie"]
        capture.service.keys.forget_keys()
        assert (await phone.post("/v1/scans", json=SCAN | {"scan_id": "2"})).status_code == 401
    assert "ended by ola" in (await operator.get(HERE)).text
    logged = await pages.raw.fetch("select by, action from audit_log where action like 'scanner.%' order by id")
    assert [tuple(row) for row in logged][-1] == ("ola", "scanner.ended")


async def test_only_operators_pair_phones(stack: dict[str, ServiceHarness]) -> None:
    some = "5f0c2f0e-7a52-5d0a-9a55-0c2f6f9c1d11"
    for viewer in (MIA, LEA, MAX):
        browser = await signed_in(stack["desk"], viewer)
        assert (await browser.get(HERE)).status_code == 403
        assert (await browser.post(HERE, event="expo", label="x")).status_code == 403
        assert (await browser.post(f"{HERE}/{some}/end")).status_code == 403
    assert await stack["capture"].raw.fetch("select 1 from scanner_pairings") == []
    operator = await signed_in(stack["desk"], OLA)
    operator.token = "another"  # noqa: S105 - that of another session
    assert (await operator.post(HERE, event="expo", label="x")).status_code == 403


async def test_a_form_that_lacks_something_comes_back_with_what_was_written(stack: dict[str, ServiceHarness]) -> None:
    operator = await signed_in(stack["desk"], OLA)
    for fields, sentence in (
        ({"event": "the fair", "label": "Booth"}, "Choose the event, or write its name"),
        ({"event": "expo", "label": " "}, "Write what the device is called."),
    ):
        page = await operator.post(HERE, **fields)
        assert page.status_code == 409
        assert sentence in page.text
        assert f'value="{fields["event"]}"' in page.text
    refused = await operator.post(f"{HERE}/5f0c2f0e-7a52-5d0a-9a55-0c2f6f9c1d11/end")
    assert "no%20such%20link" in refused.headers["set-cookie"]


async def test_without_capture_the_page_says_so(harness: ServiceHarness) -> None:
    operator = await signed_in(harness, OLA)
    assert "Capture does not answer just now." in (await operator.get(HERE)).text
    assert "Nothing was changed" in (await operator.post(HERE, event="expo", label="x")).text


def test_a_link_is_asked_for_by_event_and_name() -> None:
    order = orders.build_pairing_command({"event": " expo ", "label": " Booth  1 "}, "ola")
    assert (order.path, order.body) == ("/v1/scanner-pairings", {"event": "expo", "label": "Booth 1", "by": "ola"})
    with pytest.raises(FormFault):
        orders.build_pairing_command({"event": "expo"}, "ola")
