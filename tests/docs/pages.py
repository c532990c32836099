"""The commands and links of a page of docs."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def commands_of(text: str) -> list[str]:
    """Return the commands of a page's blocks: the lines that begin with `$ `, with those that they go on with."""
    blocks = re.findall(r"^```(\w*)\n(.+?)^```", text, re.DOTALL | re.MULTILINE)
    lines = [
        line
        for language, block in blocks
        if not language
        for line in block.replace("\\\n", " ").splitlines()
        if line.startswith("$ ")
    ]
    return [line.removeprefix("$ ") for line in lines]


def broken_links(page: Path) -> list[str]:
    """Return the links of a page to files that are not there."""
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    return [link for link in links if "://" not in link and not (page.parent / link).exists()]
