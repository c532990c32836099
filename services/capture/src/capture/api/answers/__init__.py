"""What commands and queries of capture answer. The models are the document; the bytes may be written by hand."""

from capture.api.answers.contacts import (
    Closed,
    ConsentsAnswer,
    ContactAnswer,
    DuplicatesAnswer,
    ErasureAnswer,
    ErasureBegun,
    MergeAnswer,
    Receipt,
)
from capture.api.answers.imports import ImportAnswer, ImportsAnswer, MappingAnswer, Mappings, PreviewAnswer
from capture.api.answers.registers import AccountAnswer, AccountUse, CampaignAnswer, ContentAnswer, Use
from capture.api.answers.submissions import (
    Batch,
    BatchLine,
    Embedded,
    FormAnswer,
    Item,
    NextStepAnswer,
    QuarantineAnswer,
    QuarantinedAnswer,
    SenderKey,
    SettledAnswer,
    SubmissionAnswer,
)

__all__ = [
    "AccountAnswer",
    "AccountUse",
    "Batch",
    "BatchLine",
    "CampaignAnswer",
    "Closed",
    "ConsentsAnswer",
    "ContactAnswer",
    "ContentAnswer",
    "DuplicatesAnswer",
    "Embedded",
    "ErasureAnswer",
    "ErasureBegun",
    "FormAnswer",
    "ImportAnswer",
    "ImportsAnswer",
    "Item",
    "MappingAnswer",
    "Mappings",
    "MergeAnswer",
    "NextStepAnswer",
    "PreviewAnswer",
    "QuarantineAnswer",
    "QuarantinedAnswer",
    "Receipt",
    "SenderKey",
    "SettledAnswer",
    "SubmissionAnswer",
    "Use",
]
