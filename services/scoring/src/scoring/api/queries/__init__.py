"""Queries: why a contact is a lead or not yet, what became of leads, which overrides were made, what is known."""

from fastapi import APIRouter

from scoring.api.queries import comparisons, histories, outcomes, overrides, reevaluations, scores, shadows, trials

router = APIRouter()
for part in (scores, outcomes, overrides, reevaluations, shadows, comparisons, histories, trials):
    router.include_router(part.router)

__all__ = ["router"]
