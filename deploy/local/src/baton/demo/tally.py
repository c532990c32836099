"""Counts what the topics say: who got how far, who was returned and why, whose turn it was."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from baton.demo.listener import PublishedFact

STAGE_OF = {
    "lead.qualified.v1": "qualified",
    "lead.accepted.v1": "accepted",
    "lead.touched.v1": "touched",
    "lead.confirmed.v1": "confirmed",
    "opportunity.opened.v1": "opportunity",
    "lead.won.v1": "won",
}
STAGES = ("posted", *STAGE_OF.values())


@dataclass
class StageTally:
    """What was counted so far; every fact is applied once."""

    origins: dict[str, str] = field(default_factory=dict)
    """The origin of each contact of the data, by contact id; "" where the data names none."""
    mql_ids: dict[str, str] = field(default_factory=dict)
    """Which lead of the data each of these contacts is."""
    colder_contacts: set[str] = field(default_factory=set)
    """The played contacts."""
    reached: dict[str, set[str]] = field(default_factory=lambda: {name: set() for name in STAGES})
    """The contacts of the data that reached each stage."""
    colder_qualified: set[str] = field(default_factory=set)
    strangers_won: set[str] = field(default_factory=set)
    """Won contacts that the data does not know; there must be none."""
    engagements: set[str] = field(default_factory=set)
    lead_types: Counter[str] = field(default_factory=Counter)
    cycles: Counter[int] = field(default_factory=Counter)
    """Qualifications by cycle; those above the first are in `again`."""
    recycled: Counter[str] = field(default_factory=Counter)
    disqualified: Counter[str] = field(default_factory=Counter)
    tracks: Counter[str] = field(default_factory=Counter)
    woken: Counter[str] = field(default_factory=Counter)
    """Wake-ups: early by a sign of the person, or on their date, at marketing or at sales."""
    again: Counter[str] = field(default_factory=Counter)
    """Qualifications after the first, with a sign of the person or by a reason of the playbook."""
    rotation: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Turns of the rotation by team and rep: a lead passed on takes a turn of the next, an owner's lead takes none."""
    queued: int = 0

    def count_fact(self, fact: PublishedFact) -> None:
        """Count a fact."""
        value = fact.value
        match fact.kind:
            case "contact.captured.v1":
                self._count_captured(fact.contact_id, value)
            case "lead.recycled.v1":
                self.recycled[value["reason"]] += 1
                self.tracks[value.get("track") or "none"] += 1
            case "lead.disqualified.v1":
                self.disqualified[value["reason"]] += 1
            case "lead.woken.v1":
                self.woken["early" if value.get("early") else f"on its date, at {value.get('starts_at', 'sales')}"] += 1
            case "lead.assigned.v1" if _used_a_rotation_turn(value):
                self.rotation[value["team"]][value["rep_id"]] += 1
            case "lead.queued.v1":
                self.queued += 1
            case kind if kind in STAGE_OF and not value.get("automated"):
                self._count_stage_reached(fact.contact_id, STAGE_OF[kind], value)

    def count_by_origin(self, stage: str) -> Mapping[str, int]:
        """Count the contacts of each origin that reached a stage."""
        return Counter(self.origins[contact] for contact in self.reached[stage])

    def find_contact(self, mql_id: str) -> str | None:
        """Return the contact that a lead of the data became, once it was captured."""
        return next((contact for contact, known in self.mql_ids.items() if known == mql_id), None)

    def _count_captured(self, contact: str, value: Mapping[str, Any]) -> None:
        self.engagements.add(value["engagement_id"])
        facts = value["facts"]
        if "mql_id" in facts:
            self.origins[contact] = facts.get("origin", "")
            self.mql_ids[contact] = facts["mql_id"]
            self.reached["posted"].add(contact)
        else:
            self.colder_contacts.add(contact)

    def _count_stage_reached(self, contact: str, stage: str, value: Mapping[str, Any]) -> None:
        if stage == "qualified":
            self.lead_types[value["lead_type"]] += 1
            self.cycles[value["cycle"]] += 1
            if value["cycle"] > 1:
                self.again["by a reason" if value["engagement"] == "wake_up" else "with a sign"] += 1
        if contact in self.origins:
            self.reached[stage].add(contact)
        elif stage == "won":
            self.strangers_won.add(contact)
        elif stage == "qualified":
            self.colder_qualified.add(contact)


def _used_a_rotation_turn(value: Mapping[str, Any]) -> bool:
    return any(tried["rule"].startswith("rotation:") and tried["outcome"] == "chosen" for tried in value["tried"])
