"""Who the leads are: played, because the data names nobody.

Every lead has a company and an e-mail domain of its own, so that no two of them look like one
account. Domains end in `.example`, which no mail ever reaches.
"""

from datetime import datetime
from typing import Any

from baton.demo.dice import Dice

FIRST = (
    *("Ana", "Bruno", "Carla", "Diego", "Elisa", "Fabio", "Gabriela", "Heitor", "Ines", "Joana"),
    *("Kaio", "Lara", "Miguel", "Nadia", "Otavio", "Paula", "Rafael", "Sofia", "Tiago", "Vera"),
)
LAST = (
    *("Almeida", "Barbosa", "Cardoso", "Dias", "Esteves", "Ferraz", "Gomes", "Leal", "Moraes"),
    *("Nunes", "Pires", "Queiroz", "Rocha", "Souza", "Teles", "Vieira", "Xavier", "Zanetti"),
)
TITLES = {
    "Head of Marketing": 10,
    "VP Sales": 7,
    "Director of Operations": 10,
    "Marketing Manager": 16,
    "Sales Manager": 13,
    "E-commerce Manager": 12,
    "Founder": 8,
    "Sales Assistant": 10,
    "Accountant": 6,
    "": 8,
}
COUNTRIES = {"BR": 50, "DE": 14, "US": 12, "PT": 8, "GB": 8, "AR": 8}
INDUSTRIES = {
    "software": 20,
    "retail": 25,
    "manufacturing": 15,
    "logistics": 10,
    "education": 10,
    "": 20,
}
SIZES = ((1, 9, 12), (10, 49, 24), (50, 999, 42), (1_000, 9_000, 10), (0, 0, 12))
"""Smallest and largest number of employees, and the share of such companies; 0 is not told."""


def submission(
    key: str,
    dice: Dice,
    at: datetime,
    engagement: str,
    facts: dict[str, Any],
    *,
    event: int = 1,
    source: str = "web_form",
) -> dict[str, Any]:
    """Return what somebody's `event`-th submission says; `dice` are about the person."""
    return {
        "event_id": key if event == 1 else f"{key}:{event}",
        "source": source,
        "engagement": engagement,
        "occurred_at": at.isoformat(),
        "facts": facts,
        **person(key, dice),
    }


def person(key: str, dice: Dice) -> dict[str, Any]:
    """Return name, address and firm of a played person; what they do not tell is left out."""
    first, last = dice.one_of("first name", FIRST), dice.one_of("last name", LAST)
    low, high, _ = dice.weighted("size", {size: size[2] for size in SIZES})
    told = {
        "first_name": first,
        "last_name": last,
        "email": f"{first}.{last}@{domain(key)}".lower(),
        "company": f"Firm {key[-6:]}",
        "job_title": dice.weighted("title", TITLES),
        "country": dice.weighted("country", COUNTRIES),
        "industry": dice.weighted("industry", INDUSTRIES),
        "employees": dice.whole("employees", low, high),
    }
    return {name: value for name, value in told.items() if value}


def domain(key: str) -> str:
    """Return the e-mail domain that belongs to this person's firm alone."""
    return f"firm-{key}.example"
