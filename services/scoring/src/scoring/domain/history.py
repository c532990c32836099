"""What scoring knows of a person: what it did, what became of its leads, which leads were published.

A history is complete in itself. Nothing here remembers the order in which its parts became known, so whoever decides
from it decides the same under any order of arrival. Merged contacts are one person: their histories are put together
under the survivor, and every part keeps the contact that it came from, so that a merge can be undone.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from events.leads import (
    Grade,
    LeadType,
    Outcome,
)
from events.parts import Scalar

WAKE_UP = "wake_up"
ASKED = "talk_to_sales"
"""A request to talk later, at the instant from which it counts."""
LIFTED = "exclusion_lifted"
PUSHED = "pushed_by_hand"
ACCOUNT_USE = "account_use"
"""Several people of the account use the product; an engagement of the person who stands for it."""

FACTS_LEARNED = "facts_learned"
LEARNED_BY, LEARNED_AT_END = "learned.by", "learned.at_end"
"""Who found facts out; and the cycle that the same verdict ended, where it did."""
"""Facts about the contact that somebody learned and wrote down; no sign of the person."""

OVERRIDDEN_BY, OVERRIDDEN_WHY = "override.by", "override.reason"
IS_LIFTED = "override.exclusion_lifted"
WOKEN_BY = "woken.reason"
WOKEN_FROM = "woken.cycle"
STAGE = "content_stage"
TITLE = "content_title"
UTM = "utm."
"""How the facts begin that say which campaign link brought the contact last."""
OF_ITS_TIME = ("consents.", "override.", "woken.", "learned.", STAGE, TITLE, "account.wish")
"""How facts begin that hold from an instant on; all others are knowledge about the contact."""
UNREACHABLE, REACHABLE = "unreachable", "reachable"
"""That nothing but a badge is known of somebody, and that a phone is where no e-mail is."""
PROFILE_FACTS = (
    "company",
    "country",
    "region",
    "postal_code",
    "industry",
    "employees",
    "job_title",
    "email_domain",
    "email_kind",
)

LifecycleKind = Literal[
    "recycled", "disqualified", "won", "worked", "customer", "churned", "confirmed", "opportunity", "lost"
]
ENDS: frozenset[LifecycleKind] = frozenset(("recycled", "disqualified", "won"))


@dataclass(slots=True)
class Engagement:
    """Something the contact did, with the facts that were learned by it (known ones only). Never changed."""

    engagement_id: UUID
    contact_id: UUID
    engagement: str
    source: str
    occurred_at: datetime
    received_at: datetime
    content: str | None
    campaign: str | None
    talk_to_sales: bool
    preference: str | None
    preferred_at: datetime | None
    facts: dict[str, Scalar]

    @property
    def woken_from_cycle(self) -> int:
        """The cycle whose end this wake-up follows; 0 of everything else."""
        cycle = self.facts.get(WOKEN_FROM)
        return cycle if isinstance(cycle, int) else 0

    @property
    def sort_key(self) -> tuple[datetime, int, UUID]:
        """Where it stands in the contact's history; of one instant a wake-up comes last, and then the id settles it."""
        return self.occurred_at, self.woken_from_cycle, self.engagement_id


@dataclass(frozen=True, slots=True)
class LifecycleFact:
    """What became of a contact or of one of its leads (`cycle`), at an instant of business time."""

    turn_id: UUID
    contact_id: UUID
    kind: LifecycleKind
    at: datetime
    cycle: int | None = None
    reason: str | None = None
    """Why it ended; of a confirmation the four answers, as in `BA-T` (no need)."""


@dataclass(slots=True)
class Lead:
    """One cycle as it was published, and as it is known now. Never changed."""

    lead_id: UUID
    contact_id: UUID
    cycle: int
    lead_type: LeadType
    """By all that is known now."""
    published_type: LeadType
    """The strongest that was published."""
    outcome: Outcome
    fit: Grade
    by_request: bool
    """Whether a hand-raise made it: such a lead does not cool."""
    engagement_id: UUID
    opened_at: datetime
    qualified_at: datetime
    ended_at: datetime | None = None
    cools_at: datetime | None = None
    """When the timer is set to."""
    cooled_at: datetime | None = None
    opened_as: LeadType | None = None
    """As what it was published at first; an upgrade changes `published_type`."""
    published_fit: Grade | None = None
    """The cell in which it was published, the points, and by which playbook: what outcomes are counted by."""
    published_level: int | None = None
    published_points: float | None = None
    playbook_version: str | None = None
    email_domain: str | None = None
    graded_as: Grade | None = None
    """The grade that was published last, and how often one was published after the first."""
    regrades: int = 0
    probability: float | None = None
    """What the playbook's model said when it was published, and which version of the model."""
    probability_model: str | None = None


Colleague = tuple[UUID, datetime, datetime | None]
"""A product lead at the same account: whose, from when, until when."""


@dataclass(slots=True)
class History:
    """One person: the contact, or all contacts merged into it. `accounts`: the kind of company by domain."""

    contact_id: UUID
    engagements: dict[UUID, Engagement] = field(default_factory=dict)
    lifecycle: dict[UUID, LifecycleFact] = field(default_factory=dict)
    leads: dict[int, Lead] = field(default_factory=dict)
    """The survivor's own, by cycle."""
    accounts: Mapping[str, str] = field(default_factory=dict)
    merged: dict[UUID, Lead] = field(default_factory=dict)
    """The leads of the contacts that were merged into it."""
    colleagues: Mapping[str, Mapping[UUID, Colleague]] = field(default_factory=dict)
    """The product leads at each e-mail domain, by their ids."""
    contact_ids: tuple[UUID, ...] = ()
    """All contacts that are this person; empty where nothing was merged."""

    def add_engagement(self, engagement: Engagement) -> bool:
        """Add an engagement; False where it is known already."""
        return self.engagements.setdefault(engagement.engagement_id, engagement) is engagement

    def add_lifecycle_fact(self, fact: LifecycleFact) -> bool:
        """Add a lifecycle fact; False where it is known already."""
        return self.lifecycle.setdefault(fact.turn_id, fact) is fact

    def put_lead(self, lead: Lead) -> None:
        """Add a lead, or put it in the place of what was known of it."""
        if lead.contact_id == self.contact_id:
            self.leads[lead.cycle] = lead
        else:
            self.merged[lead.lead_id] = lead

    def all_leads(self) -> list[Lead]:
        """Return the leads of all its contacts."""
        return [*self.leads.values(), *self.merged.values()]

    def clear_fired_timers(self, fired: Collection[UUID]) -> None:
        """Note that the timers of these leads have fired and are gone."""
        for lead in self.all_leads():
            if lead.lead_id in fired:
                self.put_lead(replace(lead, cools_at=None))

    def engagements_in_order(self) -> list[Engagement]:
        """Return the engagements in the order they happened."""
        if len(self.engagements) == 1:
            return list(self.engagements.values())
        return sorted(self.engagements.values(), key=lambda engagement: engagement.sort_key)

    def ends_of_cycle(self, contact_id: UUID, cycle: int) -> Iterator[LifecycleFact]:
        """Return all that ended a cycle."""
        for fact in self.lifecycle.values():
            if fact.cycle == cycle and fact.kind in ENDS and fact.contact_id == contact_id:
                yield fact

    def first_end_of_cycle(self, contact_id: UUID, cycle: int) -> LifecycleFact | None:
        """Return what ended a cycle: the earliest of its ends."""
        if not self.lifecycle:
            return None
        return min(self.ends_of_cycle(contact_id, cycle), key=lambda fact: (fact.at, fact.turn_id), default=None)

    def is_cycle_disqualified(self, contact_id: UUID, cycle: int) -> bool:
        """Return whether the last end of a cycle was a disqualification: only a hand-raise opens another then."""
        last = max(self.ends_of_cycle(contact_id, cycle), key=lambda fact: (fact.at, fact.turn_id), default=None)
        return last is not None and last.kind == "disqualified"

    def has_been_worked(self, lead: Lead) -> bool:
        """Return whether somebody has worked a lead."""
        return any(
            fact.kind == "worked" and fact.cycle == lead.cycle and fact.contact_id == lead.contact_id
            for fact in self.lifecycle.values()
        )

    def is_customer(self, at: datetime, contact_id: UUID, cycle: int) -> bool:
        """Return whether the person had bought by then. A lead's own win does not make it a customer."""
        bought = [
            fact
            for fact in self.lifecycle.values()
            if fact.at <= at and _is_purchase_of_other_cycle(fact, contact_id, cycle)
        ]
        last = max(bought, key=lambda fact: (fact.at, fact.turn_id), default=None)
        return last is not None and last.kind != "churned"

    def account_kind(self, facts: Mapping[str, Scalar], at: datetime, contact_id: UUID, cycle: int) -> str | None:
        """Return the kind of company that the contact belongs to; None if nothing is known."""
        if self.lifecycle and self.is_customer(at, contact_id, cycle):
            return "customer"
        return self.accounts.get(str(facts.get("email_domain")))

    def find_colleagues_lead(self, facts: Mapping[str, Scalar], at: datetime) -> UUID | None:
        """Return the lead of a colleague who has the account's product lead at an instant; None if nobody has."""
        own = self.contact_ids or (self.contact_id,)
        leads = self.colleagues.get(str(facts.get("email_domain")), {})
        return min(
            (
                lead_id
                for lead_id, (whose, since, until) in leads.items()
                if whose not in own and since <= at and (until is None or at < until)
            ),
            default=None,
        )

    def as_of(self, at: datetime) -> "History":
        """Return the part that had happened by an instant."""
        return replace(
            self,
            engagements={
                name: engagement for name, engagement in self.engagements.items() if engagement.occurred_at <= at
            },
            lifecycle={name: fact for name, fact in self.lifecycle.items() if fact.at <= at},
            leads={cycle: lead for cycle, lead in self.leads.items() if lead.opened_at <= at},
            merged={name: lead for name, lead in self.merged.items() if lead.opened_at <= at},
        )


def _is_purchase_of_other_cycle(fact: LifecycleFact, contact_id: UUID, cycle: int) -> bool:
    """Return whether a fact decides if this lead is a customer's."""
    if fact.kind == "won" and fact.cycle is not None:
        return fact.contact_id != contact_id or fact.cycle < cycle
    return fact.kind in {"customer", "churned"}


def collect_latest_facts(engagements: Iterable[Engagement]) -> dict[str, Scalar]:
    """Return all facts, a later value in place of an earlier one; `engagements` come in the order they happened."""
    facts: dict[str, Scalar] = {}
    for engagement in engagements:
        facts.update(engagement.facts)
    return facts
