"""Commands on leads, one by one or as a stream; activities, customers, feedback and proposals."""

from fastapi import APIRouter

from feedback.api.commands import activities, feedback, leads, proposals, stream
from feedback.api.commands.stream import BULK_PATH

router = APIRouter()
router.include_router(stream.router)
router.include_router(activities.router)
router.include_router(leads.router)
router.include_router(feedback.router)
router.include_router(proposals.router)

__all__ = ["BULK_PATH", "router"]
