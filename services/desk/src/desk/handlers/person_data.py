"""What is stored of a person, and what marketing and operators decide about it: consent, who is whom, erasure."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from desk.domain import Viewer, orders
from desk.domain.facts import Fact
from desk.domain.orders import FormFault, ServiceCommand
from desk.handlers.errors import ActionRefused, NotForYou
from desk.handlers.upstream import AWAY, UPSTREAM
from events.ids import derive_id
from events.runtime.audit_log import record_action

if TYPE_CHECKING:
    from desk.settings import PageSettings
    from events.runtime import Service

DONE = {
    "withdraw": "Withdrawn, from now on.",
    "merge": "They are one person now.",
    "unmerge": "They are two people again.",
    "keep-apart": "They stay two people.",
    "erase": "Being erased: the services answer one after the other.",
}


class PersonalData(NamedTuple):
    """What capture stores of a person, or how far their erasure is; both None: capture does not answer."""

    contact_id: UUID
    contact: Fact | None
    duplicates: list[tuple[Fact, Fact]]
    """Others who may be the same person, each with the pair's reasons."""
    erasure: Fact | None
    now: datetime


async def fetch_personal_data(service: "Service[PageSettings]", viewer: Viewer, contact_id: UUID) -> PersonalData:
    """Return what is stored of a person.

    Raises:
        NotForYou: The viewer's role does not see it.
    """
    if not viewer.sees("data"):
        raise NotForYou
    contact = await UPSTREAM.fetch(service, "capture", f"/v1/contacts/{contact_id}")
    erasure, pairs = None, list[Fact]()
    if contact is None:
        erasure = await UPSTREAM.fetch(service, "capture", f"/v1/erasures/{derive_id('erasure', contact_id)}")
    else:
        pairs = await UPSTREAM.fetch_list(service, "capture", f"/v1/duplicates?contact_id={contact_id}&limit=20")
    async with service.transaction() as tx:
        now = tx.now
    mine = {str(contact_id), *(str(each["contact_id"]) for each in (contact or {}).get("merged", ()))}
    others = [(other, pair) for pair in pairs for other in pair["people"] if other["contact_id"] not in mine]
    return PersonalData(contact_id, contact, others, erasure, now)


async def carry_out_data_decision(
    service: "Service[PageSettings]", viewer: Viewer, contact_id: UUID, verb: str, form: Mapping[str, str]
) -> str:
    """Have capture do what was decided about a person's data, and write down who that was.

    Raises:
        NotForYou: The viewer's role does not decide that.
        ActionRefused: capture refused it or does not answer.
    """
    if not viewer.may("erase" if verb == "erase" else "identify"):
        raise NotForYou
    try:
        order = await _order(service, contact_id, verb, form)
    except FormFault as fault:
        raise ActionRefused(str(fault)) from None
    await UPSTREAM.send_command(service, order, form.get("once", ""))
    async with service.transaction() as tx:
        await record_action(tx.raw, None, f"person.{verb}", contact_id, _about(verb, form), by=viewer.by)
    return DONE[verb]


def _about(verb: str, form: Mapping[str, str]) -> str:
    """Return what a decision was about: a consent with its channel, or the other contact."""
    names = {"withdraw": ("purpose", "channel"), "merge": ("other",), "keep-apart": ("other",)}.get(verb, ())
    return " ".join(form[name] for name in names if form.get(name)) or "done"


async def _order(
    service: "Service[PageSettings]", contact_id: UUID, verb: str, form: Mapping[str, str]
) -> ServiceCommand:
    if verb == "erase":
        return orders.build_erase_person_command(contact_id)
    if verb != "withdraw":
        return orders.build_merge_command(contact_id, verb, form)
    contact = await UPSTREAM.fetch(service, "capture", f"/v1/contacts/{contact_id}")
    if contact is None:
        raise ActionRefused(AWAY)
    return orders.build_withdraw_consent_command(contact_id, form, contact["current_consents"])
