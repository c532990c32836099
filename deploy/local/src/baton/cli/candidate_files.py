"""`baton leaks --playbook`: the proposal, checked as the services read it, with points where there is enough data."""

from pathlib import Path
from typing import Any

import leaks as exports
from baton import playbook
from baton.cli.output import console, print_notice, print_table
from baton.exit_codes import FoundWrongError, WrongUsageError
from baton.stack_processes import playbook_directory
from events.business_time import Calendar

MOST_REASONS = 20
COIN = 0.5
"""The AUC of points that tell nothing."""


def write_candidate(report: exports.LeaksReport, calendar: Calendar, folder: Path) -> exports.PlaybookProposal:
    """Write a candidate playbook and check it; raises `FoundWrongError` where the services would refuse it."""
    found = exports.write_proposed_playbook(report, calendar, playbook_directory(), folder)
    _learn_points_into_yaml(report, folder)
    _, faults = playbook.check_folder(folder)
    if faults:
        first = faults[0]
        raise FoundWrongError(f"{folder}: {first.file}: {first.field or 'the file'}: {first.message}")
    return found


def _learn_points_into_yaml(report: exports.LeaksReport, folder: Path) -> None:
    """Put the points that outcomes teach into `scoring.yaml`; where they teach nothing, say why and leave it."""
    columns = exports.build_training_columns(report)
    if len(columns) < 2:  # noqa: PLR2004 - the outcome alone
        print_notice("points: the default ones; no column says industry, employees, country, job title or source")
        return
    try:
        from baton.calibration.calibrate import calibrate_card, calibration_as_json  # noqa: PLC0415 - an extra
        from baton.calibration.evidence import gather_training_data  # noqa: PLC0415
        from baton.calibration.proposal import diff_playbooks, write_proposed_playbook  # noqa: PLC0415
        from baton.calibration.proposed import measure_proposal  # noqa: PLC0415
        from baton.calibration.report import write_report  # noqa: PLC0415
        from baton.calibration.table import Table  # noqa: PLC0415
    except ModuleNotFoundError as error:
        print_notice(f"points: the default ones; {error.name} is missing (install baton with its extra `learn`)")
        return
    scoring = folder / "scoring.yaml"
    now = scoring.read_text(encoding="utf-8")
    try:
        rows = len(columns["outcome"])
        learned = calibrate_card(
            gather_training_data(Table(columns, rows), outcome="outcome", positive="won"), say=print_notice
        )
        if (low := calibration_as_json(learned)["auc_interval"][0]) <= COIN:
            print_notice(
                f"points: the default ones; what leads bring along does not tell who is won (AUC from {low:.2f} on)"
            )
            return
        proposed = write_proposed_playbook(learned.card, learned.evidence.columns, now)
    except (FoundWrongError, WrongUsageError) as error:
        print_notice(f"points: the default ones; {error}")
        return
    worth = measure_proposal(learned, now)
    write_report(learned, folder / "points", proposed, diff_playbooks(now, proposed), worth)
    scoring.write_text(proposed, encoding="utf-8")
    print_notice(
        f"points: learned from {rows:,} leads, AUC {worth['auc']:.3f} on leads not seen; see {folder / 'points'}"
    )


def print_proposal(found: exports.PlaybookProposal, folder: Path) -> None:
    """Print what was proposed, and what to correct it by."""
    promises = [_promise_row(each) for each in found.promises]
    if promises:
        columns = ("leads", "first touch within", "kept", "by")
        print_table("Promises that the better half of the reps keeps", columns, promises)
    reasons = [
        {"in the file": each.text, "leads": each.leads, "taken for": each.proposed or "-", "how": each.how}
        for each in found.reasons[:MOST_REASONS]
    ]
    print_table("Reasons", ("in the file", "leads", "taken for", "how"), reasons)
    for policy, counts in found.what_if.items():
        kept = ", ".join(f"{count:,} {state}" for state, count in counts.items())
        console.print(f"under these promises, of {policy.replace('_', ' ')} leads: {kept}", highlight=False)
    for note in found.notes:
        print_notice(note)
    print_notice(f"the playbook is {folder}: `baton playbook show {folder}`, then `baton up --playbook {folder}`")


def _promise_row(promise: Any) -> dict[str, Any]:
    return {
        "leads": "raised hands" if promise.policy == "hand_raiser" else "others",
        "first touch within": promise.within,
        "kept": f"{promise.kept:,} of {promise.called:,} called, {promise.leads:,} in all",
        "by": list(promise.reps),
    }
