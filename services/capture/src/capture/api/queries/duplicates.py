"""Contacts that may be one person."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from capture import handlers
from capture.api import answers
from capture.domain.duplicates import ComparedContact, PossibleDuplicate
from events.runtime.json_answers import json_answer
from events.runtime.queries import Cursor, Limit, read_cursor, write_cursor
from events.runtime.rows import Row
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires

router = APIRouter()


@router.get("/duplicates", response_model=answers.PossibleDuplicatesPage)
async def list_possible_duplicates(
    service: ServiceDep,
    _: Annotated[Caller, requires("leads:read")],
    contact_id: Annotated[UUID | None, Query(description="Only who may be the same person as this contact")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """List pairs of contacts that may be one person, with reasons, the likeliest of a page first.

    Nobody is merged by that: `POST /v1/contacts/{contact_id}/merge` does it; `/keep-apart` takes a pair off the list.
    As long as there is a `next`, go on: contacts are compared some hundred a page, and a page may be empty before the
    last.
    """
    after: Any = read_cursor(cursor, UUID, UUID)
    async with service.transaction() as tx:
        if contact_id is not None:
            pairs, last = await handlers.find_duplicates_of(contact_id, tx), None
        else:
            pairs, last = await handlers.find_possible_duplicates(after, limit, tx)
    pairs.sort(key=lambda pair: -pair.points)
    return json_answer({"items": list(map(_pair_for_answer, pairs)), "next": write_cursor(*last) if last else None})


class _DuplicatePair(Row):
    points: int
    people: tuple[ComparedContact, ComparedContact]
    to_merge: list[str]
    to_keep_apart: list[str]


def _pair_for_answer(pair: PossibleDuplicate) -> _DuplicatePair:
    return _DuplicatePair(pair.points, (pair.first, pair.second), pair.to_merge, pair.to_keep_apart)
