"""What commands and queries of routing answer. The models are the document; the bytes are written by hand."""

from routing.api.answers.decisions import DecisionAnswer, DecisionsAnswer, EscalationAnswer, EscalationsAnswer
from routing.api.answers.leads import (
    FreeSlotAnswer,
    MovedLeadAnswer,
    MovedLeadsAnswer,
    OpenLeadAnswer,
    OpenLeadsAnswer,
    PlacedLeadAnswer,
    SlotsAnswer,
)
from routing.api.answers.people import (
    CalendarImportAnswer,
    CalendarLinkAnswer,
    QueueLoadAnswer,
    QueueLoadsAnswer,
    RepAnswer,
    RepsAnswer,
    TeamAnswer,
    TeamsAnswer,
)

__all__ = [
    "CalendarImportAnswer",
    "CalendarLinkAnswer",
    "DecisionAnswer",
    "DecisionsAnswer",
    "EscalationAnswer",
    "EscalationsAnswer",
    "FreeSlotAnswer",
    "MovedLeadAnswer",
    "MovedLeadsAnswer",
    "OpenLeadAnswer",
    "OpenLeadsAnswer",
    "PlacedLeadAnswer",
    "QueueLoadAnswer",
    "QueueLoadsAnswer",
    "RepAnswer",
    "RepsAnswer",
    "SlotsAnswer",
    "TeamAnswer",
    "TeamsAnswer",
]
