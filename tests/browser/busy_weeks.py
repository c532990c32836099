"""Ten weeks of a sales team in Madrid, so that each page has on it what it has in life: who came, and what was done."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from baton.backlog import BacklogObserver
from baton.stepping import ClockDriver
from tests.e2e.world import WEEKEND, World

PLAYBOOKS = Path(__file__).parents[2] / "deploy" / "playbook"
MADRID = "Europe/Madrid"
BEGINS = datetime(2026, 3, 2, 8, tzinfo=UTC)
"""A Monday at nine in Madrid."""
NOW = datetime(2026, 5, 12, 9, 20, tzinfo=UTC)
"""A Tuesday at 11:20 in Madrid, when everybody looks."""
TICK = timedelta(minutes=1)
ROSTER = {
    "carmen-ruiz": "inbound", "diego-santos": "inbound", "marta-vidal": "inbound", "pablo-ortega": "development",
    "lucia-navarro": "development", "ana-molina": "ae", "javier-costa": "ae", "elena-prieto": "am",
}  # fmt: skip
CAMPAIGNS: dict[str, dict[str, Any]] = {
    "spring-webinar": {"name": "Month-end close in a day", "brief": "For heads of finance who close by hand",
                       "spend": 4_200},
    "ifema-2026": {"name": "IFEMA Finance Fair", "brief": "Booth 7, hall 4", "spend": 18_500},
    "search-brand": {"name": "Search: our name", "spend": 6_300},
}  # fmt: skip
TITLES = ("Head of Finance", "CFO", "Finance Manager", "Head of Operations", "Controller", "Accountant")
COMPANIES = (
    ("Bodegas Ríos", "ES", "retail", 420), ("Lumière Santé", "FR", "health care", 1_300),
    ("Nordwind Logistik", "DE", "logistics", 880), ("Azulejo & Filhos", "PT", "manufacturing", 95),
    ("Kestrel Software", "GB", "software", 210), ("Tramontana Energía", "ES", "energy", 2_600),
    ("Hanse Möbel", "DE", "retail", 340), ("Mirador Hoteles", "ES", "hospitality", 560),
)  # fmt: skip
FIRST = ("Inés", "Thomas", "Sofia", "Miguel", "Charlotte", "Jonas", "Beatriz", "Oliver", "Nuria", "Émile")
LAST = ("Aguilar", "Brandt", "Carvalho", "Delgado", "Evans", "Fischer", "Garrido", "Hughes", "Iglesias", "Laurent")
TEXTS = (
    "We close the month by hand and it takes nine days. Can it do invoices in two currencies?",
    "Could somebody show us how approvals work for three subsidiaries?",
    "Our contract with the current tool ends in September, so we are looking around.",
    "",
)
HISTORY = (
    "won", "sql", "returned:competitor", "late", "review", "returned:no_budget", "won", "missed", "sql",
    "returned:not_ready", "closed",
)  # fmt: skip
"""What became of those who came, in turn."""
TODAY = (
    (1_440, "called"), (1_380, "called"), (1_300, "returned:wrong_size"), (1_200, "missed"), (200, "called"),
    (150, "late"), (120, "accepted"), (75, "called"), (40, "missed"), (20, "accepted"), (15, "new"), (10, "new"),
    (5, "new"),
)  # fmt: skip
"""Who came so many minutes ago."""
ASKS = {"new", "missed", "accepted"}
WAYS = (
    ("demo_request", "web_form", "search-brand"), ("contact_sales", "web_form", None),
    ("webinar_attended", "webinar", "spring-webinar"), ("event_scan", "event_scan", "ifema-2026"),
)  # fmt: skip
NOTES = {
    "competitor": ("They are under contract until September and happy with the price.", {"competitor": "Quantio"}),
    "no_budget": ("The money for this year is spent. Their year begins in January.", {}),
    "not_ready": ("Two people share the work, and nobody feels the pain yet.", {}),
    "wrong_size": ("Only twelve people, in spite of the form.", {"employees": 12}),
}
ENOUGH = {"budget": True, "authority": True, "need": True, "timing": False}

Deed = Callable[[], Awaitable[object]]


def write_playbook(folder: Path) -> None:
    """Write the default rules into a folder, with a team and its hours in Madrid."""
    folder.mkdir()
    for file in PLAYBOOKS.glob("*.yaml"):
        rules = yaml.safe_load(file.read_text(encoding="utf-8"))
        if file.stem == "routing":
            rules["reps"] = {rep: {"team": team} for rep, team in ROSTER.items()}
            for team in rules["teams"].values():
                team["zone"] = MADRID
        if file.stem == "sla":
            rules["calendars"]["office"]["zone"] = MADRID
        if file.stem == "capture":
            for form in rules["forms"].values():
                form["minimum_seconds"] = 0
        text = yaml.safe_dump(rules, sort_keys=False, allow_unicode=True)
        (folder / file.name).write_text(text, encoding="utf-8")


def person(number: int) -> dict[str, Any]:
    """Return somebody as a form has them."""
    company, country, industry, employees = COMPANIES[number % len(COMPANIES)]
    first, last = FIRST[number % len(FIRST)], LAST[(number * 3 + number // len(LAST)) % len(LAST)]
    host = "".join(letter for letter in company.lower().replace(" ", "-") if letter.isascii() and letter != "&")
    engagement, source, campaign = WAYS[number % len(WAYS)]
    found = {
        "first_name": first, "last_name": last, "email": f"p{number}@{host.strip('-')}-{number // 8}.example",
        "company": company, "job_title": TITLES[number % len(TITLES)], "country": country, "industry": industry,
        "employees": employees, "engagement": engagement, "source": source, "message": TEXTS[number % len(TEXTS)],
        "phone": f"+3491{5_000_000 + number * 137}",
    }  # fmt: skip
    return {name: value for name, value in (found | {"campaign": campaign}).items() if value}


@dataclass
class BusyWeeks:
    """What happens when."""

    world: World
    contacts: dict[str, str] = field(default_factory=dict)
    """By what became of them: one contact each."""
    _agenda: list[tuple[datetime, int, Deed]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    def plan(self, at: datetime, deed: Deed) -> None:
        """Have something happen at the next whole minute."""
        at = BEGINS - ((BEGINS - at) // TICK) * TICK
        heappush(self._agenda, (at, next(self._numbers), deed))

    async def play(self) -> None:
        """Let the ten weeks pass."""
        await self.announce()
        self.invite()
        async with BacklogObserver(self.world.stack) as observer:
            driver = ClockDriver(observer)
            now = await driver.align_clocks()
            while now < NOW:
                then = min(self._agenda[0][0] if self._agenda else NOW, NOW)
                if then > now:
                    now = await driver.advance(then - now, tick=TICK)
                while self._agenda and self._agenda[0][0] <= now:
                    await heappop(self._agenda)[2]()
                await observer.wait_until_drained()

    async def announce(self) -> None:
        """Publish what marketing runs, and put down who is away."""
        for name, campaign in CAMPAIGNS.items():
            await self.world.http.put(f"{self.world.stack.urls['capture']}/v1/campaigns/{name}", json=campaign)
        away = [{"from": "2026-05-11", "to": "2026-05-15"}]
        await self.world.put_rep("lucia-navarro", absences=away)

    def invite(self) -> None:
        """Plan who comes on which day, and what becomes of them; then the last two days, hour by hour."""
        number, day = 0, BEGINS
        while day < NOW - timedelta(days=4):
            if day.isoweekday() not in WEEKEND:
                fate = HISTORY[number % len(HISTORY)]
                at = day + timedelta(minutes=30 + 35 * (number % 9))
                self.plan(at, partial(self.come, number, fate, at))
                number += 1
            day += timedelta(days=2 if number % 3 else 1)
        for minutes, fate in TODAY:
            self.plan(
                NOW - timedelta(minutes=minutes), partial(self.come, number, fate, NOW - timedelta(minutes=minutes))
            )
            number += 1

    async def come(self, number: int, fate: str, at: datetime) -> None:
        """Submit somebody, and plan what sales does with them."""
        who = person(number) | {"occurred_at": (await self.world.now()).isoformat()}
        if fate in ASKS:
            who |= {"engagement": "contact_sales", "source": "web_form"}
        contact = str((await self.world.post("capture", "/v1/contacts", who))["contact_id"])
        self.contacts.setdefault(fate.partition(":")[0], contact)
        for after, verb, body in deeds_of(fate, number):
            self.plan(at + after, partial(self.do, contact, verb, body))

    async def do(self, contact: str, verb: str, body: dict[str, Any]) -> None:
        """Have whoever has the lead do something with it; what nobody has, nobody works."""
        leads = (await self.world.get("feedback", f"/v1/leads?contact_id={contact}"))["items"]
        if leads and leads[0]["rep_id"]:
            path = f"{self.world.stack.urls['feedback']}/v1/leads/{leads[0]['lead_id']}/{verb}"
            await self.world.http.post(path, json={"by": leads[0]["rep_id"], **body})


def deeds_of(fate: str, number: int) -> list[tuple[timedelta, str, dict[str, Any]]]:
    """Return what is done with a lead, and how long after it came."""
    call = {"kind": "call", "outcome": "no_answer"}
    talk = {"kind": "call", "outcome": "welcomed", "topics": [("price", "integration", "security")[number % 3]]}
    quick, day = timedelta(minutes=2), timedelta(days=1)
    started: list[tuple[timedelta, str, dict[str, Any]]] = [
        (quick, "accept", {}), (quick * 2, "touches", call), (day, "touches", talk)
    ]  # fmt: skip
    name, _, reason = fate.partition(":")
    if name == "returned":
        note, context = NOTES[reason]
        return [*started, (2 * day, "recycle", {"reason": reason, "note": note, "context": context})]
    later: dict[str, list[tuple[timedelta, str, dict[str, Any]]]] = {
        "won": [(2 * day, "confirm", {"bant": ENOUGH}), (3 * day, "opportunity", {"amount": 9_000 + 700 * number}),
                (9 * day, "won", {"amount": 9_000 + 700 * number})],
        "sql": [(2 * day, "confirm", {"bant": ENOUGH}), (4 * day, "opportunity", {"amount": 12_500})],
        "closed": [(day * 2, "disqualify", {"reason": "vendor"})],
    }  # fmt: skip
    if name in {"missed", "new", "asked"}:
        return []
    if name == "late":
        return [(timedelta(hours=3), "accept", {}), (timedelta(hours=5), "touches", talk)]
    if name == "accepted":
        return [(quick, "accept", {})]
    if name == "called":
        return started[:2]
    return [*started, *later.get(name, [])]
