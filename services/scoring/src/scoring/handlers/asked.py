"""What people ask and decide: why a contact is a lead, what became of leads, overrides, one lever for volume."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from events.runtime import DomainError, Transaction
from scoring import domain, store
from scoring.domain import History, Outcomes, OverrideKind, Score
from scoring.handlers.deciding import decide, surround
from scoring.playbook import ScoringPlaybook

MOST_CONTACTS = 20_000
"""How many contacts the lever for volume is tried on."""


class ContactUnknown(DomainError):
    """Scoring has not heard of this contact."""

    code = "contact_unknown"
    status = 404


class KeyUsedBefore(DomainError):
    """The same Idempotency-Key came with another override before."""

    code = "idempotency_key_reused"
    status = 422


async def explain(tx: Transaction, contact_id: UUID, at: datetime | None) -> tuple[Score, str]:
    """Score a contact as of an instant (None: now) under the playbook in force then; raises `ContactUnknown`."""
    history = (await store.load_histories(tx, [contact_id]))[contact_id]
    if not history.engagements:
        raise ContactUnknown
    await surround(tx, [history], lock=False)
    version, book = tx.playbook_version, tx.playbook(ScoringPlaybook)
    if at is not None and at < tx.now:
        version, book = await tx.playbook_at(at, ScoringPlaybook)
    return domain.score(history, book, at or tx.now), version


async def override(
    tx: Transaction, override_id: UUID, contact_id: UUID, kind: OverrideKind, *, by: str, reason: str
) -> dict[str, Any]:
    """Lift an exclusion or push a lead by hand; gives what is kept, the same for the same key."""
    await tx.lock([contact_id])
    history = (await store.load_histories(tx, [contact_id]))[contact_id]
    if not history.engagements:
        raise ContactUnknown
    asked = {"contact_id": contact_id, "kind": kind, "by": by, "reason": reason}
    kept = await store.keep_override(tx, override_id=override_id, at=tx.now, **asked)
    if any(kept[name] != value for name, value in asked.items()):
        raise KeyUsedBefore
    engagement = domain.override_of(kind, override_id, contact_id, kept["at"])
    await decide(tx, {contact_id}, engagements=[engagement])
    return {"override_id": override_id, **kept}


async def outcomes(tx: Transaction, since: datetime, until: datetime, version: str | None) -> tuple[Outcomes, int]:
    """Count what became of the leads of this time, and how many crossings made no lead."""
    told = await store.told_leads(tx, since, until, version)
    return domain.count_outcomes(told, tx.playbook(ScoringPlaybook).outcomes), await store.count_held(tx, since, until)


async def volumes(tx: Transaction, days: float) -> tuple[str, dict[str, dict[str, int]]]:
    """Count the leads that each setting of strictness would have made of those who were active lately (Q17)."""
    book, since = tx.playbook(ScoringPlaybook), tx.now - timedelta(days=days)
    known = await store.load_histories(tx, await store.some_contacts(tx, since, tx.now, MOST_CONTACTS))
    people = list({history.contact_id: history for history in known.values()}.values())
    await surround(tx, people, lock=False)
    return book.strictness.setting, await asyncio.to_thread(_volumes, people, book, since, tx.now)


def _volumes(people: list[History], book: ScoringPlaybook, since: datetime, now: datetime) -> dict[str, dict[str, int]]:
    """Count in a thread of its own: a second of work must not keep events waiting."""
    return {
        setting: domain.count_leads(people, book.at_strictness(setting), since=since, now=now)
        for setting in book.strictness.adds
    }
