"""Keys of forms, webhooks and senders, made over HTTP."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from events.runtime.testing import START, ServiceHarness
from tests.capture.browsers import JSON, stranger

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


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/contacts/{id}/merge", {"into": "{id}"}),
        ("POST", "/v1/contacts/{id}/unmerge", None),
        ("POST", "/v1/contacts/{id}/keep-apart", {"other_id": "{id}"}),
        ("POST", "/v1/contacts/{id}/consents", {"purpose": "news", "granted": False, "wording_version": "1"}),
        ("POST", "/v1/contacts/{id}/form-links", {"form": "contact"}),
        ("PUT", "/v1/accounts/works.example", {"owner": "me"}),
        ("PUT", "/v1/campaigns/expo", {"name": "Expo"}),
        ("PUT", "/v1/content/guide", {"title": "Guide"}),
        ("POST", "/v1/suppressions", {"email": "ada@works.example", "channel": "email"}),
        ("PUT", "/v1/mappings/fair", {"mapping": {}}),
        ("DELETE", "/v1/mappings/fair", None),
        ("GET", "/v1/mappings", None),
        ("GET", "/v1/imports/{id}/rejects", None),
    ],
)
async def test_a_key_of_one_source_takes_in_and_opens_nothing_else(
    harness: ServiceHarness, method: str, path: str, body: dict[str, Any] | None
) -> None:
    """It is on a phone at a booth, or with an agency: it could merge people and read refused rows."""
    key = await made(harness, kind="api", label="Fair", source="event_scan")
    known = await harness.http.post("/v1/contacts", json={"email": "ada@works.example"})
    contact_id = known.json()["contact_id"]
    async with await stranger(harness) as http:
        http.headers["Authorization"] = f"Bearer {key['key']}"
        content = json.dumps(body).replace("{id}", contact_id) if body else None
        headers = {"Content-Type": "application/json"} if body else {}
        answer = await http.request(method, path.replace("{id}", contact_id), content=content, headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, "source_refused"), answer.text


async def test_a_key_of_another_source_fills_in_no_form(harness: ServiceHarness) -> None:
    """A paired phone takes scans alone: with its key it made leads of a form that needs no stamp then."""
    filled = {"last_name": "Long", "email": "ada@works.example"}
    keys = {name: await made(harness, kind="api", label="Fair", source=name) for name in ("event_scan", "web_form")}
    async with await stranger(harness) as http:
        for name, status in (("event_scan", 403), ("web_form", 202)):
            headers = JSON | {"Authorization": f"Bearer {keys[name]['key']}"}
            answer = await http.post("/f/contact", data=filled, headers=headers)
            assert answer.status_code == status, answer.text
            hidden = await http.post("/f/contact", data=filled | {"form_key": keys[name]["key"]}, headers=JSON)
            assert hidden.status_code == status, hidden.text


async def test_a_scanner_sees_the_events_that_have_not_ended(harness: ServiceHarness) -> None:
    """Issue 16: the latest first, by name alone."""
    for name, starts, ends in (("old", 1, 2), ("expo", 3, 3650), ("summit", 5, None), ("undated", None, None)):
        days = {"starts_at": starts, "ends_at": ends}
        times = {field: (START + timedelta(days=day)).isoformat() for field, day in days.items() if day is not None}
        put = await harness.http.put(f"/v1/campaigns/{name}", json={"name": name.title(), "spend": 1.0, **times})
        assert put.status_code == 200, put.text
    await harness.advance(timedelta(days=7))
    key = await made(harness, kind="api", label="Fair", source="event_scan")
    other = await made(harness, kind="api", label="Webinars", source="webinar")
    async with await stranger(harness) as http:
        assert (await http.get("/v1/campaigns")).status_code == 401
        http.headers["Authorization"] = f"Bearer {key['key']}"
        listed = (await http.get("/v1/campaigns")).json()["items"]
        http.headers["Authorization"] = f"Bearer {other['key']}"
        assert (await http.get("/v1/campaigns")).status_code == 403
    assert listed == [{"campaign": name, "name": name.title()} for name in ("summit", "expo", "undated")]


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
