"""The real part of the demonstration: who came, from where, and who was won.

The files are "Marketing Funnel by Olist" (see `data/olist`). Nothing in here is played.
"""

import csv
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from baton.exit_codes import CannotStartError

LEADS = "olist_marketing_qualified_leads_dataset.csv"
WINS = "olist_closed_deals_dataset.csv"
BLANK = ""
"""The origin of leads for which the data names none; it is not the origin `unknown`."""


@dataclass(frozen=True, slots=True)
class FunnelLead:
    """One marketing qualified lead of the data."""

    mql_id: str
    first_contact: date
    origin: str
    landing_page: str
    won_at: datetime | None


@dataclass(frozen=True)
class Funnel:
    """The leads that are posted, in the order of the file."""

    leads: tuple[FunnelLead, ...]

    def posted_by_origin(self) -> Mapping[str, int]:
        """Count the leads of each origin."""
        return Counter(lead.origin for lead in self.leads)

    def won_by_origin(self) -> Mapping[str, int]:
        """Count the won leads of each origin."""
        return Counter(lead.origin for lead in self.leads if lead.won_at)

    def last_day(self) -> date:
        """Return the day of the last thing that the data knows of these leads."""
        wins = [lead.won_at.date() for lead in self.leads if lead.won_at]
        return max([lead.first_contact for lead in self.leads] + wins)


def load_funnel(most: int, folder: Path | None = None) -> Funnel:
    """Read the first `most` leads of the file; it is in no order, so they are of the whole year."""
    folder = folder or find_data_folder()
    won = {row["mql_id"]: _parse_utc_time(row["won_date"]) for row in _read_csv_rows(folder / WINS)}
    leads = [
        FunnelLead(
            mql_id=row["mql_id"],
            first_contact=date.fromisoformat(row["first_contact_date"]),
            origin=row["origin"].strip(),
            landing_page=row["landing_page_id"],
            won_at=won.get(row["mql_id"]),
        )
        for row in _read_csv_rows(folder / LEADS)
    ]
    return Funnel(tuple(leads[:most]))


def find_data_folder() -> Path:
    """Return `data/olist` of the checkout, or where `BATON_DEMO_DATA` says."""
    given = os.environ.get("BATON_DEMO_DATA")
    if given:
        return Path(given).resolve()
    for folder in Path(__file__).resolve().parents:
        candidate = folder / "data" / "olist"
        if (candidate / LEADS).is_file():
            return candidate
    raise CannotStartError("the data of the demonstration is not here: set BATON_DEMO_DATA to the folder `data/olist`")


def _read_csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _parse_utc_time(text: str) -> datetime:
    """Read one of the data's times; it names no zone, so UTC it is."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
