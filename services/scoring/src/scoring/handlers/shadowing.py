"""A candidate playbook beside the one in force: it decides about the same people, and nothing of it is published."""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from uuid import UUID

import yaml

from events.runtime import Transaction
from events.runtime import logging as logs
from scoring import domain, store
from scoring.domain import History, Lead
from scoring.playbook import ScoringPlaybook

log = logs.logger()


async def shadow(tx: Transaction, shadow_id: UUID, people: Iterable[History]) -> None:
    """Save what a candidate would have published about these people."""
    version, body = await store.load_shadow(tx, shadow_id)
    try:
        leads = _decided(people, _parsed(body), tx, version)
    except Exception as error:  # noqa: BLE001 - a candidate that fails must not hold up what is in force
        log.error("shadow_failed", version=version, error=logs.describe(error))  # noqa: TRY400 - no values in logs
        await store.stop_shadow(tx, "scoring: it failed")
        return
    await store.save_shadow_leads(tx, shadow_id, leads)


def _decided(people: Iterable[History], playbook: ScoringPlaybook, tx: Transaction, version: str) -> list[Lead]:
    """Decide as if the playbook in force had published nothing: what became of a cycle is all that both share."""
    leads: dict[UUID, Lead] = {}
    for history in people:
        unpublished = replace(history, leads={}, merged={})
        leads |= {
            lead.lead_id: lead for lead in domain.decide(unpublished, playbook, now=tx.now, version=version).leads
        }
    return list(leads.values())


@lru_cache(maxsize=2)
def _parsed(body: str) -> ScoringPlaybook:
    return ScoringPlaybook.model_validate(yaml.safe_load(body))
