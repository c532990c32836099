"""The ceiling of intake: the capture service itself, except that a valid submission is answered and not kept."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from capture.api.intake import SubmissionIntake
from capture.app import service
from capture.domain.intake import Captured
from capture.handlers import SubmissionResult
from events.runtime import Batcher

ANSWER = SubmissionResult(Captured(UUID(int=1), UUID(int=2), "accepted"))


async def _answer(_: SubmissionIntake, __: Any) -> SubmissionResult:
    return ANSWER


async def _answer_many(_: Batcher[Any, SubmissionResult], items: Sequence[Any]) -> list[SubmissionResult]:
    return [ANSWER] * len(items)


if __name__ == "__main__":
    SubmissionIntake.take = _answer  # type: ignore[method-assign,assignment]
    Batcher.submit_many = _answer_many  # type: ignore[method-assign,assignment]
    service.run()
