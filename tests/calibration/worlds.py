"""Made-up exports whose truth is known, each with the troubles that real ones have.

Every world returns its columns as texts, who succeeded, and the probability with which they did: what no card can beat.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Texts = Sequence[str]
Effects = Mapping[str, tuple[float, float]]
"""For each answer how frequent it is, and what it adds to the log-odds."""


@dataclass
class World:
    """An export and its truth."""

    columns: dict[str, Texts]
    won: NDArray[np.int64]
    chance: Numbers

    def write(
        self, path: Path, outcome: str, *, delimiter: str = ",", encoding: str = "utf-8", rows: Any = None
    ) -> Path:
        """Write the export, or these rows of it."""
        chosen = range(len(self.won)) if rows is None else rows
        with path.open("w", encoding=encoding, newline="") as file:
            writer = csv.writer(file, delimiter=delimiter)
            writer.writerow([*self.columns, outcome])
            for row in chosen:
                writer.writerow([*(texts[row] for texts in self.columns.values()), self.outcome(row)])
        return path

    def outcome(self, row: int) -> str:
        """Return what became of a row."""
        return str(self.won[row])


def draw(rng: np.random.Generator, effects: Effects, rows: int) -> tuple[NDArray[np.str_], Numbers]:
    """Draw an answer for each row, and give what it adds."""
    answers = list(effects)
    share = np.array([effects[answer][0] for answer in answers])
    drawn = rng.choice(len(answers), rows, p=share / share.sum())
    return np.array(answers)[drawn], np.array([effects[answer][1] for answer in answers])[drawn]


def outcome_given(
    rng: np.random.Generator, won: NDArray[np.int64], if_won: Mapping[str, float], if_not: Mapping[str, float]
) -> Texts:
    """Draw an answer that knows the outcome: a leak."""
    effects = [
        draw(rng, {name: (share, 0.0) for name, share in shares.items()}, len(won))[0] for shares in (if_not, if_won)
    ]
    return list(np.where(won == 1, effects[1], effects[0]))


def settle(columns: dict[str, Texts], odds: Numbers, rate: float, rng: np.random.Generator) -> World:
    """Shift the log-odds so that about this share succeeds, and let it happen."""
    low, high = -20.0, 20.0
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (middle, high) if chance_of(odds + middle).mean() < rate else (low, middle)
    chance = chance_of(odds + low)
    return World(columns, (rng.random(len(odds)) < chance).astype(np.int64), chance)


def chance_of(odds: Numbers) -> Numbers:
    """Turn log-odds into a probability."""
    return np.asarray(1 / (1 + np.exp(-odds)), dtype=np.float64)


def whole(values: Numbers) -> list[str]:
    """Write numbers without a fraction."""
    return [str(round(float(value))) for value in values]


def blank(rng: np.random.Generator, texts: Any, share: float, filler: str = "") -> list[str]:
    """Leave out a share of the answers."""
    gone = rng.random(len(texts)) < share
    return [filler if lost else str(text) for text, lost in zip(texts, gone, strict=True)]


ORIGIN: Effects = {
    "Landing Page Submission": (53, 0.0),
    "API": (39, -0.4),
    "Lead Add Form": (7, 2.9),
    "Lead Import": (0.6, -0.5),
}
SOURCE: Effects = {
    "Google": (31, 0.3),
    "Direct Traffic": (27, -0.1),
    "Olark Chat": (19, 0.5),
    "Organic Search": (12, 0.2),
    "Reference": (6, 1.2),
    "Welingak Website": (1.5, 2.6),
    "google": (0.2, 0.3),
    "Facebook": (0.6, 0.0),
    "bing": (0.1, 0.0),
    "Click2call": (0.05, 0.6),
    "": (0.4, 0.0),
}
OCCUPATION: Effects = {
    "Unemployed": (60, 0.5),
    "": (29, -0.8),
    "Working Professional": (7.6, 3.0),
    "Student": (2.3, 0.2),
    "Other": (0.2, 0.3),
    "Housewife": (0.1, 1.5),
    "Businessman": (0.1, 0.8),
}
ACTIVITY: Effects = {
    "Email Opened": (37, 0.2),
    "SMS Sent": (30, 1.5),
    "Olark Chat Conversation": (10.5, -1.2),
    "Page Visited on Website": (7, -0.4),
    "Converted to Lead": (4.6, -1.2),
    "Email Bounced": (3.5, -1.8),
    "Email Link Clicked": (2.9, 0.0),
    "Unreachable": (1, 0.3),
    "": (1, 2.0),
}
SPECIALIZATION: Effects = {
    "Select": (21, -0.5),
    "": (15, -0.6),
    "Finance Management": (10, 0.2),
    "Marketing Management": (9, 0.4),
    "Human Resource Management": (9, 0.2),
    "Operations Management": (5, 0.3),
    "IT Projects Management": (4, 0.0),
    "Banking, Investment And Insurance": (4, 0.5),
    "Travel and Tourism": (2, -0.1),
    "E-COMMERCE": (1.2, 0.0),
}
CITY: Effects = {
    "Mumbai": (35, 0.0),
    "": (15, -0.2),
    "Select": (24, 0.0),
    "Thane & Outskirts": (8, 0.1),
    "Other Cities": (7, 0.1),
    "Other Cities of Maharashtra": (5, 0.1),
    "Tier II Cities": (1, -0.1),
}
CONSTANTS = (
    "Magazine",
    "Receive More Updates About Our Courses",
    "Update me on Supply Chain Content",
    "Get updates on DM Content",
    "I agree to pay the amount through cheque",
)
RARE = ("Do Not Call", "Search", "Newspaper Article", "X Education Forums", "Newspaper", "Digital Advertisement")
EDUCATION_LEAKS = ("Tags", "Lead Quality", "Last Notable Activity")


def education(rows: int = 9_000, seed: int = 1) -> World:
    """A course provider's wide lead export: placeholders, blanks, constants, ids, and what sales wrote down later."""
    rng = np.random.default_rng(seed)
    origin, by_origin = draw(rng, ORIGIN, rows)
    source, by_source = draw(rng, SOURCE, rows)
    occupation, by_occupation = draw(rng, OCCUPATION, rows)
    activity, by_activity = draw(rng, ACTIVITY, rows)
    specialization, by_specialization = draw(rng, SPECIALIZATION, rows)
    city, by_city = draw(rng, CITY, rows)
    added = (origin == "Lead Add Form") | (source == "Olark Chat")
    minutes = np.where(added | (rng.random(rows) < 0.05), 0, rng.gamma(1.1, 600, rows)).clip(0, 2_300)
    visits = np.where(added, 0, rng.poisson(3.5, rows)).astype(float)
    no_mail = rng.random(rows) < 0.08
    by_time = np.where(added, 0.9, 2.6 * np.tanh(minutes / 900) - 0.6)
    odds = by_origin + by_source + by_occupation + by_activity + by_specialization + by_city + by_time - 1.3 * no_mail
    made = settle({}, odds, 0.385, rng)
    columns: dict[str, Texts] = {
        "Prospect ID": [f"{rng.integers(1 << 60):015x}" for _ in range(rows)],
        "Lead Number": [str(660_737 - 7 * row) for row in range(rows)],
        "Lead Origin": list(origin),
        "Lead Source": list(source),
        "Do Not Email": ["Yes" if each else "No" for each in no_mail],
        "TotalVisits": blank(rng, whole(visits), 0.015),
        "Total Time Spent on Website": whole(minutes),
        "Page Views Per Visit": blank(rng, [f"{each:.2f}" for each in visits / rng.integers(1, 4, rows)], 0.015),
        "Last Activity": list(activity),
        "Country": blank(
            rng, draw(rng, {"India": (95, 0), "United States": (1, 0), "United Arab Emirates": (1, 0)}, rows)[0], 0.26
        ),
        "Specialization": list(specialization),
        "How did you hear about X Education": blank(rng, ["Select"] * rows, 0.24),
        "What is your current occupation": list(occupation),
        "City": list(city),
        "A free copy of Mastering The Interview": list(draw(rng, {"No": (69, 0), "Yes": (31, 0)}, rows)[0]),
        **{name: ["No"] * rows for name in CONSTANTS},
        **{name: ["Yes" if rng.random() < 0.001 else "No" for _ in range(rows)] for name in RARE},
    }
    columns |= _written_by_sales(rng, made.won, activity, odds)
    return World(columns, made.won, made.chance)


def _written_by_sales(
    rng: np.random.Generator, won: NDArray[np.int64], activity: NDArray[np.str_], odds: Numbers
) -> dict[str, Texts]:
    tags = outcome_given(
        rng,
        won,
        {
            "Will revert after reading the email": 57,
            "": 23,
            "Closed by Horizzon": 10,
            "Lost to EINS": 5,
            "Ringing": 1,
            "Busy": 3,
        },
        {
            "": 44,
            "Ringing": 21,
            "Interested in other courses": 9,
            "Already a student": 8,
            "switched off": 4,
            "invalid number": 2,
            "Will revert after reading the email": 1.2,
        },
    )
    quality = outcome_given(
        rng,
        won,
        {"": 29, "Might be": 33, "High in Relevance": 17, "Low in Relevance": 13, "Not Sure": 7, "Worst": 0.3},
        {"": 66, "Might be": 7, "High in Relevance": 0.6, "Low in Relevance": 1.9, "Not Sure": 15, "Worst": 10},
    )
    modified = rng.random(len(won)) < np.where(won == 1, 0.22, 0.46)
    index, _ = draw(rng, {"02.Medium": (70, 0), "01.High": (15, 0), "03.Low": (7, 0)}, len(won))
    score = (14 + odds / 3 + rng.normal(0, 1.5, len(won))).clip(7, 18)
    missing = rng.random(len(won)) < 0.456
    return {
        "Tags": tags,
        "Lead Quality": quality,
        "Asymmetrique Activity Index": ["" if gone else str(each) for each, gone in zip(index, missing, strict=True)],
        "Asymmetrique Activity Score": ["" if gone else each for each, gone in zip(whole(score), missing, strict=True)],
        "Last Notable Activity": [
            ("Modified" if each else str(done)) for each, done in zip(modified, activity, strict=True)
        ],
    }


def bank(rows: int = 20_000, seed: int = 2) -> World:
    """A bank's telephone campaign in the order of its calls: while interest fell, more and more people bought."""
    rng = np.random.default_rng(seed)
    place = np.linspace(0, 1, rows)
    euribor = 4.9 - 4.0 * (1 / (1 + np.exp(-(place - 0.65) * 18))) + rng.normal(0, 0.02, rows)
    job, by_job = draw(
        rng,
        {
            "admin.": (25, 0.2),
            "blue-collar": (22, -0.3),
            "technician": (16, 0),
            "services": (10, -0.2),
            "retired": (4, 0.7),
            "student": (2, 0.9),
            "unknown": (1, 0),
        },
        rows,
    )
    contact, by_contact = draw(rng, {"cellular": (63, 0.5), "telephone": (37, -0.5)}, rows)
    month, by_month = draw(
        rng,
        {
            "may": (33, -0.5),
            "jul": (17, 0),
            "aug": (15, 0),
            "jun": (13, 0),
            "nov": (10, 0),
            "mar": (2, 1.3),
            "oct": (2, 0.9),
        },
        rows,
    )
    before, by_before = draw(rng, {"nonexistent": (86, 0.0), "failure": (10, 0.1), "success": (3.3, 1.9)}, rows)
    age = rng.normal(40, 10, rows).clip(18, 90)
    odds = by_job + by_contact + by_month + by_before - 0.55 * euribor + 0.0012 * (age - 42) ** 2
    made = settle({}, odds, 0.113, rng)
    seconds = np.where(made.won == 1, rng.gamma(2.2, 250, rows), rng.gamma(1.6, 140, rows))
    made.columns = {
        "age": whole(age),
        "job": list(job),
        "default": list(draw(rng, {"no": (79, 0), "unknown": (21, 0)}, rows)[0]),
        "contact": list(contact),
        "month": list(month),
        "duration": whole(seconds),
        "campaign": whole(1 + rng.geometric(0.4, rows).astype(float)),
        "pdays": ["6" if each == "success" else "999" for each in before],
        "poutcome": list(before),
        "euribor3m": [f"{each:.3f}" for each in euribor],
    }
    return made


def telecom(rows: int = 7_000, seed: int = 3) -> World:
    """A telephone company's customers who left: honest columns that tell much, and no leak at all."""
    rng = np.random.default_rng(seed)
    contract, by_contract = draw(
        rng, {"Month-to-month": (55, 1.3), "One year": (21, -0.4), "Two year": (24, -1.6)}, rows
    )
    internet, by_internet = draw(rng, {"Fiber optic": (44, 0.8), "DSL": (34, 0), "No": (22, -1.0)}, rows)
    payment, by_payment = draw(
        rng,
        {
            "Electronic check": (34, 0.4),
            "Mailed check": (23, 0),
            "Bank transfer (automatic)": (22, -0.1),
            "Credit card (automatic)": (21, -0.1),
        },
        rows,
    )
    tenure = np.where(contract == "Month-to-month", rng.gamma(1.1, 16, rows), rng.uniform(1, 72, rows)).clip(0, 72)
    monthly = 20 + 40 * (internet == "DSL") + 65 * (internet == "Fiber optic") + rng.normal(0, 8, rows)
    odds = by_contract + by_internet + by_payment - 0.035 * tenure
    columns: dict[str, Texts] = {
        "customerID": [f"{rng.integers(10_000):04}-{rng.integers(1 << 30):X}" for _ in range(rows)],
        "gender": list(draw(rng, {"Male": (1, 0), "Female": (1, 0)}, rows)[0]),
        "SeniorCitizen": list(draw(rng, {"0": (84, 0), "1": (16, 0)}, rows)[0]),
        "tenure": whole(tenure),
        "Contract": list(contract),
        "InternetService": list(internet),
        "PaymentMethod": list(payment),
        "MonthlyCharges": [f"{each:.2f}" for each in monthly],
        "TotalCharges": [
            f"{each:.2f}" if long >= 1 else " " for each, long in zip(monthly * tenure, tenure, strict=True)
        ],
    }
    return settle(columns, odds, 0.265, rng)


def leads(rows: int = 6_000, rate: float = 0.1, seed: int = 4, drift: float = 0.0) -> World:
    """Leads of a B2B company, dated; `drift` takes so many log-odds from the later half, and moves its sources."""
    rng = np.random.default_rng(seed)
    late = np.arange(rows) >= rows // 2
    first = date(2025, 1, 6)
    source, by_source = draw(
        rng, {"web": (50, 0), "event": (20, -0.5), "referral": (10, 1.2), "partner": (20, 0.3)}, rows
    )
    if drift:
        moved, by_moved = draw(
            rng, {"web": (10, 0), "event": (70, -0.5), "referral": (5, 1.2), "partner": (15, 0.3)}, rows
        )
        source, by_source = np.where(late, moved, source), np.where(late, by_moved, by_source)
    employees = np.exp(rng.normal(4, 1.5, rows)).round().clip(1)
    views = rng.poisson(1.5, rows).astype(float)
    cities = np.array([f"Town {number}" for number in range(400)])[(400 * rng.random(rows) ** 2).astype(int)]
    title, by_title = draw(rng, {"director": (15, 0.9), "manager": (40, 0.3), "intern": (10, -1.5), "": (35, 0)}, rows)
    odds = by_source + by_title + 0.5 * np.log10(employees) + 0.45 * views - drift * late
    columns: dict[str, Texts] = {
        "created": [(first + timedelta(days=int(row * 360 / rows))).isoformat() for row in range(rows)],
        "source": list(source),
        "employees": blank(rng, whole(employees), 0.1, "n/a"),
        "pricing views": whole(views),
        "city": list(cities),
        "title": list(title),
    }
    return settle(columns, odds, rate, rng)


def crossed(rows: int = 6_000, seed: int = 5) -> World:
    """Visitors whose time on the site speaks for them or against them, depending on where they came from."""
    rng = np.random.default_rng(seed)
    origin, by_origin = draw(rng, {"web": (50, 0), "api": (35, -0.3), "form": (15, 1)}, rows)
    trade, by_trade = draw(rng, {"professional": (20, 1.2), "student": (30, -0.5), "none": (50, 0)}, rows)
    seconds = rng.gamma(1.2, 500, rows)
    rises, falls = 2.5 * np.tanh(seconds / 600) - 1, -1.5 * np.tanh(seconds / 600)
    by_time = np.where(origin == "web", rises, np.where(origin == "api", falls, 0.3))
    columns: dict[str, Texts] = {"origin": list(origin), "time": whole(seconds), "trade": list(trade)}
    return settle(columns, by_origin + by_trade + by_time, 0.35, rng)
