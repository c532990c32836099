"""What an enrichment service is asked about a contact, and what counts as its answer."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from events.ids import derive_id
from events.parts import Scalar
from scoring.domain.crossings import find_hand_raise_type
from scoring.domain.history import FACTS_LEARNED, Engagement, History
from scoring.domain.knowledge import CONFIDENCE, choose_best_facts
from scoring.domain.override import learned_facts_as_engagement
from scoring.playbook import ScoringPlaybook

SOURCE = "enrichment"
CORRECTABLE = ("company", "country", "region", "postal_code", "industry", "employees", "job_title")
"""The fields of the profile that somebody may learn otherwise."""
MOST_EMPLOYEES = 10_000_000


WAITS = (5, 60, 600)
"""Seconds after each failure; after the last the service is asked no more about the contact."""


class EnrichmentQuestion(NamedTuple):
    """What is known of a contact's company, and which facts are missing. No name, mail or phone is in it."""

    contact_id: UUID
    email_domain: str
    missing: tuple[str, ...]
    company: str | None = None
    country: str | None = None


def make_question(history: History, playbook: ScoringPlaybook) -> EnrichmentQuestion | None:
    """Return what to ask about a person; None where nothing is missing, or where no company can be looked up."""
    rules = playbook.enrichment
    if rules is None:
        return None
    known = choose_best_facts(history.engagements_in_order(), playbook)
    missing = tuple(name for name in rules.facts if known.get(name) is None)
    if not missing or known.get("email_kind") != "corporate":
        return None
    company, country = known.get("company"), known.get("country")
    return EnrichmentQuestion(
        history.contact_id,
        str(known["email_domain"]),
        missing,
        None if company is None else str(company),
        None if country is None else str(country),
    )


def may_wait_for_answer(history: History, playbook: ScoringPlaybook) -> bool:
    """Return whether a first lead of a person may wait for an answer: nobody asked for it, and none is there."""
    return not history.all_leads() and not any(
        find_hand_raise_type(each, playbook) is not None
        or each.source == "override"
        or (each.engagement == FACTS_LEARNED and each.source == SOURCE)
        for each in history.engagements.values()
    )


def compute_retry_delay(attempts: int) -> timedelta | None:
    """Return how long to wait after so many failures; None: it is asked no more."""
    return timedelta(seconds=WAITS[attempts - 1]) if attempts <= len(WAITS) else None


def find_fact_fault(name: str, value: Scalar) -> str | None:
    """Return why something is no fact that can be learned; None where it is one, or withdraws one."""
    if name not in CORRECTABLE:
        return None if name.startswith("facts.") else "fact_unknown"
    if name == "employees":
        fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_EMPLOYEES
    else:
        fits = isinstance(value, str)
    return None if value is None or fits else "fact_malformed"


def answer_as_engagement(
    contact_id: UUID, at: datetime, answer: Mapping[str, Scalar], confidence: float | None
) -> Engagement:
    """Return an answer as learned facts, as of `at`; what is no fact is left out."""
    facts = {
        name: value for name, value in answer.items() if value is not None and find_fact_fault(name, value) is None
    }
    sure: dict[str, Scalar] = {} if confidence is None else {CONFIDENCE: confidence}
    return learned_facts_as_engagement(derive_id("enriched", contact_id), contact_id, SOURCE, at, facts | sure)
