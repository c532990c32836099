"""Pages for people: forms and the scanner."""

from fastapi import APIRouter

from capture.api.pages import forms, next_steps, scanner

router = APIRouter()
router.include_router(forms.router)
router.include_router(next_steps.router)
router.include_router(scanner.router)

__all__ = ["router"]
