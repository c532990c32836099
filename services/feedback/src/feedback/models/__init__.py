"""The service's tables."""

from feedback.models.facts import (
    AccountRow,
    ActivityRow,
    CampaignRow,
    CustomerChangeRow,
    EvidenceRow,
    HistoryRow,
    IdentityRow,
    NoteRow,
    SignalRow,
)
from feedback.models.leads import ContactRow, ErasedContactRow, ErasedLeadRow, LeadRow
from feedback.models.proposals import (
    TALLIES,
    ActivationRow,
    FeedbackRow,
    PromisedSharesRow,
    ProposalRow,
    ProposalSourceRow,
)

__all__ = [
    "TALLIES",
    "AccountRow",
    "ActivationRow",
    "ActivityRow",
    "CampaignRow",
    "ContactRow",
    "CustomerChangeRow",
    "ErasedContactRow",
    "ErasedLeadRow",
    "EvidenceRow",
    "FeedbackRow",
    "HistoryRow",
    "IdentityRow",
    "LeadRow",
    "NoteRow",
    "PromisedSharesRow",
    "ProposalRow",
    "ProposalSourceRow",
    "SignalRow",
]
