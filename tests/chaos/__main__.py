"""`python -m tests.chaos`: inject faults into the whole system under load, and count what is lost or done twice."""

import argparse
import asyncio
import secrets
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from tests.chaos import catalogue, disks, report, rig, running
from tests.chaos.fault import FAULTS, Fault


def arguments(argv: list[str]) -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=15, help="how long faults are injected (15)")
    parser.add_argument("--seed", type=int, default=None, help="what all dice start from (random)")
    parser.add_argument("--faults", default="", help="only these, by name, with commas between")
    parser.add_argument("--rate", type=float, default=20, help="posts a second (20)")
    parser.add_argument("--brokers", type=int, default=3, help="Kafka brokers (3)")
    parser.add_argument("--data", type=Path, default=None, help="where to keep everything (a temporary folder)")
    parser.add_argument("--port-base", type=int, default=None, help="base of the services' ports (free ones)")
    parser.add_argument(
        "--release", default="", help="begin with this commit or tag and upgrade (with --faults upgrade)"
    )
    parser.add_argument("--report", type=Path, default=None, help="write the outcome as JSON")
    parser.add_argument("--catalogue", action="store_true", help="list what covers each fault to survive, and end")
    parser.add_argument("--list", action="store_true", help="list the faults and end")
    return parser.parse_args(argv)


def chosen(names: str) -> list[Fault]:
    """Return the faults of these names, all without any."""
    wanted = [name for name in names.split(",") if name]
    unknown = [name for name in wanted if name not in FAULTS]
    if unknown:
        sys.stderr.write(f"no such fault: {', '.join(unknown)} (--list names them)\n")
        sys.exit(2)
    return [fault for name, fault in FAULTS.items() if not wanted or name in wanted]


def listed() -> list[str]:
    """Return a line for each fault that can be injected."""
    return [f"{fault.name:22} {' '.join(fault.covers):16} {fault.title}" for fault in FAULTS.values()]


async def main(options: argparse.Namespace) -> int:
    """Run, print the table; 1 where anything was found."""
    seed = secrets.randbelow(10**6) if options.seed is None else options.seed
    folder = options.data or Path(tempfile.mkdtemp(prefix="baton-chaos-"))
    _print(f"seed {seed}, data in {folder}")
    size = rig.Size(options.brokers, options.port_base, durable=True, release=options.release)
    with disks.small(folder / "postgres") as mounted:
        async with rig.up(folder, size) as system:
            outcome = await running.run(
                system, chosen(options.faults), seed=seed, minutes=options.minutes, rate=options.rate, progress=_print
            )
        if mounted and not outcome.clean:
            shutil.copytree(folder / "postgres", folder / "postgres-after")
    _print(report.table(outcome))
    if options.report:
        outcome.write(options.report)
    if outcome.clean and options.data is None:
        shutil.rmtree(folder, ignore_errors=True)
    return 0 if outcome.clean else 1


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    OPTIONS = arguments(sys.argv[1:])
    if OPTIONS.list or OPTIONS.catalogue:
        _print("\n".join(catalogue.lines() if OPTIONS.catalogue else listed()))
        sys.exit(0)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    sys.exit(asyncio.run(main(OPTIONS)))
