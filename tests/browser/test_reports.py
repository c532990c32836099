"""What people read beside the pages fits a phone: the agreement that heads sign."""

from pathlib import Path

from playwright.async_api import Browser

from baton import agreement, playbook
from tests.browser.eyes import STRUCTURE

PLAYBOOKS = Path(__file__).parents[2] / "deploy" / "playbook"


async def test_the_agreement_fits_a_phone(browser: Browser) -> None:
    sources, faults = playbook.check(PLAYBOOKS)
    assert faults == []
    page = await browser.new_page(viewport={"width": 390, "height": 844})
    await page.set_content(agreement.page(agreement.of(sources)))
    assert "wider than the screen" not in await page.evaluate(STRUCTURE)
    await page.close()
