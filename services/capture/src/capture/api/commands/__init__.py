"""Everything that changes something: submissions, imports, consents, registers, suppressions, quarantine."""

from fastapi import APIRouter

from capture.api.commands import (
    contacts,
    imports,
    mappings,
    pairings,
    quarantine,
    registers,
    sender_keys,
    submissions,
    suppressions,
)

router = APIRouter()
router.include_router(submissions.router)
router.include_router(contacts.router)
router.include_router(imports.router)
router.include_router(mappings.router)
router.include_router(registers.router)
router.include_router(suppressions.router)
router.include_router(pairings.router)
router.include_router(quarantine.router)
router.include_router(sender_keys.router)

__all__ = ["router"]
