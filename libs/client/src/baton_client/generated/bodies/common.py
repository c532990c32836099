"""What every service is sent. Written by `make docs`."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NotRequired, TypedDict


class KeyRotationBody(TypedDict):
    """The key that takes the place of another, which works for some seconds more."""

    key_id: NotRequired[str | None]
    hash: NotRequired[str | None]
    overlap_seconds: NotRequired[int]


class NewKeyBody(TypedDict):
    """Who it is for and what it may do; a rep's key is for that rep's leads alone, a manager's for the team's."""

    key_id: NotRequired[str | None]
    hash: NotRequired[str | None]
    label: str
    role: Literal["rep", "manager", "marketing", "admin"]
    rep_id: NotRequired[str | None]
    team: NotRequired[str | None]
    expires_at: NotRequired[datetime | None]


class NewRules(TypedDict):
    """The service's own file, `definitions.yaml`, and who agreed to these very texts: the first example lacks one."""

    definitions: str
    body: str
    by: str
    approvals: list[str]


class RulesToCheck(TypedDict):
    """The text of a playbook file, to be checked before it is activated."""

    body: str
