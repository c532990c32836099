"""From what sales says to a better playbook: a change that is proposed, and an answer to who asked for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StrictStr, StringConstraints
from pydantic.config import JsonDict

from feedback.domain.commands import Command, Fact, LooseSlug, Title, check_printable, examples_config

_CHANGE: JsonDict = {
    "service": "scoring",
    "change": "A price page visit counts 5 points less",
    "diff": "- points: 15\n+ points: 10\n",
    "playbook_version": "9a7b3c2d1e0f",
}


class ProposedChange(Command):
    """A change of a playbook: for a reason that is often given, a campaign or a topic that sales speaks of, or none."""

    model_config = examples_config(
        _CHANGE | {"simulation": {"more": 0, "fewer": 12}, "reason": "not_ready", "by": "max"},
        _CHANGE | {"simulation": {"more": 3, "fewer": 0}, "campaign": "spring", "by": "lea"},
    )

    service: Literal["capture", "scoring", "routing", "sla-monitor", "feedback"]
    change: Annotated[StrictStr, StringConstraints(min_length=1, max_length=500), AfterValidator(check_printable)]
    """What changes, in a sentence: the reps read it."""
    diff: Annotated[StrictStr, StringConstraints(min_length=1, max_length=50_000), AfterValidator(check_printable)]
    playbook_version: Annotated[StrictStr, StringConstraints(pattern=r"^[0-9a-f]{12}$")]
    """The version that the changed file is, as `baton playbook diff` prints it."""
    simulation: Annotated[dict[LooseSlug, Fact], Field(min_length=1, max_length=50)]
    """What the change would have done, as `baton playbook simulate` prints it."""
    reason: LooseSlug | None = None
    campaign: Title | None = None
    topic: LooseSlug | None = None
    weeks: Annotated[int, Field(strict=True, ge=1, le=52)] = 8
    """How far back the trend is looked at."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal whose version is not known to be in force yet."""

    proposal_id: UUID
    service: str
    change: str
    playbook_version: str
    proposed_by: str
    proposed_at: datetime
