"""Keys over HTTP: made, used, rotated, revoked; and the key that an installation begins with."""

from collections.abc import Mapping
from typing import Any

import pytest

from events.runtime import security
from tests.bad_input.conftest import Target

pytestmark = pytest.mark.parametrize("target", ["scoring"], indirect=True)


async def status_of(target: Target, key: str) -> int:
    answer = await target.harness.http.get("/status", headers={"Authorization": f"Bearer {key}"})
    return answer.status_code


async def post(target: Target, path: str, status: int = 201, **body: object) -> Mapping[str, Any]:
    answer = await target.harness.http.post(path, json=body)
    assert answer.status_code == status, answer.text
    found: Mapping[str, Any] = answer.json()
    return found


async def test_a_key_is_made_used_rotated_and_revoked(target: Target) -> None:
    made = await post(target, "/v1/keys", label="CRM sync", role="marketing")
    assert await status_of(target, made["key"]) == 200
    new = await post(target, f"/v1/keys/{made['key_id']}/rotate", overlap_seconds=0)
    target.harness.service.keys.forget_keys()
    assert [await status_of(target, each["key"]) for each in (made, new)] == [401, 200]
    await post(target, f"/v1/keys/{new['key_id']}/revoke", 200)
    target.harness.service.keys.forget_keys()
    assert await status_of(target, new["key"]) == 401
    items = (await target.harness.http.get("/v1/keys")).json()["items"]
    listed = {item["key_id"]: item for item in items}
    assert listed[new["key_id"]]["label"] == "CRM sync"
    assert listed[new["key_id"]]["revoked_at"] is not None
    assert not any({"hash", "key"} & set(item) for item in items)
    assert (await target.harness.http.post(f"/v1/keys/{new['key_id']}/rotate", json={})).status_code == 409
    assert (await target.harness.http.post("/v1/keys/0123456789ab/revoke")).status_code == 404


async def test_a_key_that_the_caller_drew_is_never_shown_and_may_be_sent_twice(target: Target) -> None:
    key_id, key, digest = security.draw_key()
    body: dict[str, Any] = {"label": "Ann", "role": "rep", "rep_id": "ann", "key_id": key_id, "hash": digest}
    for _ in range(2):
        assert await post(target, "/v1/keys", **body) == {"key_id": key_id, "key": None}
    assert (await target.harness.http.post("/v1/keys", json={**body, "hash": "0" * 64})).status_code == 409
    caller = await target.harness.service.keys.find_caller(key)
    assert caller is not None
    assert (caller.role, caller.rep_id) == ("rep", "ann")


@pytest.mark.parametrize(
    "body",
    [
        {"label": "x", "role": "rep"},
        {"label": "x", "role": "admin", "rep_id": "ann"},
        {"label": "x", "role": "manager"},
        {"label": "x", "role": "admin", "team": "inbound"},
        {"label": "x", "role": "admin", "key_id": "0123456789ab"},
        {"label": "x", "role": "owner"},
    ],
)
async def test_what_does_not_fit_together_is_refused(target: Target, body: dict[str, str]) -> None:
    assert (await target.harness.http.post("/v1/keys", json=body)).status_code == 422


async def test_the_first_key_is_valid_until_it_is_revoked_and_never_again(target: Target) -> None:
    key_id, key, _ = security.draw_key()
    assert await security.insert_bootstrap_key(target.harness.raw, key)
    assert await status_of(target, key) == 200
    listed = {item["key_id"]: item for item in (await target.harness.http.get("/v1/keys")).json()["items"]}
    assert (listed[key_id]["label"], listed[key_id]["role"]) == ("BATON_BOOTSTRAP_KEY", "admin")
    await post(target, f"/v1/keys/{key_id}/revoke", 200)
    target.harness.service.keys.forget_keys()
    assert not await security.insert_bootstrap_key(target.harness.raw, key)
    assert await status_of(target, key) == 401
