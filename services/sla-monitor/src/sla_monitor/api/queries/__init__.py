"""List clocks, misses, promises, reviews, webhooks and messages."""

from fastapi import APIRouter

from sla_monitor.api.queries import clocks, compliance, reviews, side_lists, sides, webhooks

router = APIRouter()
router.include_router(clocks.router)
router.include_router(compliance.router)
router.include_router(sides.router)
router.include_router(side_lists.router)
router.include_router(reviews.router)
router.include_router(webhooks.router)

__all__ = ["router"]
