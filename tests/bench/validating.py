"""The ceiling of intake: the capture service itself, except that a valid submission is answered and not kept."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from capture.api.intake import SubmissionGatherer
from capture.app import service
from capture.domain.intake import CaptureAnswer
from capture.handlers import SubmissionResult
from events.runtime import Batcher

ANSWER = SubmissionResult(CaptureAnswer(UUID(int=1), UUID(int=2), "accepted"))


async def _answer(_: SubmissionGatherer, __: Any) -> SubmissionResult:
    return ANSWER


async def _answer_many(_: Batcher[Any, SubmissionResult], items: Sequence[Any]) -> list[SubmissionResult]:
    return [ANSWER] * len(items)


if __name__ == "__main__":
    SubmissionGatherer.take = _answer  # type: ignore[method-assign,assignment]
    Batcher.submit_many = _answer_many  # type: ignore[method-assign,assignment]
    service.run()
