"""Devices that scan."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import ConfigDict

from events.runtime.answers import EXAMPLE_ID, Answer, example

_AT, _LATER = "2026-03-02T09:00:00Z", "2026-03-02T09:10:00Z"
_OPEN = {
    "pairing_id": EXAMPLE_ID, "event": "expo-2026", "label": "Booth 1", "state": "open", "created_at": _AT,
    "created_by": "ola", "expires_at": _LATER, "paired_at": None, "key_id": None, "last_used_at": None,
    "ended_at": None, "ended_by": None,
}  # fmt: skip
_PAIRED = _OPEN | {"state": "paired", "paired_at": _AT, "key_id": "4b1f0a7c9d2e", "last_used_at": _LATER}


class NewPairingAnswer(Answer):
    """A link that makes one phone a scanner; its code is shown this once."""

    model_config: ClassVar[ConfigDict] = example(
        {"code": "0F8T-9XWB-21QN", "path": "/scan#pair=0F8T-9XWB-21QN"},
        pairing_id=EXAMPLE_ID, code="7K3M-Q8ZD-4TXA", path="/scan#pair=7K3M-Q8ZD-4TXA", expires_at=_LATER,
    )  # fmt: skip

    pairing_id: UUID
    code: str
    path: str
    """Of the scanner's page; what stands behind `#` is sent to no server until the page sends it."""
    expires_at: datetime


class PairedScannerAnswer(Answer):
    """For which event a device scans now, and what it is called."""

    model_config: ClassVar[ConfigDict] = example({"label": "Mia's phone"}, event="expo-2026", label="Booth 1")

    event: str
    label: str


class EndedPairingAnswer(Answer):
    """Since when a link, or a device's key, is worthless."""

    model_config: ClassVar[ConfigDict] = example({"ended_at": _LATER}, pairing_id=EXAMPLE_ID, ended_at=_AT)

    pairing_id: UUID
    ended_at: datetime


class ScannerPairingAnswer(Answer):
    """A link that nobody opened yet, or the device that was paired by it."""

    pairing_id: UUID
    event: str
    label: str
    state: Literal["open", "paired", "ended"]
    created_at: datetime
    created_by: str
    expires_at: datetime
    paired_at: datetime | None
    key_id: str | None
    last_used_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None


class ScannerPairingsAnswer(Answer):
    """Links that still hold and paired devices, the newest first."""

    model_config: ClassVar[ConfigDict] = example({"items": [_OPEN]}, {"items": []}, items=[_PAIRED])

    items: list[ScannerPairingAnswer]
