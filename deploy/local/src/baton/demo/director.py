"""Decides what happens next: it reads what the services published and puts the answer on the agenda.

All it knows comes from the data, the seed and the topics. Whether something is still said about a
lead that has ended depends on business time alone, never on what was read a moment earlier.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any

from baton.demo import people, play
from baton.demo.agenda import Agenda, Item
from baton.demo.colder import Colder
from baton.demo.dice import Dice
from baton.demo.funnel import Funnel, Lead
from baton.demo.hours import Hours
from baton.demo.listener import Fact

MOMENT = timedelta(minutes=1)
FIRST_MINUTE, LAST_MINUTE = 6 * 60 + 30, 11 * 60 + 50
"""Of the day: the data has days alone. People come in the morning, and reps work in the afternoon."""
BEFORE_WIN = timedelta(hours=1)
REST = timedelta(days=2)
"""Nobody comes back sooner after being returned."""


@dataclass
class Worked:
    """A lead that was handed to a rep."""

    person: str
    cycle: int
    handed: play.HandOver
    rep_id: str
    runs: int = 1
    ended_at: datetime | None = None


@dataclass
class Director:
    """Knows the cast and the play."""

    seed: int
    hours: Hours
    agenda: Agenda = field(default_factory=Agenda)
    people: dict[str, Lead | None] = field(default_factory=dict)
    """The cast by key; None for the played contacts."""
    person_of: dict[str, str] = field(default_factory=dict)
    """Keys by contact id, once capture said it."""
    leads: dict[str, Worked] = field(default_factory=dict)
    latest: dict[str, str] = field(default_factory=dict)
    """Each person's latest lead."""

    def open(self, funnel: Funnel, colder: list[Colder]) -> None:
        """Put every first submission on the agenda."""
        for lead in funnel.leads:
            self.people[lead.mql_id] = lead
            self._submit(lead.mql_id, self._first_contact(lead), 1)
        for contact in colder:
            self.people[contact.key] = None
            for at, body in contact.submissions:
                item = Item(at, body["event_id"], "submission", contact.key, body)
                self.agenda.add(item)

    def apply(self, fact: Fact) -> None:
        """Take a fact in and plan what people do because of it."""
        if fact.kind == "contact.captured.v1":
            facts = fact.value["facts"]
            self.person_of[fact.contact_id] = facts.get("mql_id") or facts.get("played", "")
        elif fact.kind == "lead.assigned.v1":
            self._assigned(fact)
        elif fact.kind in {"lead.recycled.v1", "lead.disqualified.v1", "lead.won.v1"}:
            self._ended(fact)

    def command_for(self, item: Item, before: datetime) -> tuple[str, dict[str, Any]] | None:
        """Return the lead and the body of a command, or None if its lead had ended by `before`.

        An outcome of the data is said whatever became of the lead.
        """
        lead_id = item.lead_id or self.latest[item.person]
        lead = self.leads[lead_id]
        if item.lead_id and lead.ended_at is not None and lead.ended_at <= before:
            return None
        return lead_id, {"by": lead.rep_id, **item.body}

    def star(self, funnel: Funnel) -> str:
        """Return whose story is worth telling: won after coming back, else won, else anybody."""
        most = {person: self.leads[lead_id].cycle for person, lead_id in self.latest.items()}

        def worth(lead: Lead) -> tuple[bool, int, str]:
            return (lead.won_at is not None, most.get(lead.mql_id, 0), lead.mql_id)

        return max(funnel.leads, key=worth).mql_id

    def _assigned(self, fact: Fact) -> None:
        value = fact.value
        lead_id, person = value["lead_id"], self.person_of.get(fact.contact_id)
        if not person:
            return
        lead = self.leads.get(lead_id)
        if lead is None:
            lead = self._handed_over(fact, person)
            for move in play.work(lead.handed, self.hours):
                self._plan(lead_id, lead, move)
        elif lead.rep_id == value["rep_id"]:
            return
        else:
            lead.rep_id, lead.runs = value["rep_id"], lead.runs + 1
        for move in play.acceptance(lead.handed, lead.runs, fact.at, self.hours):
            self._plan(lead_id, lead, move)

    def _handed_over(self, fact: Fact, person: str) -> Worked:
        value, who = fact.value, self.people[person]
        won_at = who.won_at if who else None
        handed = play.HandOver(Dice.about(self.seed, person, value["cycle"]), fact.at, value["lead_type"], won_at)
        lead = Worked(person, value["cycle"], handed, value["rep_id"])
        self.leads[value["lead_id"]] = lead
        self.latest[person] = value["lead_id"]
        if won_at is not None:
            amount = handed.dice.whole("amount", 10, 400) * 100
            body = {"command": "won", "at": won_at.isoformat(), "amount": amount}
            recorded_at = max(won_at, fact.at + MOMENT)
            self.agenda.add(Item(recorded_at, f"{person}:won", "command", person, body))
        return lead

    def _plan(self, lead_id: str, lead: Worked, move: play.Move) -> None:
        body = {"command": move.verb, "at": move.at.isoformat(), **move.fields}
        key = f"{lead.person}:{lead.cycle}:{move.name}"
        at = max(move.recorded_at, lead.handed.at + MOMENT)
        self.agenda.add(Item(at, key, "command", lead.person, body, lead_id))

    def _ended(self, fact: Fact) -> None:
        lead = self.leads.get(fact.value["lead_id"])
        if lead is None:
            return
        if lead.ended_at is None or fact.at < lead.ended_at:
            lead.ended_at = fact.at
        if fact.kind != "lead.recycled.v1":
            return
        back = play.comeback_at(lead.handed, self.hours)
        if back is None:
            return
        back = max(back, self.hours.after(fact.at + REST, 30))
        if lead.handed.won_at is None or back < lead.handed.won_at - REST:
            self._submit(lead.person, back, lead.cycle + 1)

    def _submit(self, person: str, at: datetime, event: int) -> None:
        who = self.people[person]
        facts = {"played": person}
        if who is not None:
            facts = {"mql_id": person, "landing_page": who.landing_page}
            if who.origin:
                facts["origin"] = who.origin
        body = people.submission(person, Dice.about(self.seed, person), at, "demo_request", facts, event=event)
        self.agenda.add(Item(at, body["event_id"], "submission", person, body))

    def _first_contact(self, lead: Lead) -> datetime:
        """Return the day of the data at a played hour, before the win where that was the same day."""
        minute = Dice.about(self.seed, lead.mql_id).between("hour", FIRST_MINUTE, LAST_MINUTE)
        midnight = datetime.combine(lead.first_contact, time(), UTC)
        at = midnight + timedelta(minutes=minute)
        if lead.won_at is not None and lead.won_at.date() == lead.first_contact:
            at = max(midnight + MOMENT, min(at, lead.won_at - BEFORE_WIN))
        return at.replace(microsecond=0)
