"""The way of every submission, wherever it comes from: validated, gathered into a transaction, saved, answered."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple, Required, TypedDict

from fastapi import Request
from pydantic import BaseModel, ValidationError

from capture import handlers
from capture.domain import arrival
from capture.domain.identity import Keyring
from capture.domain.scan import SOURCE, Attendee, Scan
from capture.domain.submission import Submission
from capture.handlers import Incoming, SubmissionResult
from capture.handlers.commands.submissions import Claim
from capture.playbook import CapturePlaybook
from capture.settings import CaptureSettings
from events.runtime import Batcher, DomainError, Service, retry
from events.runtime.logging import describe, logger
from events.runtime.problems import Fault, ProblemDocument, document, faults

log = logger()


class Item(TypedDict, total=False):
    """The answer to one submission of many: whose it is, or why it was rejected."""

    index: int
    contact_id: str
    engagement_id: str
    status: Required[str]
    problem: ProblemDocument


class ItemKind(NamedTuple):
    """A kind of item that may be sent: its model, and how one becomes a submission."""

    model: type[BaseModel]
    incoming: Callable[[Any], Incoming]
    source: str | None = None
    """Where its items come from that do not say so themselves; None: as the playbook has it."""


def _scanned(scan: Scan | Attendee) -> Incoming:
    read = scan.scanned()
    return Incoming(read.submission, badge=read.badge, sent_at=read.sent_at)


CONTACTS = ItemKind(Submission, Incoming)
SCANS = ItemKind(Scan, _scanned)
ATTENDEES = ItemKind(Attendee, _scanned, SOURCE)


class SubmissionIntake:
    """Accepts submissions singly or in batches; those that arrive together share a transaction."""

    def __init__(self, service: Service[CaptureSettings]) -> None:
        self._service = service
        self.keyring = keyring_of(service)
        act = partial(handlers.capture, self.keyring)
        self._gather = Batcher[Incoming, SubmissionResult](lambda: service, act)
        self._bulk = Batcher[Incoming, SubmissionResult](lambda: service, act, at_once=_at_once(service))
        """Apart from the others, so that nobody's form waits behind a stream."""

    async def take(self, incoming: Incoming, before: Sequence[Incoming] = ()) -> SubmissionResult:
        """Take one submission in, and in the same transaction what its sender did `before`."""
        return await self._gather.submit(incoming, before)

    async def with_home_country(self, values: Sequence[Any], source: str | None = None) -> list[Any]:
        """Return the values with national phone numbers of the country that the playbook names for their source."""
        async with self._service.transaction() as tx:
            rules = tx.playbook(CapturePlaybook)
        return [
            arrival.with_home_country(value, rules.country_of(str(value.get("source") or source or "")))
            for value in values
        ]

    async def read_many(self, values: Sequence[Any], kind: ItemKind = CONTACTS) -> list[Incoming | ProblemDocument]:
        """Read parsed values; returns the problem of each that is none of its kind."""
        read = [read_item(value, kind) for value in values]
        lacking = [n for n, item in enumerate(read) if not isinstance(item, Incoming) and lacks_country(item["errors"])]
        if lacking:
            completed = await self.with_home_country([values[n] for n in lacking], kind.source)
            for n, value in zip(lacking, completed, strict=True):
                read[n] = read_item(value, kind)
        return read

    async def take_many(
        self, values: Sequence[Any], kind: ItemKind = CONTACTS, start: int = 0, message: Claim | None = None
    ) -> list[Item]:
        """Take many parsed values in and answer each; `start` is the index of the first.

        What came in a `message` that may come again is answered as before.
        """
        items: dict[int, Item] = {}
        good: dict[int, Incoming] = {}
        for number, read in enumerate(await self.read_many(values, kind)):
            if isinstance(read, Incoming):
                good[number] = read if message is None else read.of(message, start + number)
            else:
                items[number] = {"status": "rejected", "problem": read}
        items |= zip(good, await self.take_read([*good.values()]), strict=True)
        return [{"index": start + number, **items[number]} for number in range(len(values))]

    async def rules_now(self) -> tuple[CapturePlaybook, datetime]:
        """Return the playbook in force and the business time."""
        async with self._service.transaction() as tx:
            return tx.playbook(CapturePlaybook), tx.now

    async def take_read(self, batch: Sequence[Incoming]) -> list[Item]:
        """Take what has been read already in, and answer each."""
        items: list[Item] = []
        for answer in await self._bulk.submit_many(list(batch)):
            if isinstance(answer, DomainError):
                fault = {"field": answer.field or "", "code": answer.code}
                items.append({"status": "rejected", "problem": document(answer.status, [fault], title=answer.title)})
            else:
                fields = answer.fields()
                items.append(
                    {
                        "contact_id": fields["contact_id"],
                        "engagement_id": fields["engagement_id"],
                        "status": fields["status"],
                    }
                )
        return items

    async def take_many_or_report(
        self, values: Sequence[Any], kind: ItemKind, start: int, message: Claim | None = None
    ) -> list[Item]:
        """As `take_many`, for an answer that has begun: a failure stands in the items, which may be sent again."""
        try:
            return await self.take_many(values, kind, start, message)
        except Exception as error:  # noqa: BLE001 - the status line is out; the items must tell
            log.warning("stream_deferred", error=describe(error))
            passing = retry.is_transient(error)
            status, code = (503, "unavailable") if passing else (500, "internal")
            failed = document(status, [{"field": "", "code": code}])
            return [{"index": start + number, "status": "rejected", "problem": failed} for number in range(len(values))]


def keyring_of(service: Service) -> Keyring:
    """Return the service's way of naming people, under the installation's secret."""
    return Keyring(service.settings.secret.get_secret_value().encode())


class Refusal:
    """A line that cannot be read at all, and the problem to answer it with."""

    def __init__(self, status: int, code: str) -> None:
        self.document = document(status, [{"field": "body", "code": code}])


def read_item(value: Any, kind: ItemKind) -> Incoming | ProblemDocument:
    """Read one parsed value; returns the problem where it is none of its kind."""
    if isinstance(value, Refusal):
        return value.document
    try:
        return kind.incoming(kind.model.model_validate(value))
    except ValidationError as error:
        return document(422, faults(error, kind.model))


def lacks_country(errors: Iterable[Fault]) -> bool:
    """Return whether a phone number was refused because nobody said where it is."""
    return any(each["code"] == "phone_needs_country" for each in errors)


def _at_once(service: Service[CaptureSettings]) -> int:
    return service.settings.intake_at_once


def intake_of(request: Request) -> SubmissionIntake:
    """Return the application's intake; made at the first request, when the settings are read."""
    state = request.app.state
    if not hasattr(state, "intake"):
        state.intake = SubmissionIntake(state.service)
    intake: SubmissionIntake = state.intake
    return intake
