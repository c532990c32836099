"""Rows of a list as submissions, and how many of their cells did not fit."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence

from capture.api.intake import SubmissionGatherer
from capture.domain.arrival import SubmissionFault
from capture.domain.cells import FittedRow, fit_row
from capture.domain.sheet import ColumnMapping
from capture.handlers.errors import find_reason_text
from filereader import FileRow

BETWEEN_OTHERS = 25
"""Rows that are read before whatever else the process does has its turn: a group would keep it for seconds."""


def list_put_aside_counts(put_aside: "Counter[tuple[str, str]]") -> list[dict[str, str | int]]:
    """Return how many cells of each field were put aside, and why."""
    return [
        {"field": field, "code": code, "cells": cells, "reason": find_reason_text(code)}
        for (field, code), cells in sorted(put_aside.items())
    ]


async def read_rows_as_submissions(
    intake: SubmissionGatherer, columns_of: Callable[[FileRow], ColumnMapping], group: Sequence[FileRow]
) -> list[FittedRow]:
    """Read rows of a file as submissions; a row that cannot be one carries the fault that says why."""
    rules, now = await intake.load_rules_and_time()
    found = []
    for number, row in enumerate(group):
        if number % BETWEEN_OTHERS == 0:
            await asyncio.sleep(0)
        if row.fault or row.cells is None:
            found.append(FittedRow(None, {}, [], SubmissionFault("body", row.fault)))
        else:
            columns = columns_of(row)
            found.append(fit_row(columns.read_row(row.cells), rules, now, columns.defaults))
    return found
