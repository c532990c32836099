"""The door that every submission passes, whichever way it came: validated here, gathered, taken in, answered."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from fastapi import Request
from pydantic import BaseModel, ValidationError

from capture import handlers
from capture.domain import arrival
from capture.domain.identity import Keyring
from capture.domain.scan import SOURCE, Attendee, Scan
from capture.domain.submission import Submission
from capture.handlers import Answer, Incoming
from capture.handlers.intake import Claim
from capture.playbook import CapturePlaybook
from capture.settings import CaptureSettings
from events.runtime import DomainError, Gather, Service, retry
from events.runtime.logging import describe, logger
from events.runtime.problems import document, faults

log = logger()

Item = dict[str, Any]
"""The answer to one submission of many."""


class Form(NamedTuple):
    """A kind of item that may be sent: its model, and how one of them comes to the door."""

    model: type[BaseModel]
    incoming: Callable[[Any], Incoming]
    source: str | None = None
    """Where its items come from that do not say so themselves; None: as the playbook has it."""


def _scanned(told: Scan | Attendee) -> Incoming:
    read = told.scanned()
    return Incoming(read.submission, badge=read.badge, sent_at=read.sent_at)


CONTACTS = Form(Submission, Incoming)
SCANS = Form(Scan, _scanned)
ATTENDEES = Form(Attendee, _scanned, SOURCE)


class Door:
    """Takes submissions one by one or many at once; those that arrive together share a transaction."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.keyring = keyring_of(service)
        act = partial(handlers.capture, self.keyring)
        self._gather = Gather[Incoming, Answer](lambda: service, act)
        self._bulk = Gather[Incoming, Answer](lambda: service, act, at_once=_at_once(service))
        """Apart from the others, so that nobody's form waits behind a stream."""

    async def take(self, incoming: Incoming) -> Answer:
        """Take one submission in."""
        return await self._gather.submit(incoming)

    async def at_home(self, values: Sequence[Any], source: str | None = None) -> list[Any]:
        """Say each value's phone number as one of the country that the playbook has for its source, if it has one."""
        async with self._service.transaction() as tx:
            rules = tx.playbook(CapturePlaybook)
        return [arrival.at_home(one, rules.country_of(str(one.get("source") or source or ""))) for one in values]

    async def read_many(self, values: Sequence[Any], form: Form = CONTACTS) -> list[Incoming | dict[str, Any]]:
        """Read parsed values; gives the problem of each that is none of its kind."""
        read = [read_item(value, form) for value in values]
        lacking = [n for n, one in enumerate(read) if isinstance(one, dict) and lacks_country(one["errors"])]
        if lacking:
            told = await self.at_home([values[n] for n in lacking], form.source)
            for n, value in zip(lacking, told, strict=True):
                read[n] = read_item(value, form)
        return read

    async def take_many(
        self, values: Sequence[Any], form: Form = CONTACTS, start: int = 0, message: Claim | None = None
    ) -> list[Item]:
        """Take many parsed values in and answer each; `start` is the index of the first.

        What came in a `message` that may come again is answered as before.
        """
        items: list[Item] = []
        good: list[tuple[int, Incoming]] = []
        for number, read in enumerate(await self.read_many(values, form)):
            items.append({"index": start + number})
            if isinstance(read, Incoming):
                good.append((number, read if message is None else read.of(message, start + number)))
            else:
                _reject(items[-1], read)
        for (number, _), item in zip(good, await self.take_read([incoming for _, incoming in good]), strict=True):
            items[number] |= item
        return items

    async def rules_now(self) -> tuple[CapturePlaybook, datetime]:
        """Return the playbook in force and the business time."""
        async with self._service.transaction() as tx:
            return tx.playbook(CapturePlaybook), tx.now

    async def take_read(self, batch: Sequence[Incoming]) -> list[Item]:
        """Take what has been read already in, and answer each."""
        items: list[Item] = []
        for answer in await self._bulk.submit_many(list(batch)):
            item: Item = {}
            if isinstance(answer, DomainError):
                fault = {"field": answer.field or "", "code": answer.code}
                _reject(item, document(answer.status, [fault], title=answer.title))
            else:
                item |= answer.fields()
            items.append(item)
        return items

    async def take_many_or_say(
        self, values: Sequence[Any], form: Form, start: int, message: Claim | None = None
    ) -> list[Item]:
        """As `take_many`, for an answer that has begun: what fails is said in the items, to be sent again."""
        try:
            return await self.take_many(values, form, start, message)
        except Exception as error:  # noqa: BLE001 - the status line is out; the items must tell
            log.warning("stream_deferred", error=describe(error))
            passing = retry.is_transient(error)
            status, code = (503, "unavailable") if passing else (500, "internal")
            failed = document(status, [{"field": "", "code": code}])
            return [{"index": start + number, "status": "rejected", "problem": failed} for number in range(len(values))]


def keyring_of(service: Service) -> Keyring:
    """Give the service's way of naming people, under the installation's secret."""
    return Keyring(service.settings.secret.get_secret_value().encode())


class Refusal:
    """A line that cannot be read at all, and the problem to answer it with."""

    def __init__(self, status: int, code: str) -> None:
        self.document = document(status, [{"field": "body", "code": code}])


def read_item(value: Any, form: Form) -> Incoming | dict[str, Any]:
    """Read one parsed value; gives the problem where it is none of its kind."""
    if isinstance(value, Refusal):
        return value.document
    try:
        return form.incoming(form.model.model_validate(value))
    except ValidationError as error:
        return document(422, faults(error, form.model))


def lacks_country(errors: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether a phone number was refused because nobody said where it is."""
    return any(each["code"] == "phone_needs_country" for each in errors)


def _reject(item: Item, problem: dict[str, Any]) -> None:
    item["status"] = "rejected"
    item["problem"] = problem


def _at_once(service: Service) -> int:
    return service.settings.intake_at_once if isinstance(service.settings, CaptureSettings) else 1


def door_of(request: Request) -> Door:
    """Give the application's door; made at the first request, when the settings are read."""
    state = request.app.state
    if not hasattr(state, "door"):
        state.door = Door(state.service)
    door: Door = state.door
    return door
