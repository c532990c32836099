"""Who approved which files: kept beside the stack, for exactly the files that were read, and never rewritten.

An approval is for a text. Whoever changes a letter afterwards has a playbook that nobody approved.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from baton.data_dir import DataDir
from events.runtime.playbooks import PlaybookText

FILE = "approvals.jsonl"


def digest(sources: Mapping[str, PlaybookText]) -> str:
    """Return a hash of all files of a playbook, in whatever order they were read."""
    versions = "\0".join(f"{name} {sources[name].version}" for name in sorted(sources))
    return hashlib.sha256(versions.encode()).hexdigest()[:12]


def approved(data_dir: DataDir, sources: Mapping[str, PlaybookText]) -> list[str]:
    """Return who approved exactly these files, the first first."""
    wanted = digest(sources)
    approvers = [line["by"] for line in _lines(data_dir) if line["playbook"] == wanted]
    return list(dict.fromkeys(approvers))


def approve(data_dir: DataDir, sources: Mapping[str, PlaybookText], by: str) -> bool:
    """Keep an approval of these files; False where it was given before."""
    if by in approved(data_dir, sources):
        return False
    data_dir.create()
    line = {"playbook": digest(sources), "by": by, "at": datetime.now(UTC).isoformat()}
    with (data_dir.directory / FILE).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    return True


def _lines(data_dir: DataDir) -> Iterable[dict[str, str]]:
    try:
        text = (data_dir.directory / FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in text.splitlines() if line]
