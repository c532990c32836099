"""Decides what happens next: it reads what the services published and puts the answer on the agenda.

All it knows comes from the data, the seed and the topics. Whether something is still said about a
lead that has ended depends on business time alone, never on what was read a moment earlier.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any

from baton.demo import people, play
from baton.demo.agenda import Agenda, AgendaItem
from baton.demo.colder_contacts import ColderContact
from baton.demo.dice import Dice
from baton.demo.funnel import Funnel, FunnelLead
from baton.demo.hours import PlayedHours
from baton.demo.listener import PublishedFact

MOMENT = timedelta(minutes=1)
FIRST_MINUTE, LAST_MINUTE = 6 * 60 + 30, 11 * 60 + 50
"""Of the day: the data has days alone. People come in the morning, and reps work in the afternoon."""
BEFORE_WIN = timedelta(hours=1)
REST = timedelta(days=2)
"""Nobody comes back sooner after being returned."""


@dataclass
class HandedOverLead:
    """A lead that was handed to a rep."""

    person: str
    cycle: int
    handed: play.PlayedHandOver
    rep_id: str
    runs: int = 1
    ended_at: datetime | None = None


@dataclass
class DemoDirector:
    """Knows the cast and the play."""

    seed: int
    hours: PlayedHours
    agenda: Agenda = field(default_factory=Agenda)
    people: dict[str, FunnelLead | None] = field(default_factory=dict)
    """The cast by key; None for the played contacts."""
    person_of: dict[str, str] = field(default_factory=dict)
    """Keys by contact id, once capture said it."""
    leads: dict[str, HandedOverLead] = field(default_factory=dict)
    latest: dict[str, str] = field(default_factory=dict)
    """Each person's latest lead."""

    def plan_first_submissions(self, funnel: Funnel, colder_contacts: list[ColderContact]) -> None:
        """Put every first submission on the agenda."""
        for lead in funnel.leads:
            self.people[lead.mql_id] = lead
            self._add_submission(lead.mql_id, self._choose_first_contact_instant(lead), 1)
        for contact in colder_contacts:
            self.people[contact.key] = None
            for at, body in contact.submissions:
                item = AgendaItem(at, body["event_id"], "submission", contact.key, body)
                self.agenda.add(item)

    def apply(self, fact: PublishedFact) -> None:
        """Take a fact in and plan what people do because of it."""
        if fact.kind == "contact.captured.v1":
            facts = fact.value["facts"]
            self.person_of[fact.contact_id] = facts.get("mql_id") or facts.get("played", "")
        elif fact.kind == "lead.assigned.v1":
            self._react_to_assignment(fact)
        elif fact.kind in {"lead.recycled.v1", "lead.disqualified.v1", "lead.won.v1"}:
            self._react_to_lead_end(fact)

    def command_for(self, item: AgendaItem, before: datetime) -> tuple[str, dict[str, Any]] | None:
        """Return the lead and the body of a command, or None if its lead had ended by `before`.

        An outcome of the data is said whatever became of the lead.
        """
        lead_id = item.lead_id or self.latest[item.person]
        lead = self.leads[lead_id]
        if item.lead_id and lead.ended_at is not None and lead.ended_at <= before:
            return None
        return lead_id, {"by": lead.rep_id, **item.body}

    def choose_story_contact(self, funnel: Funnel) -> str:
        """Return whose story is worth telling: won after coming back, else won, else anybody."""
        most = {person: self.leads[lead_id].cycle for person, lead_id in self.latest.items()}

        def worth(lead: FunnelLead) -> tuple[bool, int, str]:
            return (lead.won_at is not None, most.get(lead.mql_id, 0), lead.mql_id)

        return max(funnel.leads, key=worth).mql_id

    def _react_to_assignment(self, fact: PublishedFact) -> None:
        value = fact.value
        lead_id, person = value["lead_id"], self.person_of.get(fact.contact_id)
        if not person:
            return
        lead = self.leads.get(lead_id)
        if lead is None:
            lead = self._plan_hand_over(fact, person)
            for move in play.plan_work(lead.handed, self.hours):
                self._add_rep_action(lead_id, lead, move)
        elif lead.rep_id == value["rep_id"]:
            return
        else:
            lead.rep_id, lead.runs = value["rep_id"], lead.runs + 1
        for move in play.plan_acceptance(lead.handed, lead.runs, fact.happened_at, self.hours):
            self._add_rep_action(lead_id, lead, move)

    def _plan_hand_over(self, fact: PublishedFact, person: str) -> HandedOverLead:
        value, who = fact.value, self.people[person]
        won_at = who.won_at if who else None
        handed = play.PlayedHandOver(
            Dice.for_subject(self.seed, person, value["cycle"]), fact.happened_at, value["lead_type"], won_at
        )
        lead = HandedOverLead(person, value["cycle"], handed, value["rep_id"])
        self.leads[value["lead_id"]] = lead
        self.latest[person] = value["lead_id"]
        if won_at is not None:
            amount = handed.dice.whole_between("amount", 10, 400) * 100
            body = {"command": "won", "at": won_at.isoformat(), "amount": amount}
            recorded_at = max(won_at, fact.happened_at + MOMENT)
            self.agenda.add(AgendaItem(recorded_at, f"{person}:won", "command", person, body))
        return lead

    def _add_rep_action(self, lead_id: str, lead: HandedOverLead, move: play.RepMove) -> None:
        body = {"command": move.verb, "at": move.at.isoformat(), **move.fields}
        key = f"{lead.person}:{lead.cycle}:{move.name}"
        at = max(move.recorded_at, lead.handed.at + MOMENT)
        self.agenda.add(AgendaItem(at, key, "command", lead.person, body, lead_id))

    def _react_to_lead_end(self, fact: PublishedFact) -> None:
        lead = self.leads.get(fact.value["lead_id"])
        if lead is None:
            return
        if lead.ended_at is None or fact.happened_at < lead.ended_at:
            lead.ended_at = fact.happened_at
        if fact.kind != "lead.recycled.v1":
            return
        back = play.plan_comeback(lead.handed, self.hours)
        if back is None:
            return
        back = max(back, self.hours.add_working_minutes(fact.happened_at + REST, 30))
        if lead.handed.won_at is None or back < lead.handed.won_at - REST:
            self._add_submission(lead.person, back, lead.cycle + 1)

    def _add_submission(self, person: str, at: datetime, event: int) -> None:
        who = self.people[person]
        facts = {"played": person}
        if who is not None:
            facts = {"mql_id": person, "landing_page": who.landing_page}
            if who.origin:
                facts["origin"] = who.origin
        body = people.make_submission(
            person, Dice.for_subject(self.seed, person), at, "demo_request", facts, event=event
        )
        self.agenda.add(AgendaItem(at, body["event_id"], "submission", person, body))

    def _choose_first_contact_instant(self, lead: FunnelLead) -> datetime:
        """Return the day of the data at a played hour, before the win where that was the same day."""
        minute = Dice.for_subject(self.seed, lead.mql_id).between("hour", FIRST_MINUTE, LAST_MINUTE)
        midnight = datetime.combine(lead.first_contact, time(), UTC)
        at = midnight + timedelta(minutes=minute)
        if lead.won_at is not None and lead.won_at.date() == lead.first_contact:
            at = max(midnight + MOMENT, min(at, lead.won_at - BEFORE_WIN))
        return at.replace(microsecond=0)
