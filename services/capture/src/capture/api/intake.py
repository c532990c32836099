"""The way of every submission, wherever it comes from: validated, gathered into a transaction, saved, answered."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple, Required, TypedDict
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, ValidationError

from capture import handlers
from capture.domain import arrival
from capture.domain.identity import IdentityHasher
from capture.domain.scan import SOURCE, BadgeScan, ListedAttendee
from capture.domain.submission import Submission
from capture.handlers import IncomingSubmission, SubmissionResult
from capture.handlers.commands.submissions import Claim
from capture.playbook import CapturePlaybook
from capture.settings import CaptureSettings
from events.runtime import Batcher, DomainError, Service, retry
from events.runtime.logging import describe_error, logger
from events.runtime.problems import Fault, ProblemDocument, build_problem, list_faults

log = logger()


class ItemAnswer(TypedDict, total=False):
    """The answer to one submission of many: whose it is, or why it was rejected."""

    index: int
    contact_id: str
    engagement_id: str
    status: Required[str]
    problem: ProblemDocument
    no_address: bool


class ItemKind(NamedTuple):
    """A kind of item that may be sent: its model, and how one becomes a submission."""

    model: type[BaseModel]
    incoming: Callable[[Any], IncomingSubmission]
    source: str | None = None
    """Where its items come from that do not say so themselves; None: as the playbook has it."""


def _scan_to_incoming_submission(scan: BadgeScan | ListedAttendee) -> IncomingSubmission:
    read = scan.as_submission()
    return IncomingSubmission(
        read.submission, badge=read.badge, is_listed=isinstance(scan, ListedAttendee), sent_at=read.sent_at
    )


CONTACTS = ItemKind(Submission, IncomingSubmission)
SCANS = ItemKind(BadgeScan, _scan_to_incoming_submission)
ATTENDEES = ItemKind(ListedAttendee, _scan_to_incoming_submission, SOURCE)


class SubmissionGatherer:
    """Accepts submissions singly or in batches; those that arrive together share a transaction."""

    def __init__(self, service: Service[CaptureSettings]) -> None:
        self._service = service
        self.hasher = make_identity_hasher(service)
        act = partial(handlers.capture_batch, self.hasher)
        self._gather = Batcher[IncomingSubmission, SubmissionResult](lambda: service, act)
        self._bulk = Batcher[IncomingSubmission, SubmissionResult](
            lambda: service, act, at_once=_max_submissions_at_once(service), is_stream=True
        )
        """Apart from the others, so that nobody's form waits behind a stream."""

    async def take(self, incoming: IncomingSubmission, before: Sequence[IncomingSubmission] = ()) -> SubmissionResult:
        """Take one submission in, and in the same transaction what its sender did `before`."""
        return await self._gather.submit(incoming, before)

    async def with_home_country_phones(self, values: Sequence[Any], source: str | None = None) -> list[Any]:
        """Return the values with national phone numbers of the country that the playbook names for their source."""
        async with self._service.transaction() as tx:
            rules = tx.playbook(CapturePlaybook)
        return [
            arrival.with_home_country_phone(value, rules.country_of_source(str(value.get("source") or source or "")))
            for value in values
        ]

    async def read_many(
        self, values: Sequence[Any], kind: ItemKind = CONTACTS
    ) -> list[IncomingSubmission | ProblemDocument]:
        """Read parsed values; returns the problem of each that is none of its kind."""
        read = [read_item(value, kind) for value in values]
        lacking = [
            n
            for n, item in enumerate(read)
            if not isinstance(item, IncomingSubmission) and is_phone_without_country(item["errors"])
        ]
        if lacking:
            completed = await self.with_home_country_phones([values[n] for n in lacking], kind.source)
            for n, value in zip(lacking, completed, strict=True):
                read[n] = read_item(value, kind)
        return read

    async def take_many(
        self, values: Sequence[Any], kind: ItemKind = CONTACTS, start: int = 0, message: Claim | None = None
    ) -> list[ItemAnswer]:
        """Take many parsed values in and answer each; `start` is the index of the first.

        What came in a `message` that may come again is answered as before.
        """
        items: dict[int, ItemAnswer] = {}
        good: dict[int, IncomingSubmission] = {}
        for number, read in enumerate(await self.read_many(values, kind)):
            if isinstance(read, IncomingSubmission):
                good[number] = read if message is None else read.with_claim(message, start + number)
            else:
                items[number] = {"status": "rejected", "problem": read}
        items |= zip(good, await self.take_parsed([*good.values()]), strict=True)
        if kind is SCANS:
            await self._mark_items_without_address(
                [items[n] for n, read in good.items() if _has_no_email_or_phone(read)]
            )
        return [{"index": start + number, **items[number]} for number in range(len(values))]

    async def _mark_items_without_address(self, items: Sequence[ItemAnswer]) -> None:
        """Report of whom neither a badge nor anything before it gave an e-mail or a phone: the booth may ask."""
        taken = [item for item in items if "contact_id" in item]
        if not taken:
            return
        async with self._service.transaction() as tx:
            found = await handlers.find_contacts_without_address([UUID(item["contact_id"]) for item in taken], tx)
        for item in taken:
            if UUID(item["contact_id"]) in found:
                item["no_address"] = True

    async def load_rules_and_time(self) -> tuple[CapturePlaybook, datetime]:
        """Return the playbook in force and the business time."""
        async with self._service.transaction() as tx:
            return tx.playbook(CapturePlaybook), tx.now

    async def take_parsed(self, batch: Sequence[IncomingSubmission]) -> list[ItemAnswer]:
        """Take what has been read already in, and answer each."""
        items: list[ItemAnswer] = []
        for answer in await self._bulk.submit_many(list(batch)):
            if isinstance(answer, DomainError):
                fault = {"field": answer.field or "", "code": answer.code}
                items.append(
                    {"status": "rejected", "problem": build_problem(answer.status, [fault], title=answer.title)}
                )
            else:
                fields = answer.as_fields()
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
    ) -> list[ItemAnswer]:
        """As `take_many`, for an answer that has begun: a failure stands in the items, which may be sent again."""
        try:
            return await self.take_many(values, kind, start, message)
        except Exception as error:  # noqa: BLE001 - the status line is out; the items must tell
            log.warning("stream_deferred", error=describe_error(error))
            passing = retry.is_transient(error)
            status, code = (503, "unavailable") if passing else (500, "internal")
            failed = build_problem(status, [{"field": "", "code": code}])
            return [{"index": start + number, "status": "rejected", "problem": failed} for number in range(len(values))]


def make_identity_hasher(service: Service) -> IdentityHasher:
    """Return the service's way of naming people, under the installation's secret."""
    return IdentityHasher(service.settings.secret.get_secret_value().encode())


class UnreadableLine:
    """A line that cannot be read at all, and the problem to answer it with."""

    def __init__(self, status: int, code: str) -> None:
        self.document = build_problem(status, [{"field": "body", "code": code}])


def read_item(value: Any, kind: ItemKind) -> IncomingSubmission | ProblemDocument:
    """Read one parsed value; returns the problem where it is none of its kind."""
    if isinstance(value, UnreadableLine):
        return value.document
    try:
        return kind.incoming(kind.model.model_validate(value))
    except ValidationError as error:
        return build_problem(422, list_faults(error, kind.model))


def is_phone_without_country(errors: Iterable[Fault]) -> bool:
    """Return whether a phone number was refused because nobody said where it is."""
    return any(each["code"] == "phone_needs_country" for each in errors)


def _has_no_email_or_phone(scan: IncomingSubmission) -> bool:
    return scan.submission.email is None and scan.submission.phone is None


def _max_submissions_at_once(service: Service[CaptureSettings]) -> int:
    return service.settings.intake_at_once


def get_submission_intake(request: Request) -> SubmissionGatherer:
    """Return the application's intake; made at the first request, when the settings are read."""
    state = request.app.state
    if not hasattr(state, "intake"):
        state.intake = SubmissionGatherer(state.service)
    intake: SubmissionGatherer = state.intake
    return intake
