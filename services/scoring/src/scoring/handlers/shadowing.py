"""A candidate playbook beside the one in force: it decides about the same people, and nothing of it is published."""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from uuid import UUID

from events.runtime import Transaction
from events.runtime import logging as logs
from events.yaml_text import load_yaml
from scoring import domain, store
from scoring.domain import History, Lead, ShadowComparison
from scoring.handlers.errors import NoCandidateRules
from scoring.playbook import ScoringPlaybook
from scoring.store.shadows import LastShadowRun

log = logs.logger()


async def start_shadow(tx: Transaction, body: str, by: str) -> str:
    """Let a checked candidate decide beside the playbook in force, in the place of one that did; return its version."""
    return await store.start_shadow(tx, body, by)


async def stop_shadow(tx: Transaction, by: str) -> str:
    """Let the candidate decide no more; return its version.

    Raises:
        NoCandidateRules: none runs.
    """
    version = await store.stop_shadow(tx, by)
    if version is None:
        raise NoCandidateRules
    return version


async def compare_shadow(tx: Transaction) -> tuple[LastShadowRun, ShadowComparison]:
    """Compare what the last candidate would have published with what was published, since its start.

    Raises:
        NoCandidateRules: none ever ran.
    """
    last = await store.load_last_shadow_run(tx)
    if last is None:
        raise NoCandidateRules
    return last, domain.compare_leads(await store.load_first_lead_pairs(tx, last))


async def save_shadow_decisions(tx: Transaction, shadow_id: UUID, people: Iterable[History]) -> None:
    """Save what a candidate would have published about these people."""
    version, body = await store.load_candidate_rules(tx, shadow_id)
    try:
        leads = _decide_as_if_unpublished(people, _parse_scoring_yaml(body), tx, version)
    except Exception as error:  # noqa: BLE001 - a candidate that fails must not hold up what is in force
        log.error("shadow_failed", version=version, error=logs.describe_error(error))  # noqa: TRY400 - no values in logs
        await store.stop_shadow(tx, "scoring: it failed")
        return
    await store.save_shadow_leads(tx, shadow_id, leads)


def _decide_as_if_unpublished(
    people: Iterable[History], playbook: ScoringPlaybook, tx: Transaction, version: str
) -> list[Lead]:
    """Decide as if the playbook in force had published nothing: what became of a cycle is all that both share."""
    leads: dict[UUID, Lead] = {}
    for history in people:
        unpublished = replace(history, leads={}, merged={})
        leads |= {
            lead.lead_id: lead
            for lead in domain.decide_contact(unpublished, playbook, now=tx.now, version=version).leads
        }
    return list(leads.values())


@lru_cache(maxsize=2)
def _parse_scoring_yaml(body: str) -> ScoringPlaybook:
    return ScoringPlaybook.model_validate(load_yaml(body))
