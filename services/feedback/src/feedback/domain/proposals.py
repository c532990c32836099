"""From what sales says to a better playbook: a change that both sides approve, and an answer to who asked for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StrictStr, StringConstraints
from pydantic.config import JsonDict

from feedback.domain.commands import Command, Fact, Name, Title, examples, printable
from feedback.domain.refusals import AlreadySettled, SameApprover

Party = Literal["marketing", "sales"]
PARTIES: tuple[Party, ...] = ("marketing", "sales")

_CHANGE: JsonDict = {
    "service": "scoring",
    "change": "A price page visit counts 5 points less",
    "diff": "- points: 15\n+ points: 10\n",
    "playbook_version": "9a7b3c2d1e0f",
}


class Proposed(Command):
    """A change of a playbook: for a reason that is often given, a campaign or a topic that sales speaks of, or none."""

    model_config = examples(
        _CHANGE | {"simulation": {"more": 0, "fewer": 12}, "reason": "not_ready", "by": "max"},
        _CHANGE | {"simulation": {"more": 3, "fewer": 0}, "campaign": "spring", "by": "lea"},
    )

    service: Literal["capture", "scoring", "routing", "sla-monitor", "feedback"]
    change: Annotated[StrictStr, StringConstraints(min_length=1, max_length=500), AfterValidator(printable)]
    """What changes, in a sentence: the reps read it."""
    diff: Annotated[StrictStr, StringConstraints(min_length=1, max_length=50_000), AfterValidator(printable)]
    playbook_version: Annotated[StrictStr, StringConstraints(pattern=r"^[0-9a-f]{12}$")]
    """The version that the changed file is, as `baton playbook diff` prints it."""
    simulation: Annotated[dict[Name, Fact], Field(min_length=1, max_length=50)]
    """What the change would have done, as `baton playbook simulate` prints it."""
    reason: Name | None = None
    campaign: Title | None = None
    topic: Name | None = None
    weeks: Annotated[int, Field(strict=True, ge=1, le=52)] = 8
    """How far back the trend is looked at."""


class Approval(Command):
    """One side agrees."""

    model_config = examples({"side": "sales", "by": "lea"}, {"side": "marketing", "by": "max"})

    side: Party


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal as it stands."""

    proposal_id: UUID
    service: str
    change: str
    playbook_version: str
    state: Literal["open", "approved", "activated"]
    approvals: Mapping[str, Mapping[str, str]]

    def approve(self, side: Party, by: str, at: datetime) -> "Proposal":
        """Add a side's approval; the first counts. An activated proposal is settled."""
        if self.state == "activated":
            raise AlreadySettled("proposal_id")
        if any(each["by"] == by for other, each in self.approvals.items() if other != side):
            raise SameApprover("by")
        approvals = {side: {"by": by, "at": at.isoformat()}} | dict(self.approvals)
        state: Literal["open", "approved"] = "approved" if set(PARTIES) <= approvals.keys() else "open"
        return Proposal(self.proposal_id, self.service, self.change, self.playbook_version, state, approvals)

    @property
    def answers(self) -> bool:
        """Whether both sides agreed, so that its activation is an answer to those who asked."""
        return self.state == "approved"
