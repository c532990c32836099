"""What people do on the pages: each checks whose lead it is, and leaves the decision to the service that owns it."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from desk import store
from desk.domain import Viewer, orders
from desk.domain.facts import Fact
from desk.domain.notices import make_messages_to_user
from desk.domain.orders import FormFault, ServiceCommand
from desk.handlers.changes import CHANGES, announce_changes
from desk.handlers.errors import ActionRefused, LeadUnknown, LinkUsed, NotForYou, ServiceAway
from desk.handlers.upstream import UPSTREAM
from desk.playbook import DeskPlaybook
from desk.store.pages import PageLead, WrittenRemark
from events.ids import derive_id
from events.parts import JsonObject
from events.runtime import Transaction
from events.runtime.problems import IdempotencyKeyReused

if TYPE_CHECKING:
    from desk.settings import PageSettings
    from events.runtime import Service

SEEN_SECONDS = 3.0
"""How long a command waits at most until its own pages show what it did."""
_MAKES: Mapping[str, Collection[str]] = {
    "accept": ("lead.accepted",),
    "touch": ("lead.touched",),
    "book": ("meeting.changed",),
    "confirm": ("lead.confirmed",),
    "pass": ("lead.assigned", "lead.queued"),
    "reassign": ("lead.assigned",),
    "return": ("lead.recycled", "lead.disqualified", "lead.rejected"),
}
"""The kinds of entries by which a lead's story shows what was done."""


async def act_on_lead(
    service: "Service[PageSettings]", viewer: Viewer, lead_id: UUID, verb: str, form: Mapping[str, str]
) -> str:
    """Carry out what a form asks for, and return what was done as a sentence.

    Raises:
        NotForYou: The viewer's role does not do this.
        LeadUnknown: No lead that the viewer may see.
        ActionRefused: The service that decides refused it, or the form lacks something.
    """
    if not viewer.may("reassign" if verb == "reassign" else "work"):
        raise NotForYou
    async with service.transaction() as tx:
        lead = await store.pages.load_lead(tx, viewer, lead_id)
        before, now = await store.pages.count_story_entries(tx, lead_id, _MAKES[verb]), tx.now
    if lead is None:
        raise LeadUnknown
    try:
        order = await _order(service, viewer, lead_id, verb, form)
    except FormFault as fault:
        raise ActionRefused(str(fault)) from None
    order = orders.with_form_time(order, form, now, lead.placed_at)
    async with CHANGES.subscribe() as changed:
        found = await _sent(service, order, form)
        if verb == "return":
            async with service.transaction() as tx:
                await _keep_note(tx, viewer, lead, form)
        if found.get("changed", True):
            await _seen(service, changed, lead_id, verb, before)
    return _done(verb, found)


async def _sent(service: "Service[PageSettings]", order: ServiceCommand, form: Mapping[str, str]) -> JsonObject:
    """Send a command; one that waited on a device and was taken before, though its answer was lost, is done."""
    try:
        return await UPSTREAM.send_command(service, order, form.get("once", ""))
    except ActionRefused as refused:
        if refused.cause == IdempotencyKeyReused.code and form.get("waited"):
            return {"changed": False}
        raise


async def act_by_link(service: "Service[PageSettings]", token: str) -> str:
    """Carry out what a link in a message does, once, and return what was done.

    Raises:
        LinkUsed: It was used already, is too old or never was one.
        ServiceAway: It could not be asked; the link works again.
        ActionRefused: The service that decides refused it; the link is used up all the same.
    """
    digest = store.access.hash_secret(token)
    async with service.transaction() as tx:
        found = await store.messages.read_action_link(tx, digest, use=True)
        viewer = await store.access.load_user(tx, found.user_id) if found else None
    if found is None or viewer is None:
        raise LinkUsed
    verb, form = ("accept", {}) if found.action == "accept" else ("touch", {"outcome": found.action})
    try:
        return await act_on_lead(service, viewer, found.lead_id, verb, {"kind": "call", "once": token[:12], **form})
    except ServiceAway:
        async with service.transaction() as tx:
            await store.messages.restore_action_link(tx, digest)
        raise


async def _order(
    service: "Service[PageSettings]", viewer: Viewer, lead_id: UUID, verb: str, form: Mapping[str, str]
) -> ServiceCommand:
    if verb == "accept":
        return orders.build_accept_command(lead_id, viewer.by)
    if verb == "book":
        return orders.build_meeting_command(lead_id, viewer.by, form, viewer.zone)
    if verb == "return":
        return orders.build_return_lead_command(lead_id, viewer.by, form, await UPSTREAM.fetch_return_reasons(service))
    return _ORDERS[verb](lead_id, viewer.by, form)


_ORDERS: Mapping[str, Callable[[UUID, str, Mapping[str, str]], ServiceCommand]] = {
    "touch": orders.build_touch_command,
    "pass": orders.build_pass_on_command,
    "confirm": orders.build_confirm_command,
    "reassign": orders.build_reassign_command,
}


async def _seen(
    service: "Service[PageSettings]", changed: "asyncio.Queue[frozenset[str]]", lead_id: UUID, verb: str, before: int
) -> None:
    """Wait until the lead's story shows what was done; a moment at most."""
    try:
        async with asyncio.timeout(SEEN_SECONDS):
            while True:
                async with service.transaction() as tx:
                    if await store.pages.count_story_entries(tx, lead_id, _MAKES[verb]) > before:
                        return
                await changed.get()
    except TimeoutError:
        return


def _done(verb: str, found: JsonObject) -> str:
    match verb:
        case "pass":
            return "Passed on." if found.get("changed") else "Nobody else can take it now, so it stays with you."
        case "reassign":
            return f"Now with {found.get('rep_id')}." if found.get("changed") else "It was with them already."
    done = {"accept": "Accepted. It is yours.", "touch": "Logged.", "book": "Meeting booked."}
    return done.get(verb) or {"confirm": "Confirmed.", "return": "Returned to marketing."}[verb]


async def _keep_note(tx: Transaction, viewer: Viewer, lead: PageLead, form: Mapping[str, str]) -> None:
    """Keep what the rep wrote with a return: no topic carries it, and marketing answers it on these pages."""
    context = {name.removeprefix("context_"): text[:200] for name, text in form.items() if name.startswith("context_")}
    body = {"reason": form.get("reason", ""), "context": context, "note": orders.read_note(form)}
    await _remark(tx, viewer, lead, "return", body, form.get("once", ""))


async def answer_returned_lead(
    service: "Service[PageSettings]", viewer: Viewer, lead_id: UUID, form: Mapping[str, str]
) -> str:
    """Answer sales about a returned lead, and let its rep know."""
    if not viewer.may("reply"):
        raise NotForYou
    note = orders.read_note(form)
    if not note:
        raise ActionRefused("Write your answer first.")
    async with service.transaction() as tx:
        lead = await store.pages.load_lead(tx, viewer, lead_id)
        if lead is None:
            raise LeadUnknown
        remark_id = await _remark(tx, viewer, lead, "answer", {"note": note}, form.get("once", ""))
        await _notify_of_answer(tx, lead, remark_id)
        await announce_changes(tx, {name for name in (lead.owner_id, lead.team) if name})
    return "Sent to sales."


async def _remark(  # noqa: PLR0917 - one remark, field by field
    tx: Transaction, viewer: Viewer, lead: PageLead, kind: str, body: Fact, once: str
) -> UUID:
    await tx.lock_contacts([lead.contact_id])
    remark_id = derive_id("remark", lead.lead_id, viewer.user_id, kind, once or body)
    if lead.contact_id not in await store.find_erased_contacts(tx, [lead.contact_id]):
        remark = WrittenRemark(remark_id, lead.lead_id, kind, viewer.by, tx.now, body)
        await store.pages.save_remark(tx, lead.contact_id, remark)
    return remark_id


async def _notify_of_answer(tx: Transaction, lead: PageLead, cause: UUID) -> None:
    rule = tx.playbook(DeskPlaybook).messages.get("answered")
    about, now = (lead.lead_id, lead.contact_id), datetime.now(UTC)
    for user in await store.access.load_reachable_users(tx):
        if rule is not None and user.role == "rep" and user.rep_id == lead.owner_id:
            await store.messages.save_messages(tx, make_messages_to_user(user, "answered", rule, cause, about, now))


async def act_on_lead_under_review(
    service: "Service[PageSettings]", viewer: Viewer, lead_id: UUID, form: Mapping[str, str]
) -> str:
    """Comment on a lead under review, or return it before its time.

    Raises:
        NotForYou: The viewer's role does not decide about reviews.
        LeadUnknown: No lead that the viewer may see.
        ActionRefused: The service that decides refused it, or the form lacks something.
    """
    if not viewer.may("review"):
        raise NotForYou
    async with service.transaction() as tx:
        if await store.pages.load_lead(tx, viewer, lead_id) is None:
            raise LeadUnknown
    try:
        if form.get("reason"):
            order = orders.build_return_lead_command(
                lead_id, viewer.by, form, await UPSTREAM.fetch_return_reasons(service)
            )
        else:
            order = orders.build_review_comment_command(lead_id, viewer.by, form)
    except FormFault as fault:
        raise ActionRefused(str(fault)) from None
    await UPSTREAM.send_command(service, order, form.get("once", ""))
    return "Returned." if form.get("reason") else "Comment added."


async def set_rep_status(service: "Service[PageSettings]", viewer: Viewer, rep_id: str, status: str) -> str:
    """Pause a rep, or let them take leads again."""
    reps = {rep.rep_id: rep for rep in await UPSTREAM.fetch_reps(service)}
    rep = reps.get(rep_id)
    if not viewer.may("pause") or (rep is not None and viewer.reach[1] not in (None, rep.team)):
        raise NotForYou
    if rep is None or status not in ("active", "paused"):
        raise ActionRefused("There is no such rep.")
    await UPSTREAM.send_command(service, orders.build_rep_status_command(rep_id, status), "")
    return "Paused: no new leads until you resume." if status == "paused" else "Leads come again."


async def set_own_calendar(service: "Service[PageSettings]", viewer: Viewer, url: str | None) -> str:
    """Have a rep's own calendar read at an address; None: it is read no more.

    Raises:
        NotForYou: The viewer is no rep.
        ActionRefused: It is no address at which a calendar may be read, or routing does not answer.
    """
    if viewer.rep_id is None:
        raise NotForYou
    try:
        await UPSTREAM.send_command(service, orders.build_calendar_command(viewer.rep_id, url), "")
    except FormFault as fault:
        raise ActionRefused(str(fault)) from None
    except ActionRefused as refused:
        if refused.cause == "url_refused":
            raise ActionRefused(orders.NO_CALENDAR) from None
        if refused.cause != "calendar_source_unknown":
            raise
    return "Your calendar is read no more." if url is None else "Your calendar is read from now on."
