"""The rules in force over HTTP: read, and replaced by valid ones to which all approvers agreed."""

from typing import Any

import pytest

from tests.bad_input.conftest import Target
from tests.bad_input.doors import NAMES

BOMB = "a: &a [x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 8)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
"""A few lines that mean a hundred million values."""


BROKEN_SCALARS = ("!!bool x", "!!timestamp x", '!!int ""', "!!timestamp 9999-99-99", "!!float 1:2:x")


async def rules_of(target: Target) -> dict[str, Any]:
    found: dict[str, Any] = (await target.harness.http.get("/v1/playbook")).json()
    return found


async def put(target: Target, rules: dict[str, Any], **changed: Any) -> Any:
    body = {"by": "ada", "definitions": rules["definitions"], "body": rules["body"], "approvals": APPROVERS} | changed
    return await target.harness.http.put("/v1/playbook", json=body)


APPROVERS = ["marketing:head_of_demand_generation", "sales:head_of_sales_development"]


@pytest.mark.parametrize("target", NAMES, indirect=True)
async def test_a_service_shows_its_rules_and_takes_others_once(target: Target) -> None:
    rules = await rules_of(target)
    assert rules["version"] == (await target.harness.http.get("/status")).json()["playbook_version"]
    again = await put(target, rules)
    assert again.json() == {"version": rules["version"], "changed": False}
    other = {**rules, "body": f"# tried once\n{rules['body']}"}
    changed = (await put(target, other)).json()
    assert changed["changed"]
    now = await rules_of(target)
    assert (now["version"], now["body"]) == (changed["version"], other["body"])
    assert (now["activated_by"], now["approvals"]) == ("ada", APPROVERS)
    log = (await target.harness.http.get("/v1/audit-log")).json()["items"]
    assert (log[0]["action"], log[0]["subject"]) == ("playbook.activated", changed["version"])
    assert log[0]["key_id"] is not None


@pytest.mark.parametrize("target", ["scoring"], indirect=True)
@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"approvals": APPROVERS[:1]}, 409, "approvals_missing"),
        ({"approvals": []}, 409, "approvals_missing"),
        ({"definitions": "- a list\n"}, 422, "no_mapping"),
        ({"definitions": "approvers: ["}, 422, "yaml_invalid"),
        ({"body": "fit: [\t"}, 422, "yaml_invalid"),
        *(({"body": f"fit: {scalar}"}, 422, "yaml_invalid") for scalar in BROKEN_SCALARS),
        ({"body": "\x00"}, 422, "control_character"),
        ({"body": BOMB}, 422, "yaml_too_large"),
        ({"body": "a: &a [*a]"}, 422, "yaml_too_large"),
        ({"body": "[" * 5000}, 422, "yaml_invalid"),
        ({"body": "surplus: 1\n"}, 422, None),
    ],
)
async def test_rules_that_are_none_or_not_agreed_change_nothing(
    target: Target, changed: dict[str, Any], status: int, code: str | None
) -> None:
    before = await rules_of(target)
    answer = await put(target, before, **changed)
    assert answer.status_code == status, answer.text
    assert code is None or answer.json()["errors"][0]["code"] == code
    assert await rules_of(target) == before


@pytest.mark.parametrize("target", NAMES, indirect=True)
async def test_rules_are_checked_without_being_put_in_force(target: Target) -> None:
    rules = await rules_of(target)
    good = await target.harness.http.post("/v1/playbook/check", json={"body": rules["body"]})
    assert (good.status_code, good.json()["faults"], good.json()["mistakes"]) == (200, [], [])
    wrong = await target.harness.http.post("/v1/playbook/check", json={"body": "nonsense: 1\n"})
    assert wrong.status_code == 200
    assert "extra_forbidden" in {each["code"] for each in wrong.json()["faults"]}
    assert (await target.harness.http.post("/v1/playbook/check", json={"body": "a: ["})).status_code == 422
    assert await rules_of(target) == rules
