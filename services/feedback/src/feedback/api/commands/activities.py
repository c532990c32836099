"""Activities as CRMs and diallers export them: so that reps need not type a touch twice."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from events.parts import JsonObject
from events.runtime import DomainError, Service
from events.runtime.bodies import describe_body, read_body_as
from events.runtime.json_answers import json_answer
from events.runtime.problems import Problem, build_problem
from events.runtime.security import RESTRICTED_ROLES, Caller, LeadReach
from events.runtime.web import ServiceDep, requires
from feedback.api.answers import ActivitiesAnswer
from feedback.api.commands.intake import get_batcher, make_problem_document
from feedback.api.commands.stream import Item
from feedback.domain.activities import Activity, PersonHasher, UnreadableActivity, read_activity
from feedback.handlers import CommandResult, MatchedActivity, load_unresolved_activities, match_or_save_activities
from feedback.handlers.errors import OutOfReach
from feedback.playbook import FeedbackPlaybook

router = APIRouter(tags=["commands"])


class ExportedRecordsBody(BaseModel):
    """Records of one system, as it exports them; `source` names the mapping in the playbook."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "source": "hubspot",
                    "records": [{"id": "81", "properties": {"hs_timestamp": "2026-03-02T09:00:00Z"}}],
                },
                {"source": "dialler", "records": [{"id": "82", "started_at": "2026-03-02T09:00:00Z"}]},
            ]
        },
    )

    source: Annotated[str, Field(min_length=1, max_length=40)]
    records: Annotated[list[JsonObject], Field(min_length=1, max_length=1000)]


@router.post("/v1/activities", response_model=ActivitiesAnswer, openapi_extra=describe_body(ExportedRecordsBody))
async def take_activities(
    service: ServiceDep, caller: Annotated[Caller, requires("leads:work", *RESTRICTED_ROLES)], request: Request
) -> Response:
    """Take touches from another system; each goes to the open lead of whom it was about, by CRM id, e-mail or phone."""
    asked = await read_body_as(request, ExportedRecordsBody)
    async with service.transaction() as tx:
        export = tx.playbook(FeedbackPlaybook).activities.get(asked.source)
    if export is None:
        raise Problem(404, "source_unknown", field="source")
    keys = make_person_hasher(service)
    readings: list[Activity | Item] = []
    for index, record in enumerate(asked.records):
        try:
            readings.append(read_activity(record, asked.source, export, keys))
        except UnreadableActivity as error:
            found = build_problem(422, [{"field": f"records.{index}.{error.field}", "code": "unreadable"}])
            readings.append({"status": "refused", "code": "unreadable", "problem": found})
    activities = [each for each in readings if isinstance(each, Activity)]
    results = iter(await _carry_out_activities(service, asked.source, activities, caller.reach))
    items = [next(results) if isinstance(each, Activity) else each for each in readings]
    return _build_activities_response([{"index": index, **item} for index, item in enumerate(items)])


@router.post("/v1/activities/retry", response_model=ActivitiesAnswer)
async def retry_activities(service: ServiceDep, _: Annotated[Caller, requires("leads:work")]) -> Response:
    """Look again for whom the waiting activities were about."""
    async with service.transaction() as tx:
        waiting = await load_unresolved_activities(tx)
    items = []
    for source, activities in waiting.items():
        items += [{"source": source, **item} for item in await _carry_out_activities(service, source, activities)]
    return _build_activities_response(items)


def make_person_hasher(service: Service) -> PersonHasher:
    """Return the keyed hashes of this installation."""
    return PersonHasher(service.settings.secret.get_secret_value().encode())


async def _carry_out_activities(
    service: Service, source: str, activities: Sequence[Activity], reach: LeadReach | None = None
) -> list[Item]:
    if not activities:
        return []
    async with service.transaction() as tx:
        found = await match_or_save_activities(tx, source, activities, reach)
    orders = [replace(each.order, reach=reach) for each in found if each.order is not None]
    results = iter(await get_batcher(service, lane=0).submit_many(orders))
    return [_item_of_activity(each, next(results) if each.order is not None else None) for each in found]


def _item_of_activity(found: MatchedActivity, result: Any) -> Item:
    item: Item = {"id": found.activity.external_id, "lead_id": found.order and found.order.lead_id}
    if found.out_of_reach:
        result = OutOfReach(field="lead_id")
    if result is None:
        return item | {"status": "unresolved"}
    if isinstance(result, CommandResult):
        return item | {"status": "replayed" if result.replayed else "done"}
    if isinstance(result, DomainError):
        return item | {"status": "refused", "code": result.code, "problem": make_problem_document(result)}
    raise result


def _build_activities_response(items: Sequence[Item]) -> Response:
    counts = Counter(done=0, replayed=0, unresolved=0, refused=0)
    counts.update(str(item["status"]) for item in items)
    return json_answer({**counts, "items": items})
