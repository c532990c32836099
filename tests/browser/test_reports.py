"""What people read beside the pages, on a phone and on a screen: the agreement, leaks, a calibration, a simulation."""

from pathlib import Path

from playwright.async_api import Browser, ViewportSize

import leaks
from baton import agreement, playbook
from baton.calibration.calibrate import calibration_as_json
from baton.calibration.report import render_report as page_of_card
from baton.pages import fill_template
from tests.browser.eyes import faults_of, violations_of
from tests.browser.pictures import picture
from tests.calibration.conftest import calibrated
from tests.calibration.worlds import education
from tests.leaks import worlds
from tests.simulation.test_comparison import STRICT, compared

PLAYBOOKS = Path(__file__).parents[2] / "deploy" / "playbook"
PHONE: ViewportSize = {"width": 390, "height": 844}


async def wrong_with(html: str, browser: Browser, name: str) -> list[str]:
    """Return what is wrong with a page that loads nothing, at 390 and 1280 px; draw it."""
    page = await browser.new_page(viewport=PHONE)
    await page.set_content(html)
    found = await faults_of(page) + await violations_of(page)
    await picture(page, name)
    await page.close()
    return found


async def test_everybody_can_read_the_agreement(browser: Browser) -> None:
    sources, faults = playbook.check_folder(PLAYBOOKS)
    assert faults == []
    assert await wrong_with(agreement.render_agreement(agreement.rules_from_files(sources)), browser, "agreement") == []


async def test_everybody_can_read_where_leads_leaked(browser: Browser, tmp_path: Path) -> None:
    exports = worlds.write(worlds.world(400), "salesforce", tmp_path)
    leaks.write_report(leaks.build_report(leaks.ExportFiles(*exports)), tmp_path)
    assert await wrong_with((tmp_path / "index.html").read_text(encoding="utf-8"), browser, "leaks") == []


async def test_everybody_can_read_a_simulation(browser: Browser) -> None:
    page = fill_template("simulation.html", found=compared(STRICT), candidate="new.yaml", in_force="0123", since=None)
    assert await wrong_with(page, browser, "simulation") == []


async def test_everybody_can_read_a_calibration(browser: Browser) -> None:
    found = calibrated(education(1_500))
    diff = "--- scoring.yaml\n+++ scoring.yaml (proposed)\n-  points: 10\n+  points: 20 # " + "a long line " * 12
    figures = calibration_as_json(found) | {"proposal": {"auc": 0.61, "card_auc": 0.72, "rows": 450}}
    assert await wrong_with(page_of_card(found, figures, diff), browser, "calibration") == []
