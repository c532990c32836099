"""What may be asked of capture over HTTP."""

from fastapi import APIRouter

from capture.api import contacts, forms, imports, intake, quarantine, registers, scanner, suppressions
from capture.api.intake import streams as streams

_v1 = APIRouter(prefix="/v1", tags=["capture"])
_v1.include_router(intake.router)
_v1.include_router(contacts.router)
_v1.include_router(imports.router)
_v1.include_router(registers.router)
_v1.include_router(suppressions.router)
_v1.include_router(quarantine.router)

router = APIRouter()
router.include_router(_v1)
router.include_router(forms.router)
router.include_router(scanner.router)
