"""Keys of forms, webhooks and senders, made over HTTP."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks import Webhook

from events.runtime.testing import ServiceHarness
from tests.capture.browsers import stranger

FORM = {
    "kind": "form",
    "label": "Website",
    "form": "contact",
    "origins": ["https://www.example.com", "http://localhost:*"],
}


async def made(harness: ServiceHarness, **body: Any) -> dict[str, str]:
    answer = await harness.http.post("/v1/sender-keys", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, str] = answer.json()
    return found


async def test_a_webhook_signs_with_what_was_shown(harness: ServiceHarness) -> None:
    key = await made(harness, kind="webhook", label="Webinars", source="webinar")
    body = json.dumps({"email": "ada@works.example", "source": "webinar"})
    now = datetime.now(UTC)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(key["key"]).sign("msg_1", now, body),
        "Content-Type": "application/json",
    }
    async with await stranger(harness) as http:
        answer = await http.post("/v1/contacts", content=body, headers=headers)
    assert answer.status_code == 202, answer.text


async def test_a_key_is_bound_to_its_source(harness: ServiceHarness) -> None:
    key = await made(harness, kind="api", label="Fair", source="event_scan")
    async with await stranger(harness) as http:
        http.headers["Authorization"] = f"Bearer {key['key']}"
        for source, status in (("event_scan", 202), ("webinar", 403)):
            answer = await http.post("/v1/contacts", json={"email": "ada@works.example", "source": source})
            assert answer.status_code == status, answer.text


async def test_a_forms_key_is_kept_with_its_origins_and_in_the_log(harness: ServiceHarness) -> None:
    key = await made(harness, **FORM)
    bound = await harness.raw.fetch("select form, origins from key_bindings where key_id = $1", key["key_id"])
    assert [(row["form"], row["origins"]) for row in bound] == [("contact", FORM["origins"])]
    listed = (await harness.http.get("/v1/keys")).json()["items"]
    assert [each["kind"] for each in listed if each["key_id"] == key["key_id"]] == ["form"]
    log = (await harness.http.get("/v1/audit-log")).json()["items"]
    assert (log[0]["action"], log[0]["subject"]) == ("key.created", key["key_id"])


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "api", "label": "x"},
        {"kind": "webhook", "label": " "},
        {"kind": "form", "label": "x", "form": "contact"},
        {"kind": "form", "label": "x", "origins": ["https://a.example"]},
        {"kind": "webhook", "label": "x", "form": "contact", "origins": ["https://a.example"]},
        FORM | {"origins": ["https://a.example/page"]},
        FORM | {"origins": ["*"]},
        FORM | {"form": "a b"},
        FORM | {"kind": "rep"},
    ],
)
async def test_what_fits_no_kind_is_refused(harness: ServiceHarness, body: dict[str, Any]) -> None:
    assert (await harness.http.post("/v1/sender-keys", json=body)).status_code == 422
