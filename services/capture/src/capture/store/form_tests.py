"""SQL of forms that were filled in as a test; the newest are kept."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from capture.models import FormTests
from events.parts import JsonObject
from events.runtime import Transaction
from events.runtime.bulk import get_table
from events.runtime.rows import Row, read_rows

form_tests = get_table(FormTests)

MOST_KEPT = 100


class FormTestRow(Row):
    """A form that was filled in as a test, and the event that it would have made."""

    test_id: UUID
    form: str
    received_at: datetime
    key_id: str | None
    origin: str | None
    language: str
    suspicion: str | None
    captured: JsonObject


async def save_test(tx: Transaction, row: FormTestRow) -> None:
    """Keep a test, and forget the oldest beyond a hundred."""
    newest = sa.select(form_tests.c.test_id).order_by(form_tests.c.received_at.desc()).limit(MOST_KEPT - 1)
    await tx.execute(sa.delete(form_tests).where(form_tests.c.test_id.not_in(newest)))
    await tx.insert(FormTests, [row.as_dict()])


async def list_tests(tx: Transaction, form: str, most: int) -> list[FormTestRow]:
    """Return the tests of a form, the newest first."""
    wanted = sa.select(*FormTestRow.columns(form_tests)).where(form_tests.c.form == form)
    return await read_rows(tx, FormTestRow, wanted.order_by(form_tests.c.received_at.desc()).limit(most))
