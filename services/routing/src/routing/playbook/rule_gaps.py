"""What ordered rules do by mistake: a rule that never matches, an unreachable queue, an overlap, a gap.

A rule matches a box: for each fact the values it lists. Facts are cut into the values that any rule names and one
piece for all others (ranges and prefixes into the pieces between their ends), so that boxes can be subtracted exactly.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import reduce
from typing import Any, get_args

from events.business_time import Calendar
from events.contacts import AccountKind
from events.leads import Grade, LeadType, Outcome
from routing.playbook.rules import FactConditions, Queue, RoutingRule, RuleCondition
from routing.playbook.teams_and_reps import RosterEntry

OTHER = "…"
WITHIN = "within these hours"
CLOSED: dict[str, tuple[Any, ...]] = {
    "lead_type": get_args(LeadType),
    "outcome": get_args(Outcome),
    "fit": get_args(Grade),
    "readiness": (1, 2, 3, 4),
    "account_kind": (*get_args(AccountKind), OTHER),
}
"""Facts of which every value is known."""

Box = Mapping[str, frozenset[Any]]


def find_mistakes(
    rules: Sequence[RoutingRule], queues: Mapping[str, Queue], asked_by_name: Collection[str] = ()
) -> Iterator[str]:
    """Yield what can't have been meant, as sentences; the queues in `asked_by_name` are reached without a rule."""
    cut = _cut_facts_into_pieces(rules)
    boxes = [_rule_as_box(rule.when, cut) for rule in rules]
    reached = {*asked_by_name, *(queue.then for queue in queues.values())}
    for nth, rule in enumerate(rules):
        if _subtract_earlier_boxes(boxes[nth], boxes[:nth]):
            reached.add(rule.queue)
        else:
            before = [rules[earlier].name for earlier in range(nth) if _boxes_overlap(boxes[earlier], boxes[nth])]
            yield f"rule {rule.name} can never match: {', '.join(before)} take everything before it"
    for name in queues:
        if name not in reached:
            yield f"queue {name} is unreachable: no rule that can match goes there"


def find_warnings(
    rules: Sequence[RoutingRule], queues: Mapping[str, Queue], reps: Mapping[str, RosterEntry]
) -> Iterator[str]:
    """Yield what is allowed and probably not meant, as sentences.

    Rules that ask for different facts overlap on purpose: their order decides. Two that ask for the same facts, such as
    territories, and share some of the values are probably a mistake.
    """
    cut = _cut_facts_into_pieces(rules)
    boxes = [_rule_as_box(rule.when, cut) for rule in rules]
    for later, rule in enumerate(rules):
        for earlier, other in enumerate(rules[:later]):
            alike = _names_of_asked_facts(rule.when) == _names_of_asked_facts(other.when) and rule.queue != other.queue
            if alike and _boxes_overlap_in_part(boxes[earlier], boxes[later]):
                shared = _describe_overlap(boxes[earlier], boxes[later])
                yield f"rules {other.name} and {rule.name} overlap ({shared}): the first wins"
    staffed = {rep.team for rep in reps.values() if rep.status == "active"}
    for name, queue in queues.items():
        if queue.team not in staffed:
            yield f"queue {name} is a hole until somebody is put in {queue.team}: the roster has nobody there"


def _cut_facts_into_pieces(rules: Sequence[RoutingRule]) -> dict[str, frozenset[Any]]:
    """Return for each fact that any rule asks for the pieces into which the rules cut it."""
    cut: dict[str, set[Any]] = {}
    for asked in (asked for rule in rules for asked in (rule.when, rule.when.never)):
        for name, values in asked.listed_values:
            cut.setdefault(name, set(CLOSED.get(name, (OTHER,)))).update(values)
        if asked.postal_prefix:
            cut.setdefault("postal_prefix", {OTHER}).update(asked.postal_prefix)
        if asked.employees is not None:
            ends = {asked.employees.at_least or 0, asked.employees.below}
            cut.setdefault("employees", {OTHER, 0}).update(end for end in ends if end is not None)
        if asked.hours is not None:
            cut.setdefault(_fact_key_of_hours(asked.hours), {WITHIN, OTHER})
    return {name: frozenset(values) for name, values in cut.items()}


def _rule_as_box(when: RuleCondition, cut: Mapping[str, frozenset[Any]]) -> Box:
    """Return the pieces that a rule matches; a number stands for the range that begins there."""
    box: dict[str, frozenset[Any]] = {}
    for name, pieces in cut.items():
        taken, never = _pieces_asked_for(when, name, pieces), _pieces_asked_for(when.never, name, pieces)
        box[name] = (pieces if taken is None else taken) - (never or frozenset())
    return box


def _pieces_asked_for(asked: FactConditions, name: str, pieces: frozenset[Any]) -> frozenset[Any] | None:
    """Return the pieces of a fact that are asked for; None where it is not asked for."""
    lists = dict(asked.listed_values)
    if name in lists:
        return frozenset(lists[name])
    if name == "postal_prefix" and asked.postal_prefix:
        return frozenset(piece for piece in pieces if piece.startswith(asked.postal_prefix))
    if name == "employees" and asked.employees is not None:
        return frozenset(piece for piece in pieces if piece != OTHER and asked.employees.contains(piece))
    if asked.hours is not None and name == _fact_key_of_hours(asked.hours):
        return frozenset({WITHIN})
    return None


def _fact_key_of_hours(hours: Calendar) -> str:
    """Return hours as a fact of their own: a lead came within them or not, and others may overlap with them."""
    return f"hours {hours.model_dump_json(exclude_unset=True)}"


def _names_of_asked_facts(when: RuleCondition) -> frozenset[str]:
    return when.fact_names | {f"not {name}" for name in when.never.fact_names}


def _boxes_overlap(box: Box, other: Box) -> bool:
    return all(box[name] & other[name] for name in box)


def _boxes_overlap_in_part(box: Box, other: Box) -> bool:
    """Whether each matches something that the other does not, and both something."""
    return _boxes_overlap(box, other) and bool(_subtract_box(box, other)) and bool(_subtract_box(other, box))


def _subtract_box(box: Box, taken: Box) -> list[Box]:
    """Return a box without what another box matches, as boxes that do not meet."""
    if not _boxes_overlap(box, taken):
        return [box]
    left: list[Box] = []
    rest = dict(box)
    for name, pieces in box.items():
        if outside := pieces - taken[name]:
            left.append({**rest, name: outside})
        rest[name] = pieces & taken[name]
    return left


def _subtract_earlier_boxes(box: Box, earlier: list[Box]) -> list[Box]:
    """Return what earlier rules leave of a box."""
    return reduce(
        lambda boxes, taken: [piece for remaining in boxes for piece in _subtract_box(remaining, taken)], earlier, [box]
    )


def _describe_overlap(box: Box, other: Box) -> str:
    """Describe what two boxes share, by the facts that either narrows."""
    narrowed = (name for name in box if box[name] != other[name])
    return ", ".join(f"{name} {min(map(str, box[name] & other[name]))}" for name in narrowed)
