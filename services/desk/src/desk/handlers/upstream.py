"""The other services over HTTP: commands to them, and the few lists that no topic carries."""

import asyncio
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote
from uuid import uuid4

import httpx
import orjson

from desk.domain.facts import Fact
from desk.domain.orders import ReturnReason, ServiceCommand, Target
from desk.handlers.errors import ActionRefused, OutcomeUnknown, ServiceAway
from events.parts import JsonObject
from events.runtime import traces
from events.runtime.problems import IdempotencyKeyReused

if TYPE_CHECKING:
    from desk.settings import PageSettings
    from events.runtime import Service

SECONDS = 8.0
REPS = "/v1/reps"
PAGE, MOST_PAGES = 1000, 50
"""Items that are asked for at once; a list that never ends is none."""
LIST_SECONDS = SECONDS
"""For all pages of a list together: somebody waits for it."""
KEPT_SECONDS = 30.0
"""How long the reasons of the rules in force are kept."""
AWAY = "The service behind this does not answer just now. Nothing was changed: try again in a moment."
NO_ANSWER = "No answer came in time, so it may have been done. Look again before you do it once more."
DONE_BEFORE = "It was done already, as you wrote it first. Look again before you do it once more."
HOLDS_NO_MORE = "What this form made was used, has ended or is too old, so it is not shown again. Make a new one."
SPENT = {IdempotencyKeyReused.code: DONE_BEFORE, "holds_no_more": HOLDS_NO_MORE}
"""What a person reads where the key of their form serves no more, by the code of the service."""
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""Faults after which nothing can have reached the service."""
NOT_BEGUN = frozenset({"starting", "overloaded"})
"""How a service refuses before it looks at a request; any other failure of its may come after the commit."""


class Rep(NamedTuple):
    """A rep as routing has them; `why_not` is why they cannot take a lead now, None where they can."""

    rep_id: str
    team: str
    status: str
    open: int
    able: bool
    why_not: str | None


class OtherServices:
    """One client for all of them, opened when it is first needed."""

    def __init__(self) -> None:
        self._client: httpx.AsyncClient | None = None
        self._reasons: tuple[float, dict[str, ReturnReason]] | None = None

    def client(self, service: "Service[PageSettings]") -> httpx.AsyncClient:
        """Return the client, with the service's own key."""
        if self._client is None:
            key = service.settings.api_key.get_secret_value()
            self._client = httpx.AsyncClient(timeout=SECONDS, headers={"Authorization": f"Bearer {key}"})
        return self._client

    async def send_command(self, service: "Service[PageSettings]", order: ServiceCommand, once: str) -> JsonObject:
        """Send a command and return its answer; `once` makes the same form count once.

        Raises:
            ServiceAway: It did not reach the service, which did nothing.
            OutcomeUnknown: It may have been done; sent again with the same `once`, it is done once.
            ActionRefused: With the sentence that the person reads.
        """
        headers = {"Idempotency-Key": once or str(uuid4())}
        caller = traces.current_caller()
        if caller is not None and caller.named:
            headers["traceparent"] = caller.traceparent
        return await _send(self.client(service), self._request(service, order, headers))

    async def ask(self, service: "Service[PageSettings]", question: ServiceCommand) -> JsonObject:
        """Send a question, which changes nothing, and return its answer.

        Raises:
            ServiceAway: No answer came.
            ActionRefused: With the sentence that the person reads.
        """
        try:
            return await _send(self.client(service), self._request(service, question, {}))
        except OutcomeUnknown:
            raise ServiceAway(AWAY) from None

    async def submit_form(
        self, service: "Service[PageSettings]", path: str, filled: Mapping[str, str], origin: str
    ) -> None:
        """Send a form to capture as a browser on another site does: without our key, and with its origin.

        Raises:
            ActionRefused: As for a command.
        """
        headers = {"Origin": origin, "Accept": "application/json"}
        url = f"{address_of_service(service, 'capture')}{path}"
        client = self.client(service)
        request = client.build_request("POST", url, data=dict(filled), headers=headers)
        del request.headers["Authorization"]
        await _send(client, request)

    def _request(
        self, service: "Service[PageSettings]", order: ServiceCommand, headers: Mapping[str, str]
    ) -> httpx.Request:
        url = f"{address_of_service(service, order.target)}{order.path}"
        sent = {**headers, "Content-Type": "application/json"}
        return self.client(service).build_request(order.method, url, content=orjson.dumps(order.body), headers=sent)

    async def fetch_list(self, service: "Service[PageSettings]", target: Target, path: str) -> list[Fact]:
        """Return the items of a list; empty where its service does not answer."""
        return list(await self.fetch_list_or_none(service, target, path) or [])

    async def fetch_list_or_none(
        self, service: "Service[PageSettings]", target: Target, path: str
    ) -> list[Fact] | None:
        """Return the items of a list; None where its service does not answer."""
        found = await self.fetch(service, target, path)
        return None if found is None else list(found.get("items", []))

    async def fetch_whole_list(self, service: "Service[PageSettings]", target: Target, path: str) -> list[Fact] | None:
        """Return the items of a list, page after page; None where its service does not answer for all in time."""
        try:
            async with asyncio.timeout(LIST_SECONDS):
                return await self._fetch_pages(service, target, path)
        except TimeoutError:
            return None

    async def _fetch_pages(self, service: "Service[PageSettings]", target: Target, path: str) -> list[Fact] | None:
        found: list[Fact] = []
        following = ""
        for _ in range(MOST_PAGES):
            page = await self.fetch(service, target, f"{path}?limit={PAGE}{following}")
            if page is None:
                return None
            found += page.get("items", [])
            if not page.get("next"):
                return found
            following = f"&cursor={quote(str(page['next']))}"
        return None

    async def fetch(self, service: "Service[PageSettings]", target: Target, path: str) -> Fact | None:
        """Return what a service answers; None where it does not, or refuses."""
        content = await self.download(service, target, path)
        return None if content is None else _json(content)

    async def download(self, service: "Service[PageSettings]", target: Target, path: str) -> bytes | None:
        """Return what a service answers as it is; None where it does not, or refuses."""
        try:
            answer = await self.client(service).get(f"{address_of_service(service, target)}{path}")
        except httpx.HTTPError:
            return None
        return answer.content if answer.is_success else None

    async def fetch_reps(self, service: "Service[PageSettings]") -> list[Rep]:
        """Return all reps; empty where routing does not answer."""
        items = await self.fetch_whole_list(service, "routing", REPS) or []
        return [Rep(*(item[name] for name in Rep._fields)) for item in items]

    async def fetch_calendar(self, service: "Service[PageSettings]", rep_id: str) -> Fact | None:
        """Return how reading a rep's own calendar goes; None where none is read, or routing does not answer."""
        items = await self.fetch_whole_list(service, "routing", REPS) or []
        return next((item.get("calendar") for item in items if item["rep_id"] == rep_id), None)

    async def fetch_return_reasons(self, service: "Service[PageSettings]") -> dict[str, ReturnReason]:
        """Return the reasons with which a lead may go back, by the rules in force."""
        now = time.monotonic()
        if self._reasons is None or self._reasons[0] < now - KEPT_SECONDS:
            items = await self.fetch_list(service, "feedback", "/v1/reasons")
            if items:
                allowed = [item for item in items if "says" in item]
                self._reasons = (
                    now,
                    {item["reason"]: parse_return_reason(item) for item in sorted(allowed, key=_by_name)},
                )
        return self._reasons[1] if self._reasons else {}

    async def close(self) -> None:
        """Close the connections, and forget what was read by them."""
        self._reasons = None
        if self._client is not None:
            await self._client.aclose()
            self._client = None


async def _send(client: httpx.AsyncClient, request: httpx.Request) -> JsonObject:
    """Send a request and return its answer, or raise why there is none in words for a person."""
    try:
        answer = await client.send(request)
    except NEVER_SENT:
        raise ServiceAway(AWAY) from None
    except httpx.HTTPError:
        raise OutcomeUnknown(NO_ANSWER) from None
    found = _json(answer.content)
    if answer.is_success:
        return found
    cause = _code_of(found)
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS or cause in NOT_BEGUN:
        raise ServiceAway(AWAY)
    if answer.is_server_error:
        raise OutcomeUnknown(NO_ANSWER)
    raise ActionRefused(SPENT.get(cause) or describe_problem(answer.status_code, found), cause)


def address_of_service(service: "Service[PageSettings]", target: Target) -> str:
    """Return where a service is; the desk itself is asked on its own machine."""
    settings = service.settings
    urls: dict[Target, str] = {
        "capture": settings.capture_url, "scoring": settings.scoring_url, "routing": settings.routing_url,
        "sla-monitor": settings.sla_url, "feedback": settings.feedback_url,
        "desk": f"http://127.0.0.1:{settings.port}",
    }  # fmt: skip
    return urls[target].rstrip("/")


def parse_return_reason(item: Fact) -> ReturnReason:
    """Return a reason as feedback describes it."""
    renewal = (item.get("wake") or {}).get("kind") == "renewal"
    needs, needs_any = (tuple(item.get(name) or ()) for name in ("needs", "needs_any"))
    return ReturnReason(item["reason"], item["says"], item["does"], needs, needs_any, renewal)


def _by_name(item: Fact) -> str:
    return str(item["reason"])


def describe_problem(status: int, problem: JsonObject) -> str:
    """Return a problem document as a sentence: what is wrong, and what can be done instead."""
    title = str(problem.get("title") or "It was refused").rstrip(".")
    errors, legal = problem.get("errors"), problem.get("legal")
    named = [each.get("field") for each in errors if isinstance(each, dict)] if isinstance(errors, list) else []
    fields = [str(field) for field in named if field]
    if legal and isinstance(legal, list):
        return f"{title}. Possible now: {', '.join(str(each).replace('_', ' ') for each in legal)}."
    if fields and status == httpx.codes.UNPROCESSABLE_ENTITY:
        return f"{title}: {', '.join(fields)}."
    return f"{title}."


def _code_of(problem: JsonObject) -> str:
    errors = problem.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else {}
    return str(first.get("code", "")) if isinstance(first, dict) else ""


def _json(content: bytes) -> JsonObject:
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


UPSTREAM = OtherServices()
