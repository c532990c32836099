"""Which queue a lead belongs in: ordered rules, the first that takes it decides, the others say why they did not."""

from dataclasses import dataclass
from functools import lru_cache

from events.leads import LeadFacts, Tried
from routing.playbook import Queue, RoutingPlaybook, Rule


@dataclass(frozen=True, slots=True)
class Route:
    """Where a lead belongs, and the rules that were tried."""

    name: str
    queue: Queue
    tried: tuple[Tried, ...]


@lru_cache(maxsize=4096)
def tried(rule: str, outcome: str, why: str) -> Tried:
    """Make a line of a decision's record; the same few thousand lines come again and again."""
    return Tried(rule=rule, outcome=outcome, why=why)


def why_not(rule: Rule, facts: LeadFacts) -> str | None:
    """Say why a rule does not take a lead; None where it does."""
    for name, taken in rule.when.lists:
        value = getattr(facts, name)
        if value not in taken:
            wanted = " or ".join(map(str, taken))
            return f"{name} is {'unknown' if value is None else value}, not {wanted}"
    prefixes = rule.when.postal_prefix
    if prefixes and not (facts.postal_code or "").startswith(prefixes):
        return f"postal_code is {facts.postal_code or 'unknown'}, not {' or '.join(prefixes)}…"
    span = rule.when.employees
    if span is not None and not span.holds(facts.employees):
        found = "unknown" if facts.employees is None else facts.employees
        return f"employees is {found}, not {span}"
    return None


def route(facts: LeadFacts, playbook: RoutingPlaybook) -> Route:
    """Find the lead's queue. The playbook's last rule takes everything."""
    lost: list[Tried] = []
    rules = iter(playbook.rules)
    while (reason := why_not(rule := next(rules), facts)) is not None:
        lost.append(tried(f"rule:{rule.name}", "lost", reason))
    won = tried(f"rule:{rule.name}", "matched", f"goes to {rule.queue}")
    return Route(rule.queue, playbook.queues[rule.queue], (*lost, won))
