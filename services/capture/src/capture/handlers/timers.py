"""What falls due: rows of an import are released, rejected rows forgotten, the quarantine ends."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import orjson
from pydantic import ValidationError

from capture.domain.identity import IdentityHasher
from capture.domain.submission import Submission
from capture.handlers.commands.imports import RELEASE, save_row_counts
from capture.handlers.commands.submissions import IncomingSubmission, SubmissionResult, capture_batch
from capture.store import imports, quarantine
from capture.store.imports import RejectedRow, ReleasedRow, ReleasePlan
from events.runtime import DueTimer, Transaction

AT_ONCE = 500
"""Rows that one transaction releases."""
DAY = timedelta(days=1)


async def end_quarantine(batch: Sequence[DueTimer], tx: Transaction) -> None:
    """Discard what nobody looked at in time."""
    await quarantine.discard_submissions(tx, [due.key for due in batch])


async def release_todays_rows(hasher: IdentityHasher, due: Sequence[DueTimer], tx: Transaction) -> None:
    """Release the next rows of each import, as many as the day still allows."""
    for timer in due:
        plan = await imports.lock_release_plan(tx, timer.key)
        if plan is not None and plan.per_day:
            await _release_rows_of_import(hasher, plan, timer, tx)


async def _release_rows_of_import(hasher: IdentityHasher, plan: ReleasePlan, timer: DueTimer, tx: Transaction) -> None:
    import_id = plan.import_id
    rows = await imports.take_rows_to_release(tx, import_id, min(AT_ONCE, plan.left_today))
    good, rejected = [], []
    for row in rows:
        try:
            good.append((row, IncomingSubmission(Submission.model_validate(row.values), is_listed=True)))
        except ValidationError as error:
            rejected.append(_to_rejected_row(plan, row, str(error.errors()[0]["type"])))
    answers = await capture_batch(hasher, [incoming for _, incoming in good], tx)
    counts = Counter(accepted=plan.accepted, duplicates=plan.duplicates, rejected=plan.rejected)
    for (row, _), answer in zip(good, answers, strict=True):
        if isinstance(answer, SubmissionResult):
            counts["accepted" if answer.captured.status == "accepted" else "duplicates"] += 1
        else:
            rejected.append(_to_rejected_row(plan, row, answer.code))
    counts["rejected"] += len(rejected)
    await save_row_counts(import_id, counts, rejected, tx)
    left, waits = plan.left_today - len(rows), plan.waiting - len(rows)
    spent = left <= 0
    await imports.update_import(tx, import_id, left_today=plan.per_day if spent else left, waiting=waits)
    if rows and waits > 0:
        tx.schedule(RELEASE, import_id, import_id, timer.due_at + DAY if spent else timer.due_at)
    else:
        await imports.update_import(tx, import_id, state="done", waiting=0)


def _to_rejected_row(plan: ReleasePlan, row: ReleasedRow, code: str) -> RejectedRow:
    """Return a waiting row that was refused at its release as a rejected row, its cells under their columns."""
    cells = []
    fields = {column: field for field, column in plan.mapping.items()}
    for column in plan.header:
        group, _, name = fields.get(column, "").partition(".")
        value = row.values.get(group)
        value = value.get(name) if name and isinstance(value, dict) else value
        cells.append("" if value is None else value if isinstance(value, str) else orjson.dumps(value).decode())
    return RejectedRow(row.row, cells, "", code)


async def forget_rejected_rows(due: Sequence[DueTimer], tx: Transaction) -> None:
    """Forget the rejected rows of imports long ago: they name people whom we do not know."""
    for timer in due:
        await imports.forget_rejects(tx, timer.key)
