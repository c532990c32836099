"""The table that a run prints."""

from collections import defaultdict

from tests.chaos.running import Injected, Outcome


def table(outcome: Outcome) -> str:
    """Return one line a fault: times injected, survived, seconds to recover; then what was found."""
    by_fault: dict[str, list[Injected]] = defaultdict(list)
    for each in outcome.injected:
        by_fault[each.fault].append(each)
    lines = [f"{'fault':24} {'injected':>8} {'survived':>8} {'median s':>8} {'worst s':>8}"]
    for name, all_of in sorted(by_fault.items()):
        took = sorted(each.recovered for each in all_of)
        survived = sum(not each.trouble for each in all_of)
        lines.append(f"{name:24} {len(all_of):8} {survived:8} {took[len(took) // 2]:8.1f} {took[-1]:8.1f}")
    lines += [f"{name:24}  skipped: {why}" for name, why in sorted(outcome.skipped.items())]
    lines += [f"TROUBLE {each.fault} ({each.detail}): {each.trouble}" for each in outcome.injected if each.trouble]
    lines += [f"FOUND {finding}" for finding in outcome.findings]
    counts = ", ".join(f"{count} {name}" for name, count in outcome.counts.get("load", {}).items())
    verdict = "ledger clean, no process ended by itself" if outcome.clean else "NOT CLEAN"
    lines.append(f"seed {outcome.seed}, {outcome.seconds:.0f} s of faults; load: {counts}; {verdict}")
    return "\n".join(lines)
