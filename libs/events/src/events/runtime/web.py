"""The web side of every service: keys, limits, problems, and the four pages that operators and probes read."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import parse_qsl
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, FastAPI, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from events.moments import Moment
from events.runtime import metrics, parking, problems
from events.runtime.bodies import exceeds
from events.runtime.problems import Problem
from events.runtime.queries import Limit, Word
from events.runtime.security import Caller

if TYPE_CHECKING:
    from events.runtime.service import Service


def current_service(request: Request) -> Any:
    """Give the service that this application belongs to."""
    return request.app.state.service


if TYPE_CHECKING:
    ServiceDep = Service
else:
    ServiceDep = Annotated[Any, Depends(current_service)]


def requires(scope: str) -> Any:
    """Depend on a caller whose key has this scope (or `admin`): 401 without a valid key, 403 without the scope."""

    async def check(request: Request) -> Caller:
        service: Service = request.app.state.service
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key:
            raise Problem(401, "key_missing", headers={"WWW-Authenticate": "Bearer"})
        caller = await service.caller(key.strip())
        if caller is None:
            raise Problem(401, "key_invalid", headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
        if scope not in caller.scopes and "admin" not in caller.scopes:
            raise Problem(403, "scope_missing")
        return caller

    return Depends(check)


pages = APIRouter(include_in_schema=True, tags=["operations"])


@pages.get("/livez")
async def livez(service: ServiceDep) -> Response:
    """Fail when the consumer makes no progress or a task died: restart me."""
    stuck = service.stuck()
    return _json({"alive": not stuck, "stuck": stuck}, 503 if stuck else 200)


@pages.get("/readyz")
async def readyz(service: ServiceDep) -> Response:
    """Fail while the service cannot do its work, and say what is missing."""
    missing = await service.missing()
    return _json({"ready": not missing, "missing": missing}, 503 if missing else 200)


@pages.get("/metrics")
async def show_metrics(service: ServiceDep) -> Response:
    """Give the metrics as Prometheus reads them."""
    await service.measure()
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@pages.get("/status")
async def status(service: ServiceDep, _: Annotated[Caller, requires("leads:read")]) -> Response:
    """Give the state of the service's machinery: outbox, lag, parked records, open commands."""
    return _json(await service.status())


@pages.get("/audit")
async def audit(service: ServiceDep, _: Annotated[Caller, requires("leads:read")]) -> Response:
    """List the rows that break an invariant; there must be none."""
    rows = await service.audit_now()
    return _json({"residual": len(rows), "rows": rows})


@pages.get("/v1/dead-letters")
async def list_parked(service: ServiceDep, _: Annotated[Caller, requires("admin")], limit: Limit = 100) -> Response:
    """List parked records, newest first, without their bytes."""
    async with service.transaction() as tx:
        return _json({"items": await parking.listed(tx, limit), "next": None})


@pages.post("/v1/dead-letters/{parked_id}/{verb}")
async def act_on_parked(
    service: ServiceDep,
    _: Annotated[Caller, requires("admin")],
    parked_id: UUID,
    verb: Literal["replay", "discard"],
) -> Response:
    """Replay or discard one parked record; a second time changes nothing."""
    return _json({"state": await service.settle(parked_id, verb)})


@pages.post("/v1/republish")
async def republish(
    service: ServiceDep,
    _: Annotated[Caller, requires("admin")],
    topic: Word | None = None,
    since: Moment | None = None,
) -> Response:
    """Send the journal's bytes again; consumers that heed `ce_id` see nothing new."""
    return _json({"republished": await service.republish(topic=topic, since=since)})


def _json(body: Any, status_code: int = 200) -> Response:
    return Response(orjson.dumps(body, default=str), status_code, media_type="application/json")


MOST_HEADERS = 32_768
"""Bytes of all headers of a request, each counted with 32 more for keeping it."""
LONGEST_ADDRESS = 8_192
"""Bytes of path and query."""


class Edge:
    """The outermost layer: counts and times answers, bounds requests, turns what nobody caught into a problem."""

    def __init__(self, app: ASGIApp, body_limit: int, streams: Callable[[str], bool]) -> None:
        self.app = app
        self.body_limit = body_limit
        self.streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            _check_address(scope)
            _check_headers(scope)
            bounded = receive if self.streams(scope["path"]) else self._bounded(scope, receive)
            await self.app(scope, bounded, note)
        except Exception as error:
            if status:
                raise
            answer = (
                problems.respond(error.status, [{"field": error.field or "", "code": error.code}])
                if isinstance(error, Problem)
                else problems.of_unexpected(error)
            )
            await answer(scope, receive, note)
        route = getattr(scope.get("route"), "path", "unmatched")
        metrics.HTTP.labels(scope["method"], route, status).inc()
        metrics.HTTP_SECONDS.labels(scope["method"], route).observe(time.perf_counter() - started)

    def _bounded(self, scope: Scope, receive: Receive) -> Receive:
        for name, value in scope["headers"]:
            if name == b"content-length" and exceeds(value, self.body_limit):
                raise Problem(413, "body_too_large", field="body")
        taken = 0

        async def take() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self.body_limit:
                raise Problem(413, "body_too_large", field="body")
            return message

        return take


def _check_address(scope: Scope) -> None:
    """Refuse an address that is too long, or names something with a NUL, which PostgreSQL could not look for."""
    path, query = scope["path"], scope["query_string"]
    if len(path) + len(query) > LONGEST_ADDRESS:
        raise Problem(414, "address_too_long")
    if "\0" in path:
        raise Problem(422, "control_character", field="path")
    if b"%00" in query or b"\0" in query:
        pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
        spoilt = {name for name, value in pairs if "\0" in value} & _parameters(scope["app"])
        raise Problem(422, "control_character", field=min(spoilt, default="query"))


def _parameters(app: FastAPI) -> set[str]:
    """Give the name of every parameter of an application: no other name may come back in an answer."""
    operations = (each for found in app.openapi()["paths"].values() for each in found.values())
    return {parameter["name"] for each in operations for parameter in each.get("parameters", ())}


def _check_headers(scope: Scope) -> None:
    size = 0
    for name, value in scope["headers"]:
        size += len(name) + len(value) + 32
        if name == b"content-length" and not value.isdigit():
            raise Problem(400, "content_length_invalid", field="Content-Length")
    if size > MOST_HEADERS:
        raise Problem(431, "headers_too_large")


def create(
    service: "Service",
    router: APIRouter,
    *,
    start: Callable[[], Awaitable[None]],
    stop: Callable[[], Awaitable[None]],
    streams: Callable[[str], bool],
) -> FastAPI:
    """Make a service's application."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await start()
        try:
            yield
        finally:
            await stop()

    app = FastAPI(
        title=f"Baton {service.name}",
        version="1",
        lifespan=lifespan,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.service = service
    problems.install(app)
    app.include_router(router)
    app.include_router(pages)
    app.add_middleware(Edge, body_limit=service.settings.body_limit, streams=streams)
    return app


async def measure_loop() -> None:
    """Keep the metric of how late the event loop is."""
    loop = asyncio.get_running_loop()
    while True:
        before = loop.time()
        await asyncio.sleep(1.0)
        metrics.LOOP_LAG.set(max(0.0, loop.time() - before - 1.0))
