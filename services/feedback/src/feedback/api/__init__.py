"""The HTTP side: commands one by one or as a stream, and what people ask."""

from fastapi import APIRouter

from feedback.api import activities, bulk, commands, digest, exports, funnel, loop, reads, telling
from feedback.api.bulk import BULK_PATH

router = APIRouter()
router.include_router(bulk.router)
router.include_router(activities.router)
router.include_router(commands.router)
router.include_router(telling.router)
router.include_router(funnel.router)
router.include_router(digest.router)
router.include_router(loop.router)
router.include_router(exports.router)
router.include_router(reads.router)

__all__ = ["BULK_PATH", "router"]
