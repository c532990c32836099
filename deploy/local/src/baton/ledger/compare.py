"""Compare what several services know of the same things.

First each service counts and sums what it knows by the first byte of the contact id (one row a slice): where the sums
agree, nothing differs and nothing more is read. Only the slices that disagree are read and compared row by row. So a
million leads cost one pass over each table, and a difference is named all the same.
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from baton.database import Connection
from baton.ledger.facts import SharedFact
from baton.ledger.report import FLOW, Finding, LedgerCheck
from baton.ledger.scope import Scope, scope_of_id_byte

MISSING = "missing"

_DIGEST = """
select get_byte(uuid_send(contact_id), 0) as slice, count(*) as things,
       bit_xor(hashtextextended(id || ' ' || value, 0)) as digest
from ({question}) asked where {condition} group by 1
"""
_ROWS = "select id, contact_id, value from ({question}) asked where {condition}"

Databases = Mapping[str, Connection]
Known = dict[str, dict[str, tuple[Any, str]]]
"""By service and id: the contact, and what is known."""


async def compare_services(fact: SharedFact, databases: Databases, scope: Scope) -> LedgerCheck:
    """Return what its services know differently of one kind of thing."""
    found: list[Finding] = []
    for part in await _scopes_that_differ(fact, databases, scope):
        rows = await asyncio.gather(
            *(_load_fact_rows(databases[name], fact.questions[name], part) for name in fact.questions)
        )
        found += _find_differences(fact, dict(zip(fact.questions, rows, strict=True)))
    return LedgerCheck(FLOW, fact.title, tuple(found))


async def _scopes_that_differ(fact: SharedFact, databases: Databases, scope: Scope) -> list[Scope]:
    """Return what is to be read row by row: only the slices whose sums differ, where the scope is not small."""
    if not fact.by_contact:
        return [scope] if scope.is_everything else []
    if scope.contacts is not None:
        return [scope]
    digests = await asyncio.gather(
        *(_load_slice_digests(databases[name], fact.questions[name], scope) for name in fact.questions)
    )
    slices = {number for digest in digests for number in digest}
    return [
        scope_of_id_byte(number) for number in sorted(slices) if len({digest.get(number) for digest in digests}) > 1
    ]


async def _load_slice_digests(database: Connection, question: str, scope: Scope) -> dict[int, tuple[int, int]]:
    sql = _DIGEST.format(question=question, condition=scope.condition)
    return {row["slice"]: (row["things"], row["digest"]) for row in await database.fetch(sql, *scope.values)}


async def _load_fact_rows(database: Connection, question: str, scope: Scope) -> dict[str, tuple[Any, str]]:
    sql = _ROWS.format(question=question, condition=scope.condition)
    return {row["id"]: (row["contact_id"], row["value"]) for row in await database.fetch(sql, *scope.values)}


def _find_differences(fact: SharedFact, known: Known) -> Iterable[Finding]:
    ids = {name for rows in known.values() for name in rows}
    for name in sorted(ids):
        found = {service: rows.get(name) for service, rows in known.items()}
        values = {row[1] if row else MISSING for row in found.values()}
        having = [service for service, row in found.items() if row]
        if len(values) == 1 or having == [fact.may_have_more]:
            continue
        contact_id = next(row[0] for row in found.values() if row)
        where = {service: row[1] if row else MISSING for service, row in found.items()}
        yield Finding(
            fact.name,
            name,
            str(contact_id) if contact_id is not None else None,
            f"{fact.name} {name}: {_describe_differences(where)}",
            where,
            fact.next_step(contact_id),
        )


def _describe_differences(where: Mapping[str, str]) -> str:
    """Put services that agree together: `scoring and routing cycle 1, feedback missing`."""
    by_value: dict[str, list[str]] = {}
    for service, value in where.items():
        by_value.setdefault(value, []).append(service)
    return "; ".join(f"{value} in {' and '.join(services)}" for value, services in by_value.items())
