"""Capture's tables."""

from capture.models.lists import (
    Accounts,
    Campaigns,
    ContentPieces,
    Imports,
    RejectedImportRows,
    SavedMappings,
    WaitingImportRows,
)
from capture.models.people import (
    Consents,
    Engagements,
    ErasureReceipts,
    Erasures,
    KeptApartContacts,
    KeyOwners,
    Profiles,
    Suppressions,
)
from capture.models.senders import (
    FormTests,
    KeyBindings,
    QuarantinedSubmissions,
    ScannerPairings,
)

__all__ = [
    "Accounts",
    "Campaigns",
    "Consents",
    "ContentPieces",
    "Engagements",
    "ErasureReceipts",
    "Erasures",
    "FormTests",
    "Imports",
    "KeptApartContacts",
    "KeyBindings",
    "KeyOwners",
    "Profiles",
    "QuarantinedSubmissions",
    "RejectedImportRows",
    "SavedMappings",
    "ScannerPairings",
    "Suppressions",
    "WaitingImportRows",
]
