"""Write the papers that follow from tables in the code; with `--check`, say whether they are fresh."""

import sys
from pathlib import Path

import yaml

from feedback.domain.diagram import write_lifecycle_page
from feedback.playbook import Definitions

ROOT = Path(__file__).parents[1]


def files() -> dict[Path, str]:
    """Give each paper and what must stand in it."""
    text = (ROOT / "deploy" / "playbook" / "definitions.yaml").read_text(encoding="utf-8")
    return {ROOT / "docs" / "lifecycle.md": write_lifecycle_page(Definitions.model_validate(yaml.safe_load(text)))}


def main() -> int:
    """Write them, or compare."""
    stale = [path for path, text in files().items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv:
        sys.stderr.writelines(f"{path.name} is stale: run `make docs`\n" for path in stale)
        return int(bool(stale))
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
