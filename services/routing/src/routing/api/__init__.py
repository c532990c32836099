"""Routing over HTTP: translate, call, answer."""

from fastapi import APIRouter

from routing.api import commands, queries
from routing.api.pages import booking

router = APIRouter()
router.include_router(queries.router)
router.include_router(commands.router)
router.include_router(booking.router)

__all__ = ["router"]
