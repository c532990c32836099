"""What a consumer can never read any more, and what the producers answer: the services heal this among themselves."""

from typing import ClassVar
from uuid import UUID

from events.envelope import Event


class GapEvent(Event, frozen=True, kw_only=True):
    """About one range of offsets of one partition that a service missed."""

    gap_id: UUID
    topic: str

    @property
    def key(self) -> str:
        """The topic that has the gap."""
        return self.topic


class GapFound(GapEvent, frozen=True, kw_only=True):
    """Records were deleted before a service had applied them: whoever published them sends them again."""

    ce_type: ClassVar[str] = "gap.found.v1"
    identity: ClassVar[tuple[str, ...]] = ("gap_id",)

    service: str
    partition: int
    from_offset: int
    to_offset: int | None = None
    """The first offset that can be read; None where the topic was made anew, and all from `from_offset` on is gone."""


class GapAnswered(GapEvent, frozen=True, kw_only=True):
    """A producer has sent again what its journal has of a gap."""

    ce_type: ClassVar[str] = "gap.answered.v1"
    identity: ClassVar[tuple[str, ...]] = ("gap_id", "service")

    service: str
    """Which producer answers."""
    republished: int
    """Records that it sends again."""
    erased: int
    """Records whose contact was erased since: nobody needs them any more."""
