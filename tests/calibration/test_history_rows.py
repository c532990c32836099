"""The history as a table: what was known of each lead when it was told, and what became of it (Q15)."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from baton.calibration.history_rows import OUTCOME, TIME, table_of_ended_leads
from scoring.domain import History
from tests.scoring.builders import ANN, IDEAL, became, day, did, history, recycled, won


async def each(*histories: History) -> AsyncIterator[History]:
    for each in histories:
        yield each


async def test_a_row_holds_what_was_known_when_the_lead_was_published_and_open_leads_have_none() -> None:
    past = history(
        did("pricing_view", 0, **IDEAL),
        did("pricing_view", 1),
        did("contact_sales", 2, campaign="spring"),
        did("content_download", 9, employees=9000),
        *became(recycled(5), won(30, cycle=2)),
    )
    published: list[Mapping[str, Any]] = [
        {"cycle": 1, "told_type": "hand_raiser", "opened_at": day(2), "ended_at": day(5)},
        {"cycle": 2, "told_type": "content", "opened_at": day(9), "ended_at": None},
        {"cycle": 3, "told_type": "content", "opened_at": day(40), "ended_at": None},
    ]
    table = await table_of_ended_leads(each(past), {ANN: published})
    assert table.rows == 2
    assert table.columns[OUTCOME] == ["0", "1"]
    assert table.columns[TIME] == [day(2).isoformat(), day(9).isoformat()]
    assert table.columns["employees"] == ["200", "9000"]
    assert table.columns["did pricing_view"] == ["2", "2"]
    assert table.columns["did content_download"] == ["0", "1"]
    assert table.columns["lead type"] == ["hand_raiser", "content"]
    assert table.columns["campaign"] == ["spring", ""]
