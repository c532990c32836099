"""The service's tables."""

from feedback.models.leads import ErasedLead, ErasedPerson, LeadRow, Person
from feedback.models.loop import TALLIES, Activation, FeedbackRow, ProposalRow, ProposalSource
from feedback.models.told import (
    Account,
    ActivityRow,
    Campaign,
    CustomerChange,
    Evidence,
    HistoryRow,
    Identity,
    NoteRow,
    Signal,
)

__all__ = [
    "TALLIES",
    "Account",
    "Activation",
    "ActivityRow",
    "Campaign",
    "CustomerChange",
    "ErasedLead",
    "ErasedPerson",
    "Evidence",
    "FeedbackRow",
    "HistoryRow",
    "Identity",
    "LeadRow",
    "NoteRow",
    "Person",
    "ProposalRow",
    "ProposalSource",
    "Signal",
]
