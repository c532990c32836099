"""Scoring over HTTP: translate, call, answer."""

from fastapi import APIRouter

from scoring.api import commands, queries

router = APIRouter()
router.include_router(queries.router)
router.include_router(commands.router)

__all__ = ["router"]
