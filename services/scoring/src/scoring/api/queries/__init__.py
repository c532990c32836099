"""Queries: why a contact is a lead or not yet, what became of leads, and which overrides were made."""

from fastapi import APIRouter

from scoring.api.queries import outcomes, overrides, reevaluations, scores

router = APIRouter()
for part in (scores, outcomes, overrides, reevaluations):
    router.include_router(part.router)

__all__ = ["router"]
