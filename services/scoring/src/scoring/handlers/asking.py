"""Whom the enrichment service is asked about, and whose lead waits for the answer."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from events.ids import derive_id
from events.runtime import Transaction
from scoring import domain, store
from scoring.domain import Engagement, History
from scoring.playbook import EnrichmentRules, ScoringPlaybook

ENRICH = "enrich"
"""A timer: a lead waits no longer for an answer about its contact."""


async def save_questions_about(
    tx: Transaction, people: Collection[History], fresh: Iterable[Engagement]
) -> Collection[UUID]:
    """Save what is to be asked about people who did something; return the people whose leads wait for an answer.

    Who asked for sales, who has or had a lead, and of whom the answer is there never waits.
    """
    playbook = tx.playbook(ScoringPlaybook)
    if playbook.enrichment is None:
        return ()
    active = {engagement.contact_id for engagement in fresh}
    questions = [
        question
        for history in people
        if not active.isdisjoint(history.contact_ids or (history.contact_id,))
        and (question := domain.make_question(history, playbook)) is not None
    ]
    for contact_id in await store.save_questions(tx, questions, tx.now):
        tx.schedule(ENRICH, derive_id(ENRICH, contact_id), contact_id, tx.now + _enrichment_wait(playbook.enrichment))
    return await load_ends_of_waits(tx, people)


async def load_ends_of_waits(tx: Transaction, people: Iterable[History]) -> dict[UUID, datetime]:
    """Return until when at most the leads of these people wait for an answer, of those who do."""
    playbook = tx.playbook(ScoringPlaybook)
    if playbook.enrichment is None:
        return {}
    waits = _enrichment_wait(playbook.enrichment)
    patient = [history.contact_id for history in people if domain.may_wait_for_answer(history, playbook)]
    asked = await store.load_times_asked(tx, patient, tx.now - waits)
    return {contact_id: at + waits for contact_id, at in asked.items()}


def _enrichment_wait(rules: EnrichmentRules) -> timedelta:
    return timedelta(seconds=rules.waits_seconds)
