"""Pictures of the pages: which page has which, and how they are drawn (`make pictures`)."""

import os
from pathlib import Path
from typing import Literal

from playwright.async_api import Page

PICTURES = os.environ.get("BATON_PICTURES")
"""The folder into which `make pictures` has every page drawn at both widths."""
WIDTHS = (390, 1280)
HEIGHTS = {390: 844, 1280: 900}
DRAWN: dict[str, tuple[str, ...]] = {
    "capture /f/{form}": ("visitor-form",),
    "capture /f/{form}/thanks": ("visitor-thanks",),
    "capture /scan": ("scan", "scan-dark"),
    "routing /book/{ticket}": ("booking", "booked"),
    "feedback /v1/digest": ("digest",),
    "desk /sign-in": ("sign-in", "no-page"),
    "desk /in/{token}": ("invited",),
    "desk /a/{token}": ("link",),
    "desk /leads": ("leads", "leads-dark", "leads-empty"),
    "desk /people/{contact_id}": ("person", "person-leader"),
    "desk /people/{contact_id}/data": ("data", "erased"),
    "desk /people/{contact_id}/route": ("route",),
    "desk /today": ("today", "today-dark"),
    "desk /today/list": ("today-list",),
    "desk /promises": ("promises",),
    "desk /promises/list": ("promises-list",),
    "desk /returned": ("returned",),
    "desk /reviews": ("reviews",),
    "desk /funnel": ("funnel",),
    "desk /funnel/list": ("funnel-list",),
    "desk /digest": ("digest",),
    "desk /digest/{listed}": ("digest-list", "digest-touches"),
    "desk /settings": ("settings",),
    "desk /offline": ("no-network", "offline"),
    "desk /forms": ("forms",),
    "desk /forms/{name}": ("form",),
    "desk /rules": ("rules",),
    "desk /rules/change/{target}": ("numbers",),
    "desk /operator": ("operator",),
    "desk /operator/audit": ("audit",),
    "desk /operator/scanners": ("scanners",),
}
"""The pictures of each page, by service and route."""
REPORTS = ("agreement", "leaks", "simulation", "calibration")
"""Pages that commands write."""


def all_pictures() -> set[str]:
    """Return the name of every file that there is."""
    names = {*REPORTS, *(name for names in DRAWN.values() for name in names)}
    return {f"{name}-{width}.png" for name in names for width in WIDTHS}


async def picture(page: Page, name: str, scheme: Literal["light", "dark"] = "light") -> None:
    """Draw a page as it stands, on a phone and on a desktop, where that was asked for."""
    if PICTURES is None:
        return
    before = page.viewport_size
    await page.emulate_media(color_scheme=scheme)
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        await page.evaluate("document.querySelector('nav [aria-current]')?.scrollIntoView({ inline: 'center' })")
        await page.evaluate("scrollTo(0, 0)")
        await page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)
    await page.emulate_media(color_scheme="light")
    if before is not None:
        await page.set_viewport_size(before)
