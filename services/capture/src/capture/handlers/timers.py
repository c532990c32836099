"""What falls due: rows of an import are released, rejected rows forgotten, the quarantine ends."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import orjson
from pydantic import ValidationError

from capture.domain.identity import Keyring
from capture.domain.submission import Submission
from capture.handlers.commands.imports import RELEASE, note_rows
from capture.handlers.commands.submissions import Incoming, SubmissionResult, capture
from capture.store import imports, quarantine
from events.runtime import Due, Transaction

AT_ONCE = 500
"""Rows that one transaction releases."""
DAY = timedelta(days=1)


async def end_quarantine(batch: Sequence[Due], tx: Transaction) -> None:
    """Discard what nobody looked at in time."""
    await quarantine.end(tx, [due.key for due in batch])


async def release_todays_rows(keyring: Keyring, due: Sequence[Due], tx: Transaction) -> None:
    """Release the next rows of each import, as many as the day still allows."""
    for timer in due:
        import_row = await imports.find(tx, timer.key, lock=True)
        if import_row is not None and import_row["per_day"]:
            await _release(keyring, import_row, timer, tx)


async def _release(keyring: Keyring, import_row: dict[str, Any], timer: Due, tx: Transaction) -> None:
    import_id = import_row["import_id"]
    rows = await imports.release(tx, import_id, min(AT_ONCE, import_row["left_today"]))
    good, rejected = [], []
    for number, values in rows:
        try:
            good.append((number, values, Incoming(Submission.model_validate(values))))
        except ValidationError as error:
            rejected.append(_rejected(import_row, number, values, str(error.errors()[0]["type"])))
    answers = await capture(keyring, [incoming for _, _, incoming in good], tx)
    found = Counter(waiting=-len(rows))
    for (number, values, _), answer in zip(good, answers, strict=True):
        if isinstance(answer, SubmissionResult):
            found["accepted" if answer.captured.status == "accepted" else "duplicates"] += 1
        else:
            rejected.append(_rejected(import_row, number, values, answer.code))
    found["rejected"] = len(rejected)
    await note_rows(import_id, found, rejected, tx)
    left, waits = import_row["left_today"] - len(rows), import_row["waiting"] - len(rows)
    spent = left <= 0
    await imports.change(tx, import_id, left_today=import_row["per_day"] if spent else left)
    if rows and waits > 0:
        tx.schedule(RELEASE, import_id, import_id, timer.due_at + DAY if spent else timer.due_at)
    else:
        await imports.change(tx, import_id, state="done", waiting=0)


def _rejected(import_row: dict[str, Any], number: int, values: dict[str, Any], code: str) -> dict[str, Any]:
    """Return a waiting row that was refused at its release as a rejected row, its cells under their columns."""
    cells = []
    fields = {column: field for field, column in import_row["mapping"].items()}
    for column in import_row["header"]:
        group, _, name = fields.get(column, "").partition(".")
        value = values.get(group)
        value = value.get(name) if name and isinstance(value, dict) else value
        cells.append("" if value is None else value if isinstance(value, str) else orjson.dumps(value).decode())
    return {"row": number, "cells": cells, "field": "", "code": code}


async def forget_rejected_rows(due: Sequence[Due], tx: Transaction) -> None:
    """Forget the rejected rows of imports long ago: they name people whom we do not know."""
    for timer in due:
        await imports.forget_rejects(tx, timer.key)
