"""Sla-monitor over HTTP: translate, call, answer."""

from fastapi import APIRouter

from sla_monitor.api import commands, queries

router = APIRouter(tags=["sla-monitor"])
router.include_router(queries.router)
router.include_router(commands.reviews)
router.include_router(commands.router)

__all__ = ["router"]
