"""The ceiling of intake: the capture service itself, except that a valid submission is answered and not kept."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from capture.api.door import Door
from capture.app import service
from capture.domain.intake import Captured
from capture.handlers import Answer
from events.runtime import Gather

ANSWER = Answer(Captured(UUID(int=1), UUID(int=2), "accepted"))


async def _answer(_: Door, __: Any) -> Answer:
    return ANSWER


async def _answer_many(_: Gather[Any, Answer], items: Sequence[Any]) -> list[Answer]:
    return [ANSWER] * len(items)


if __name__ == "__main__":
    Door.take = _answer  # type: ignore[method-assign,assignment]
    Gather.submit_many = _answer_many  # type: ignore[method-assign,assignment]
    service.run()
