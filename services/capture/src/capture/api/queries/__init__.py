"""Everything that only reads."""

from fastapi import APIRouter

from capture.api.queries import contacts, duplicates, forms, imports, pairings, quarantine, registers

router = APIRouter()
router.include_router(contacts.router)
router.include_router(duplicates.router)
router.include_router(forms.router)
router.include_router(imports.router)
router.include_router(pairings.router)
router.include_router(registers.router)
router.include_router(quarantine.router)

__all__ = ["router"]
