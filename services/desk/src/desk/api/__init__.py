"""The pages and forms over HTTP: translate, call, answer."""

from fastapi import APIRouter

from desk.api import access, candidates, commands, operating, persons, queries, rules, scanners, snippets, stream

router = APIRouter()
router.include_router(access.router)
router.include_router(queries.router)
router.include_router(stream.router)
router.include_router(commands.router)
router.include_router(operating.router)
router.include_router(persons.router)
router.include_router(rules.router)
router.include_router(scanners.router)
router.include_router(snippets.router)
router.include_router(candidates.router)

__all__ = ["router"]
