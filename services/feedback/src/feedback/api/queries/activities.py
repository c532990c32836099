"""The activities that wait for a contact to be known."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict

from events.runtime.json_answers import json_answer
from events.runtime.queries import Cursor, Limit, read_cursor, write_cursor
from events.runtime.web import ServiceDep
from feedback import store
from feedback.api.answers import UnresolvedActivitiesAnswer
from feedback.api.queries.readers import Reader

router = APIRouter(tags=["commands"])


class ActivityFilter(BaseModel):
    """How much of the list, and from where on."""

    model_config = ConfigDict(extra="forbid")

    limit: Limit = 100
    cursor: Cursor = None


@router.get("/v1/activities", response_model=UnresolvedActivitiesAnswer)
async def list_activities(service: ServiceDep, _: Reader, asked: Annotated[ActivityFilter, Query()]) -> Response:
    """List the activities whose contact is not known yet."""
    after = read_cursor(asked.cursor, str, str)
    async with service.transaction() as tx:
        items = await store.list_unresolved_activities(tx, after=after, limit=asked.limit)
    last = items[-1] if len(items) == asked.limit else None
    shown = [{name: value for name, value in item.as_dict().items() if name != "keys"} for item in items]
    return json_answer({"items": shown, "next": write_cursor(last.source, last.external_id) if last else None})
