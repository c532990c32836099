"""The funnel of a real year: Olist's 8,000 leads and 842 wins, counted from the files by themselves and by the service.

`Counted` reads the files with the standard library alone and shares no line with the service.
"""

import csv
import math
from collections import Counter, defaultdict
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson
import pytest

from events.runtime.testing import ServiceHarness
from tests.feedback.lead_story import LeadStory

FILES = Path(__file__).parents[2] / "data" / "olist"
BATCH = 1_000


class Counted:
    """What the files say."""

    def __init__(self) -> None:
        leads = self._read("olist_marketing_qualified_leads_dataset.csv")
        self.first = {row["mql_id"]: datetime.fromisoformat(row["first_contact_date"]) for row in leads}
        self.origin = {row["mql_id"]: row["origin"] or None for row in leads}
        deals = self._read("olist_closed_deals_dataset.csv")
        self.won = {row["mql_id"]: datetime.fromisoformat(row["won_date"]) for row in deals}

    @staticmethod
    def _read(name: str) -> list[dict[str, str]]:
        with (FILES / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def by(self, group: dict[str, Any]) -> dict[Any, tuple[int, int, float | None]]:
        """Leads, wins and the mean of the days to the win, of each group."""
        leads, days = Counter(group.values()), defaultdict(list)
        for mql_id, at in self.won.items():
            days[group[mql_id]].append((at - self.first[mql_id]).total_seconds() / 86_400)
        return {
            name: (number, len(days[name]), round(math.fsum(days[name]) / len(days[name]), 2) if days[name] else None)
            for name, number in leads.items()
        }

    @cached_property
    def days(self) -> list[int]:
        """Whole days from the first contact to the win, in order; one of them was won before."""
        return sorted((at - self.first[mql_id]).days for mql_id, at in self.won.items())

    def quantile(self, share: float) -> int:
        return self.days[math.ceil(share * len(self.days)) - 1]


async def test_the_funnel_of_a_real_year_is_what_its_files_say(harness: ServiceHarness) -> None:
    """A1, A6, D13: by origin, by cohort and in days to the win; the win before the first contact is in it."""
    files = Counted()
    stories = {mql_id: LeadStory(mql_id, start=at.replace(tzinfo=UTC)) for mql_id, at in files.first.items()}
    await _live_through(harness, files, stories)

    origins = await _funnel(harness, "by=origin")
    assert _measured(origins) == files.by(files.origin)
    months = await _funnel(harness, "by=month")
    assert _measured(months) == files.by({mql_id: f"{at:%Y-%m}" for mql_id, at in files.first.items()})
    weeks = await _funnel(harness, "by=week")
    assert _measured(weeks) == files.by({mql_id: f"{at:%G-W%V}" for mql_id, at in files.first.items()})
    assert months["days_to_won"] == {
        "median": files.quantile(0.5), "p90": files.quantile(0.9), "leads": len(files.won),
        "lists": {"leads": "/v1/leads?counted=won"},
    }  # fmt: skip
    assert files.days[0] < 0
    total = months["total"]
    assert (total["qualified"], total["won"]) == (len(files.first), len(files.won))
    assert total["rates"]["lead_to_won"] == round(len(files.won) / len(files.first), 4)
    cohorts = (await _funnel(harness, "by=origin&cohort=month"))["items"]
    assert sum(row["won"] for row in cohorts) == len(files.won)
    assert {(row["group"], row["cohort"]) for row in cohorts} == {
        (files.origin[mql_id], f"{at:%Y-%m}") for mql_id, at in files.first.items()
    }


async def _live_through(harness: ServiceHarness, files: Counted, stories: dict[str, LeadStory]) -> None:
    """Record the service of the year as the other services would, and of the wins as the CRM would."""
    names = list(stories)
    for start in range(0, len(names), BATCH):
        part = names[start : start + BATCH]
        await harness.deliver(*[stories[name].captured(facts={"origin": files.origin[name] or ""}) for name in part])
        await harness.deliver(*[stories[name].qualified(campaign=None) for name in part])
    lines = [
        {"lead_id": stories[name].lead_id, "command": "won", "by": "crm", "at": f"{at.isoformat()}Z", "amount": 1}
        for name, at in files.won.items()
    ]
    body = b"\n".join(orjson.dumps(line) for line in lines)
    answer = await harness.http.post(
        "/v1/leads/commands", content=body, headers={"content-type": "application/x-ndjson"}
    )
    assert orjson.loads(answer.content.splitlines()[-1]) == {"done": len(lines), "replayed": 0, "refused": 0}


async def _funnel(harness: ServiceHarness, query: str) -> dict[str, Any]:
    found: dict[str, Any] = (await harness.http.get(f"/v1/funnel?{query}")).json()
    return found


def _measured(funnel: dict[str, Any]) -> dict[Any, Any]:
    return {row["group"]: (row["qualified"], row["won"], _about(row["days_to_won"])) for row in funnel["items"]}


def _about(days: float | None) -> Any:
    """Both sides are rounded to a hundredth of a day."""
    return None if days is None else pytest.approx(days, abs=0.011)
