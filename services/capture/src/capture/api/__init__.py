"""What may be asked of capture over HTTP."""

from fastapi import APIRouter

from capture.api import commands, pages, queries
from capture.api.commands.submissions import has_own_body_limit

_v1 = APIRouter(prefix="/v1", tags=["capture"])
_v1.include_router(commands.router)
_v1.include_router(queries.router)

router = APIRouter()
router.include_router(_v1)
router.include_router(pages.router)

__all__ = ["has_own_body_limit", "router"]
