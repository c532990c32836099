"""The agreement about messages: who is told of what, when nobody is disturbed, how long a link works."""

from typing import Annotated, Literal

from pydantic import Field

from events.playbook import Playbook, Section

Notice = Literal[
    "assigned", "due_soon", "missed", "strengthened", "returned", "answered", "woken", "meeting", "unattended", "digest"
]
"""`unattended` is what is urgent for a rep who is away past it: to whoever may find somebody else."""
Recipient = Literal["rep", "manager", "marketing"]
Channel = Literal["email", "chat"]
Wakes = bool | Literal["urgent"]
TimeOfDay = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class MessageRule(Section):
    """Who gets one kind of message, and by which ways."""

    to: tuple[Recipient, ...] = ("rep",)
    channels: tuple[Channel, ...] = ("email", "chat")
    wakes: Wakes = False
    """Whether it is sent in quiet hours and outside a rep's working time too; `urgent`: where the promise, or the
    meeting, would come before the person is reached."""


class BundleRule(Section):
    """More messages than this to a person within an hour come as one, so many minutes later."""

    each_hour: Annotated[int, Field(ge=1, le=1000)] = 6
    minutes: Annotated[int, Field(ge=1, le=240)] = 30


class QuietHours(Section):
    """Between these times of a person's day a message waits for the end; equal times mean never.

    A rep with working hours or absences of their own in routing is moreover disturbed only while they work.
    """

    begins: Annotated[TimeOfDay, Field(alias="from")] = "19:00"
    ends: Annotated[TimeOfDay, Field(alias="to")] = "07:30"


class DeskPlaybook(Playbook):
    """The whole of it."""

    messages: dict[Notice, MessageRule] = {}
    bundle: BundleRule = BundleRule()
    quiet_hours: QuietHours = QuietHours()
    meeting_minutes: Annotated[int, Field(ge=5, le=480)] = 30
    """How long meetings are in a rep's calendar: as `booking` of routing's rules."""
    link_hours: Annotated[int, Field(ge=1, le=336)] = 24
    """How long the links in a message work."""
    session_hours: Annotated[int, Field(ge=1, le=720)] = 12
    invitation_hours: Annotated[int, Field(ge=1, le=720)] = 72
