"""One front for the six services: `Baton` waits for each answer, `AsyncBaton` is awaited."""

import os
from collections.abc import Mapping
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self

import httpx

from baton_client.async_connection import AsyncConnection
from baton_client.connection import Connection

if TYPE_CHECKING:
    from baton_client.generated.async_operations import capture as async_capture
    from baton_client.generated.async_operations import common as async_common
    from baton_client.generated.async_operations import desk as async_desk
    from baton_client.generated.async_operations import feedback as async_feedback
    from baton_client.generated.async_operations import routing as async_routing
    from baton_client.generated.async_operations import scoring as async_scoring
    from baton_client.generated.async_operations import sla_monitor as async_sla_monitor
    from baton_client.generated.operations import capture, common, desk, feedback, routing, scoring, sla_monitor

TIMEOUT_SECONDS = 30.0
PATIENCE_SECONDS = 30.0
SERVICES = ("capture", "scoring", "routing", "sla-monitor", "feedback", "desk")


class _Front:
    """Where the services are, and the key for all of them."""

    def __init__(
        self,
        urls: Mapping[str, str] | None = None,
        key: str | None = None,
        *,
        timeout: float = TIMEOUT_SECONDS,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        """Take each service's address by name; left out, they and the key come from `BATON_…`, as `baton env` has them.

        Args:
            urls: `capture`, `scoring`, `routing`, `sla-monitor`, `feedback`, `desk`; only those that are used.
            key: An API key with the scopes of what is done.
            timeout: Seconds in which an answer must come.
            patience: Seconds for which a service is asked again that is busy with a fault (503).
        """
        self._urls = _urls_of_environment() if urls is None else urls
        key = os.environ.get("BATON_API_KEY") if key is None else key
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._timeout = timeout
        self._patience = patience

    def _url(self, service: str) -> str:
        try:
            return self._urls[service]
        except KeyError:
            raise ValueError(f"nobody said where {service} is: {_variable(service)}") from None


class Baton(_Front):
    """The six services; use it in a `with` block, or call `close`."""

    def __enter__(self) -> Self:
        """Return the front itself; connections are opened when they are first needed."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    @cached_property
    def _http(self) -> httpx.Client:
        return httpx.Client(headers=self._headers, timeout=self._timeout)

    def _connect(self, service: str) -> Connection:
        return Connection(self._http, self._url(service), self._patience)

    @cached_property
    def capture(self) -> "capture.Capture":
        """Contacts in, identity, consent, lists; who somebody is."""
        from baton_client.generated.operations.capture import Capture  # noqa: PLC0415 - each service when it is needed

        return Capture(self._connect("capture"))

    @cached_property
    def scoring(self) -> "scoring.Scoring":
        """Why somebody is a lead or not."""
        from baton_client.generated.operations.scoring import Scoring  # noqa: PLC0415 - likewise

        return Scoring(self._connect("scoring"))

    @cached_property
    def routing(self) -> "routing.Routing":
        """Who has a lead and why; teams, queues and reps."""
        from baton_client.generated.operations.routing import Routing  # noqa: PLC0415 - likewise

        return Routing(self._connect("routing"))

    @cached_property
    def sla_monitor(self) -> "sla_monitor.SlaMonitor":
        """Promises: what is due, kept and missed."""
        from baton_client.generated.operations.sla_monitor import SlaMonitor  # noqa: PLC0415 - likewise

        return SlaMonitor(self._connect("sla-monitor"))

    @cached_property
    def feedback(self) -> "feedback.Feedback":
        """What people do with leads, and what became of them."""
        from baton_client.generated.operations.feedback import Feedback  # noqa: PLC0415 - likewise

        return Feedback(self._connect("feedback"))

    @cached_property
    def desk(self) -> "desk.Desk":
        """Users of the pages: who may sign in, and as what."""
        from baton_client.generated.operations.desk import Desk  # noqa: PLC0415 - likewise

        return Desk(self._connect("desk"))

    def service(self, name: str) -> "common.Common":
        """Return what every service has, of one of them: its state, its dead letters, its gaps, its keys."""
        from baton_client.generated.operations.common import Common  # noqa: PLC0415 - likewise

        return Common(self._connect(name))


class AsyncBaton(_Front):
    """The six services for asynchronous programs; use it in an `async with` block, or call `close`."""

    async def __aenter__(self) -> Self:
        """Return the front itself; connections are opened when they are first needed."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    @cached_property
    def _http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(headers=self._headers, timeout=self._timeout)

    def _connect(self, service: str) -> AsyncConnection:
        return AsyncConnection(self._http, self._url(service), self._patience)

    @cached_property
    def capture(self) -> "async_capture.AsyncCapture":
        """Contacts in, identity, consent, lists; who somebody is."""
        from baton_client.generated.async_operations.capture import AsyncCapture  # noqa: PLC0415 - when it is needed

        return AsyncCapture(self._connect("capture"))

    @cached_property
    def scoring(self) -> "async_scoring.AsyncScoring":
        """Why somebody is a lead or not."""
        from baton_client.generated.async_operations.scoring import AsyncScoring  # noqa: PLC0415 - likewise

        return AsyncScoring(self._connect("scoring"))

    @cached_property
    def routing(self) -> "async_routing.AsyncRouting":
        """Who has a lead and why; teams, queues and reps."""
        from baton_client.generated.async_operations.routing import AsyncRouting  # noqa: PLC0415 - likewise

        return AsyncRouting(self._connect("routing"))

    @cached_property
    def sla_monitor(self) -> "async_sla_monitor.AsyncSlaMonitor":
        """Promises: what is due, kept and missed."""
        from baton_client.generated.async_operations.sla_monitor import AsyncSlaMonitor  # noqa: PLC0415 - likewise

        return AsyncSlaMonitor(self._connect("sla-monitor"))

    @cached_property
    def feedback(self) -> "async_feedback.AsyncFeedback":
        """What people do with leads, and what became of them."""
        from baton_client.generated.async_operations.feedback import AsyncFeedback  # noqa: PLC0415 - likewise

        return AsyncFeedback(self._connect("feedback"))

    @cached_property
    def desk(self) -> "async_desk.AsyncDesk":
        """Users of the pages: who may sign in, and as what."""
        from baton_client.generated.async_operations.desk import AsyncDesk  # noqa: PLC0415 - likewise

        return AsyncDesk(self._connect("desk"))

    def service(self, name: str) -> "async_common.AsyncCommon":
        """Return what every service has, of one of them: its state, its dead letters, its gaps, its keys."""
        from baton_client.generated.async_operations.common import AsyncCommon  # noqa: PLC0415 - likewise

        return AsyncCommon(self._connect(name))


def _urls_of_environment() -> dict[str, str]:
    return {name: os.environ[_variable(name)] for name in SERVICES if _variable(name) in os.environ}


def _variable(service: str) -> str:
    return f"BATON_{'SLA' if service == 'sla-monitor' else service.upper()}_URL"
