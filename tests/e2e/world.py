"""Given, When and Then: what people do, how time passes, what an outsider reads. Built on HTTP and Kafka alone."""

import asyncio
import itertools
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from baton.backlog import BacklogObserver
from baton.stack import Stack
from baton.stepping import parse_time_span, step_stack_forward

PATIENCE_SECONDS = 60.0
LOOK_MS = 50
PAUSE_SECONDS = 0.05

WEEKEND = (6, 7)

NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Record:
    """One CloudEvent as an ordinary consumer reads it."""

    topic: str
    partition: int
    offset: int
    key: str
    headers: Mapping[str, str]
    text: str

    @property
    def kind(self) -> str:
        return self.headers.get("ce_type", "")

    @property
    def value(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.text)
        return found


@dataclass
class World:
    """A stack on the stepped clock, seen from outside."""

    stack: Stack
    records: list[Record] = field(default_factory=list)
    _http: httpx.AsyncClient | None = None
    _consumer: AIOKafkaConsumer | None = None

    async def __aenter__(self) -> Self:
        headers = {"Authorization": f"Bearer {self.stack.api_key}"}
        self._http = httpx.AsyncClient(headers=headers, timeout=PATIENCE_SECONDS)
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=self.stack.state.bootstrap,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        self._consumer.subscribe(pattern=r"^[a-z-]+\.[a-z-]+(\.v\d+)?$")
        await self._consumer.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._consumer is not None:
            await self._consumer.stop()
        if self._http is not None:
            await self._http.aclose()

    @property
    def http(self) -> httpx.AsyncClient:
        assert self._http is not None
        return self._http

    async def post(self, service: str, path: str, body: Mapping[str, Any]) -> Any:
        """POST JSON and return the JSON of a 2xx."""
        answer = await self.http.post(f"{self.stack.urls[service]}{path}", json=body)
        assert answer.is_success, f"{path} answered {answer.status_code}: {answer.text}"
        return answer.json()

    async def get(self, service: str, path: str) -> Any:
        """GET JSON of a 2xx; a service that is busy is asked again."""
        found: list[httpx.Response] = []

        async def answered() -> bool:
            found[:] = [await self.http.get(f"{self.stack.urls[service]}{path}")]
            return found[0].status_code != httpx.codes.SERVICE_UNAVAILABLE

        await self.until(answered)
        assert found[0].is_success, f"{path} answered {found[0].status_code}: {found[0].text}"
        return found[0].json()

    async def listed(self, service: str, address: str) -> list[dict[str, Any]]:
        """GET a list to its end, page by page; the address may have a query."""
        found: list[dict[str, Any]] = []
        address += f"{'&' if '?' in address else '?'}limit=1000"
        cursor: dict[str, str] = {}
        while True:
            page = await self.get(service, f"{address}&{urlencode(cursor)}" if cursor else address)
            found += page["items"]
            if page["next"] is None:
                return found
            cursor = {"cursor": page["next"]}

    async def put_rep(self, rep_id: str, **fields: Any) -> None:
        """Add a rep or change one."""
        answer = await self.http.put(f"{self.stack.urls['routing']}/v1/reps/{rep_id}", json=fields)
        assert answer.is_success, answer.text

    async def now(self) -> datetime:
        """The business time."""
        url = self.stack.urls["capture"]
        return datetime.fromisoformat((await self.http.get(f"{url}/status")).json()["now"])

    async def somebody_submits(self, engagement: str = "demo_request", **more: Any) -> str:
        """Post a well-fitting stranger's submission; gives the contact's id."""
        number = next(NUMBERS)
        stranger = {
            "email": f"ada.{number}@works-{number}.example",
            "first_name": "Ada",
            "last_name": "Long",
            "company": f"Works {number}",
            "job_title": "Head of Marketing",
            "country": "DE",
            "industry": "software",
            "employees": 250,
            "source": "web_form",
            "engagement": engagement,
            "occurred_at": (await self.now()).isoformat(),
        }
        answer = await self.post("capture", "/v1/contacts", stranger | more)
        return str(answer["contact_id"])

    async def the_rep_says(self, lead: Record, verb: str, **fields: Any) -> Any:
        """Have the rep of an assignment do something with the lead, now."""
        value = lead.value
        body = {"by": value["rep_id"], "at": (await self.now()).isoformat(), **fields}
        path = f"/v1/leads/{value['lead_id']}/{verb}"
        await self.until(lambda: self._knows(value["lead_id"]))
        return await self.post("feedback", path, body)

    async def time_passes(self, text: str) -> None:
        """Move business time on; returns when all that fell due was carried out."""
        async with BacklogObserver(self.stack) as observer:
            await observer.wait_until_drained()
            await step_stack_forward(observer, parse_time_span(text))

    async def a_working_morning(self) -> None:
        """Let time pass until nine on a weekday, whatever day the tests before have left."""
        now = await self.now()
        morning = now.replace(hour=9, minute=0, second=0, microsecond=0)
        while morning < now or morning.isoweekday() in WEEKEND:
            morning += timedelta(days=1)
        if morning > now:
            await self.time_passes(f"{(morning - now) // timedelta(seconds=1)}s")

    async def settled(self) -> None:
        """Return when nothing is on its way any more."""
        async with BacklogObserver(self.stack) as observer:
            await observer.wait_until_drained()

    async def reads(self, kind: str, contact: str, of: Callable[[dict[str, Any]], bool] = lambda _: True) -> Record:
        """Wait for an event about a contact and return its last record so far."""
        found: list[Record] = []

        async def there() -> bool:
            found[:] = [record for record in await self.read(kind, contact) if of(record.value)]
            return bool(found)

        await self.until(there)
        return found[-1]

    async def read(self, kind: str, contact: str) -> list[Record]:
        """Return what the topics hold by now of one type about one contact, duplicates left out."""
        await self.listen()
        once = {r.headers["ce_id"]: r for r in self.records if (r.kind, r.key) == (kind, contact)}
        return list(once.values())

    async def listen(self) -> None:
        """Read on to where the topics end now."""
        assert self._consumer is not None
        ends = await self._consumer.end_offsets(list(self._consumer.assignment()))
        while any([await self._consumer.position(part) < end for part, end in ends.items()]):
            for partition, raws in (await self._consumer.getmany(timeout_ms=LOOK_MS)).items():
                self.records += [
                    Record(
                        topic=partition.topic,
                        partition=partition.partition,
                        offset=raw.offset,
                        key=(raw.key or b"").decode(errors="replace"),
                        headers={name: (value or b"").decode() for name, value in raw.headers},
                        text=(raw.value or b"").decode(errors="replace"),
                    )
                    for raw in raws
                ]

    async def somebody_publishes(self, topic: str, key: str, value: bytes, **headers: str) -> None:
        """Put a record on a topic that none of the services wrote."""
        producer = AIOKafkaProducer(bootstrap_servers=self.stack.state.bootstrap)
        await producer.start()
        try:
            pairs = [(name, text.encode()) for name, text in headers.items()]
            await producer.send_and_wait(topic, value, key=key.encode(), headers=pairs)
        finally:
            await producer.stop()

    async def until(self, condition: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> None:
        """Return as soon as `condition` holds, fail when it has not within `seconds`."""
        deadline = time.monotonic() + seconds
        while not await condition():
            assert time.monotonic() < deadline, "it did not happen in time"
            await asyncio.sleep(PAUSE_SECONDS)

    async def _knows(self, lead_id: str) -> bool:
        answer = await self.http.get(f"{self.stack.urls['feedback']}/v1/leads/{lead_id}")
        return answer.is_success
