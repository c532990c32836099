"""At which addresses the reps' calendars are read: who reads which, and how it went."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from events.runtime import Transaction
from events.runtime.rows import Row, read_rows
from routing.models import CalendarSources

LEASE = timedelta(minutes=3)
"""How long a reader may take before another one tries: for one step, since it renews its claims before each."""

_CLAIM = """
update calendar_sources s set claimed_until = clock_timestamp() + $2::interval
from (
    select rep_id from calendar_sources
    where due_at <= $1 and (claimed_until is null or claimed_until <= clock_timestamp())
    order by due_at, rep_id limit $3 for update skip locked
) as due where s.rep_id = due.rep_id
returning s.rep_id, s.source_id, s.address, s.claimed_until, s.covered_until, s.whole_at, s.etag, s.last_modified
"""
_RENEW = """
update calendar_sources s set claimed_until = clock_timestamp() + $3::interval
from unnest($1::uuid[], $2::timestamptz[]) as mine (source_id, claimed_until)
where s.source_id = mine.source_id and s.claimed_until = mine.claimed_until
returning s.source_id, s.claimed_until
"""
_LOCK = """
select failures from calendar_sources where rep_id = $1 and source_id = $2 and claimed_until = $3 for update
"""
_UNCHANGED = """
update calendar_sources set read_at = $3, due_at = $4, claimed_until = null, failures = 0, failing_since = null,
    problem = null
where rep_id = $1 and source_id = $2
"""
_READ = """
update calendar_sources set read_at = $3, due_at = $4, claimed_until = null, failures = 0, failing_since = null,
    problem = null, whole_at = $3, covered_until = $5, etag = $6, last_modified = $7
where rep_id = $1 and source_id = $2
"""
_FAILED = """
update calendar_sources set due_at = $4, claimed_until = null, failures = failures + 1,
    failing_since = coalesce(failing_since, $3), problem = $5
where rep_id = $1 and source_id = $2
"""
_AGAIN = "update calendar_sources set whole_at = null, claimed_until = null"
_LIST = "select rep_id, host, named_at, read_at, due_at, failures, failing_since, problem from calendar_sources"


class DueSource(Row):
    """A calendar that is to be read now, and what its host said of it the last time."""

    rep_id: str
    source_id: UUID
    address: str
    claimed_until: datetime
    """By which its reader is known: who claims it later has another."""
    covered_until: datetime | None
    whole_at: datetime | None
    etag: str | None
    last_modified: str | None


class RenewedClaim(Row):
    """By which the reader of a calendar is known from now on."""

    source_id: UUID
    claimed_until: datetime


class LockedSource(Row):
    """How reading a calendar went so far."""

    failures: int


class ListedSource(Row):
    """What people may see of a calendar that is read: not its address."""

    rep_id: str
    host: str
    named_at: datetime
    read_at: datetime | None
    due_at: datetime
    failures: int
    failing_since: datetime | None
    problem: str | None


async def save_source(tx: Transaction, rep_id: str, source_id: UUID, address: str, host: str) -> None:
    """Save where a rep's calendar is read from now on, at once for the first time."""
    await tx.raw.execute("delete from calendar_sources where rep_id = $1", rep_id)
    row = {
        "rep_id": rep_id, "source_id": source_id, "address": address, "host": host, "named_at": tx.now,
        "due_at": tx.now, "failures": 0,
    }  # fmt: skip
    await tx.insert(CalendarSources, [row])


async def delete_source(tx: Transaction, rep_id: str) -> bool:
    """Delete the address of a rep's calendar; return whether there was one."""
    return await tx.raw.execute("delete from calendar_sources where rep_id = $1", rep_id) == "DELETE 1"


async def has_source(tx: Transaction, rep_id: str) -> bool:
    """Return whether a rep's calendar is read at an address."""
    return bool(await tx.raw.fetch("select from calendar_sources where rep_id = $1", rep_id))


async def claim_due_sources(tx: Transaction, limit: int) -> list[DueSource]:
    """Claim calendars that are due, for as long as the lease lasts."""
    return await read_rows(tx, DueSource, _CLAIM, tx.now, LEASE, limit)


async def renew_claims(tx: Transaction, sources: Sequence[DueSource]) -> list[DueSource]:
    """Claim for as long again what is still this reader's, and return it; what another one has by now is left out."""
    mine = [source.source_id for source in sources], [source.claimed_until for source in sources]
    renewed = {row.source_id: row.claimed_until for row in await read_rows(tx, RenewedClaim, _RENEW, *mine, LEASE)}
    still = (source for source in sources if source.source_id in renewed)
    return [source.with_values(claimed_until=renewed[source.source_id]) for source in still]


async def lock_source(tx: Transaction, source: DueSource) -> LockedSource | None:
    """Lock a calendar that was read; None where it is read no more, at another address, or by a later reader.

    Pools are locked before, where both are.
    """
    found = await read_rows(tx, LockedSource, _LOCK, source.rep_id, source.source_id, source.claimed_until)
    return found[0] if found else None


async def read_whole_now(tx: Transaction, rep_id: str) -> None:
    """Have a rep's calendar read at once and as a whole; what is being read just now counts no more."""
    await tx.raw.execute(f"{_AGAIN}, due_at = $2 where rep_id = $1", rep_id, tx.now)


async def read_all_whole(tx: Transaction) -> None:
    """Have each calendar read as a whole the next time; what is being read just now counts no more."""
    await tx.raw.execute(_AGAIN)


async def save_unchanged(tx: Transaction, source: DueSource, next_at: datetime) -> None:
    """Save that a calendar is as it was."""
    await tx.raw.execute(_UNCHANGED, source.rep_id, source.source_id, tx.now, next_at)


async def save_read(
    tx: Transaction, source: DueSource, next_at: datetime, covered: datetime | None, validators: Sequence[str | None]
) -> None:
    """Save that a calendar was read, with the ETag and the date that its host gave it."""
    await tx.raw.execute(_READ, source.rep_id, source.source_id, tx.now, next_at, covered, *validators)


async def save_failure(tx: Transaction, source: DueSource, next_at: datetime, problem: str) -> None:
    """Save why a calendar could not be read."""
    await tx.raw.execute(_FAILED, source.rep_id, source.source_id, tx.now, next_at, problem)


async def list_sources(tx: Transaction) -> dict[str, ListedSource]:
    """Return what people may see of each calendar that is read, by rep."""
    return {row.rep_id: row for row in await read_rows(tx, ListedSource, _LIST)}
