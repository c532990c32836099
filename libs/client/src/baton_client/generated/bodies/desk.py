"""What desk is sent. Written by `make docs`."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class Invite(TypedDict):
    """Whom to invite, and what they may do."""

    user_id: str
    role: NotRequired[Literal["rep", "manager", "marketing", "operator"]]
    rep_id: NotRequired[str | None]
    team: NotRequired[str | None]
    email: NotRequired[str | None]
    signs_as: NotRequired[str | None]


class Proposed(TypedDict):
    """Rules that both teams are asked to sign: the definitions, and each file that would change."""

    definitions: str
    bodies: dict[str, str]
    by: str
