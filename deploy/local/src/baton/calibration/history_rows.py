"""The leads that were told and have ended, as a table to learn from: what was known of each when it was told."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from baton.calibration.table import Table
from scoring.domain import History
from scoring.domain.history import collect_latest_facts

OUTCOME, TIME = "won", "told at"
DID = "did "
"""Columns that count what a contact had done by then begin so."""
ABOUT_THE_LEAD = ("lead type", "source", "campaign", "content")
LEADS = """
select contact_id, cycle, told_type, opened_at, ended_at, qualified_at, told_points, by_request from leads
"""

LeadRows = Mapping[UUID, list[Mapping[str, Any]]]


async def table_of_ended_leads(histories: AsyncIterator[History], leads: LeadRows) -> Table:
    """Put the leads that have ended into a table, a row each; open ones have no outcome yet."""
    rows = [
        row
        async for history in histories
        for row in _build_rows_of_ended_leads(history, leads.get(history.contact_id, ()))
    ]
    names = list(dict.fromkeys(name for row in rows for name in row))
    return Table(
        {name: [str(row.get(name, _default_for_missing_fact(name))) for row in rows] for name in names}, len(rows)
    )


def _default_for_missing_fact(name: str) -> str:
    return "0" if name.startswith(DID) else ""


def _build_rows_of_ended_leads(history: History, leads: Iterable[Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
    for lead in leads:
        won = any(turn.kind == "won" and turn.cycle == lead["cycle"] for turn in history.lifecycle.values())
        if won or lead["ended_at"] is not None:
            yield {**_facts_known_at(history, lead["opened_at"], lead["told_type"]), OUTCOME: int(won)}


def _facts_known_at(history: History, at: datetime, lead_type: str) -> dict[str, Any]:
    """Return what was known of a contact at an instant."""
    then = [engagement for engagement in history.engagements_in_order() if engagement.occurred_at <= at]
    counts = Counter(engagement.engagement for engagement in then)
    facts = {name: value for name, value in collect_latest_facts(then).items() if value is not None}
    last = then[-1] if then else None
    return {
        TIME: at.isoformat(),
        **facts,
        "lead type": lead_type,
        "source": last.source if last else "",
        "campaign": (last.campaign or "") if last else "",
        "content": (last.content or "") if last else "",
        **{f"{DID}{name}": count for name, count in counts.items()},
    }
