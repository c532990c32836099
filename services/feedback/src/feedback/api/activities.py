"""Activities as CRMs and diallers export them: so that reps need not type a touch twice."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from events.runtime import Service
from events.runtime.bodies import body_of, described
from events.runtime.problems import Problem, document
from events.runtime.queries import Cursor, Limit, position_in, written
from events.runtime.security import BOUND, Caller, Reach
from events.runtime.web import ServiceDep, requires
from feedback import store
from feedback.api.intake import gather_of, problem_of
from feedback.api.reads import Reader, as_json
from feedback.domain.activities import Activity, Keys, Unreadable, read
from feedback.domain.refusals import Refusal
from feedback.handlers import Answer, Found, find_leads, waiting_activities
from feedback.playbook import FeedbackPlaybook

router = APIRouter(tags=["commands"])


class Exported(BaseModel):
    """Records of one system, as it exports them; `source` names the mapping in the playbook."""

    model_config = ConfigDict(extra="forbid")

    source: Annotated[str, Field(min_length=1, max_length=40)]
    records: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=1000)]


class Waiting(BaseModel):
    """How much of what waits, and from where on."""

    model_config = ConfigDict(extra="forbid")

    limit: Limit = 100
    cursor: Cursor = None


@router.post("/v1/activities", openapi_extra=described(Exported))
async def take_activities(
    service: ServiceDep, caller: Annotated[Caller, requires("leads:work", *BOUND)], request: Request
) -> Response:
    """Take touches from another system; each goes to the open lead of whom it was about, by CRM id, e-mail or phone."""
    asked = await body_of(request, Exported)
    async with service.transaction() as tx:
        export = tx.playbook(FeedbackPlaybook).activities.get(asked.source)
    if export is None:
        raise Problem(404, "source_unknown", field="source")
    keys = keys_of(service)
    readings: list[Activity | dict[str, Any]] = []
    for index, record in enumerate(asked.records):
        try:
            readings.append(read(record, asked.source, export, keys))
        except Unreadable as error:
            found = document(422, [{"field": f"records.{index}.{error.field}", "code": "unreadable"}])
            readings.append({"status": "refused", "code": "unreadable", "problem": found})
    activities = [each for each in readings if isinstance(each, Activity)]
    told = iter(await _carry_out(service, asked.source, activities, caller.reach))
    items = [next(told) if isinstance(each, Activity) else each for each in readings]
    return _answer([{"index": index, **item} for index, item in enumerate(items)])


@router.post("/v1/activities/retry")
async def retry_activities(service: ServiceDep, _: Annotated[Caller, requires("leads:work")]) -> Response:
    """Look again for whom the waiting activities were about."""
    async with service.transaction() as tx:
        waiting = await waiting_activities(tx)
    items = []
    for source, activities in waiting.items():
        items += [{"source": source, **item} for item in await _carry_out(service, source, activities)]
    return _answer(items)


@router.get("/v1/activities")
async def list_activities(service: ServiceDep, _: Reader, asked: Annotated[Waiting, Query()]) -> Response:
    """List the activities of which nobody could say whom they were about."""
    after = position_in(asked.cursor, str, str)
    async with service.transaction() as tx:
        items = await store.unresolved(tx, after=after, limit=asked.limit)
    last = items[-1] if len(items) == asked.limit else None
    shown = [{name: value for name, value in item.items() if name != "keys"} for item in items]
    return as_json({"items": shown, "next": written(last["source"], last["external_id"]) if last else None})


def keys_of(service: Service) -> Keys:
    """Give what names people under this installation's secret."""
    return Keys(service.settings.secret.get_secret_value().encode())


async def _carry_out(
    service: Service, source: str, activities: Sequence[Activity], reach: Reach | None = None
) -> list[dict[str, Any]]:
    if not activities:
        return []
    async with service.transaction() as tx:
        found = await find_leads(tx, source, activities)
    orders = [replace(one.order, reach=reach) for one in found if one.order is not None]
    results = iter(await gather_of(service, lane=0).submit_many(orders))
    return [_item(one, next(results) if one.order is not None else None) for one in found]


def _item(one: Found, result: Any) -> dict[str, Any]:
    item = {"id": one.activity.external_id, "lead_id": one.order and one.order.lead_id}
    if result is None:
        return item | {"status": "unresolved"}
    if isinstance(result, Answer):
        return item | {"status": "replayed" if result.replayed else "done"}
    if isinstance(result, Refusal):
        return item | {"status": "refused", "code": result.code, "problem": problem_of(result)}
    raise result


def _answer(items: Sequence[dict[str, Any]]) -> Response:
    counts = Counter(done=0, replayed=0, unresolved=0, refused=0)
    counts.update(str(item["status"]) for item in items)
    return as_json({**counts, "items": items})
