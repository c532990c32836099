"""What people decide: about leads, about reps, and who sees a rep's calendar."""

from fastapi import APIRouter

from routing.api.commands import calendar_links, calendar_sources, leads_and_reps

router = APIRouter()
router.include_router(leads_and_reps.router)
router.include_router(calendar_links.router)
router.include_router(calendar_sources.router)

__all__ = ["router"]
