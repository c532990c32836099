"""What scoring answers: why a contact is a lead or not yet, what became of leads; and the overrides it takes."""

from fastapi import APIRouter

from scoring.api import overrides, reports, scores

router = APIRouter()
for part in (scores, reports, overrides):
    router.include_router(part.router)

__all__ = ["router"]
