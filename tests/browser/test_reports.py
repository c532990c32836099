"""What people read beside the pages fits a phone: the agreement that heads sign, and where leads leaked."""

from pathlib import Path

import pytest
from playwright.async_api import Browser

import leaks
from baton import agreement, playbook
from tests.browser.eyes import STRUCTURE, faults_of
from tests.leaks import worlds

PLAYBOOKS = Path(__file__).parents[2] / "deploy" / "playbook"


async def test_the_agreement_fits_a_phone(browser: Browser) -> None:
    sources, faults = playbook.check(PLAYBOOKS)
    assert faults == []
    page = await browser.new_page(viewport={"width": 390, "height": 844})
    await page.set_content(agreement.page(agreement.of(sources)))
    assert "wider than the screen" not in await page.evaluate(STRUCTURE)
    await page.close()


@pytest.mark.parametrize("width", [390, 1280])
async def test_the_page_of_leaks_fits_a_phone_and_a_screen(width: int, browser: Browser, tmp_path: Path) -> None:
    exports = worlds.write(worlds.world(400), "salesforce", tmp_path)
    leaks.write(leaks.examine(leaks.Files(*exports)), tmp_path)
    page = await browser.new_page(viewport={"width": width, "height": 844})
    await page.goto((tmp_path / "index.html").as_uri())
    assert await faults_of(page) == []
    await page.close()
