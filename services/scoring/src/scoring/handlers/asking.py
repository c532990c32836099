"""Whom the enrichment service is asked about, and whose lead waits for the answer."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from events.ids import derive
from events.runtime import Transaction
from scoring import domain, store
from scoring.domain import Engagement, History
from scoring.playbook import Enrichment, ScoringPlaybook

ENRICH = "enrich"
"""A timer: a lead waits no longer for an answer about its contact."""


async def ask_about(tx: Transaction, people: Collection[History], fresh: Iterable[Engagement]) -> Collection[UUID]:
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
        and (question := domain.question_about(history, playbook)) is not None
    ]
    for contact_id in await store.save_questions(tx, questions, tx.now):
        tx.schedule(ENRICH, derive(ENRICH, contact_id), contact_id, tx.now + _waits(playbook.enrichment))
    return await waits_until(tx, people)


async def waits_until(tx: Transaction, people: Iterable[History]) -> dict[UUID, datetime]:
    """Return until when at most the leads of these people wait for an answer, of those who do."""
    playbook = tx.playbook(ScoringPlaybook)
    if playbook.enrichment is None:
        return {}
    waits = _waits(playbook.enrichment)
    patient = [history.contact_id for history in people if domain.may_wait(history, playbook)]
    asked = await store.waiting_for_answer(tx, patient, tx.now - waits)
    return {contact_id: at + waits for contact_id, at in asked.items()}


def _waits(rules: Enrichment) -> timedelta:
    return timedelta(seconds=rules.waits_seconds)
