"""Whether a service's journal has every event that its streams have counted, from the first to the last.

A stream numbers its events from 1 by one. Its row knows the last number; so a first or a last event that is gone shows
as well as a gap between them. Journals keep thirty days: only where a service is younger must the first event be there.
"""

from baton.database import Connection
from baton.ledger.facts import ERASED
from baton.ledger.report import Finding, LedgerCheck
from baton.ledger.scope import Scope
from events.runtime.schema import JOURNAL_DAYS
from events.topics import TOPICS

TITLE = "streams have no gaps"
NEXT = (
    "events were deleted from the journal: consumers that have not read them yet never will, and `baton republish`"
    " cannot heal a lost topic; restore this database"
)

_BEGUN = f"""
select coalesce(least((select min(created_at)::date from api_keys), (select min(day) from journal)), current_date)
  > current_date - {JOURNAL_DAYS} as young
"""

_STREAMS = """
select topic || ' ' || key as id, key, s.sequence as last, coalesce(j.events, 0) as events, j.lowest, j.highest
from (select topic, key, sequence from streams where {streams}) s
full join (
    select topic, key, count(distinct sequence) as events, min(sequence) as lowest, max(sequence) as highest
    from journal where {journal} group by topic, key
) j using (topic, key)
where not exists (select from {erased} e where e.contact_id::text = key)
and (
    s.sequence is null or coalesce(j.highest, 0) <> s.sequence and ($1 or j.highest is not null)
    or j.events <> j.highest - j.lowest + 1 or ($1 and j.lowest <> 1)
)
"""


async def find_stream_gaps(service: str, database: Connection, scope: Scope) -> LedgerCheck:
    """Return the streams whose events are not all in the journal.

    In a narrower scope than everything only topics that are keyed by contact and never carry tombstones are looked at:
    only those are found by contact.
    """
    young = await database.fetchval(_BEGUN)
    if scope.is_everything:
        sql = _STREAMS.format(streams="true", journal="true", erased=ERASED[service])
        rows = await database.fetch(sql, young)
    else:
        topics = [
            topic.name
            for topic in TOPICS
            if service in topic.producers and topic.key == "contact_id" and not topic.compacted
        ]
        keys, contacts = ("key = any($3)", "contact_id = any($4)")
        if scope.contacts is None:
            keys, contacts = ("key between $3 and $4", "contact_id between $5 and $6")
        sql = _STREAMS.format(
            streams=f"topic = any($2) and {keys}", journal=f"topic = any($2) and {contacts}", erased=ERASED[service]
        )
        rows = await database.fetch(sql, young, topics, *scope.text_values, *scope.values)
    return LedgerCheck(service, TITLE, tuple(_row_to_finding(service, row) for row in rows))


def _row_to_finding(service: str, row: dict[str, object]) -> Finding:
    last, events, lowest, highest = row["last"], row["events"], row["lowest"], row["highest"]
    has = f"{events} events, numbers {lowest} to {highest}" if events else "no event"
    what = f"the stream has counted 1 to {last}, the journal has {has}" if last else f"no stream, the journal has {has}"
    contact_id = str(row["key"]) if len(str(row["key"])) == 36 else None  # noqa: PLR2004 - the length of a UUID
    return Finding("stream", str(row["id"]), contact_id, f"stream {row['id']}: {what}", {service: what}, NEXT)
