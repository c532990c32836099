"""The figures of `baton leaks` once more, in plain Python over rows of text: no Polars, no code of `leaks`.

It reads the world's own files, in one layout, with headings written here by hand.
"""

import csv
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from math import sqrt
from pathlib import Path
from statistics import mean, stdev
from typing import Any
from zoneinfo import ZoneInfo

from events.business_time import Calendar, measure_elapsed, parse_duration

HUMAN = {"Call", "Email", "Meeting"}
ASKED = {"Demo request", "Contact us"}
OUTCOMES = {"Open": "open", "Converted": "won", "Unqualified": "lost", "Nurture": "returned"}
NINETY = timedelta(days=90)
Z = 1.959963984540054
Row = dict[str, Any]


def interval(part: int, whole: int) -> tuple[float, float]:
    """Wilson's interval, written down anew."""
    share = part / whole
    spread = Z * sqrt(share * (1 - share) / whole + Z * Z / (4 * whole * whole))
    scale = 1 + Z * Z / whole
    return (share + Z * Z / (2 * whole) - spread) / scale, (share + Z * Z / (2 * whole) + spread) / scale


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def moment(text: str, zone: ZoneInfo) -> datetime | None:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=zone).astimezone(UTC) if text else None


def people_of(files: list[Path], zone: ZoneInfo) -> tuple[list[Row], datetime]:
    """The HubSpot files as one row a lead."""
    leads, activities, deals = map(read, files)
    calls: dict[str, list[datetime]] = defaultdict(list)
    for row in activities:
        at = moment(row["Activity date"], zone)
        if row["Activity type"] in HUMAN and at:
            calls[row["Associated Contact IDs"]].append(at)
    sold = {row["Associated Contact IDs"]: row for row in deals if row["Deal Stage"] == "Closed Won"}
    found: list[Row] = []
    for row in leads:
        created, times, deal = moment(row["Create Date"], zone), calls[row["Record ID"]], sold.get(row["Record ID"])
        after = sorted(at for at in times if created and at >= created)
        second = next((at for at in after if at >= after[0] + timedelta(hours=24)), None)
        found.append({
            "id": row["Record ID"], "created": created, "source": row["Original Traffic Source"] or None,
            "owner": row["Contact owner"] or None, "outcome": "won" if deal else OUTCOMES[row["Lead Status"]],
            "reason": row["Lost Reason"] or None, "asked": row["First Conversion"] in ASKED, "times": times,
            "first": after[0] if after else None, "second": second, "returned": moment(row["Returned Date"], zone),
            "woken": moment(row["Reopened Date"], zone), "amount": float(deal["Amount"]) if deal else None,
            "person": row["Email"], "won_at": moment(deal["Close Date"], zone) if deal else None,
        })  # fmt: skip
    ends = [row[name] for row in found for name in ("created", "returned", "woken", "won_at")]
    ends += [at for row in found for at in row["times"]]
    return found, max(at for at in ends if at)


def leaks_of(found: list[Row], as_of: datetime) -> dict[str, set[str]]:
    """Each figure's leads."""

    def where(test: Any) -> set[str]:
        return {row["id"] for row in found if test(row)}

    def back(row: Row) -> bool:
        return row["outcome"] == "returned" or row["returned"] is not None

    seen: Counter[str] = Counter()
    again = set()
    for row in found:
        seen[row["person"]] += 1
        if seen[row["person"]] > 1:
            again.add(row["id"])
    return {
        "raised-a-hand-never-touched": where(lambda row: row["asked"] and not row["times"]),
        "never-touched": where(lambda row: not row["times"]),
        "no-second-touch": where(lambda row: row["times"] and not row["second"]),
        "without-owner": where(lambda row: not row["owner"]),
        "without-outcome": where(lambda row: row["outcome"] == "open" and row["created"] <= as_of - NINETY),
        "closed-without-reason": where(lambda row: row["outcome"] in {"lost", "returned"} and not row["reason"]),
        "returned-never-woken": where(
            lambda row: back(row) and row["outcome"] == "returned" and not row["woken"]
            and (row["returned"] or row["created"]) <= as_of - NINETY
        ),
        "woken-never-called": where(lambda row: row["woken"] and not any(at >= row["woken"] for at in row["times"])),
        "duplicates": again,
    }  # fmt: skip


def hands(found: list[Row]) -> int:
    owners: dict[str, set[str]] = defaultdict(set)
    for row in found:
        owners[row["person"]].update([row["owner"]] if row["owner"] else [])
    return sum(len(each) > 1 for each in owners.values())


def bucket(row: Row, wait: float | None, long_wait: float | None) -> str:
    if row["first"] is None:
        return "before it came in" if row["times"] else "never"
    assert wait is not None
    assert long_wait is not None
    if wait <= 300:
        return "5 minutes"
    if long_wait <= 48 * 3600:
        return "48 hours"
    return "30 days" if row["first"] - row["created"] <= timedelta(days=30) else "later"


def buckets(found: list[Row], calendar: Calendar) -> tuple[Counter[str], Counter[str]]:
    """How soon, by the clock and in working time; the latter by the promise's own clock, a lead at a time."""
    by_clock: Counter[str] = Counter()
    by_work: Counter[str] = Counter()
    for row in found:
        wait = work = days = None
        if row["first"]:
            wait = (row["first"] - row["created"]).total_seconds()
            work = measure_elapsed(row["created"], row["first"], parse_duration("5b"), calendar).total_seconds()
            days = measure_elapsed(row["created"], row["first"], parse_duration("2w"), calendar).total_seconds()
        by_clock[bucket(row, wait, wait)] += 1
        by_work[bucket(row, work, days)] += 1
    return by_clock, by_work


def worth_of(found: list[Row], lists: dict[str, set[str]], as_of: datetime) -> dict[str, float]:
    called = [row for row in found if row["times"] and row["created"] <= as_of - NINETY]
    won = sum(row["outcome"] == "won" for row in called)
    amounts = [row["amount"] for row in found if row["amount"]]
    leaked = len(lists["never-touched"] | lists["returned-never-woken"] | lists["woken-never-called"])
    low, high = interval(won, len(called))
    spread = Z * stdev(amounts) / sqrt(len(amounts))
    quarter = leaked / 4
    return {
        "leaked": leaked, "value": quarter * won / len(called) * mean(amounts),
        "value_low": quarter * low * (mean(amounts) - spread), "value_high": quarter * high * (mean(amounts) + spread),
    }  # fmt: skip
