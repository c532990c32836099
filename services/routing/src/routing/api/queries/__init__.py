"""What can be read: lists as JSON, slots and meetings as calendars."""

from fastapi import APIRouter

from routing.api.queries import calendars, lists, trials

router = APIRouter()
router.include_router(lists.router)
router.include_router(calendars.router)
router.include_router(trials.router)

__all__ = ["router"]
