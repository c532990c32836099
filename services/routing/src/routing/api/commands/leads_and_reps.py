"""Reassign a lead, pass one on, add or change a rep."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, Strict, StringConstraints, model_validator
from starlette.responses import Response

from events.leads import Role
from events.runtime import DomainError, Transaction
from events.runtime.answers import ANOTHER_ID, EXAMPLE_ID, examples
from events.runtime.audit_log import record_action
from events.runtime.bodies import (
    JSON,
    check_media_type,
    describe_body,
    describe_repeatable_body,
    read_body,
    read_body_as,
)
from events.runtime.commands import carry_out_request_once
from events.runtime.json_answers import json_answer
from events.runtime.rows import Row
from events.runtime.security import RESTRICTED_ROLES, Caller
from events.runtime.web import ServiceDep, requires
from routing import handlers
from routing.api import answers
from routing.api.commands.placed import MovedLeads, make_move_result, make_placed_lead
from routing.playbook import Absence, Capacity, Day, Status, UrlSafeName, Weight, Zone

router = APIRouter(tags=["routing"])

CALENDAR = "text/calendar"
_CALENDAR_BODY = {"requestBody": {"required": True, "content": {CALENDAR: {"schema": {"type": "string"}}}}}
ShortText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")
]
TimeOfDay = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]


class StrictBody(BaseModel):
    """A request body; an unknown field is refused, and so is a number written as text."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class ReassignBody(StrictBody):
    """Which rep gets the lead, why, and who asks for it."""

    model_config = examples(
        {"rep_id": "inbound-2", "reason": "knows the account", "by": "lea"},
        {"rep_id": "inbound-2", "reason": "promised by phone", "by": "lea", "force": True},
    )

    rep_id: UrlSafeName
    reason: ShortText
    by: ShortText

    force: bool = False
    """Also a rep who is off shift, absent, paused or full. A rep's own key can't force."""


class ReserveSlotBody(StrictBody):
    """A slot for a meeting, by its beginning."""

    model_config = examples(
        {"starts_at": "2026-03-02T09:30:00Z", "by": "lea"},
        {"starts_at": "2026-03-02T15:00:00+01:00", "by": "inbound-1"},
    )

    starts_at: Annotated[AwareDatetime, Strict(strict=False)]
    by: ShortText


class UnassignBody(StrictBody):
    """Nobody has the lead from now on: it waits in its queue."""

    model_config = examples({"by": "lea", "reason": "on leave"}, {"by": "lea", "reason": "nobody speaks Portuguese"})

    by: ShortText
    reason: ShortText


class MoveLeadsBody(StrictBody):
    """Leads to move, by their ids or by the rep who has them; without `to_rep` each goes to whoever follows."""

    model_config = examples(
        {"from_rep": "inbound-1", "by": "lea", "reason": "on leave"},
        {"lead_ids": [EXAMPLE_ID, ANOTHER_ID], "to_rep": "inbound-2", "by": "lea", "reason": "new territory"},
    )

    lead_ids: Annotated[list[Annotated[UUID, Strict(strict=False)]], Field(max_length=handlers.MOVED_AT_ONCE)] = []
    from_rep: UrlSafeName | None = None
    to_rep: UrlSafeName | None = None
    by: ShortText
    reason: ShortText
    force: bool = False

    @model_validator(mode="after")
    def _check_leads_or_rep(self) -> Self:
        if bool(self.lead_ids) == (self.from_rep is not None):
            raise ValueError("name the leads or the rep who has them, and not both")
        return self


class PassOnBody(StrictBody):
    """The rep who has the lead passes it on."""

    model_config = examples(
        {"by": "inbound-1", "reason": "speaks no French"}, {"by": "inbound-1", "reason": "a former colleague"}
    )

    by: ShortText
    reason: ShortText


class WorkingHoursBody(BaseModel):
    """A block of working hours on some days of the week, in their zone (`works.zone`, or their team's)."""

    model_config = ConfigDict(extra="forbid")

    days: Annotated[list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]], Field(min_length=1, max_length=7)]
    begins: Annotated[TimeOfDay, Field(alias="from")]
    ends: Annotated[TimeOfDay, Field(alias="to")]


class WorkCalendarBody(BaseModel):
    """The other fields of a calendar; what is left out is as the team works."""

    model_config = ConfigDict(extra="forbid")

    zone: Zone = "UTC"
    public_holidays: Annotated[str, Field(max_length=20)] | None = None
    holidays: Annotated[list[Day], Field(max_length=400)] = []
    half_days: Annotated[dict[str, list[str]], Field(max_length=50)] = {}
    special_days: Annotated[dict[Day, list[str]], Field(max_length=400)] = {}


class RepBody(StrictBody):
    """What is agreed with a rep. What is left out stays as it is, or is the default for a new rep."""

    model_config = examples(
        {"team": "inbound", "role": "bdr", "weight": 1.0, "capacity": {"open": 50}},
        {"status": "paused", "absences": [{"from": "2026-04-02", "to": "2026-04-06"}]},
    )

    team: UrlSafeName = ""
    role: Role = "bdr"
    weight: Weight = 1.0
    capacity: Capacity = Capacity()
    hours: Annotated[list[WorkingHoursBody], Field(max_length=50)] = []
    works: WorkCalendarBody = WorkCalendarBody()
    absences: Annotated[list[Absence], Field(max_length=200)] = []
    status: Status = "active"

    def to_rep_patch(self, rep_id: str) -> handlers.RepPatch:
        """Return the fields that the request sets, as the handlers take them."""
        named = {name: getattr(self, name) for name in self.model_fields_set}
        if "hours" in named:
            named["hours"] = [block.model_dump(by_alias=True) for block in self.hours]
        if "works" in named:
            named["works"] = self.works.model_dump(mode="json", exclude_unset=True)
        return handlers.RepPatch(rep_id, **named)


Worker = Annotated[Caller, requires("leads:work", *RESTRICTED_ROLES)]
Manager = Annotated[Caller, requires("leads:work", "manager")]
Admin = Annotated[Caller, requires("admin")]


@router.post(
    "/v1/leads/{lead_id}/reassign",
    response_model=answers.PlacedLeadAnswer,
    openapi_extra=describe_repeatable_body(ReassignBody),
)
async def reassign(service: ServiceDep, caller: Worker, request: Request, lead_id: UUID) -> Response:
    """Assign a lead to a named rep, who must be able to take it unless that is forced. Asking again changes nothing."""
    body = await read_body_as(request, ReassignBody)

    async def act(tx: Transaction) -> Row:
        by = caller.rep_id or body.by
        order = handlers.MoveOrder(
            (), None, body.rep_id, body.reason, by, force=body.force and caller.bound_role != "rep"
        )
        found = await handlers.reassign(lead_id, body.rep_id, order, tx, reach=caller.reach)
        await record_action(tx.raw, caller, "lead.reassigned", lead_id, _outcome_text(found))
        return make_placed_lead(found)

    return await _run_once_under_key(service, caller, request, act)


@router.post(
    "/v1/leads/{lead_id}/book",
    response_model=answers.PlacedLeadAnswer,
    openapi_extra=describe_repeatable_body(ReserveSlotBody),
)
async def reserve(service: ServiceDep, caller: Worker, request: Request, lead_id: UUID) -> Response:
    """Book a slot: the lead is assigned to a rep who is free then, the present one first. 409: nobody is any more."""
    body = await read_body_as(request, ReserveSlotBody)

    async def act(tx: Transaction) -> Row:
        found = await handlers.reserve_slot(lead_id, body.starts_at, caller.rep_id or body.by, tx, reach=caller.reach)
        await record_action(tx.raw, caller, "lead.booked", lead_id, _outcome_text(found))
        return make_placed_lead(found)

    return await _run_once_under_key(service, caller, request, act)


@router.post(
    "/v1/leads/{lead_id}/unassign",
    response_model=answers.PlacedLeadAnswer,
    openapi_extra=describe_repeatable_body(UnassignBody),
)
async def unassign(service: ServiceDep, caller: Manager, request: Request, lead_id: UUID) -> Response:
    """Take a lead from its rep: it waits in its queue for somebody who has not had it."""
    body = await read_body_as(request, UnassignBody)

    async def act(tx: Transaction) -> Row:
        found = await handlers.unassign(lead_id, caller.rep_id or body.by, body.reason, tx, reach=caller.reach)
        await record_action(tx.raw, caller, "lead.unassigned", lead_id, _outcome_text(found))
        return make_placed_lead(found)

    return await _run_once_under_key(service, caller, request, act)


@router.post(
    "/v1/leads/move", response_model=answers.MovedLeadsAnswer, openapi_extra=describe_repeatable_body(MoveLeadsBody)
)
async def move(service: ServiceDep, caller: Manager, request: Request) -> Response:
    """Move many leads at once; the answer has one item a lead, with why it was not moved where it was not."""
    body = await read_body_as(request, MoveLeadsBody)
    by, lead_ids = caller.rep_id or body.by, tuple(dict.fromkeys(body.lead_ids))
    order = handlers.MoveOrder(lead_ids, body.from_rep, body.to_rep, body.reason, by, force=body.force)

    async def act(tx: Transaction) -> Row:
        found = await handlers.move_leads(order, tx, reach=caller.reach)
        for lead_id, each in found.items():
            if not isinstance(each, DomainError):
                await record_action(tx.raw, caller, "lead.moved", lead_id, _outcome_text(each))
        return MovedLeads([make_move_result(lead_id, each) for lead_id, each in found.items()])

    return await _run_once_under_key(service, caller, request, act)


@router.post(
    "/v1/leads/{lead_id}/pass",
    response_model=answers.PlacedLeadAnswer,
    openapi_extra=describe_repeatable_body(PassOnBody),
)
async def pass_on(service: ServiceDep, caller: Worker, request: Request, lead_id: UUID) -> Response:
    """Pass a lead on to the next in turn; where nobody else can take it, it stays (`changed` is false)."""
    body = await read_body_as(request, PassOnBody)

    async def act(tx: Transaction) -> Row:
        found = await handlers.pass_on(lead_id, caller.rep_id or body.by, body.reason, tx, reach=caller.reach)
        await record_action(tx.raw, caller, "lead.passed-on", lead_id, _outcome_text(found))
        return make_placed_lead(found)

    return await _run_once_under_key(service, caller, request, act)


@router.put("/v1/reps/{rep_id}", response_model=answers.RepAnswer, openapi_extra=describe_body(RepBody))
async def put_rep(service: ServiceDep, caller: Admin, request: Request, rep_id: UrlSafeName) -> Response:
    """Add a rep or change one. Waiting leads are served at once if the rep can now take them."""
    body = await read_body_as(request, RepBody)
    async with service.transaction() as tx:
        await handlers.put_rep(body.to_rep_patch(rep_id), tx)
        await record_action(tx.raw, caller, "rep.changed", rep_id)
        shown = await handlers.queries.load_rep(tx, rep_id)
    return json_answer(shown)


@router.put("/v1/reps/{rep_id}/calendar", response_model=answers.CalendarImportAnswer, openapi_extra=_CALENDAR_BODY)
async def put_calendar(service: ServiceDep, caller: Admin, request: Request, rep_id: UrlSafeName) -> Response:
    """Replace a rep's absences of an earlier calendar file by those of this one (iCalendar)."""
    check_media_type(request, CALENDAR)
    found = await handlers.parse_calendar_file(service, rep_id, await read_body(request))
    async with service.transaction() as tx:
        taken = await handlers.import_absences(rep_id, found, tx)
        await record_action(tx.raw, caller, "rep.calendar-changed", rep_id)
        shown = await handlers.queries.load_rep(tx, rep_id)
    return json_answer({"taken": taken, "rep": shown})


async def _run_once_under_key(
    service: ServiceDep, caller: Caller, request: Request, act: Callable[[Transaction], Awaitable[Row]]
) -> Response:
    """Carry out a command once for each `Idempotency-Key`; a repeated request gets the same answer."""
    async with service.transaction() as tx:
        found = await carry_out_request_once(tx, caller, request, lambda: act(tx))
    return Response(found.body, found.status, found.headers, media_type=JSON)


def _outcome_text(found: handlers.CommandResult) -> str:
    return f"to {found.lead.rep_id or 'nobody'}" if found.changed else "unchanged"
