"""What desk is sent. Written by `make docs`."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class ActivationBody(TypedDict):
    """Who puts a candidate in force, and which services follow by another way before it is asked for again."""

    by: str
    leave_out: NotRequired[list[Literal["capture", "scoring", "routing", "sla-monitor", "feedback", "desk"]]]


class InvitationBody(TypedDict):
    """Whom to invite, and what they may do."""

    user_id: str
    role: NotRequired[Literal["rep", "manager", "marketing", "operator"]]
    rep_id: NotRequired[str | None]
    team: NotRequired[str | None]
    email: NotRequired[str | None]
    signs_as: NotRequired[str | None]


class ProposedRulesBody(TypedDict):
    """Rules that both teams are asked to sign: the definitions, and each file that would change."""

    definitions: str
    bodies: dict[str, str]
    by: str


class SignatureBody(TypedDict):
    """Who signs: somebody of ours, as the approver for whom they were invited."""

    by: str
