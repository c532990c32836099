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
    "Owner": 14,
    "Sales Manager": 16,
    "E-commerce Manager": 14,
    "Marketing Manager": 8,
    "Head of Operations": 5,
    "Sales Assistant": 16,
    "Accountant": 9,
    "Buyer": 10,
    "": 8,
}
COUNTRIES = {"BR": 84, "PT": 6, "AR": 6, "US": 4}
INDUSTRIES = {
    "home decor": 16,
    "health and beauty": 15,
    "pet": 10,
    "household goods": 12,
    "sports": 9,
    "retail": 14,
    "electronics": 9,
    "software": 3,
    "": 12,
}
SIZES = ((1, 9, 46), (10, 49, 26), (50, 999, 12), (1_000, 9_000, 2), (0, 0, 14))
"""Smallest and largest number of employees, and the share of such companies; 0 is not told.

Mostly small shops, as the data's sellers are: many fit so-so, and only some of those who were
returned come back through scoring when they are woken.
"""


def make_submission(
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
        **make_played_contact(key, dice),
    }


def make_played_contact(key: str, dice: Dice) -> dict[str, Any]:
    """Return name, address and firm of a played person; what they do not tell is left out."""
    first, last = dice.choose("first name", FIRST), dice.choose("last name", LAST)
    low, high, _ = dice.choose_weighted("size", {size: size[2] for size in SIZES})
    answers = {
        "first_name": first,
        "last_name": last,
        "email": f"{first}.{last}@{make_mail_domain(key)}".lower(),
        "company": f"Firm {key[-6:]}",
        "job_title": dice.choose_weighted("title", TITLES),
        "country": dice.choose_weighted("country", COUNTRIES),
        "industry": dice.choose_weighted("industry", INDUSTRIES),
        "employees": dice.whole_between("employees", low, high),
    }
    return {name: value for name, value in answers.items() if value}


def make_mail_domain(key: str) -> str:
    """Return the e-mail domain that belongs to this person's firm alone."""
    return f"firm-{key}.example"
