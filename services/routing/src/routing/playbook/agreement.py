"""The whole agreement about who follows up which leads. Its last rule matches everything: no lead is left out."""

from collections.abc import Collection, Iterator
from functools import cached_property
from string import Formatter
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from events.business_time import Duration, span
from events.leads import LeadType
from routing.playbook import rule_gaps
from routing.playbook.names import Name, Section
from routing.playbook.people import RosterEntry, Team
from routing.playbook.rules import Booking, Queue, Rule


class Silence(Section):
    """Which of marketing's channels are silent (true) while sales talks to the contact."""

    email: bool = False
    ads: bool = False
    calls: bool = False


OPENER_FACTS = frozenset({"engagement", "content", "campaign"})


class Openers(Section):
    """Phrases for a rep's first sentence: what the contact did, and what they asked for."""

    engagements: dict[str, str]
    preferences: dict[str, str] = {}
    otherwise: str = "came to us through {engagement}"
    asked_with_it: str = "They asked to talk to sales"
    """Added where they ticked it on something else, such as a download."""
    last_time: dict[str, str] = {}
    """Why a returning contact's last cycle ended, in words, by the reason of the feedback playbook."""
    last_time_otherwise: str = "it ended with {reason}"

    @model_validator(mode="after")
    def _fillable(self) -> Self:
        for phrase in (*self.engagements.values(), self.otherwise):
            if not {name for _, name, _, _ in Formatter().parse(phrase) if name} <= OPENER_FACTS:
                raise ValueError("an opener may name {engagement}, {content} and {campaign} alone")
        for phrase in (*self.last_time.values(), self.last_time_otherwise):
            if not {name for _, name, _, _ in Formatter().parse(phrase) if name is not None} <= {"reason"}:
                raise ValueError("words about the last time may name {reason} alone")
        return self


class TurnRules(Section):
    """What costs a rep their turn, and what refunds it."""

    owners_count: bool = False
    """Whether a lead that comes by a claim (an account's owner, who knows them) costs a turn."""
    manual_counts: bool = False
    """Whether a lead that is given by hand costs a turn."""
    catch_up: Annotated[int, Field(ge=0, le=1000)] = 0
    """So many leads may a newcomer or returner be behind the others: 0 starts them where the others stand."""
    junk: tuple[str, ...] = ("bad_data", "duplicate", "spam", "vendor", "student")
    """A lead that ends for one of these reasons gives its turn back."""


class AccountFirst(Section):
    """Who has a claim on a lead before the rotation is asked, beside the account's owner."""

    colleague: bool = True
    """The rep who works somebody else at the account."""
    returning: bool = True
    """The rep who had the same person in an earlier cycle."""
    returning_waits: Duration | None = span("3d")
    """Who comes back without asking for sales waits at most so long until that rep is at work, and who is woken by a
    date alone until anybody of the team is; absent: the next in turn gets the lead at once."""
    similar_name: Annotated[int, Field(ge=80, le=100)] | None = 92
    """How alike (of 100) a company's name must be to an account's where no domain matches; absent: never."""

    @model_validator(mode="after")
    def _elapsed(self) -> Self:
        if self.returning_waits is not None and self.returning_waits.on_calendar:
            raise ValueError("who returns waits for elapsed time (h or d)")
        return self


class Basis(Section):
    """What allows a hand-over where the contact asked for nothing (D14)."""

    purposes: tuple[str, ...] = ("sales",)
    """A refusal of one of these keeps a lead from sales."""
    channels: tuple[str, ...] = ("all",)
    """So does a suppression of one of these channels."""
    required: bool = False
    """Whether one of these must have been granted; else a lead without an answer is handed over too."""


class RoutingPlaybook(Section):
    """Everything that routing decides by."""

    teams: dict[Name, Team]
    queues: dict[Name, Queue]
    rules: tuple[Rule, ...]
    reps: dict[Name, RosterEntry] = {}
    account_owner_first: bool = True
    account_first: AccountFirst = AccountFirst()
    fairness: TurnRules = TurnRules()
    basis: Basis = Basis()
    booking: Booking = Booking()
    rejected_to: dict[Name, Name] = {}
    """The queue to which a rejection with a reason sends a lead, such as `customer: customers`, by reason."""
    suppress: Silence = Silence()
    suppress_by_lead_type: dict[LeadType, Silence] = {}
    openers: Openers
    suggested_content: Annotated[int, Field(ge=0, le=20)] = 3
    """At most so many pieces are suggested."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        known: list[tuple[str, str, Collection[str]]] = [
            *(("queue's team", queue.team, self.teams) for queue in self.queues.values()),
            *(("rep's team", rep.team, self.teams) for rep in self.reps.values()),
            *(("rule's queue", rule.queue, self.queues) for rule in self.rules),
            *(("next queue", queue.then, self.queues) for queue in self.queues.values() if queue.then),
            *(("rejection's queue", queue, self.queues) for queue in self.rejected_to.values()),
            *(("next team", team.hands_over_to, self.teams) for team in self.teams.values() if team.hands_over_to),
        ]
        for what, name, names in known:
            if name not in names:
                raise ValueError(f"a {what} is not in the playbook: {name}")
        for name in self.queues:
            if len(set(chain := self.chain(name, steps=len(self.queues)))) < len(chain):
                raise ValueError(f"queue {name} comes back to itself by `then`")
        rule_names = [rule.name for rule in self.rules]
        if len(set(rule_names)) < len(rule_names):
            raise ValueError("two rules have the same name")
        if not self.rules or not self.rules[-1].when.takes_everything:
            raise ValueError("the last rule must take everything, or leads fall through")
        return self

    def chain(self, queue: Name, steps: int | None = None) -> list[Name]:
        """Return a queue and those that follow it by `then`, in order; at most `steps` of them."""
        found, following = [queue], self.queues[queue].then
        while following is not None and (steps is None or len(found) <= steps):
            found.append(following)
            following = self.queues[following].then
        return found

    @cached_property
    def asked(self) -> tuple[str, ...]:
        """The facts of a lead for which any rule asks."""
        names = (rule.when.names | rule.when.never.names for rule in self.rules)
        return tuple(sorted(frozenset().union(*names)))

    @cached_property
    def routed(self) -> dict[tuple[Any, ...], Any]:
        """Where leads with the same facts went: kept with the playbook, for as long as it lives."""
        return {}

    def mistakes(self) -> Iterator[str]:
        """Yield what can't have been meant: rules that never match, queues that no rule reaches."""
        return rule_gaps.mistakes(self.rules, self.queues, self.rejected_to.values())

    def warnings(self) -> Iterator[str]:
        """Yield what is allowed and probably not meant: rules that overlap, queues without reps."""
        return rule_gaps.warnings(self.rules, self.queues, self.reps)

    def silence(self, lead_type: LeadType) -> Silence:
        """Which of marketing's channels are silent while sales has such a lead."""
        return self.suppress_by_lead_type.get(lead_type, self.suppress)
