"""Rows of a list as submissions, and how many of their cells did not fit."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence

from capture.api.intake import SubmissionIntake
from capture.domain.arrival import Fault
from capture.domain.cells import FittedRow, fit
from capture.domain.sheet import Columns
from capture.handlers.errors import reason_of
from filereader import Row

BETWEEN_OTHERS = 25
"""Rows that are read before whatever else the process does has its turn: a group would keep it for seconds."""


def counted(put_aside: "Counter[tuple[str, str]]") -> list[dict[str, str | int]]:
    """Return how many cells of each field were put aside, and why."""
    return [
        {"field": field, "code": code, "cells": cells, "reason": reason_of(code)}
        for (field, code), cells in sorted(put_aside.items())
    ]


async def fit_rows(
    intake: SubmissionIntake, columns_of: Callable[[Row], Columns], group: Sequence[Row]
) -> list[FittedRow]:
    """Read rows as submissions; the fault of each that is none says why."""
    rules, now = await intake.rules_now()
    found = []
    for number, row in enumerate(group):
        if number % BETWEEN_OTHERS == 0:
            await asyncio.sleep(0)
        if row.fault or row.cells is None:
            found.append(FittedRow(None, {}, [], Fault("body", row.fault)))
        else:
            columns = columns_of(row)
            found.append(fit(columns.values(row.cells), rules, now, columns.defaults))
    return found
