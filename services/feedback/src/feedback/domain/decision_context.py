"""What a decision depends on beside the lead: the instant, the playbook in force, and the stages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from feedback.playbook import FeedbackPlaybook


@dataclass(frozen=True, slots=True)
class DecisionContext:
    """What a decision rests on beside the lead: the instant, the playbook in force, and the stages' limits."""

    now: datetime
    rules: FeedbackPlaybook
    version: str
    limits: Mapping[str, int] = field(default_factory=dict)
    """Days after which a lead returns from a stage by itself."""
    stages: frozenset[str] = frozenset()
    """The stages that the definitions name."""
    prospect_from: int = 2
    """Engagements from which on a contact is a prospect."""

    @property
    def owning_roles(self) -> tuple[str, ...]:
        """The roles whose accept is a SAL."""
        return tuple(sorted(self.rules.sal_taken_by))
