"""What an assistive tool would find on a page: names, order, contrast, sizes. Each function gives what is wrong."""

from typing import Any, Literal

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

NAMELESS = """() => [...document.querySelectorAll('input:not([type=hidden]), select, textarea, button, a')]
  .filter(each => !each.closest('.away') && each.checkVisibility())
  .filter(each => !(each.labels?.length ? [...each.labels].map(l => l.textContent).join('') : each.textContent).trim())
  .map(each => each.outerHTML.slice(0, 80))"""

CONTRAST = """() => {
  const parse = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = node => {
    for (let each = node; each; each = each.parentElement) {
      const colour = parse(getComputedStyle(each).backgroundColor);
      if (colour.length === 3 || colour[3] > 0.99) return colour;
    }
    return [255, 255, 255];
  };
  const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  const texts = [...document.querySelectorAll('body *')].filter(each => each.checkVisibility() && !each.closest('.away')
    && !['OPTION', 'SCRIPT', 'VIDEO'].includes(each.tagName)
    && ([...each.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) || each.matches('input, select')));
  return texts.map(each => [ratio(light(parse(getComputedStyle(each).color)), light(behind(each))), each])
    .filter(([found]) => found < 4.5).map(([found, each]) => `${found.toFixed(2)} ${each.outerHTML.slice(0, 60)}`);
}"""

SMALL = """() => [...document.querySelectorAll('button, select, textarea, input:not([type=hidden]), .box, .card')]
  .filter(each => each.checkVisibility() && !each.closest('.away') && !each.closest('label'))
  .map(each => [each.getBoundingClientRect(), each])
  .filter(([box]) => box.height < 24 || box.width < 24).map(([, each]) => each.outerHTML.slice(0, 80))"""

STRUCTURE = """() => [
  ...(document.documentElement.lang ? [] : ['no language']),
  ...(document.title ? [] : ['no title']),
  ...(document.querySelectorAll('h1').length === 1 ? [] : ['not one first heading']),
  ...(document.querySelectorAll('main').length === 1 ? [] : ['not one main part']),
  ...(document.documentElement.scrollWidth <= innerWidth ? [] : ['wider than the screen']),
  ...[...document.querySelectorAll('[id]')].map(e => e.id).filter((id, n, all) => all.indexOf(id) !== n),
  ...[...document.querySelectorAll('[aria-describedby], [aria-labelledby]')]
    .flatMap(e => [e.getAttribute('aria-describedby'), e.getAttribute('aria-labelledby')])
    .filter(id => id && !document.getElementById(id)).map(id => `refers to ${id}, which is not there`),
]"""

FOCUSED = """() => {
  const each = document.activeElement;
  const style = getComputedStyle(each.type === 'radio' && each.closest('.stars') ? each.closest('label') : each);
  return [each.name || each.id || each.tagName, parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== 'none',
    !!each.closest('.away')];
}"""

WIDTHS = (390, 1280)


async def faults_of(page: Page) -> list[str]:
    """Everything that is wrong with a page as it stands, in light and in dark."""
    found: list[str] = []
    await page.evaluate("Promise.allSettled(document.getAnimations().map(each => each.finished))")
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        await page.emulate_media(color_scheme=scheme)
        found += [f"{scheme}: contrast {each}" for each in await page.evaluate(CONTRAST)]
    await page.emulate_media(color_scheme="light")
    for name, script in (("no name", NAMELESS), ("small", SMALL), ("structure", STRUCTURE)):
        found += [f"{name}: {each}" for each in await page.evaluate(script)]
    return found


async def violations_of(page: Page) -> list[str]:
    """What axe-core has against a page, on a phone and on a desktop."""
    found: list[str] = []
    before = page.viewport_size
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        answer: dict[str, Any] = (await Axe().run(page)).response
        found += [
            f"axe {width}: {each['id']}: {each['help']}: {node['html'][:80]}"
            for each in answer["violations"]
            for node in each["nodes"][:3]
        ]
    if before is not None:
        await page.set_viewport_size(before)
    return found


async def tabbed_through(page: Page, most: int = 60) -> list[str]:
    """Walk through a page by the keyboard; gives the names in their order, each seen to have the focus."""
    names: list[str] = []
    await page.evaluate("document.activeElement.blur()")
    for _ in range(most):
        await page.keyboard.press("Tab")
        name, seen, away = await page.evaluate(FOCUSED)
        if name == "BODY":
            break
        assert seen, f"the focus on {name} cannot be seen"
        assert not away, f"{name} is for nobody"
        names.append(name)
    return names
