"""The web side of every service: keys, limits, problems, and the four pages that operators and probes read."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request
from starlette.responses import PlainTextResponse, Response

from events.moments import Moment
from events.runtime import answers, audit_log, gaps, html, parked_answers, parking, problems, stopped_partitions
from events.runtime.audit_log import record_action
from events.runtime.bodies import Responses
from events.runtime.contact_rows import load_rows_about
from events.runtime.json_answers import json_answer
from events.runtime.metrics import CONTENT, render_metrics
from events.runtime.middleware import BodyLimits, RequestMiddleware
from events.runtime.openapi import Application
from events.runtime.problems import Problem
from events.runtime.queries import Cursor, Limit, Partition, ShortText, read_cursor, write_cursor
from events.runtime.security import Caller

if TYPE_CHECKING:
    from events.runtime.service import Service


async def current_service(request: Request) -> Any:
    """Return the service that this application belongs to; `async`, since FastAPI runs a plain function in a thread."""
    return request.app.state.service


if TYPE_CHECKING:
    ServiceDep = Service
else:
    ServiceDep = Annotated[TypeVar("S"), Depends(current_service)]


async def authorize(request: Request, scope: str, *bound: str) -> Caller:
    """Return a caller whose key has this scope (or `admin`): 401 without a valid key, 403 without the scope.

    A key that is bound to a rep or a team is refused unless `bound` names its role: then the operation itself keeps to
    the leads in the caller's reach. The public key of a form opens forms alone, a signing key opens nothing by itself.
    """
    service: Service = request.app.state.service
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key:
        raise Problem(401, "key_missing", headers={"WWW-Authenticate": "Bearer"})
    caller = await service.keys.find_caller(key.strip())
    if caller is None:
        raise Problem(401, "key_invalid", headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
    limit_key_rate(service, caller)
    if caller.kind != "api" or not caller.has_scope(scope):
        raise Problem(403, "scope_missing")
    if caller.bound_role is not None and caller.bound_role not in bound:
        raise Problem(403, "out_of_reach")
    return caller


def limit_key_rate(service: "Service", caller: Caller) -> None:
    """Refuse what comes too often by one key, in this process."""
    if wait := service.key_rate_limit.seconds_to_wait(caller.key_id, time.monotonic()):
        raise Problem(429, "too_many_requests", headers={"Retry-After": str(wait)})


def requires(scope: str, *bound: str) -> Any:
    """Depend on a caller whose key has this scope; of bound keys only those whose role is named (`authorize`)."""

    async def check(request: Request) -> Caller:
        return await authorize(request, scope, *bound)

    return Depends(check)


pages = APIRouter(include_in_schema=True, tags=["operations"])


def _with_503_response(model: type[answers.Answer]) -> Responses:
    return {503: {"description": "What is wrong", "model": model}}


@pages.get("/livez", response_model=answers.Alive, responses=_with_503_response(answers.Alive))
async def livez(service: ServiceDep) -> Response:
    """Fail when a loop of this process ended; neither PostgreSQL nor Kafka counts, as a restart would mend neither."""
    stuck = service.list_stuck_loops()
    return json_answer({"alive": not stuck, "stuck": stuck}, 503 if stuck else 200)


@pages.get("/readyz", response_model=answers.Ready, responses=_with_503_response(answers.Ready))
async def readyz(service: ServiceDep) -> Response:
    """Fail while the service cannot do its work, and say what is missing."""
    missing = await service.list_obstacles()
    return json_answer({"ready": not missing, "missing": missing}, 503 if missing else 200)


@pages.get("/metrics", response_class=PlainTextResponse, responses={200: {"content": CONTENT}})
async def show_metrics(request: Request) -> Response:
    """Return the metrics as Prometheus reads them; OpenMetrics, where that is asked for, names traces too."""
    # what needs the database is measured beside the scrapes: they answer when it does not
    body, media_type = render_metrics(request.headers.get("accept", ""))
    return Response(body, media_type=media_type)


@pages.get("/docs", include_in_schema=False)
async def documentation(request: Request) -> Response:
    """Show the OpenAPI document."""
    return html.answer_with_documentation(request.app.title, request.app.openapi_url)


@pages.get("/docs/{name}", include_in_schema=False)
async def documentation_asset(name: str) -> Response:
    """Show a file that the page of the OpenAPI document loads."""
    return html.answer_with_asset(name)


@pages.get("/status", response_model=answers.Status)
async def status(service: ServiceDep, _: Annotated[Caller, requires("leads:read")]) -> Response:
    """Return the state of the service's machinery: outbox, lag, parked records, open commands."""
    return json_answer(await service.status())


@pages.get("/audit", response_model=answers.AuditResult)
async def audit(service: ServiceDep, _: Annotated[Caller, requires("leads:read")]) -> Response:
    """List the rows that break an invariant; there must be none."""
    rows = await service.audit_now()
    return json_answer({"residual": len(rows), "rows": rows})


@pages.get("/v1/dead-letters", response_model=parked_answers.ParkedRecords)
async def list_parked(service: ServiceDep, _: Annotated[Caller, requires("admin")], limit: Limit = 100) -> Response:
    """List parked records, newest first, without their bytes."""
    async with service.transaction() as tx:
        return json_answer({"items": await parking.list_parked(tx, limit), "next": None})


@pages.get("/v1/dead-letters/{parked_id}", response_model=parked_answers.WholeParkedRecord)
async def show_parked(service: ServiceDep, _: Annotated[Caller, requires("admin")], parked_id: UUID) -> Response:
    """Return one parked record with its bytes."""
    async with service.transaction() as tx:
        found = await parking.load_parked(tx, parked_id)
    if found is None:
        raise Problem(404, "record_unknown")
    return json_answer(found)


@pages.get("/v1/held/{contact_id}", response_model=answers.StoredContactRows)
async def show_rows(service: ServiceDep, _: Annotated[Caller, requires("admin")], contact_id: UUID) -> Response:
    """Return every row that this service holds about a contact, by table."""
    async with service.transaction() as tx:
        return json_answer({"contact_id": contact_id, "held": await load_rows_about(tx, contact_id)})


@pages.post("/v1/dead-letters/{parked_id}/{verb}", response_model=answers.StateAfterAction)
async def act_on_parked(
    service: ServiceDep,
    caller: Annotated[Caller, requires("admin")],
    parked_id: UUID,
    verb: Annotated[Literal["replay", "discard"], Path(description="Apply it again, or drop it")],
) -> Response:
    """Replay or discard one parked record; a second time changes nothing."""
    return json_answer({"state": await service.close_parked(parked_id, verb, caller)})


@pages.get("/v1/partitions/stopped", response_model=answers.StoppedPartitions)
async def list_stopped(service: ServiceDep, _: Annotated[Caller, requires("admin")]) -> Response:
    """List the partitions that stand stopped, because too many of their records were parked."""
    async with service.transaction() as tx:
        return json_answer({"items": await stopped_partitions.list_stopped(tx)})


@pages.post("/v1/partitions/resume", response_model=answers.ResumedPartitions)
async def resume_stopped(
    service: ServiceDep,
    caller: Annotated[Caller, requires("admin")],
    topic: ShortText | None = None,
    partition: Partition | None = None,
    park_all: Annotated[bool, Query(description="Park what is on them now without stopping again")] = False,
) -> Response:
    """Let stopped partitions go on; with `park_all` they park what is on them now without stopping again."""
    async with service.transaction() as tx:
        resumed = await stopped_partitions.resume_partitions(tx, topic, partition, park_all=park_all)
        await record_action(tx.raw, caller, "partition.resumed", topic or "all topics", f"{len(resumed)} partitions")
    return json_answer({"resumed": resumed})


@pages.get("/v1/gaps", response_model=answers.Gaps)
async def list_gaps(service: ServiceDep, _: Annotated[Caller, requires("admin")], limit: Limit = 100) -> Response:
    """List ranges of records that were deleted before this service had applied them, newest first."""
    async with service.transaction() as tx:
        return json_answer({"items": await gaps.list_gaps(tx, limit), "next": None})


@pages.post("/v1/gaps/{gap_id}/{verb}", response_model=answers.StateAfterAction)
async def act_on_gap(
    service: ServiceDep,
    caller: Annotated[Caller, requires("admin")],
    gap_id: UUID,
    verb: Annotated[Literal["heal", "accept"], Path(description="Ask once more, or accept the loss")],
) -> Response:
    """Ask the producers for a gap once more, or accept that its records are lost."""
    state = await service.close_gap(gap_id, verb, caller)
    if state == "unknown":
        raise Problem(404, "gap_unknown")
    return json_answer({"state": state})


@pages.get("/v1/published", response_model=answers.PublishedRecords)
async def list_published(  # noqa: PLR0917 - a range of offsets, field by field
    service: ServiceDep,
    _: Annotated[Caller, requires("admin")],
    topic: ShortText,
    partition: Annotated[int, Query(ge=0, le=2**31 - 1)],
    from_offset: Annotated[int, Query(ge=0, le=2**62)],
    to_offset: Annotated[int | None, Query(ge=0, le=2**62)] = None,
    limit: Limit = 100,
) -> Response:
    """List what this service published at these offsets of a topic: identifiers, never values."""
    async with service.transaction() as tx:
        rows = await gaps.list_published_at(tx, topic, partition, (from_offset, to_offset), limit)
        return json_answer({"items": rows, "next": None})


@pages.post("/v1/outbox/refused/replay", response_model=answers.ReplayedCount)
async def send_refused_again(
    service: ServiceDep, caller: Annotated[Caller, requires("admin")], topic: ShortText | None = None
) -> Response:
    """Send up to 500 records again that Kafka refused; call it until it answers 0."""
    return json_answer({"replayed": await service.send_refused_again(topic, caller)})


@pages.post("/v1/republish", response_model=answers.RepublishedCount)
async def republish(
    service: ServiceDep,
    caller: Annotated[Caller, requires("admin")],
    topic: ShortText | None = None,
    since: Moment | None = None,
) -> Response:
    """Send the journal's bytes again; consumers that skip a known `ce_id` see nothing new."""
    return json_answer({"republished": await service.republish(topic=topic, since=since, caller=caller)})


@pages.get("/v1/audit-log", response_model=answers.OperatorActions)
async def list_actions(
    service: ServiceDep,
    _: Annotated[Caller, requires("admin")],
    limit: Limit = 100,
    cursor: Cursor = None,
    since: Moment | None = None,
) -> Response:
    """List what operators did, the newest first: who, what, about which id, by which key."""
    before = read_cursor(cursor, int) or (None,)
    async with service.transaction() as tx:
        items = await audit_log.load_actions(tx, before=before[0], since=since, limit=limit)
    return json_answer({"items": items, "next": write_cursor(items[-1].id) if len(items) == limit else None})


def create_application(
    service: "Service",
    router: APIRouter,
    *,
    start: Callable[[], Awaitable[None]],
    stop: Callable[[], Awaitable[None]],
    streams: Callable[[str, str], bool],
    more: Sequence[APIRouter] = (),
) -> Application:
    """Make a service's application."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await start()
        try:
            yield
        finally:
            await stop()

    app = Application(
        title=f"Baton {service.name}",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.service = service
    problems.install_error_handlers(app)
    app.include_router(router)
    app.include_router(pages)
    for other in more:
        app.include_router(other)
    app.add_middleware(
        RequestMiddleware,
        application=app,
        limits=BodyLimits(service.settings.body_limit, service.settings.request_seconds),
        streams=streams,
        starting=lambda: service.starting,
        tracer=lambda: service.tracer,
    )
    return app
