"""Ask the company's own enrichment service about contacts: once each, in the way of no event.

A question is a row that was committed with the engagement that gave rise to it. An asker claims what is due for a
minute, asks outside any transaction and saves the answer as learned facts; if it dies in between, another asks again.
"""

import asyncio
import json
from functools import partial
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import httpx
from prometheus_client import Counter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from events.runtime import metrics, retry
from events.runtime.logging import logger
from events.runtime.loops import run_rounds
from scoring import domain, store
from scoring.handlers.deciding import decide_and_publish
from scoring.store import ClaimedQuestion, EnrichmentOutcome

if TYPE_CHECKING:
    from datetime import timedelta

    from events.runtime import Service
    from scoring.settings import ScoringSettings

log = logger()

AT_ONCE = 20
PAUSE_SECONDS = 1.0
IDLE_SECONDS = 5.0
"""Between two looks where there is no service to ask: whoever waits for it is let go."""
SECONDS = 10.0
"""How long one question may take."""
MOST_BYTES = 65_536
"""Of an answer; a longer one is none."""
OK = 200
_WITHOUT_FACTS: dict[int, EnrichmentOutcome] = {202: "later", 204: "unknown", 404: "unknown"}

ENRICHMENTS = Counter(
    "baton_enrichments_total", "Contacts about whom the enrichment service was asked, by what came of it.", ["outcome"]
)
for each in ("answered", "later", "unknown", "failed", "off"):
    ENRICHMENTS.labels(each)  # from 0 on, so that the first is an increase


FactName = Annotated[
    str, StringConstraints(min_length=1, max_length=100, pattern=r"^(facts\.)?[A-Za-z][A-Za-z0-9_.-]*$")
]
FactValue = Annotated[str, StringConstraints(max_length=1_000, pattern=r"^[^\x00]*$")] | bool | int | float | None


class EnrichmentAnswer(BaseModel):
    """What the service answers with 200. Facts are named as in `PUT /v1/contacts/{contact_id}/facts`."""

    model_config = ConfigDict(allow_inf_nan=False)

    facts: dict[FactName, FactValue] = Field(default={}, max_length=50)
    confidence: float | None = Field(default=None, ge=0, le=1)


async def run_enrichment(service: "Service[ScoringSettings]") -> None:
    """Ask what is due until cancelled."""
    pause = PAUSE_SECONDS if service.settings.enricher_url else IDLE_SECONDS
    async with httpx.AsyncClient(timeout=SECONDS, follow_redirects=False, trust_env=False) as client:
        await run_rounds("enrichments", partial(ask_due_questions, service, client), pause_seconds=pause)


async def ask_due_questions(service: "Service[ScoringSettings]", client: httpx.AsyncClient) -> int:
    """Claim, ask and save one round; return how many contacts were asked about."""
    async with service.transaction() as tx:
        claimed = await store.claim_questions(tx, AT_ONCE)
    answers = await asyncio.gather(
        *(_ask_enrichment_service(service.settings, client, question) for question in claimed)
    )
    for question, answered in zip(claimed, answers, strict=True):
        try:
            await _retry_or_close_question(service, question, *answered)
        except Exception as error:  # noqa: BLE001 - it is claimed again after the lease; the others are answered now
            retry.raise_if_cancelled(error)
            metrics.TASK_FAILURES.labels("enrichments").inc()
            log.warning(
                "enrichment_not_saved",
                **retry.describe_retry(error, question.attempts, store.ENRICHMENT_LEASE.total_seconds()),
            )
    return len(claimed)


async def _retry_or_close_question(
    service: "Service[ScoringSettings]", question: ClaimedQuestion, outcome: EnrichmentOutcome, answer: EnrichmentAnswer
) -> None:
    wait = None if outcome != "failed" else domain.compute_retry_delay(question.attempts)
    if wait is not None:
        await _postpone_question(service, question.contact_id, wait)
    else:
        await _close_question_and_decide(service, question.contact_id, outcome, answer)
        ENRICHMENTS.labels(outcome).inc()


async def _ask_enrichment_service(
    settings: "ScoringSettings", client: httpx.AsyncClient, question: ClaimedQuestion
) -> tuple[EnrichmentOutcome, EnrichmentAnswer]:
    """Return what the service says; whatever is wrong with it is `failed`."""
    nothing = EnrichmentAnswer()
    if not settings.enricher_url:
        return "off", nothing
    body = {**question.as_dict(), "contact_id": str(question.contact_id)}
    del body["attempts"]
    headers = {"content-type": "application/json", "user-agent": "baton"}
    if settings.enricher_key is not None:
        headers["authorization"] = f"Bearer {settings.enricher_key.get_secret_value()}"
    try:
        async with (
            asyncio.timeout(SECONDS),
            client.stream("POST", settings.enricher_url, content=json.dumps(body), headers=headers) as answer,
        ):
            if answer.status_code != OK:
                return _WITHOUT_FACTS.get(answer.status_code, "failed"), nothing
            content = b""
            async for part in answer.aiter_bytes():
                content += part
                if len(content) > MOST_BYTES:
                    return "failed", nothing
        return "answered", EnrichmentAnswer.model_validate_json(content)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError, ValidationError):
        return "failed", nothing


async def _postpone_question(service: "Service[ScoringSettings]", contact_id: UUID, wait: "timedelta") -> None:
    async with service.transaction() as tx:
        await store.postpone_question(tx, contact_id, wait)


async def _close_question_and_decide(
    service: "Service[ScoringSettings]", contact_id: UUID, outcome: EnrichmentOutcome, answer: EnrichmentAnswer
) -> None:
    """Save what came of a question, and decide about the contact, whose lead waits for nothing any more."""
    async with service.transaction() as tx:
        await tx.lock_contacts([contact_id])
        if not await store.close_question(tx, contact_id, outcome):
            return
        found = domain.answer_as_engagement(contact_id, tx.now, answer.facts, answer.confidence)
        if outcome != "later":
            await decide_and_publish(tx, {contact_id}, engagements=[found] if answer.facts else [])
