"""The address at which a rep's own calendar is read: a secret, for it opens the calendar."""

import base64
import hmac
from typing import TYPE_CHECKING
from uuid import uuid4

from events.runtime import Transaction
from events.runtime.outgoing import AddressRefused, check_url, parse_allowed_targets
from routing import store
from routing.handlers.commands.reps import replace_imported_absences
from routing.handlers.errors import CalendarSourceUnknown, CalendarUnreadable, RepLeft, RepNotFound
from routing.playbook import RoutingPlaybook

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

    from events.runtime import Service
    from routing.settings import RoutingSettings

SUBSCRIBED = ("webcal://", "webcals://")
"""How calendars write an https address that is to be subscribed to."""


async def save_calendar_source(service: "Service[RoutingSettings]", rep_id: str, url: str, tx: Transaction) -> None:
    """Read a rep's calendar at this address from now on; what an earlier file or address brought stays until then.

    Raises:
        AddressRefused: It is no https address, or leads inside.
        RepNotFound: No such rep.
        RepLeft: They left.
    """
    wanted = url.strip()
    for scheme in SUBSCRIBED:
        if wanted.lower().startswith(scheme):
            wanted = f"https://{wanted[len(scheme) :]}"
    target = check_url(wanted, parse_allowed_targets(service.settings.calendar_hosts))
    if target.scheme != "https":
        raise AddressRefused(field="url")
    playbook = tx.playbook(RoutingPlaybook)
    await store.lock_pools(tx, sorted(playbook.teams))
    rep = (await store.load_reps(tx, playbook, [rep_id])).get(rep_id)
    if rep is None:
        raise RepNotFound
    if rep.status == "left":
        raise RepLeft
    encrypted = _cipher(service).encrypt(str(target).encode()).decode()
    await store.calendar_sources.save_source(tx, rep_id, uuid4(), encrypted, target.host)


async def delete_calendar_source(rep_id: str, tx: Transaction) -> None:
    """Forget the address of a rep's calendar, and the absences that it brought.

    Raises:
        CalendarSourceUnknown: None is read.
    """
    await store.lock_pools(tx, sorted(tx.playbook(RoutingPlaybook).teams))
    if not await store.calendar_sources.delete_source(tx, rep_id):
        raise CalendarSourceUnknown
    await replace_imported_absences(rep_id, (), tx)


def decrypt_address(service: "Service[RoutingSettings]", encrypted: str) -> str:
    """Return the address of a calendar.

    Raises:
        CalendarUnreadable: It was saved under another installation's secret.
    """
    from cryptography.fernet import InvalidToken  # noqa: PLC0415 - 18 MB that most installations need none of

    try:
        return _cipher(service).decrypt(encrypted).decode()
    except InvalidToken:
        raise CalendarUnreadable("address_unreadable") from None


def _cipher(service: "Service[RoutingSettings]") -> "Fernet":
    from cryptography.fernet import Fernet  # noqa: PLC0415 - as above

    key = hmac.digest(service.settings.secret.get_secret_value().encode(), b"calendar sources", "sha256")
    return Fernet(base64.urlsafe_b64encode(key))
