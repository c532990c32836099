"""What must never be found in one service's database, whoever looks: each rule is one question and one sentence.

A question returns `id`, `contact_id` and `what` of everything that breaks the rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from baton.database import Connection
from baton.ledger.facts import ERASED
from baton.ledger.report import Finding, LedgerCheck
from baton.ledger.scope import Scope
from events.topics import CONTACTS_RECEIPTS, SERVICES

OPEN = "('mql', 'accepted', 'sal', 'sql', 'opportunity')"


@dataclass(frozen=True)
class LedgerRule:
    """One thing that must not be, in one service."""

    name: str
    service: str
    title: str
    question: str
    next: str
    by_contact: bool = True
    """Whether it belongs to a contact; what does not is asked in every examination, whole."""
    table: str | None = None
    """A table without which there is nothing to ask: services of an older version have none."""


RECEIPTS = LedgerRule(
    "receipts",
    "capture",
    "every erasure was answered by every service",
    "select e.erasure_id::text as id, e.contact_id,"
    " 'no receipt from ' || string_agg(s.service, ' and ' order by s.service) as what"
    f" from erasures e cross join unnest(array{list(CONTACTS_RECEIPTS.producers)}) as s(service)"
    " left join receipts r on r.erasure_id = e.erasure_id and r.service = s.service"
    " where r.service is null group by e.erasure_id, e.contact_id",
    "`baton republish --topic contacts.erased.v1` from capture; then look why the service has not answered",
)

UNENDED = LedgerRule(
    "unended",
    "scoring",
    "a lead whose return or win is known has ended",
    "select l.lead_id::text as id, l.contact_id, 'cycle ' || l.cycle || ' is open after ' || min(t.kind) as what"
    " from leads l join turns t on t.contact_id = l.contact_id and t.cycle = l.cycle"
    " and t.kind in ('recycled', 'disqualified', 'won') where l.ended_at is null"
    " group by l.lead_id, l.contact_id, l.cycle",
    "compare `GET /v1/contacts/{contact_id}/score` of scoring with `GET /v1/leads/{id}` of feedback",
)

DECISIONS = LedgerRule(
    "decisions",
    "routing",
    "every decision about a lead is kept",
    "select l.lead_id::text as id, l.contact_id, 'lead is ' || l.state || coalesce(' with ' || l.rep_id, '')"
    " || ' but ' || d.kept || ' of its ' || l.decisions || ' decisions are kept' as what"
    " from leads l cross join lateral (select count(*) as kept, max(placement) as placement"
    " from decisions d where d.lead_id = l.lead_id) d"
    " where d.kept <> l.decisions or (l.placement > 0 and d.placement is distinct from l.placement)",
    "restore routing's database: nothing else has the decisions with their grounds",
)

CLOCK_OF_NOBODY = LedgerRule(
    "clock_of_nobody",
    "sla-monitor",
    "every clock belongs to a lead",
    "select c.clock_id::text as id, c.contact_id, 'clock ' || c.clock || ' of lead ' || c.lead_id"
    " || ', which is not there' as what"
    " from clocks c left join leads l on l.lead_id = c.lead_id where l.lead_id is null",
    "`baton trace` the lead; restore sla-monitor's database",
)

LEAD_WITHOUT_CLOCK = LedgerRule(
    "lead_without_clock",
    "sla-monitor",
    "every lead that was handed over has its clocks",
    "select l.lead_id::text as id, l.contact_id, 'no clock ' || string_agg(n.clock, ' and ' order by n.clock)"
    " || ' though handed over at ' || l.handed_over_at as what"
    " from leads l cross join unnest(array['review', 'speed_to_lead']) as n(clock)"
    " left join clocks c on c.lead_id = l.lead_id and c.clock = n.clock"
    " where l.handed_over_at is not null and c.lead_id is null group by l.lead_id, l.contact_id, l.handed_over_at",
    "any further event about the lead computes its clocks again; if they are many, restore sla-monitor's database",
)

CLOCK_AFTER_END = LedgerRule(
    "clock_after_end",
    "sla-monitor",
    "no clock of an ended lead still runs",
    "select c.clock_id::text as id, c.contact_id, 'clock ' || c.clock || ' of lead ' || c.lead_id || ' is ' || c.state"
    " || ' though the lead ended at ' || l.ended_at as what"
    " from clocks c join leads l on l.lead_id = c.lead_id"
    " where c.state in ('running', 'paused', 'warned') and l.ended_at is not null",
    "look for its `watch` timer in sla-monitor's `timers`; any further event about the lead settles it",
)

SINGLE_OPEN_LEAD = LedgerRule(
    "one_open_lead",
    "feedback",
    "a merged person has one open lead",
    "select l.lead_id::text as id, l.contact_id, 'open beside lead ' || s.lead_id || ' of the same person' as what"
    f" from merges m join leads l on l.contact_id = m.loser_id and l.state in {OPEN}"
    f" join leads s on s.contact_id = m.survivor_id and s.state in {OPEN} where not m.undone",
    "`baton republish --topic contacts.merged.v1`; else end one of the two with `recycle`",
)


def _outbox_rule(service: str) -> LedgerRule:
    return LedgerRule(
        "stranded",
        service,
        "nothing waits in the outbox for more than ten minutes",
        "select j.topic || ' ' || j.key || ' ' || j.sequence as id, j.contact_id,"
        " j.ce_type || ' is unsent since ' || j.time as what"
        " from outbox o join journal j on j.day = o.day and j.id = o.id where j.time < now() - interval '10 minutes'",
        "look at the relay's log: a record that Kafka refuses is named there",
        by_contact=False,
    )


def _parked_rule(service: str) -> LedgerRule:
    return LedgerRule(
        "parked",
        service,
        "nothing is parked",
        "select id::text as id, contact_id, topic || ': ' || reason as what from parked where state = 'parked'",
        "`baton dead-letters show {id}`, then `replay` or `discard`",
        by_contact=False,
    )


def _gap_rule(service: str) -> LedgerRule:
    return LedgerRule(
        "missed",
        service,
        "no records were deleted from a topic before they were applied",
        "select id::text as id, null::uuid as contact_id, to_jsonb(gaps)::text as what from gaps"
        " where state in ('open', 'incomplete')",
        "`baton gaps list`; what the producing service's journal still has is sent again by itself",
        by_contact=False,
        table="gaps",
    )


def _stopped_rule(service: str) -> LedgerRule:
    return LedgerRule(
        "stopped",
        service,
        "no partition is stopped",
        "select topic || ' ' || partition as id, null::uuid as contact_id, to_jsonb(stopped_partitions)::text as what"
        " from stopped_partitions where not passing",
        "docs/operations.md, PartitionStopped: mend the cause, then let it go on",
        by_contact=False,
        table="stopped_partitions",
    )


RULES: tuple[LedgerRule, ...] = (
    RECEIPTS, UNENDED, DECISIONS, CLOCK_OF_NOBODY, LEAD_WITHOUT_CLOCK, CLOCK_AFTER_END, SINGLE_OPEN_LEAD,
    *(of(service) for of in (_parked_rule, _outbox_rule, _gap_rule, _stopped_rule) for service in SERVICES),
)  # fmt: skip


async def check_rule(rule: LedgerRule, database: Connection, scope: Scope) -> LedgerCheck:
    """Return what breaks a rule."""
    if rule.table and not await database.fetchval("select to_regclass($1) is not null", rule.table):
        return LedgerCheck(rule.service, rule.title, ())
    if rule.by_contact:
        sql = f"select id, contact_id, what from ({rule.question}) asked where {scope.condition}"
        rows = await database.fetch(sql, *scope.values)
    else:
        rows = await database.fetch(rule.question)
    return LedgerCheck(
        rule.service, rule.title, tuple(_row_to_finding(rule.name, rule.service, rule.next, row) for row in rows)
    )


LEFT_OVER = "nothing is kept of who was erased"
_TABLES = """
select c.table_name as name from information_schema.columns c
join information_schema.tables t using (table_schema, table_name)
left join pg_inherits i on i.inhrelid = (quote_ident(c.table_schema) || '.' || quote_ident(c.table_name))::regclass
where c.table_schema = current_schema() and c.column_name = any($1) and t.table_type = 'BASE TABLE'
and i.inhrelid is null order by 1
"""
_CONTACTS = {name: name for name in ("contact_id", "loser_id", "survivor_id")} | {"contact_ids": "unnest(contact_ids)"}
"""The columns that name contacts, whatever the table, and how each is read."""
_KEPT_TABLES = frozenset({"contacts", "journal"}) | frozenset(ERASED.values())
"""Where the id of an erased contact stays: the row that locks it, and the word that it was erased."""


async def find_rows_of_erased(service: str, database: Connection, scope: Scope) -> LedgerCheck:
    """Return the rows that a service still has of contacts that it erased, whatever its tables are."""
    erased = ERASED[service]
    found: list[Finding] = []
    for column, contact_id in _CONTACTS.items():
        tables = [row["name"] for row in await database.fetch(_TABLES, [column])]
        for table in [name for name in tables if name not in _KEPT_TABLES]:
            sql = (
                f"select contact_id::text as id, contact_id, count(*) || ' rows in {table}' as what"
                f" from (select {contact_id} as contact_id from {table}) named"
                f" where contact_id in (select contact_id from {erased}) and {scope.condition} group by contact_id"
            )
            rows = await database.fetch(sql, *scope.values)
            found += [_row_to_finding("left_over", service, _ERASE_AGAIN, row) for row in rows]
    return LedgerCheck(service, LEFT_OVER, tuple(found))


_ERASE_AGAIN = "the person asked to be forgotten: `baton republish --topic contacts.erased.v1`, else delete the rows"


def _row_to_finding(rule: str, service: str, advice: str, row: Sequence[object]) -> Finding:
    name, contact_id, what = (str(value) if value is not None else None for value in row)
    text = what or ""
    step = advice.format(contact_id=contact_id, id=name)
    return Finding(rule, name or "", contact_id, f"{rule} {name}: {text}", {service: text}, step)
