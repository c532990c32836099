"""One examination: every rule asked, and whatever differs asked again until it is none of timing."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from uuid import UUID

from baton.database import Connection
from baton.ledger import rules, streams
from baton.ledger.compare import compare_services
from baton.ledger.facts import SHARED_FACTS
from baton.ledger.report import FLOW, Finding, LedgerCheck, LedgerReport, keep_findings_in_both, merge_checks_by_rule
from baton.ledger.scope import EVERYTHING, Scope, scope_of_contacts
from baton.ledger.settle import HOPS, SettlingWatch
from baton.ledger.topics import MIRRORS, Client, find_differing_keys

SETTLE_SECONDS = 30.0
SUSPECTS = 20_000
"""Contacts that are asked about one by one; if more differ, everything is asked again."""

_NEVER_NARROWED = {"mirror", *(rule.name for rule in rules.RULES if not rule.by_contact)}
"""Rules that are asked whole whatever the scope is."""

Databases = Mapping[str, Connection]


async def examine_until_settled(
    databases: Databases,
    client: Client,
    scopes: Sequence[Scope] = (EVERYTHING,),
    *,
    topics: bool = True,
    settle_seconds: float = SETTLE_SECONDS,
) -> LedgerReport:
    """Return what breaks a rule for good.

    Args:
        databases: An open connection to each service's database, by the service's name.
        client: How to reach Kafka: keyword arguments of aiokafka's consumer.
        scopes: Which contacts.
        topics: Whether to read the compacted topics from their start as well.
        settle_seconds: How long what is on its way may take at each hop before that is a finding.
    """
    async with SettlingWatch(databases, client) as settler:
        late = await settler.wait_until_settled(settle_seconds)
        kafka = client if topics else None
        checks = await run_all_checks(databases, scopes, kafka)
        for _ in range(HOPS):
            found = [finding for check in checks for finding in check.findings]
            if not found:
                break
            late = await settler.wait_until_settled(settle_seconds)
            was_idle = await settler.is_idle()
            checks = keep_findings_in_both(
                checks, await run_all_checks(databases, _narrow_scope_to_findings(scopes, found), kafka)
            )
            if was_idle:  # what differs before and after an instant at which nothing was on its way, differs for good
                break
    return LedgerReport((_not_settled_check(late), *checks), ", ".join(scope.name for scope in scopes))


async def run_all_checks(
    databases: Databases, scopes: Sequence[Scope] = (EVERYTHING,), client: Client | None = None
) -> list[LedgerCheck]:
    """Return every check as it is at this moment, what is on its way included; topics are read where `client` is."""
    checks: list[LedgerCheck] = []
    for scope in scopes:
        checks += [await compare_services(fact, databases, scope) for fact in SHARED_FACTS]
        by_service = await asyncio.gather(
            *(_check_rules_of_service(name, databases[name], scope) for name in databases)
        )
        checks += [check for of_service in by_service for check in of_service]
    if client is not None:
        checks += [await find_differing_keys(mirror, databases[mirror.owner], client) for mirror in MIRRORS]
    return merge_checks_by_rule(checks)


async def _check_rules_of_service(service: str, database: Connection, scope: Scope) -> list[LedgerCheck]:
    """Ask what must not be found in one service; one connection answers one question at a time."""
    asked: list[Awaitable[LedgerCheck]] = [
        streams.find_stream_gaps(service, database, scope),
        rules.find_rows_of_erased(service, database, scope),
        *(rules.check_rule(rule, database, scope) for rule in rules.RULES if rule.service == service),
    ]
    return [await each for each in asked]


def _narrow_scope_to_findings(scopes: Sequence[Scope], found: list[Finding]) -> Sequence[Scope]:
    """Return the scope of what differed, where all of that belongs to few contacts."""
    contacts = {finding.contact_id for finding in found if finding.rule not in _NEVER_NARROWED}
    of_streams = any(
        finding.rule == "stream" for finding in found
    )  # a few contacts' compacted streams are not looked at
    if of_streams or None in contacts or len(contacts) > SUSPECTS:
        return scopes
    return (scope_of_contacts({UUID(contact) for contact in contacts if contact}),)


def _not_settled_check(late: str) -> LedgerCheck:
    found = Finding("flow", "flow", None, late, {}, "`baton status` shows what is behind; look at that service's log")
    return LedgerCheck(FLOW, "nothing is still on its way", (found,) if late else ())
