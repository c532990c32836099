"""Read the reps' own calendars again and again: each by one copy at a time, never in the way of a lead.

A worker claims what is due, asks the calendars' hosts outside any transaction, and saves what came of it. Whatever
cannot be read keeps the absences that are known, and is tried again after a while that grows.
"""

import asyncio
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import httpx
from prometheus_client import Counter

from events.runtime import Transaction, metrics, retry
from events.runtime.logging import describe_error, logger
from events.runtime.loops import run_rounds
from events.runtime.outgoing import parse_allowed_targets
from routing import domain, store
from routing.domain import Rep
from routing.domain.calendar_process import CalendarFile
from routing.handlers.calendar_parsing import TASK, CalendarParser
from routing.handlers.calendar_requests import (
    FetchedFile,
    Validators,
    fetch_calendar,
    make_client,
)
from routing.handlers.commands.calendar_sources import decrypt_address
from routing.handlers.commands.reps import EXPAND_AHEAD, replace_imported_absences
from routing.handlers.errors import CalendarUnreadable
from routing.playbook import Absence, RoutingPlaybook
from routing.store.calendar_sources import DueSource

if TYPE_CHECKING:
    from events.runtime import Service
    from routing.settings import RoutingSettings

log = logger()

AT_ONCE = 10
PAUSE_SECONDS = 5.0

READS = Counter(
    "baton_calendar_reads_total",
    "Reps' own calendars: read, unchanged, failed, or outdated by the time they were to be saved.",
    ["outcome"],
)
for outcome in ("read", "unchanged", "failed", "outdated"):
    READS.labels(outcome)  # from 0 on, so that the first one is an increase


class ReadCalendar(NamedTuple):
    """The absences of a calendar that was read, and by what its host recognises it."""

    absences: tuple[Absence, ...]
    validators: Validators


class News(NamedTuple):
    """Whose pool the absences of a calendar change, and up to when they are all that it has."""

    team: str
    covered_until: datetime


async def read_calendars_forever(service: "Service[RoutingSettings]") -> None:
    """Read what is due until cancelled."""
    ca = service.settings.calendar_ca
    async with make_client(str(ca) if ca else None) as client:
        await run_rounds(TASK, partial(read_due_calendars, service, client), pause_seconds=PAUSE_SECONDS)


async def read_due_calendars(service: "Service[RoutingSettings]", client: httpx.AsyncClient) -> int:
    """Claim, read and save one round; return how many calendars were tried."""
    async with service.transaction() as tx:
        claimed = await store.calendar_sources.claim_due_sources(tx, AT_ONCE)
        if not claimed:
            return 0
        reps = await store.load_reps(tx, tx.playbook(RoutingPlaybook), [source.rep_id for source in claimed])
        now = tx.now
    found = await asyncio.gather(*(_fetch(service, client, source, now) for source in claimed))
    files: dict[str, FetchedFile] = {}
    for source, fetched in zip(claimed, found, strict=True):
        if isinstance(fetched, FetchedFile):
            files[source.rep_id] = fetched
        else:
            await _save_or_note(service, source, fetched)
    left = [source for source in claimed if source.rep_id in files]
    async with CalendarParser() as parser:
        while left := await _renew_claims(service, left):
            source = left.pop(0)  # one after the other, for each keeps a processor busy for a while
            outcome = await _parse(parser, files[source.rep_id], reps.get(source.rep_id), now)
            await _save_or_note(service, source, outcome)
    return len(claimed)


async def _renew_claims(service: "Service[RoutingSettings]", sources: list[DueSource]) -> list[DueSource]:
    """Return what is still this reader's, for as long as the next calendar takes at most."""
    if not sources:
        return []
    async with service.transaction() as tx:
        kept = await store.calendar_sources.renew_claims(tx, sources)
    for rep_id in {source.rep_id for source in sources} - {source.rep_id for source in kept}:
        log.info("calendar_outdated", rep_id=rep_id)
        READS.labels("outdated").inc()
    return kept


async def _fetch(
    service: "Service[RoutingSettings]", client: httpx.AsyncClient, source: DueSource, now: datetime
) -> FetchedFile | str | None:
    """Return a calendar's file; None: it is as it was; a text: what is wrong."""
    try:
        address = decrypt_address(service, source.address)
        unchanged = domain.may_be_unchanged(source.whole_at, now)
        known = Validators(source.etag, source.last_modified) if unchanged else Validators()
        return await fetch_calendar(client, address, known, parse_allowed_targets(service.settings.calendar_hosts))
    except CalendarUnreadable as error:
        return error.problem
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one host must not stop the others
        return _note_failure(source.rep_id, error)


async def _parse(
    parser: CalendarParser, fetched: FetchedFile, rep: Rep | None, now: datetime
) -> ReadCalendar | str | None:
    if rep is None:
        return None
    try:
        found = await parser.parse(CalendarFile(fetched.content, rep.zone, now, now + EXPAND_AHEAD))
    except CalendarUnreadable as error:
        return error.problem
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one calendar must not stop the others
        return _note_failure(rep.rep_id, error)
    return ReadCalendar(found, fetched.validators)


async def _save_or_note(
    service: "Service[RoutingSettings]", source: DueSource, outcome: ReadCalendar | str | None
) -> None:
    """Save what came of reading a calendar; what cannot be saved must not stop the others.

    Where the database was away or busy, the calendar is tried again when its claim ends.
    """
    try:
        async with service.transaction() as tx:
            counted = await _save(service, source, outcome, tx)
    except Exception as error:  # noqa: BLE001 - it may be this calendar's alone
        problem = _note_failure(source.rep_id, error)
        if not retry.is_transient(error) and outcome != problem:
            await _save_or_note(service, source, problem)
    else:
        READS.labels(counted).inc()


def _note_failure(rep_id: str, error: Exception) -> str:
    """Log what nobody expected, and count it unless it passes by itself; return what the rep is told."""
    retry.raise_if_cancelled(error)
    if not retry.is_transient(error):
        metrics.TASK_FAILURES.labels(TASK).inc()
    log.warning("calendar_reading_failed", rep_id=rep_id, error=describe_error(error))
    return "reading_failed"


async def _save(
    service: "Service[RoutingSettings]", source: DueSource, outcome: ReadCalendar | str | None, tx: Transaction
) -> str:
    """Save what came of reading a calendar; return what to count."""
    every = timedelta(minutes=service.settings.calendar_minutes)
    news = await _find_news(source, outcome, tx) if isinstance(outcome, ReadCalendar) else None
    if news is not None:
        await store.lock_pools(tx, [news.team])
    locked = await store.calendar_sources.lock_source(tx, source)
    if locked is None:
        log.info("calendar_outdated", rep_id=source.rep_id)
        return "outdated"
    if isinstance(outcome, str):
        next_at = domain.next_read_at(tx.now, every, locked.failures + 1)
        await store.calendar_sources.save_failure(tx, source, next_at, outcome)
        log.info("calendar_unreadable", rep_id=source.rep_id, reason=outcome, attempt=locked.failures + 1)
        return "failed"
    next_at = domain.next_read_at(tx.now, every, 0)
    if outcome is None:
        await store.calendar_sources.save_unchanged(tx, source, next_at)
        return "unchanged"
    if news is not None:
        await replace_imported_absences(source.rep_id, outcome.absences, tx)
    covered = source.covered_until if news is None else news.covered_until
    await store.calendar_sources.save_read(tx, source, next_at, covered, outcome.validators)
    return "read"


async def _find_news(source: DueSource, read: ReadCalendar, tx: Transaction) -> News | None:
    """Return what a calendar that was read changes; None where that is nothing.

    Nothing is locked, for most readings bring none, and leads wait for whoever holds a pool. Absences that a calendar
    brought change by its one reader alone; who moves to another team is read anew.
    """
    rep = (await store.load_reps(tx, tx.playbook(RoutingPlaybook), [source.rep_id])).get(source.rep_id)
    if rep is None:
        return None
    covered = domain.covered_until(read.absences, tx.now + EXPAND_AHEAD, rep.zone)
    spans = source.covered_until, covered
    is_news = domain.brings_news(rep.absences, spans, read.absences, tx.now, rep.zone)
    return News(rep.team, covered) if is_news else None
