"""Feedback over HTTP: translate, call, answer."""

from fastapi import APIRouter

from feedback.api import commands, queries
from feedback.api.commands import BULK_PATH

router = APIRouter()
router.include_router(commands.router)
router.include_router(queries.router)

__all__ = ["BULK_PATH", "router"]
