"""What commands and queries of routing answer. The models are the document; the bytes are written by hand."""

from routing.api.answers.decisions import DecisionAnswer, DecisionsAnswer, Raised, RaisedAnswer
from routing.api.answers.leads import (
    MoveAnswer,
    Moved,
    OpenLead,
    OpenLeadsAnswer,
    PlacedLead,
    Slot,
    SlotsAnswer,
)
from routing.api.answers.people import (
    CalendarAnswer,
    CalendarLinkAnswer,
    QueueAnswer,
    QueuesAnswer,
    RepAnswer,
    RepsAnswer,
    TeamAnswer,
    TeamsAnswer,
)

__all__ = [
    "CalendarAnswer",
    "CalendarLinkAnswer",
    "DecisionAnswer",
    "DecisionsAnswer",
    "MoveAnswer",
    "Moved",
    "OpenLead",
    "OpenLeadsAnswer",
    "PlacedLead",
    "QueueAnswer",
    "QueuesAnswer",
    "Raised",
    "RaisedAnswer",
    "RepAnswer",
    "RepsAnswer",
    "Slot",
    "SlotsAnswer",
    "TeamAnswer",
    "TeamsAnswer",
]
