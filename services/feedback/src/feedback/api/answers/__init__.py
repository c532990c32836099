"""What commands and queries of feedback answer. The models are the document; the bytes are written by hand."""

from feedback.api.answers.attribution import AttributionAnswer
from feedback.api.answers.commands import (
    ActivitiesAnswer,
    CommandAnswer,
    CustomerChangeRecorded,
    FeedbackAnswered,
    FeedbackRecorded,
    ProposalAnswer,
    ProposalOpened,
    ProposalsAnswer,
    StreamedCommandAnswer,
)
from feedback.api.answers.digest import DigestAnswer
from feedback.api.answers.exports import ExportedLead
from feedback.api.answers.funnel import (
    FlagsAnswer,
    FunnelAnswer,
    Kind,
    ReasonsAnswer,
    StagesAnswer,
)
from feedback.api.answers.leads import LeadAnswer, LeadsAnswer, WorklistAnswer
from feedback.api.answers.trends import (
    FeedbackPage,
    MessagingAnswer,
    ProposalSourcesAnswer,
    TopicsAnswer,
    TouchesAnswer,
    UnresolvedActivitiesAnswer,
)

__all__ = [
    "ActivitiesAnswer",
    "AttributionAnswer",
    "CommandAnswer",
    "CustomerChangeRecorded",
    "DigestAnswer",
    "ExportedLead",
    "FeedbackAnswered",
    "FeedbackPage",
    "FeedbackRecorded",
    "FlagsAnswer",
    "FunnelAnswer",
    "Kind",
    "LeadAnswer",
    "LeadsAnswer",
    "MessagingAnswer",
    "ProposalAnswer",
    "ProposalOpened",
    "ProposalSourcesAnswer",
    "ProposalsAnswer",
    "ReasonsAnswer",
    "StagesAnswer",
    "StreamedCommandAnswer",
    "TopicsAnswer",
    "TouchesAnswer",
    "UnresolvedActivitiesAnswer",
    "WorklistAnswer",
]
