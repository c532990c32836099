"""Where leads are: with which rep, or in which queue; and when a contact can meet somebody."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import ConfigDict

from events.runtime.answers import EMPTY, EXAMPLE_ID, Answer, example

_PLACED = {
    "lead_id": EXAMPLE_ID, "rep_id": "inbound-1", "previous_rep_id": "inbound-2", "team": "inbound",
    "queue": "inbound", "placement": 2, "meeting_at": None, "changed": True,
}  # fmt: skip


class PlacedLeadAnswer(Answer):
    """Where a lead is after a command, and whether the command changed that."""

    model_config: ClassVar[ConfigDict] = example(
        {"rep_id": None, "previous_rep_id": "inbound-1", "placement": 3}, **_PLACED
    )

    lead_id: UUID
    rep_id: str | None
    previous_rep_id: str | None
    team: str | None
    queue: str | None
    placement: int
    """How many times the lead has been given to a rep or a queue."""
    meeting_at: datetime | None
    changed: bool


class MovedLeadAnswer(Answer):
    """What became of one of many leads: where it is, or the code of why it was not moved."""

    lead_id: UUID
    changed: bool
    problem: str | None = None
    rep_id: str | None = None
    previous_rep_id: str | None = None
    team: str | None = None
    queue: str | None = None
    placement: int | None = None
    meeting_at: datetime | None = None


class MovedLeadsAnswer(Answer):
    """What became of each lead that was to be moved."""

    model_config: ClassVar[ConfigDict] = example(
        {"items": []}, items=[_PLACED, {"lead_id": EXAMPLE_ID, "changed": False, "problem": "rep_unavailable"}]
    )

    items: list[MovedLeadAnswer]


class OpenLeadAnswer(Answer):
    """A lead that waits in a queue or that a rep has."""

    lead_id: UUID
    contact_id: UUID
    cycle: int
    """The how-manieth time this contact is a lead."""
    state: Literal["queued", "assigned"]
    lead_type: str | None
    fit: str | None
    team: str | None
    queue: str | None
    rep_id: str | None
    placement: int
    handed_over_at: datetime | None
    placed_at: datetime | None
    worked: bool
    """The rep has tried to reach the contact, or has accepted the lead."""


class OpenLeadsAnswer(Answer):
    """Leads, in their order."""

    model_config: ClassVar[ConfigDict] = example(
        EMPTY,
        items=[
            {
                "lead_id": EXAMPLE_ID, "contact_id": EXAMPLE_ID, "cycle": 1, "state": "assigned",
                "lead_type": "hand_raiser", "fit": "A", "team": "inbound", "queue": "inbound", "rep_id": "inbound-1",
                "placement": 1, "handed_over_at": "2026-03-02T09:00:00+00:00",
                "placed_at": "2026-03-02T09:00:00+00:00", "worked": False,
            }
        ],
        next=None,
    )  # fmt: skip

    items: list[OpenLeadAnswer]
    next: str | None


class FreeSlotAnswer(Answer):
    """A time at which a contact can meet one of these reps."""

    starts_at: datetime
    ends_at: datetime
    rep_ids: list[str]


class SlotsAnswer(Answer):
    """Free slots, the earliest first."""

    model_config: ClassVar[ConfigDict] = example(
        EMPTY,
        items=[
            {
                "starts_at": "2026-03-02T09:30:00+00:00", "ends_at": "2026-03-02T10:00:00+00:00",
                "rep_ids": ["ae-1", "ae-2"],
            }
        ],
        next=None,
    )  # fmt: skip

    items: list[FreeSlotAnswer]
    next: None
