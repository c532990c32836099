"""Commands as a stream: an answer a line, one transaction for many, the same guarantees as one by one."""

from collections.abc import AsyncIterator, Iterable
from typing import Any

import orjson
import pytest

from events.leads import LeadAccepted, LeadLifecycle, LeadRecycled, LeadTouched
from events.runtime.testing import START, ServiceHarness
from feedback.api.commands import stream
from feedback.domain.commands import COMMANDS
from tests.feedback.lead_story import LeadStory

URL = "/v1/leads/commands"
NDJSON = {"content-type": "application/x-ndjson"}
CALL: dict[str, Any] = {"command": "touches", "kind": "call", "outcome": "no_answer"}
YES = {"budget": True, "authority": True, "need": True, "timing": True}

lead = LeadStory(start=START)


def lines(items: Iterable[dict[str, Any] | bytes]) -> bytes:
    return b"\n".join(item if isinstance(item, bytes) else orjson.dumps({"by": "ann", **item}) for item in items)


async def send(harness: ServiceHarness, *items: dict[str, Any] | bytes) -> tuple[list[dict[str, Any]], dict[str, int]]:
    answer = await harness.http.post(URL, content=lines(items), headers=NDJSON)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-ndjson")
    *answers, counts = [orjson.loads(line) for line in answer.content.splitlines()]
    assert [item["index"] for item in answers] == list(range(len(answers)))
    return answers, counts


def about(story: LeadStory, **fields: Any) -> dict[str, Any]:
    return {"lead_id": str(story.lead_id), **fields}


async def test_a_stream_is_carried_out_in_its_order_and_answered_line_by_line(harness: ServiceHarness) -> None:
    await harness.deliver(lead.qualified(), lead.assigned())
    answers, counts = await send(
        harness,
        about(lead, **CALL),
        about(lead, command="confirm", bant=YES),
        about(lead, command="accept"),
        about(lead, command="confirm", bant=YES),
        about(lead, command="recycle", reason="not_ready"),
    )
    assert [item["status"] for item in answers] == ["done", "refused", "done", "done", "done"]
    assert answers[1]["code"] == "illegal_move"
    assert "accept" in answers[1]["problem"]["legal"]
    assert [item.get("state") for item in answers] == ["mql", None, "accepted", "sql", "recycled"]
    assert counts == {"done": 4, "replayed": 0, "refused": 1}
    assert len(await harness.emitted(LeadRecycled)) == 1
    assert len(await harness.emitted(LeadLifecycle)) == 3  # two from the events, one for the whole stream


async def test_a_bad_line_never_spoils_the_others(harness: ServiceHarness) -> None:
    """B80 and its class: each names its field and code, nothing is echoed."""
    await harness.deliver(lead.qualified())
    bad: list[tuple[dict[str, Any] | bytes, int, str]] = [
        (b"{", 400, "json_invalid"),
        (b"[1]", 422, "object_expected"),
        (about(lead), 422, "missing"),
        (about(lead, command="explode"), 422, "command_unknown"),
        (about(lead, command=["accept"]), 422, "command_unknown"),
        ({"command": "accept"}, 422, "missing"),
        ({"command": "accept", "lead_id": "Jo"}, 422, "uuid_parsing"),
        (about(lead, command="accept", key=7), 422, "idempotency_key_invalid"),
        (about(lead, command="accept", key=""), 422, "idempotency_key_invalid"),
        (about(lead, command="accept", by=None), 422, "missing"),
        (about(lead, command="accept", mood="good"), 422, "extra_forbidden"),
        (about(lead, command="recycle"), 422, "missing"),
        (about(LeadStory("stranger"), command="accept"), 404, "lead_unknown"),
        (b'{"note": "' + b"x" * 70_000 + b'"}', 413, "line_too_long"),
    ]
    answers, counts = await send(harness, *[item for item, _, _ in bad], b"", about(lead, command="accept"))
    problems = [item["problem"] for item in answers[:-1]]
    assert [(problem["status"], problem["errors"][0]["code"]) for problem in problems] == [
        (status, code) for _, status, code in bad
    ]
    assert (answers[-1]["state"], counts["refused"]) == ("accepted", len(bad))
    assert [item["code"] for item in answers[:-1]] == [code for _, _, code in bad]
    assert {item["status"] for item in answers[:-1]} == {"refused"}


async def test_keys_are_heeded_across_streams_and_inside_one(harness: ServiceHarness) -> None:
    """B69, B70: the same key carries out once, with another body it is refused."""
    await harness.deliver(lead.qualified())
    first = about(lead, **CALL, key="a")
    answers, counts = await send(harness, first, first, {**first, "outcome": "welcomed"}, about(lead, **CALL, key="b"))
    assert [item["status"] for item in answers] == ["done", "replayed", "refused", "done"]
    assert answers[2]["code"] == "idempotency_key_reused"
    again, counts = await send(
        harness, first, about(lead, **CALL, idempotency_key="b"), {**first, "outcome": "welcomed"}
    )
    assert counts == {"done": 0, "replayed": 2, "refused": 1}
    assert again[0]["action_id"] == answers[0]["action_id"]
    single = await harness.http.post(
        f"/v1/leads/{lead.lead_id}/touches",
        json={"by": "ann", "kind": "call", "outcome": "no_answer"},
        headers={"Idempotency-Key": "a"},
    )
    assert (single.json()["action_id"], single.headers["idempotent-replayed"]) == (answers[0]["action_id"], "true")
    assert len(await harness.emitted(LeadTouched)) == 2


async def test_every_command_can_be_streamed(harness: ServiceHarness) -> None:
    fields: dict[str, dict[str, Any]] = {
        "touches": {"kind": "call", "outcome": "welcomed"},
        "meetings": {"starts_at": "2026-03-04T09:00:00Z", "outcome": "booked", "with": "ed"},
        "confirm": {"bant": YES},
        "reject": {"reason": "not_ready"},
        "lost": {"reason": "not_ready"},
        "recycle": {"reason": "not_ready"},
        "disqualify": {"reason": "spam"},
        "corrections": {"facts": {"employees": 4}},
    }
    for name in COMMANDS:
        story = LeadStory(name, start=START)
        await harness.deliver(story.qualified(), story.assigned())
        answers, counts = await send(
            harness, about(story, command="accept"), about(story, command=name, **fields.get(name, {}))
        )
        assert counts["done"] == 2, answers


async def test_long_streams_are_cut_into_transactions(harness: ServiceHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    """And their answers are numbered through; chunks may break anywhere."""
    monkeypatch.setattr(stream, "MOST", 7)
    monkeypatch.setattr(stream, "MOST_WAITING", 1000)
    stories = [LeadStory(f"s{n}", start=START) for n in range(40)]
    for story in stories:
        await harness.deliver(story.qualified())
    body = lines([about(story, command="accept") for story in stories] + [b'{"x": "' + b"y" * 70_000])

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 333):
            yield body[start : start + 333]

    answer = await harness.http.post(URL, content=in_pieces(), headers=NDJSON)
    *answers, counts = [orjson.loads(line) for line in answer.content.splitlines()]
    assert [item["index"] for item in answers] == list(range(41))
    assert counts == {"done": 40, "replayed": 0, "refused": 1}
    assert len(await harness.emitted(LeadAccepted)) == 40


@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
async def test_a_stream_is_ndjson(harness: ServiceHarness, kind: str) -> None:
    answer = await harness.http.post(URL, content=b"{}", headers={"content-type": kind})
    assert (answer.status_code, answer.headers["content-type"]) == (415, "application/problem+json")


async def test_a_batch_takes_the_same_number_of_statements_however_long_it_is(
    harness: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Set-based: 5 commands and 200 cost the same round trips."""
    stories = [LeadStory(f"s{n}", start=START) for n in range(205)]
    for story in stories:
        await harness.deliver(story.qualified(), story.assigned())
    await send(harness)  # the key is read once
    counted: list[int] = []
    cursor = {"number": 0}
    execute, fetch = type(harness.raw).execute, type(harness.raw).fetch

    async def counting_execute(self: Any, *args: Any, **kwargs: Any) -> Any:
        cursor["number"] += 1
        return await execute(self, *args, **kwargs)

    async def counting_fetch(self: Any, *args: Any, **kwargs: Any) -> Any:
        cursor["number"] += 1
        return await fetch(self, *args, **kwargs)

    monkeypatch.setattr(type(harness.raw), "execute", counting_execute)
    monkeypatch.setattr(type(harness.raw), "fetch", counting_fetch)
    for part in (stories[:5], stories[5:]):
        cursor["number"] = 0
        await send(harness, *[about(story, command="recycle", reason="not_ready", key=story.name) for story in part])
        counted.append(cursor["number"])
    assert counted[0] == counted[1]
    assert counted[0] <= 16


async def test_while_the_database_is_away_each_line_is_asked_to_come_again(
    harness: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """X18: the stream goes on, nothing is taken, and what cannot be read is still answered."""
    await harness.deliver(lead.qualified())
    await send(harness)  # the key is known for a few seconds

    def away() -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as outage:
        outage.setattr(harness.service, "connect", away)
        answers, counts = await send(harness, about(lead, command="accept"), b"{", about(lead, command="accept"))
    assert [item["code"] for item in answers] == ["unavailable", "json_invalid", "unavailable"]
    assert counts == {"done": 0, "replayed": 0, "refused": 3}
    answers, counts = await send(harness, about(lead, command="accept"))
    assert counts["done"] == 1
