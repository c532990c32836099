"""Which queue a lead belongs to: ordered rules; the first that matches decides, the others record why they did not."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from events.business_time import Calendar, NeverDue, find_next_opening
from events.leads import LeadFacts, TriedCandidate
from routing.playbook import FACT, FactConditions, Queue, RoutingPlaybook, RoutingRule

ROUTES_CACHED = 4096
ACCOUNT_KIND = "account.kind"
"""Among a lead's facts: what its account was when it was routed, so that a replay finds the same."""


@dataclass(frozen=True, slots=True)
class RuleRoute:
    """The queue of a lead, and the rules that were tried."""

    name: str
    queue: Queue
    tried: tuple[TriedCandidate, ...]


@lru_cache(maxsize=4096)
def make_tried_candidate(rule: str, outcome: str, why: str) -> TriedCandidate:
    """Return a line of a decision's record; cached, because the same few thousand lines recur."""
    return TriedCandidate(rule=rule, outcome=outcome, why=why)


def why_rule_fails(rule: RoutingRule, facts: LeadFacts) -> str | None:
    """Return why a rule does not match a lead; None where it does."""
    for name, taken in rule.when.listed_values:
        value = _fact_value(facts, name)
        if value not in taken:
            wanted = " or ".join(map(str, taken))
            return f"{name} is {'unknown' if value is None else value}, not {wanted}"
    prefixes = rule.when.postal_prefix
    if prefixes and not (facts.postal_code or "").startswith(prefixes):
        return f"postal_code is {facts.postal_code or 'unknown'}, not {' or '.join(prefixes)}…"
    span = rule.when.employees
    if span is not None and not span.contains(facts.employees):
        found = "unknown" if facts.employees is None else facts.employees
        return f"employees is {found}, not {span}"
    if rule.when.hours is not None and not _arrived_within_hours(facts, rule.when.hours):
        return "they asked outside its hours"
    return _find_excluded_fact(rule.when.never, facts)


def _find_excluded_fact(never: FactConditions, facts: LeadFacts) -> str | None:
    """Return what a lead has that a rule does not take; None where it has nothing of that."""
    for name, left_out in never.listed_values:
        if (value := _fact_value(facts, name)) in left_out:
            return f"{name} is {value}"
    if never.postal_prefix and (facts.postal_code or "").startswith(never.postal_prefix):
        return f"postal_code is {facts.postal_code}"
    if never.employees is not None and never.employees.contains(facts.employees):
        return f"employees is {facts.employees}"
    if never.hours is not None and _arrived_within_hours(facts, never.hours):
        return "they asked within the hours that it leaves out"
    return None


def _arrived_within_hours(facts: LeadFacts, hours: Calendar) -> bool:
    try:
        return find_next_opening(facts.captured_at, hours) <= facts.captured_at
    except NeverDue:
        return False


def with_account_kind(facts: LeadFacts, kind: str | None) -> LeadFacts:
    """Return the facts with what the register of accounts says of the company; as they are where it says nothing."""
    if kind is None or facts.facts.get(ACCOUNT_KIND) == kind:
        return facts
    return facts.changed(facts={**facts.facts, ACCOUNT_KIND: kind})


def _fact_value(facts: LeadFacts, name: str) -> Any:
    if name == "account_kind":
        return facts.facts.get(ACCOUNT_KIND)
    return facts.facts.get(name.removeprefix(FACT)) if name.startswith(FACT) else getattr(facts, name)


def choose_queue_by_rules(facts: LeadFacts, playbook: RoutingPlaybook) -> RuleRoute:
    """Return the lead's queue. The playbook's last rule matches everything; leads with the same facts are cached."""
    alike = tuple([_fact_value(facts, name) for name in playbook.asked_facts])
    route: RuleRoute | None = playbook.routes_by_facts.get(alike)
    if route is None:
        if len(playbook.routes_by_facts) >= ROUTES_CACHED:
            playbook.routes_by_facts.clear()
        route = playbook.routes_by_facts[alike] = _match_rules(facts, playbook)
    return route


def _match_rules(facts: LeadFacts, playbook: RoutingPlaybook) -> RuleRoute:
    lost: list[TriedCandidate] = []
    rules = iter(playbook.rules)
    while (reason := why_rule_fails(rule := next(rules), facts)) is not None:
        lost.append(make_tried_candidate(f"rule:{rule.name}", "lost", reason))
    won = make_tried_candidate(f"rule:{rule.name}", "matched", f"goes to {rule.queue}")
    return RuleRoute(rule.queue, playbook.queues[rule.queue], (*lost, won))
