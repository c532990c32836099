"""Queries: leads, worklist, activities, funnel, digest, trends, exports."""

from fastapi import APIRouter

from feedback.api.queries import activities, digest, exports, funnel, leads, trends

router = APIRouter()
router.include_router(activities.router)
router.include_router(funnel.router)
router.include_router(digest.router)
router.include_router(trends.router)
router.include_router(exports.router)
router.include_router(leads.router)

__all__ = ["router"]
