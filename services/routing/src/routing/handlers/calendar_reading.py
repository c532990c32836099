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

from events.runtime import Transaction, retry
from events.runtime.logging import describe_error, logger
from events.runtime.loops import run_rounds
from events.runtime.outgoing import parse_allowed_targets
from routing import domain, store
from routing.domain import Rep
from routing.domain.calendar_process import CalendarFile
from routing.handlers.calendar_parsing import CalendarParser
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
    "Reps' own calendars: read, unchanged or failed.",
    ["outcome"],
)
for outcome in ("read", "unchanged", "failed"):
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
        await run_rounds("calendars", partial(read_due_calendars, service, client), pause_seconds=PAUSE_SECONDS)


async def read_due_calendars(service: "Service[RoutingSettings]", client: httpx.AsyncClient) -> int:
    """Claim, read and save one round; return how many calendars were tried."""
    async with service.transaction() as tx:
        claimed = await store.calendar_sources.claim_due_sources(tx, AT_ONCE)
        if not claimed:
            return 0
        reps = await store.load_reps(tx, tx.playbook(RoutingPlaybook), [source.rep_id for source in claimed])
        now = tx.now
    found = await asyncio.gather(*(_fetch(service, client, source, now) for source in claimed))
    async with CalendarParser() as parser:
        for source, fetched in zip(claimed, found, strict=True):
            rep = reps.get(source.rep_id)
            # one after the other, for each keeps a processor busy for a while
            outcome = await _parse(parser, fetched, rep, now) if isinstance(fetched, FetchedFile) else fetched
            async with service.transaction() as tx:
                await _save(service, source, outcome, tx)
    return len(claimed)


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
        retry.raise_if_cancelled(error)
        log.warning("calendar_unreadable", rep_id=source.rep_id, error=describe_error(error))
        return "host_unreachable"


async def _parse(
    parser: CalendarParser, fetched: FetchedFile, rep: Rep | None, now: datetime
) -> ReadCalendar | str | None:
    if rep is None:
        return None
    try:
        found = await parser.parse(CalendarFile(fetched.content, rep.zone, now, now + EXPAND_AHEAD))
    except CalendarUnreadable as error:
        return error.problem
    return found if isinstance(found, str) else ReadCalendar(found, fetched.validators)


async def _save(
    service: "Service[RoutingSettings]", source: DueSource, outcome: ReadCalendar | str | None, tx: Transaction
) -> None:
    every = timedelta(minutes=service.settings.calendar_minutes)
    news = await _find_news(source, outcome, tx) if isinstance(outcome, ReadCalendar) else None
    if news is not None:
        await store.lock_pools(tx, [news.team])
    locked = await store.calendar_sources.lock_source(tx, source)
    if locked is None:
        return
    if isinstance(outcome, str):
        next_at = domain.next_read_at(tx.now, every, locked.failures + 1)
        await store.calendar_sources.save_failure(tx, source, next_at, outcome)
        READS.labels("failed").inc()
        log.info("calendar_unreadable", rep_id=source.rep_id, reason=outcome, attempt=locked.failures + 1)
        return
    next_at = domain.next_read_at(tx.now, every, 0)
    if outcome is None:
        await store.calendar_sources.save_unchanged(tx, source, next_at)
        READS.labels("unchanged").inc()
        return
    if news is not None:
        await replace_imported_absences(source.rep_id, outcome.absences, tx)
    covered = source.covered_until if news is None else news.covered_until
    await store.calendar_sources.save_read(tx, source, next_at, covered, outcome.validators)
    READS.labels("read").inc()


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
