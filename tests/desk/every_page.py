"""Every page of the desk by its route, with addresses to look at; `test_plans.py` knows what is missing."""

from fastapi.routing import iter_route_contexts

from desk import api
from desk.domain import Viewer

LINES: dict[str, tuple[str, ...]] = {
    "/leads": ("/leads",),
    "/leads/list": ("/leads/list",),
    "/people/{contact_id}": ("/people/{contact}",),
    "/people/{contact_id}/data": ("/people/{contact}/data",),
    "/people/{contact_id}/route": ("/people/{contact}/route",),
    "/leads/{lead_id}/return": ("/leads/{lead}/return?reason=not_ready",),
    "/reviews": ("/reviews",),
    "/promises/list": (
        "/promises/list?what=kept&days=3660",
        "/promises/list?what=missed&days=3660&skip=1000",
        "/promises/list?by=rep&group=rep-41&what=missed&days=3660",
        "/promises/list?by=week&group={week}&what=kept&days=365",
    ),
    "/funnel/list": (
        "/funnel/list?step=qualified&days=3660",
        "/funnel/list?by=lead_type&group=hand_raiser&step=returned&days=3660&skip=5000",
        "/funnel/list?by=source&group=web_form&step=won&days=3660",
        "/funnel/list?by=team&group=team-1&step=touched",
    ),
    "/settings": ("/settings",),
}
"""Pages of lines."""
COUNTS: dict[str, tuple[str, ...]] = {
    "/today": ("/today", "/today?part=body"),
    "/today/list": (
        "/today/list?what=late", "/today/list?what=soon", "/today/list?what=waiting", "/today/list?what=open&skip=200",
        "/today/list?rep=rep-40",
    ),
    "/promises": (
        "/promises", "/promises?days=3660", "/promises?by=rep&days=3660", "/promises?by=clock&days=3660",
        "/promises?by=policy&days=3660", "/promises?by=week&days=3660",
    ),
    "/returned": ("/returned", "/returned?reason=not_ready", "/returned?skip=100"),
    "/funnel": (
        "/funnel", "/funnel?days=3660", "/funnel?by=campaign&days=3660", "/funnel?by=lead_type&days=3660",
        "/funnel?by=fit&days=3660", "/funnel?by=team&days=3660",
    ),
}  # fmt: skip
"""Pages that count open leads, what came back within 90 days, or sums by day."""
NO_LEADS: dict[str, tuple[str, ...]] = {
    "/": ("/",),
    "/digest": ("/digest",),
    "/digest/{listed}": ("/digest/leads?counted=qualified", "/digest/clocks?outcome=kept"),
    "/rules": ("/rules",),
    "/rules/change/{target}": ("/rules/change/scoring",),
    "/rules/files/{which}/{name}.yaml": ("/rules/files/in-force/scoring.yaml",),
    "/operator": ("/operator",),
    "/operator/audit": ("/operator/audit",),
    "/operator/scanners": ("/operator/scanners",),
    "/forms": ("/forms",),
    "/forms/{name}": ("/forms/contact",),
    "/operator/imports/{import_id}/rejects": ("/operator/imports/{lead}/rejects",),
    "/offline": ("/offline",),
    "/sign-in": ("/sign-in",),
    "/sign-in/start": ("/sign-in/start",),
    "/sign-in/done": ("/sign-in/done",),
    "/in/{token}": ("/in/nothing",),
    "/a/{token}": ("/a/nothing",),
    "/worker.js": ("/worker.js",),
    "/static/{name}": ("/static/pages.css",),
}
"""Pages that show no leads of ours: those of other services, those of nobody in particular, files."""
STREAMS = {"/events"}
"""What does not end."""
PAGES = {**LINES, **COUNTS, **NO_LEADS}
VIEWERS = (
    Viewer("mia", "rep", rep_id="rep-40"),
    Viewer("lea", "manager", team="team-1"),
    Viewer("max", "marketing"),
    Viewer("ola", "operator"),
)
"""One of each role, of whom there is something in `many.sql`."""


def routes() -> set[str]:
    """Return each address of the desk that a browser gets."""
    found = [(route.path or "", route.methods or set()) for route in iter_route_contexts(api.router.routes)]
    return {path for path, methods in found if "GET" in methods and not path.startswith("/v1/")}
