"""Newcomer over HTTP: translate, call, answer."""

from fastapi import APIRouter

from newcomer.api import commands, queries

router = APIRouter(tags=["newcomer"])
router.include_router(queries.router)
router.include_router(commands.router)

__all__ = ["router"]
