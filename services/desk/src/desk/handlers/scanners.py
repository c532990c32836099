"""Phones that scan badges: a link that pairs one, once, and its end."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

import segno

from desk.domain import Viewer, orders
from desk.domain.facts import Fact
from desk.domain.orders import FormFault
from desk.handlers.errors import ActionRefused, NotForYou
from desk.handlers.snippets import public_address_of_capture
from desk.handlers.upstream import UPSTREAM
from events.runtime.audit_log import record_action, record_action_once

if TYPE_CHECKING:
    from desk.settings import PageSettings
    from events.runtime import Service

PAIRINGS = "/v1/scanner-pairings"


class ScannerList(NamedTuple):
    """Devices and links that still hold, and the events that may be scanned for; None: capture does not answer."""

    devices: list[Fact] | None
    campaigns: list[Fact]
    now: datetime


class PairingLink(NamedTuple):
    """A link that makes one phone a scanner, as an address and as the picture of a QR code."""

    url: str
    image: str
    """A `data:` address of an SVG."""
    event: str
    label: str


async def load_scanners(service: "Service[PageSettings]", viewer: Viewer) -> ScannerList:
    """Return which devices scan.

    Raises:
        NotForYou: The viewer is no operator.
    """
    _check(viewer)
    devices = await UPSTREAM.fetch_list_or_none(service, "capture", PAIRINGS)
    campaigns = await UPSTREAM.fetch_list(service, "capture", "/v1/campaigns")
    async with service.transaction() as tx:
        return ScannerList(devices, campaigns, tx.now)


async def invite_scanner(service: "Service[PageSettings]", viewer: Viewer, form: Mapping[str, str]) -> PairingLink:
    """Make the link that pairs a phone, and write down who asked; it is shown this once.

    Raises:
        NotForYou: The viewer is no operator.
        ActionRefused: Something is missing, or capture refuses it or does not answer.
    """
    _check(viewer)
    try:
        order = orders.build_pairing_command(form, viewer.user_id)
    except FormFault as fault:
        raise ActionRefused(str(fault)) from None
    made = await UPSTREAM.send_command(service, order, form.get("once", ""))
    async with service.transaction() as tx:
        await record_action_once(tx.raw, "scanner.invited", made["pairing_id"], by=viewer.user_id)
    url = f"{public_address_of_capture(service)}{made['path']}"
    image = segno.make(url, error="m").svg_data_uri(scale=6, border=4, dark="#000", light="#fff")
    return PairingLink(url, image, order.body["event"], order.body["label"])


async def end_scanner(service: "Service[PageSettings]", viewer: Viewer, pairing_id: UUID) -> None:
    """End a device or a link, and write down who did.

    Raises:
        NotForYou: The viewer is no operator.
        ActionRefused: capture refuses it or does not answer.
    """
    _check(viewer)
    await UPSTREAM.send_command(service, orders.build_end_pairing_command(pairing_id, viewer.user_id), "")
    async with service.transaction() as tx:
        await record_action(tx.raw, None, "scanner.ended", pairing_id, by=viewer.user_id)


def _check(viewer: Viewer) -> None:
    if not viewer.may("operate"):
        raise NotForYou
