"""What may be asked of capture over HTTP."""

from fastapi import APIRouter

from capture.api import contacts, imports, intake, registers, suppressions
from capture.api.intake import streams as streams

router = APIRouter(prefix="/v1", tags=["capture"])
router.include_router(intake.router)
router.include_router(contacts.router)
router.include_router(imports.router)
router.include_router(registers.router)
router.include_router(suppressions.router)
