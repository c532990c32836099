"""Routing over HTTP: translate, call, answer."""

from fastapi import APIRouter

from routing.api import commands, reads

router = APIRouter()
router.include_router(reads.router)
router.include_router(commands.router)

__all__ = ["router"]
