"""Notify open pages that something changed (server-sent events); they ask for what it is."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from desk import handlers
from desk.api.access import ViewerDep
from desk.api.pages import PageRoute
from desk.domain import Viewer
from desk.settings import PageSettings
from events.runtime.web import ServiceDep

router = APIRouter(tags=["pages"], include_in_schema=False, route_class=PageRoute)

LOOK_SECONDS = 1.0
"""How often an open stream looks whether the service stops."""
ALIVE_EVERY = 20
"""Looks after which a comment keeps proxies from closing the connection."""
GATHER_SECONDS = 0.05
"""Changes so close together are one."""
LONGEST_LOOKS = 1800
"""After so many looks a stream ends: the browser comes again, and its session is checked."""


@router.get("/events")
async def stream_changes(service: ServiceDep[PageSettings], viewer: ViewerDep) -> Response:
    """Send `changed` whenever the viewer's leads or their team's change."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(iterate_change_events(service, viewer), headers=headers, media_type="text/event-stream")


async def iterate_change_events(service: ServiceDep[PageSettings], viewer: Viewer) -> AsyncIterator[str]:
    """Yield one event for each change that the viewer's pages may show."""
    owner, team = viewer.reach
    everything = owner is None and team is None
    yield "retry: 1000\n\n"
    async with handlers.CHANGES.subscribe() as changed:
        for look in range(1, LONGEST_LOOKS):
            if service.is_ending:
                return
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    names = await changed.get()
            except TimeoutError:
                if look % ALIVE_EVERY == 0:
                    yield ": alive\n\n"
                continue
            if everything or handlers.is_notice_for(names, (owner, team)):
                await asyncio.sleep(GATHER_SECONDS)
                while not changed.empty():
                    changed.get_nowait()
                yield "event: changed\ndata: now\n\n"
