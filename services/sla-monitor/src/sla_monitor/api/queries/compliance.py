"""How well promises are kept, by team, rep, policy or week."""

from typing import Annotated, Literal

from fastapi import APIRouter

from events.moments import Moment
from events.runtime.answers import EMPTY, example
from events.runtime.queries import Cursor, Limit, read_cursor, write_cursor
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires
from sla_monitor import store
from sla_monitor.api.pages import Lists, ResponseModel
from sla_monitor.domain.figure_lists import compliance_list_addresses
from sla_monitor.store.reports import ComplianceLine

router = APIRouter(prefix="/v1")

TeamReader = Annotated[Caller, requires("leads:read", "manager")]


class ComplianceItem(ResponseModel):
    """How one clock came out for one team, rep, policy or week. Each lead is counted once."""

    key: str | None
    """The team, rep, policy or ISO week; null is nobody."""
    clock: str
    due: int
    met: int
    rescinded: int
    met_late: int
    breached: int
    cancelled: int
    open: int
    attainment: float | None
    """(met + rescinded) / due; null where nothing was due or nothing is promised."""
    median_seconds: float | None
    """From the start of the clock to the touch that met it."""
    lists: Lists


class ComplianceAnswer(ResponseModel):
    """A page of compliance."""

    model_config = example(
        EMPTY,
        items=[
            {
                "key": "inbound", "clock": "first_touch", "due": 10, "met": 8, "rescinded": 0, "met_late": 1,
                "breached": 1, "cancelled": 0, "open": 2, "attainment": 0.8, "median_seconds": 240.0,
                "lists": {"met": "/v1/clocks?counted=met&team=inbound&clock=first_touch"},
            }
        ],
        next=None,
    )  # fmt: skip

    items: list[ComplianceItem]
    next: str | None


@router.get("/compliance")
async def show_compliance(
    service: ServiceDep,
    caller: TeamReader,
    *,
    by: Literal["team", "rep", "policy", "week"] = "team",
    since: Moment | None = None,
    until: Moment | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> ComplianceAnswer:
    """Count how promises came out, by what fell due from `since` to before `until`; a manager's key counts its team."""
    after = read_cursor(cursor, str, str)
    team = caller.reach.team if caller.reach else None
    async with service.transaction() as tx:
        rows = await store.count_compliance(tx, by, since=since, until=until, team=team, after=after, limit=limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    cursor = write_cursor(last.key or "", last.clock) if last else None
    items = [
        _to_compliance_item(row, compliance_list_addresses(by, row.key, row.clock, since, until, promised=row.promised))
        for row in rows[:limit]
    ]
    return ComplianceAnswer(items=items, next=cursor)


def _to_compliance_item(row: ComplianceLine, lists: Lists) -> ComplianceItem:
    kept = row.met + row.rescinded
    due = kept + row.met_late + row.breached if row.promised else 0
    return ComplianceItem(
        key=row.key, clock=row.clock, due=due, met=row.met, rescinded=row.rescinded, met_late=row.met_late,
        breached=row.breached, cancelled=row.cancelled, open=row.open,
        attainment=round(kept / due, 6) if due else None, median_seconds=row.seconds,
        lists=lists,
    )  # fmt: skip
