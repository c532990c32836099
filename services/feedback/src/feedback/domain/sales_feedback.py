"""What sales and marketing write to each other: feedback on messaging, topics and content, and the answers to it."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from feedback.domain.commands import Command, LooseSlug, Note, Title, examples_config


class SalesFeedback(Command):
    """What sales tells marketing: of its messaging, a topic that contacts raise, a piece of content."""

    model_config = examples_config(
        {"about": "messaging", "campaign": "spring", "note": "They expect a free trial.", "by": "inbound-1"},
        {"about": "topic", "topic": "pricing", "contact_id": "5f0c2f0e-7a52-5d0a-9a55-0c2f6f9c1d11", "by": "ae-1"},
    )

    about: Literal["messaging", "topic", "content"]
    campaign: Title | None = None
    topic: LooseSlug | None = None
    content: Title | None = None
    contact_id: UUID | None = None
    note: Note | None = None


class FeedbackAnswer(Command):
    """What marketing answers to feedback of sales, by one person: no rule changes by it."""

    model_config = examples_config(
        {"feedback_ids": ["5f0c2f0e-7a52-5d0a-9a55-0c2f6f9c1d11"], "answer": "copy_changed", "by": "max"},
        {
            "feedback_ids": ["0cfedf97-a3c2-5499-a98e-6a4342f5b2c2"],
            "answer": "declined",
            "note": "The trial was tried in the spring: nobody stayed.",
            "by": "max",
        },
    )

    feedback_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=100)]
    answer: Literal["copy_changed", "new_content", "reply", "declined"]
    content: Title | None = None
    note: Note | None = None
    """In words, for the reps whose feedback it answers; a reply and a no have some."""

    @model_validator(mode="after")
    def _check_refusal_has_note(self) -> Self:
        if self.answer in {"reply", "declined"} and self.note is None:
            msg = "a reply and a no are in words"
            raise ValueError(msg)
        return self
