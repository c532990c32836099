"""Whether sales may speak to a contact: because they asked, or because nothing they said since speaks against it (D14).

A contact's wishes reach routing apart from their leads, so either may come first. They are compared by when they were
said: a request is a basis until it is withdrawn, and after a withdrawal a new request is one again.
"""

from collections.abc import Mapping
from typing import NamedTuple, Self, TypeVar
from uuid import UUID

from events.contacts import ConsentChanged, ContactPostponed
from events.envelope import Instant, Part
from events.leads import LeadFacts
from routing.playbook import Basis

T = TypeVar("T")

ASKED = ("hand_raiser", "fast_track", "customer")
ASKED_BY = ("book", "call_me")
NO_BASIS = "no_basis"
NOT_NOW = "not_now"


class Objection(NamedTuple):
    """What a contact has against being spoken to: the reason for which their lead is released, and in words."""

    reason: str
    why: str


class Wishes(Part):
    """What a contact said to us, as far as it may keep a lead from sales."""

    revision: int = -1
    granted: dict[str, bool] = {}
    """The answer to each purpose, for all channels."""
    refused_at: dict[str, Instant] = {}
    """When each purpose was refused, of those that are."""
    closed_at: dict[str, Instant] = {}
    """Since when each channel is closed."""
    postponed_at: Instant | None = None
    postponed_by: UUID | None = None
    """The engagement in which they said: not now."""

    def hear(self, news: ConsentChanged | ContactPostponed) -> Self:
        """Take what a contact wishes; an older word than the one known changes nothing."""
        if isinstance(news, ContactPostponed):
            if self.postponed_at is not None and news.occurred_at <= self.postponed_at:
                return self
            return self.model_copy(update={"postponed_at": news.occurred_at, "postponed_by": news.engagement_id})
        if news.revision <= self.revision:
            return self
        whole = [one for one in news.consents if one.channel is None and one.state != "pending"]
        return self.model_copy(
            update={
                "revision": news.revision,
                "granted": {one.purpose: one.granted for one in whole},
                "refused_at": {one.purpose: min(one.at, news.occurred_at) for one in whole if not one.granted},
                "closed_at": {one: self.closed_at.get(one, news.occurred_at) for one in news.suppressed},
            }
        )


NONE = Wishes()


def no_basis(facts: LeadFacts, wishes: Wishes, rules: Basis) -> Objection | None:
    """Say why sales may not speak to a contact; None where they asked for it, or there is a basis."""
    refused = [*_of(wishes.refused_at, rules.purposes), *_of(wishes.closed_at, rules.channels)]
    if facts.lead_type in ASKED or facts.preference in ASKED_BY:
        if refused and max(refused) > facts.captured_at:
            return Objection(NO_BASIS, "contact by sales was refused after they asked for it")
        return None
    answers = _of({**facts.consents, **wishes.granted}, rules.purposes)
    if refused or False in answers:
        return Objection(NO_BASIS, "contact by sales was refused")
    if rules.required and not answers:
        return Objection(NO_BASIS, "nobody granted contact by sales")
    return None


def not_now(facts: LeadFacts, wishes: Wishes) -> Objection | None:
    """Say that a contact put off what made them a lead; None where they did not, or asked anew since."""
    at, by = wishes.postponed_at, wishes.postponed_by
    if at is None or at < facts.captured_at or by == facts.engagement_id:
        return None
    return Objection(NOT_NOW, "they said not now")


def objection(facts: LeadFacts, wishes: Wishes, rules: Basis) -> Objection | None:
    """Say what a contact has against being given to somebody, if anything."""
    return no_basis(facts, wishes, rules) or not_now(facts, wishes)


def _of(found: Mapping[str, T], names: tuple[str, ...]) -> list[T]:
    return [found[name] for name in names if name in found]
