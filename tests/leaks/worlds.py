"""A year of a company's leads, made by a seed, written as each CRM exports it.

The same year in every layout: whatever a layout calls its columns and its statuses, the figures have to be the same.
Run as a script it writes the examples of docs/exports.
"""

import csv
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")
SOURCES = {"Contact form": 25, "Webinar": 20, "Trade show": 15, "Organic search": 25, "Referral": 10, "": 5}
REQUESTS = {"Demo request": 0.2, "Contact us": 0.15, "White paper": 0.4, "": 0.25}
REPS = {"Ada": 40, "Bo": 25, "Cleo": 20, "Dan": 15}
REASONS = ["no budget", "No budgt this year", "uses a competitor", "too small", "could not be reached", ""]
ACTIVITIES = {"Call": 55, "Email": 25, "Meeting": 10, "Note": 10}
START = datetime(2025, 1, 2, 8, 0, tzinfo=UTC)


@dataclass
class Lead:
    """One lead and all that happened to it."""

    number: int
    created: datetime
    source: str
    request: str
    owner: str
    outcome: str
    reason: str
    email: str
    phone: str
    closed: datetime | None = None
    returned: datetime | None = None
    woken: datetime | None = None
    amount: int | None = None
    touches: list[tuple[datetime, str, str]] = field(default_factory=list)
    """When, what and by whom."""


def _pick(dice: random.Random, weights: dict[str, Any]) -> str:
    return dice.choices(list(weights), list(weights.values()))[0]


def world(leads: int, seed: int = 1) -> list[Lead]:
    """Make a year's leads: some are never called, some twice, some come back, some people are there twice."""
    dice = random.Random(seed)  # noqa: S311 - a play
    found = []
    for number in range(1, leads + 1):
        created = START + timedelta(minutes=dice.randrange(360 * 24 * 60))
        who = dice.randrange(1, leads) if dice.random() < 0.9 else max(1, number - 1)
        lead = Lead(
            number, created, _pick(dice, SOURCES), _pick(dice, REQUESTS),
            "" if dice.random() < 0.08 else _pick(dice, REPS),
            _pick(dice, {"open": 30, "won": 15, "lost": 35, "returned": 20}), "", f"p{who}@firm{who % 97}.example",
            f"+49 30 {5_000_000 + who}" if dice.random() < 0.6 else "",
        )  # fmt: skip
        _touch(lead, dice)
        _end(lead, dice)
        found.append(lead)
    return found


def _touch(lead: Lead, dice: random.Random) -> None:
    if dice.random() < 0.25:
        return
    wait = timedelta(minutes=dice.choice([2, 4, 30, 200, 1500, 4000, 60_000]) + dice.randrange(10))
    at = lead.created + wait - (timedelta(days=20) if dice.random() < 0.02 else timedelta())
    for _ in range(dice.randrange(1, 5)):
        lead.touches.append((at, _pick(dice, ACTIVITIES), lead.owner or "Ada"))
        at += timedelta(minutes=dice.choice([10, 300, 2000, 20_000]))


def _end(lead: Lead, dice: random.Random) -> None:
    ended = lead.created + timedelta(days=dice.randrange(5, 200), minutes=dice.randrange(600))
    if lead.outcome == "won":
        lead.closed, lead.amount = ended, dice.randrange(5, 90) * 1000
    elif lead.outcome == "lost":
        lead.closed, lead.reason = ended, dice.choice(REASONS)
    elif lead.outcome == "returned":
        lead.returned, lead.reason = ended, dice.choice(REASONS)
    if lead.outcome == "open" and dice.random() < 0.2:
        lead.returned = ended
        lead.woken = ended + timedelta(days=dice.randrange(1, 60))
        if dice.random() < 0.5:
            lead.touches.append((lead.woken + timedelta(hours=5), "Call", lead.owner or "Ada"))


@dataclass(frozen=True)
class Writer:
    """How a tool writes: its headings by field, its statuses, its times."""

    leads: dict[str, str]
    activities: dict[str, str]
    deals: dict[str, str]
    statuses: dict[str, str]
    time: str = "%Y-%m-%d %H:%M"
    separator: str = ","
    encoding: str = "utf-8"
    won: str = "Closed Won"


def _leads(**other: str) -> dict[str, str]:
    """Headings that most tools share, with what one calls otherwise."""
    return {
        "name": "Name", "source": "Source", "status": "Status", "email": "Email", "phone": "Phone",
        "reason": "Lost Reason", "returned": "Returned Date", "woken": "Reopened Date", **other,
    }  # fmt: skip


STATUSES = {"open": "Open", "won": "Converted", "lost": "Unqualified", "returned": "Nurture"}
TOOLS = {
    "hubspot": Writer(
        _leads(number="Record ID", created="Create Date", source="Original Traffic Source", request="First Conversion",
               owner="Contact owner", status="Lead Status", phone="Phone Number", name="First Name"),
        {"id": "Record ID", "at": "Activity date", "kind": "Activity type", "by": "Activity assigned to",
         "number": "Associated Contact IDs"},
        {"id": "Record ID", "stage": "Deal Stage", "amount": "Amount", "currency": "Currency", "closed": "Close Date",
         "number": "Associated Contact IDs", "owner": "Deal owner"},
        STATUSES,
    ),
    "salesforce": Writer(
        _leads(number="Lead ID", created="Create Date", source="Lead Source", request="Form", owner="Lead Owner",
               status="Lead Status", reason="Unqualified Reason", name="First Name"),
        {"id": "Activity ID", "number": "Lead ID", "at": "Completed Date", "kind": "Task Subtype", "by": "Assigned"},
        {"id": "Opportunity ID", "number": "Lead ID", "stage": "Stage", "amount": "Amount",
         "currency": "Amount Currency", "closed": "Close Date", "owner": "Opportunity Owner"},
        {"open": "Working - Contacted", "won": "Closed - Converted", "lost": "Closed - Not Converted",
         "returned": "Nurturing"},
        time="%m/%d/%Y %I:%M %p",
    ),
    "pipedrive": Writer(
        _leads(number="Lead - ID", created="Lead - Lead created", source="Lead - Source name", request="Lead - Form",
               owner="Lead - Owner", status="Lead - Status", reason="Lead - Lost reason", returned="Lead - Returned on",
               woken="Lead - Woken on", email="Person - Email - Work", phone="Person - Phone - Work",
               name="Lead - Title"),
        {"id": "Activity - ID", "kind": "Activity - Type", "number": "Activity - Lead ID",
         "at": "Activity - Marked as done time", "by": "Activity - Assigned to user"},
        {"id": "Deal - ID", "stage": "Deal - Status", "amount": "Deal - Value", "currency": "Deal - Currency",
         "closed": "Deal - Won time", "number": "Deal - Lead ID", "owner": "Deal - Owner"},
        {"open": "Open", "won": "Won", "lost": "Archived", "returned": "Recycled"},
        won="won",
    ),
    "odoo": Writer(
        _leads(number="ID", created="Created on", owner="Salesperson", status="Stage", request="Form",
               name="Opportunity"),
        {"number": "Related Document ID", "kind": "Activity Type", "at": "Date", "by": "Assigned to"},
        {"name": "Opportunity", "number": "Lead ID", "stage": "Stage", "amount": "Expected Revenue",
         "closed": "Closed Date", "currency": "Currency", "owner": "Salesperson"},
        {"open": "New", "won": "Won", "lost": "Lost", "returned": "Nurture"},
        time="%Y-%m-%d %H:%M:%S", won="Won",
    ),
    "zoho": Writer(
        _leads(number="Record Id", created="Created Time", source="Lead Source", owner="Lead Owner",
               status="Lead Status", request="Form", name="Lead Name"),
        {"kind": "Call Type", "number": "Related To Id", "at": "Call Start Time", "by": "Call Owner"},
        {"id": "Deal Id", "number": "Lead Id", "stage": "Stage", "amount": "Amount", "closed": "Closing Date",
         "currency": "Currency", "owner": "Deal Owner"},
        {"open": "Contacted", "won": "Converted", "lost": "Junk Lead", "returned": "Not ready, later"},
        time="%d-%b-%Y %H:%M",
    ),
    "spreadsheet": Writer(
        _leads(number="No.", created="Date", owner="Who", request="Asked for", reason="Why", email="E-Mail",
               returned="Returned", woken="Reopened"),
        {"number": "Lead ID", "at": "Date", "kind": "Type", "by": "Who"},
        {"number": "Lead ID", "stage": "Status", "amount": "Value", "currency": "Currency", "closed": "Closed on"},
        {"open": "open", "won": "customer", "lost": "lost", "returned": "later"},
        time="%d.%m.%Y %H:%M", separator=";", encoding="utf-16", won="won",
    ),
}  # fmt: skip
"""The tools whose exports are recognised, as their documentation names the columns; what they lack are own fields."""


def write(leads: list[Lead], tool: str, folder: Path) -> list[Path]:
    """Write a world as the three files that a tool exports."""
    how = TOOLS[tool]

    def at(moment: datetime | None) -> str:
        return "" if moment is None else f"{moment.astimezone(ZONE):{how.time}}"

    rows: dict[str, list[dict[str, Any]]] = {"leads": [], "activities": [], "deals": []}
    for lead in leads:
        rows["leads"].append({
            "number": f"L-{lead.number}", "created": at(lead.created), "source": lead.source, "request": lead.request,
            "owner": lead.owner, "status": how.statuses[lead.outcome], "reason": lead.reason, "email": lead.email,
            "phone": lead.phone, "returned": at(lead.returned), "woken": at(lead.woken),
            "name": f"Person {lead.number}",
        })  # fmt: skip
        rows["activities"] += [
            {"id": f"A-{lead.number}-{place}", "number": f"L-{lead.number}", "at": at(when), "kind": kind, "by": by}
            for place, (when, kind, by) in enumerate(lead.touches)
        ]
        if lead.outcome == "won":
            rows["deals"].append({
                "id": f"D-{lead.number}", "number": f"L-{lead.number}", "stage": how.won, "amount": str(lead.amount),
                "currency": "EUR", "closed": at(lead.closed), "owner": lead.owner, "name": f"Deal {lead.number}",
            })  # fmt: skip
    paths = []
    folder.mkdir(parents=True, exist_ok=True)
    for kind, headings in (("leads", how.leads), ("activities", how.activities), ("deals", how.deals)):
        path = folder / f"{tool}-{kind}.csv"
        with path.open("w", encoding=how.encoding, newline="") as file:
            writer = csv.writer(file, delimiter=how.separator, lineterminator="\n")
            writer.writerow(headings.values())
            writer.writerows([row[name] for name in headings] for row in rows[kind])
        paths.append(path)
    return paths


EXAMPLES = Path(__file__).parents[2] / "docs" / "exports"
EXAMPLE_LEADS = 60

if __name__ == "__main__":
    for each in TOOLS:
        write(world(EXAMPLE_LEADS), each, EXAMPLES)
