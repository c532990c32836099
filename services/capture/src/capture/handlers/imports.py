"""Take a CSV file in row by row, keep what was rejected for repair, and release so many people a day."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from pydantic import ValidationError

from capture.domain import arrival
from capture.domain.identity import Keyring
from capture.domain.sheet import Columns
from capture.domain.submission import Submission
from capture.handlers.errors import ImportUnknown
from capture.handlers.intake import Answer, Incoming, capture
from capture.playbook import CapturePlaybook
from capture.store import imports as store
from events.runtime import Due, Transaction

RELEASE, FORGET = "import.release", "import.forget_rejects"
AT_ONCE = 500
"""Rows that one transaction releases."""
DAY = timedelta(days=1)
REPAIR = timedelta(days=30)
"""How long rejected rows are kept."""


async def begin_import(import_id: UUID, columns: Columns, per_day: int | None, sent_by: str, tx: Transaction) -> None:
    """Begin an import, or read the same file once more after it broke off."""
    held = await store.find(tx, import_id, hold=True)
    row = {
        "import_id": import_id,
        "state": "reading",
        "sent_by": sent_by,
        "begun_at": tx.now,
        "ended_at": None,
        "header": list(columns.header),
        "mapping": columns.mapping(),
        "file": {"unmapped": columns.unmapped()},
        "put_aside": [],
        "per_day": per_day,
        **dict.fromkeys(store.COUNTS, 0),
        "left_today": per_day or 0,
    }
    await store.begin(tx, row | {"waiting": held["waiting"] if held else 0})


async def note_rows(import_id: UUID, found: Counter[str], rejected: Sequence[dict[str, Any]], tx: Transaction) -> None:
    """Count the rows that were read, and keep those that were rejected."""
    await store.keep_rejects(tx, [{"import_id": import_id, **row} for row in rejected])
    await store.count(tx, import_id, found)


async def keep_for_release(
    keyring: Keyring, import_id: UUID, rows: Sequence[tuple[int, Submission, dict[str, Any]]], tx: Transaction
) -> None:
    """Keep rows (number, read, as told) for their day."""
    rules = tx.playbook(CapturePlaybook)
    await store.keep_waiting(
        tx,
        [
            {
                "import_id": import_id,
                "row": number,
                "key": arrival.arrive(read, keyring, rules, tx.now).keys[0],
                "told": told,
            }
            for number, read, told in rows
        ],
    )


async def break_off(import_id: UUID, tx: Transaction) -> None:
    """Note that the sender went away in the middle; sending the same file again goes on."""
    await store.change(tx, import_id, state="broken_off", ended_at=tx.now)


async def widest_reject(import_id: UUID, tx: Transaction) -> int:
    """Return the most cells that a rejected row has."""
    return await store.widest_reject(tx, import_id)


async def show_rejects(import_id: UUID, after: int, most: int, tx: Transaction) -> list[dict[str, Any]]:
    """Give the rejected rows after one of them."""
    return await store.load_rejects(tx, import_id, after, most)


async def end_import(
    import_id: UUID, file: Mapping[str, Any], put_aside: Sequence[Mapping[str, Any]], tx: Transaction
) -> dict[str, Any]:
    """Note that a file was read to its end, what it is and which cells were put aside; returns the import."""
    found = await store.find(tx, import_id, hold=True)
    if found is None:
        raise ImportUnknown
    waiting = await store.count_waiting(tx, import_id)
    await store.change(
        tx,
        import_id,
        state="releasing" if waiting else "done",
        waiting=waiting,
        ended_at=tx.now,
        file={**found["file"], **file},
        put_aside=list(put_aside),
    )
    if waiting:
        tx.schedule(RELEASE, import_id, import_id, tx.now)
    if found["rejected"]:
        tx.schedule(FORGET, import_id, import_id, tx.now + REPAIR)
    return await show_import(import_id, tx)


async def show_import(import_id: UUID, tx: Transaction) -> dict[str, Any]:
    """Give an import's progress."""
    found = await store.find(tx, import_id)
    if found is None:
        raise ImportUnknown
    return {name: value for name, value in found.items() if name != "left_today"}


async def on_release(keyring: Keyring, due: Sequence[Due], tx: Transaction) -> None:
    """Release the next rows of each import, as many as the day still allows."""
    for timer in due:
        held = await store.find(tx, timer.key, hold=True)
        if held is not None and held["per_day"]:
            await _release(keyring, held, timer, tx)


async def _release(keyring: Keyring, held: dict[str, Any], timer: Due, tx: Transaction) -> None:
    import_id = held["import_id"]
    rows = await store.release(tx, import_id, min(AT_ONCE, held["left_today"]))
    good, rejected = [], []
    for number, told in rows:
        try:
            good.append((number, told, Incoming(Submission.model_validate(told))))
        except ValidationError as error:
            rejected.append(_rejected(held, number, told, str(error.errors()[0]["type"])))
    answers = await capture(keyring, [incoming for _, _, incoming in good], tx)
    found = Counter(waiting=-len(rows))
    for (number, told, _), answer in zip(good, answers, strict=True):
        if isinstance(answer, Answer):
            found["accepted" if answer.captured.status == "accepted" else "duplicates"] += 1
        else:
            rejected.append(_rejected(held, number, told, answer.code))
    found["rejected"] = len(rejected)
    await note_rows(import_id, found, rejected, tx)
    left, waits = held["left_today"] - len(rows), held["waiting"] - len(rows)
    spent = left <= 0
    await store.change(tx, import_id, left_today=held["per_day"] if spent else left)
    if rows and waits > 0:
        tx.schedule(RELEASE, import_id, import_id, timer.due_at + DAY if spent else timer.due_at)
    else:
        await store.change(tx, import_id, state="done", waiting=0)


def _rejected(held: dict[str, Any], number: int, told: dict[str, Any], code: str) -> dict[str, Any]:
    """Give a row that had been good enough to wait as one to repair, its cells under their columns."""
    cells = []
    fields = {column: field for field, column in held["mapping"].items()}
    for column in held["header"]:
        group, _, name = fields.get(column, "").partition(".")
        value = told.get(group)
        value = value.get(name) if name and isinstance(value, dict) else value
        cells.append("" if value is None else value if isinstance(value, str) else orjson.dumps(value).decode())
    return {"row": number, "cells": cells, "field": "", "code": code}


async def on_forget_rejects(due: Sequence[Due], tx: Transaction) -> None:
    """Forget the rejected rows of imports long ago: they name people whom we do not know."""
    for timer in due:
        await store.forget_rejects(tx, timer.key)
