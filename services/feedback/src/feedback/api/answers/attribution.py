"""The credit for deals, and the deals behind it."""

from typing import ClassVar, Literal

from pydantic import ConfigDict

from events.runtime.answers import Answer, example
from feedback.api.answers.funnel import Lists
from feedback.domain.credit import Model


class CreditLine(Answer):
    """The credit of one source or campaign."""

    group: str | None
    deals: int
    """Deals of which it has a share, however small."""
    opportunities: float
    won: float
    won_amount: float
    lists: Lists = {}


class AttributionAnswer(Answer):
    """The credit for deals, shared among the engagements that led to them."""

    model_config: ClassVar[ConfigDict] = example(
        {"items": []},
        by="source", model="linear",
        items=[
            {
                "group": "web_form", "deals": 31, "opportunities": 12.5, "won": 3.25, "won_amount": 14000.0,
                "lists": {"deals": "/v1/leads?credited=web_form&credited_by=source&credited_model=linear"},
            }
        ],
    )  # fmt: skip

    by: Literal["source", "campaign"]
    model: Model
    items: list[CreditLine]
