"""`baton leaks --playbook`: the proposal, checked as the services read it, with points where there is enough data."""

from pathlib import Path
from typing import Any

import leaks as exports
from baton import playbook
from baton.cli.output import console, say, table
from baton.exit_codes import FoundWrongError, WrongUsageError
from baton.parts import playbook_directory
from events.business_time import Calendar

MOST_REASONS = 20


def write_candidate(report: exports.Report, calendar: Calendar, folder: Path) -> exports.Proposal:
    """Write a candidate playbook and check it; raises `FoundWrongError` where the services would refuse it."""
    found = exports.propose(report, calendar, playbook_directory(), folder)
    _learn_points(report, folder)
    _, faults = playbook.check(folder)
    if faults:
        first = faults[0]
        raise FoundWrongError(f"{folder}: {first.file}: {first.field or 'the file'}: {first.message}")
    return found


def _learn_points(report: exports.Report, folder: Path) -> None:
    """Put the points that outcomes teach into `scoring.yaml`; where they teach nothing, say why and leave it."""
    columns = exports.learnable(report)
    if len(columns) < 2:  # noqa: PLR2004 - the outcome alone
        say("points: the default ones; no column says industry, employees, country, job title or source")
        return
    try:
        from baton.calibration.calibrate import calibrate  # noqa: PLC0415 - an extra
        from baton.calibration.evidence import gather  # noqa: PLC0415
        from baton.calibration.proposal import candidate, changes  # noqa: PLC0415
        from baton.calibration.proposed import measure_proposal  # noqa: PLC0415
        from baton.calibration.report import write_report  # noqa: PLC0415
        from baton.calibration.table import Table  # noqa: PLC0415
    except ModuleNotFoundError as error:
        say(f"points: the default ones; {error.name} is missing (install baton with its extra `learn`)")
        return
    scoring = folder / "scoring.yaml"
    now = scoring.read_text(encoding="utf-8")
    try:
        rows = len(columns["outcome"])
        learned = calibrate(gather(Table(columns, rows), outcome="outcome", positive="won"), say=say)
        proposed = candidate(learned.card, learned.evidence.columns, now)
    except (FoundWrongError, WrongUsageError) as error:
        say(f"points: the default ones; {error}")
        return
    worth = measure_proposal(learned, now)
    write_report(learned, folder / "points", proposed, changes(now, proposed), worth)
    scoring.write_text(proposed, encoding="utf-8")
    say(f"points: learned from {rows:,} leads, AUC {worth['auc']:.3f} on leads not seen; see {folder / 'points'}")


def show(found: exports.Proposal, folder: Path) -> None:
    """Print what was proposed, and what to correct it by."""
    promises = [_promise(each) for each in found.promises]
    table("Promises that the better half of the reps keeps", ("leads", "first touch within", "kept", "by"), promises)
    reasons = [
        {"in the file": each.text, "leads": each.leads, "taken for": each.proposed or "-", "how": each.how}
        for each in found.reasons[:MOST_REASONS]
    ]
    table("Reasons", ("in the file", "leads", "taken for", "how"), reasons)
    for policy, counts in found.what_if.items():
        kept = ", ".join(f"{count:,} {state}" for state, count in counts.items())
        console.print(f"under these promises, of {policy.replace('_', ' ')} leads: {kept}", highlight=False)
    for note in found.notes:
        say(note)
    say(f"the playbook is {folder}: `baton playbook show {folder}`, then `baton up --playbook {folder}`")


def _promise(promise: Any) -> dict[str, Any]:
    return {
        "leads": "raised hands" if promise.policy == "hand_raiser" else "others",
        "first touch within": promise.within,
        "kept": f"{promise.kept:,} of {promise.called:,} called, {promise.leads:,} in all",
        "by": list(promise.reps),
    }
