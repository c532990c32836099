"""Marketing simply answers (issue 14, point 14)."""

from typing import Any

from events.leads import FeedbackAnswered
from events.runtime.testing import ServiceHarness


async def post(harness: ServiceHarness, path: str, status: int = 200, **body: Any) -> dict[str, Any]:
    answer = await harness.http.post(path, json=body)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_one_person_answers_and_the_reps_read_it_once(harness: ServiceHarness) -> None:
    """Ann and Bob say that the mail promises too much; Mara changes the copy and says so."""
    ids = []
    for by in ("ann", "bob"):
        given = await post(harness, "/v1/feedback", about="messaging", campaign="spring", by=by, note="promises a lot")
        ids.append(given["feedback_id"])
    waiting = (await harness.http.get("/v1/feedback?open=true")).json()["items"]
    assert {item["feedback_id"] for item in waiting} == set(ids)

    answer: dict[str, Any] = {
        "feedback_ids": ids,
        "answer": "copy_changed",
        "note": "We now write what the trial has",
        "by": "mara",
    }
    await post(harness, "/v1/feedback/answers", **answer)

    answered = await harness.emitted(FeedbackAnswered)
    assert {(event.rep_id, event.by, event.answer, event.has_note) for event in answered} == {
        ("ann", "mara", "copy_changed", True),
        ("bob", "mara", "copy_changed", True),
    }
    assert "trial" not in "".join(event.encode().decode() for event in answered)
    (own,) = (await harness.http.get("/v1/feedback?by=ann")).json()["items"]
    assert (own["answer"], own["answer_note"], own["answered_by"]) == ("copy_changed", answer["note"], "mara")
    assert (await harness.http.get("/v1/feedback?open=true")).json()["items"] == []
    problem = await post(harness, "/v1/feedback/answers", 409, **answer)
    assert problem["errors"] == [{"field": "feedback_ids", "code": "answered_before"}]
    assert len(await harness.emitted(FeedbackAnswered)) == 2


async def test_a_no_has_its_reason_and_what_is_unknown_is_not_answered(harness: ServiceHarness) -> None:
    given = await post(harness, "/v1/feedback", about="topic", topic="price", by="ann")
    ids = [given["feedback_id"]]
    await post(harness, "/v1/feedback/answers", 422, feedback_ids=ids, answer="declined", by="mara")
    stranger = "00000000-0000-4000-8000-000000000001"
    await post(harness, "/v1/feedback/answers", 404, feedback_ids=[stranger], answer="new_content", by="mara")
