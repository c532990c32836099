"""The whole agreement about who follows up which leads. Its last rule matches everything: no lead is left out."""

from collections.abc import Collection, Iterator
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from events.business_time import Duration, parse_duration
from events.leads import LeadType
from events.playbook import Playbook, Section
from routing.playbook import rule_gaps
from routing.playbook.names import UrlSafeName
from routing.playbook.openers import FirstSentences, LanguageTag, OpenerPhrases
from routing.playbook.rules import BookingRule, Queue, RoutingRule
from routing.playbook.teams_and_reps import RosterEntry, Team


class ChannelSilence(Section):
    """Which of marketing's channels are silent (true) while sales talks to the contact."""

    email: bool = False
    ads: bool = False
    calls: bool = False


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


class AccountClaimRules(Section):
    """Who has a claim on a lead before the rotation is asked, beside the account's owner."""

    colleague: bool = True
    """The rep who works somebody else at the account."""
    returning: bool = True
    """The rep who had the same person in an earlier cycle."""
    returning_waits: Duration | None = parse_duration("3d")
    """Who comes back without asking for sales waits at most so long until that rep is at work, and who is woken by a
    date alone until who should have the lead is, or anybody of the team; absent: the next in turn gets it at once."""
    similar_name: Annotated[int, Field(ge=80, le=100)] | None = 92
    """How alike (of 100) a company's name must be to an account's where no domain matches; absent: never."""

    @model_validator(mode="after")
    def _check_returning_waits_is_elapsed(self) -> Self:
        if self.returning_waits is not None and self.returning_waits.is_working_time:
            raise ValueError("who returns waits for elapsed time (h or d)")
        return self


class LegalBasisRule(Section):
    """What allows a hand-over where the contact asked for nothing (D14)."""

    purposes: tuple[str, ...] = ("sales",)
    """A refusal of one of these keeps a lead from sales."""
    channels: tuple[str, ...] = ("all",)
    """So does a suppression of one of these channels."""
    required: bool = False
    """Whether one of these must have been granted; else a lead without an answer is handed over too."""


class RoutingPlaybook(Playbook):
    """Everything that routing decides by."""

    teams: dict[UrlSafeName, Team]
    queues: dict[UrlSafeName, Queue]
    rules: tuple[RoutingRule, ...]
    reps: dict[UrlSafeName, RosterEntry] = {}
    account_owner_first: bool = True
    account_first: AccountClaimRules = AccountClaimRules()
    fairness: TurnRules = TurnRules()
    basis: LegalBasisRule = LegalBasisRule()
    booking: BookingRule = BookingRule()
    rejected_to: dict[UrlSafeName, UrlSafeName] = {}
    """The queue to which a rejection with a reason sends a lead, such as `customer: customers`, by reason."""
    suppress: ChannelSilence = ChannelSilence()
    suppress_by_lead_type: dict[LeadType, ChannelSilence] = {}
    openers: OpenerPhrases
    first_sentences: dict[LanguageTag, FirstSentences] = {}
    """By language; the first is taken where the contact's own is not known. Empty: reps get none."""
    suggested_content: Annotated[int, Field(ge=0, le=20)] = 3
    """At most so many pieces are suggested."""

    @model_validator(mode="after")
    def _check_names_are_defined(self) -> Self:
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
            if len(set(chain := self.queue_chain(name, steps=len(self.queues)))) < len(chain):
                raise ValueError(f"queue {name} comes back to itself by `then`")
        rule_names = [rule.name for rule in self.rules]
        if len(set(rule_names)) < len(rule_names):
            raise ValueError("two rules have the same name")
        if not self.rules or not self.rules[-1].when.takes_everything:
            raise ValueError("the last rule must take everything, or leads fall through")
        return self

    def queue_chain(self, queue: UrlSafeName, steps: int | None = None) -> list[UrlSafeName]:
        """Return a queue and those that follow it by `then`, in order; at most `steps` of them."""
        found, following = [queue], self.queues[queue].then
        while following is not None and (steps is None or len(found) <= steps):
            found.append(following)
            following = self.queues[following].then
        return found

    @cached_property
    def asked_facts(self) -> tuple[str, ...]:
        """The facts of a lead for which any rule asks."""
        names = (rule.when.fact_names | rule.when.never.fact_names for rule in self.rules)
        return tuple(sorted(frozenset().union(*names)))

    @cached_property
    def routes_by_facts(self) -> dict[tuple[Any, ...], Any]:
        """Where leads with the same facts went: kept with the playbook, for as long as it lives."""
        return {}

    def mistakes(self) -> Iterator[str]:
        """Yield what can't have been meant: rules that never match, queues that no rule reaches."""
        return rule_gaps.find_mistakes(self.rules, self.queues, self.rejected_to.values())

    def warnings(self) -> Iterator[str]:
        """Yield what is allowed and probably not meant: rules that overlap, queues without reps."""
        return rule_gaps.find_warnings(self.rules, self.queues, self.reps)

    def silence_for(self, lead_type: LeadType) -> ChannelSilence:
        """Which of marketing's channels are silent while sales has such a lead."""
        return self.suppress_by_lead_type.get(lead_type, self.suppress)
