"""The service's tables."""

from feedback.models.facts import (
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
from feedback.models.leads import ErasedLead, ErasedPerson, LeadRow, Person
from feedback.models.proposals import TALLIES, Activation, FeedbackRow, ProposalRow, ProposalSource

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
