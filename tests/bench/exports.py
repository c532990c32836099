"""`baton leaks` over exports of a quarter of a million and of a million leads: how long it takes, and in what memory.

The leads are one year of `tests.leaks.worlds` over and over, each copy with other numbers and addresses. So each figure
is a multiple of one copy's, and a run that saves memory by losing rows fails.
"""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from tests.leaks import worlds

COPY = 50_000
FEW, MANY = 250_000, 1_000_000
FLAT = 1.2
"""What four times the leads may take of the memory."""
COUNTED = ("never-touched", "no-second-touch", "without-owner", "duplicates")
Counts = dict[str, int]


async def measure() -> dict[str, float]:
    """Return seconds and megabytes by size; raises `RuntimeError` where memory grows or rows are lost."""
    return await asyncio.to_thread(_measured)


def _measured() -> dict[str, float]:
    with TemporaryDirectory(prefix="baton-bench-") as name:
        folder = Path(name)
        copy = worlds.write(worlds.world(COPY), "hubspot", folder / "copy")
        expected, _, _ = _run(copy, folder / "out")
        found: dict[str, float] = {}
        for leads in (FEW, MANY):
            files = [_repeated(path, leads // COPY, folder / path.name) for path in copy]
            counts, seconds, megabytes = _run(files, folder / "out")
            if counts != {each: count * (leads // COPY) for each, count in expected.items()}:
                message = f"{leads:,} leads have other figures than their copies: {counts}"
                raise RuntimeError(message)
            found |= {f"leaks_{leads}_seconds": seconds, f"leaks_{leads}_megabytes": megabytes}
    grown = found[f"leaks_{MANY}_megabytes"] / found[f"leaks_{FEW}_megabytes"]
    if grown > FLAT:
        message = f"memory grows with the file: {found}"
        raise RuntimeError(message)
    return found | {"leaks_memory_grown": grown}


def _repeated(path: Path, times: int, to: Path) -> Path:
    """Write a file so many times, each time with other numbers of leads and other e-mails."""
    header, _, rows = path.read_bytes().partition(b"\n")
    with to.open("wb") as file:
        file.write(header + b"\n")
        for copy in range(times):
            file.write(rows.replace(b"L-", b"L-%d-" % copy).replace(b"@firm", b"-%d@firm" % copy))
    return to


def _run(files: list[Path], out: Path) -> tuple[Counts, float, float]:
    """Return what the command counts, its seconds and the most megabytes that it had."""
    command = (str(Path(sys.executable).parent / "baton"), "leaks", *map(str, files), "--out", str(out))
    began = perf_counter()
    with (out.parent / "printed.txt").open("w") as printed:
        process = subprocess.Popen(command, stdout=printed, stderr=printed)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError((out.parent / "printed.txt").read_text())
    document = json.loads((out / "leaks.json").read_text())
    counts = {each["name"]: each["count"] for each in document["figures"] if each["name"] in COUNTED}
    return {"leads": document["leads"], **counts}, perf_counter() - began, usage.ru_maxrss / 1000
