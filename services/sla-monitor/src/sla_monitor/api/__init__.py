"""What people may ask: which clocks run, what was missed, what is promised, how well promises are kept."""

from fastapi import APIRouter

from sla_monitor.api import clocks, reviews, sides, webhooks

router = APIRouter(tags=["sla-monitor"])
router.include_router(clocks.router)
router.include_router(sides.router)
router.include_router(reviews.router)
router.include_router(webhooks.router)

__all__ = ["router"]
