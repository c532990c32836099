"""Why an outcome is what it is: each reason as data, and in words that a rep reads."""

import re
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from events.leads import AccountPeopleChange, AccountPerson, Grade, OutcomeReason
from scoring.domain.history import LIFTED, OVERRIDDEN_BY, OVERRIDDEN_WHY, PUSHED, Engagement, LifecycleFact
from scoring.domain.knowledge import KnownFact
from scoring.domain.readiness import Readiness
from scoring.playbook import HardRule, Thresholds

_IDENTIFIER = re.compile(r"[^\s@<>]+@[^\s@<>]+|\+?\d[\d ()/.-]{6,}\d")
"""An e-mail address or a phone number: neither leaves on a topic, whatever somebody wrote as a reason."""
_OUTCOMES = {
    "excluded": "excludes this contact",
    "customer": "makes this a matter of account management",
    "poor_fit": "makes this poor fit",
}
_CELLS = {"poor_fit": "poor fit", "nurture": "to nurture", "mql": "an MQL", "hand_raiser": "a hand-raiser"}


def because_of_hard_rule(rule: HardRule, *, raised: bool) -> OutcomeReason:
    """Return that a hard rule decided; `raised`: although the contact asked to talk to sales."""
    although = ", although they asked to talk to sales" if raised and rule.outcome == "excluded" else ""
    return OutcomeReason(
        kind="hard_rule", rule=rule.name, why=f'The rule "{rule.name}" {_OUTCOMES[rule.outcome]}{although}.'
    )


def because_of_matrix_cell(grade: Grade, readiness: Readiness, thresholds: Thresholds) -> OutcomeReason:
    """Return that the matrix decided, and how far the points are from the line of the grade."""
    cell = thresholds.matrix[grade][readiness.level]
    line = thresholds.lead_lines.get(grade)
    to_line = f"no points make {grade} a lead" if line is None else f"the line for {grade} is {line:g}"
    return OutcomeReason(
        kind="cell",
        rule=f"{grade}{readiness.level}",
        why=f"Fit {grade} and readiness {readiness.level} are {_CELLS[cell]}: "
        f"{readiness.points:g} points, and {to_line}.",
    )


def because_of_request(engagement: Engagement, lead_type: str) -> OutcomeReason:
    """Return that the contact asked to talk to sales."""
    ticked = 'ticked "talk to sales" on' if lead_type == "fast_track" else "asked to talk to sales by"
    return OutcomeReason(
        kind="request",
        rule=engagement.engagement,
        at=engagement.occurred_at,
        why=f"They {ticked} {_id_as_text(engagement.engagement)} on {_isodate(engagement.occurred_at)}.",
    )


def because_of_override(engagement: Engagement) -> OutcomeReason:
    """Return that somebody decided against the rules: who, and for what reason."""
    by, reason = engagement.facts.get(OVERRIDDEN_BY), engagement.facts.get(OVERRIDDEN_WHY)
    who, given = _without_personal_data(by) or "somebody", _without_personal_data(reason)
    what = "Pushed by hand" if engagement.engagement == PUSHED else "The exclusion was lifted"
    return OutcomeReason(
        kind="override",
        rule="lift_exclusion" if engagement.engagement == LIFTED else "push",
        by=who,
        reason=given,
        at=engagement.occurred_at,
        why=f"{what} by {who} on {_isodate(engagement.occurred_at)}" + (f": {given}" if given else "."),
    )


def because_of_undone_merge(at: datetime) -> OutcomeReason:
    """Return that a lead came back when the merge that had ended it was undone."""
    return OutcomeReason(kind="restored", at=at, why="The merge that had ended this lead was undone.")


def because_of_disqualification(end: LifecycleFact) -> OutcomeReason:
    """Return that the last cycle was disqualified: only a request opens another."""
    why = (
        f"Disqualified as {_id_as_text(end.reason)} on {_isodate(end.at)}: only a request of theirs makes another lead."
    )
    return OutcomeReason(kind="blocked", rule="disqualified", reason=end.reason, at=end.at, why=why)


def because_of_cycle_limit(most: int) -> OutcomeReason:
    """Return the reason that the contact has had as many cycles as a score may open."""
    why = f"A score makes a lead {most} times at most: only a request of theirs makes another."
    return OutcomeReason(kind="blocked", rule="cycles", why=why)


def because_of_cool_down(end: LifecycleFact, until: datetime) -> OutcomeReason:
    """Return that the last cycle ended a short time ago."""
    ended = f"Returned as {_id_as_text(end.reason)} on {_isodate(end.at)}"
    why = f"{ended}: what they do counts as a new lead from {_isodate(until)} on."
    return OutcomeReason(kind="blocked", rule="cool_down", reason=end.reason, at=end.at, until=until, why=why)


def because_of_colleagues_lead(lead_id: UUID) -> OutcomeReason:
    """Return that a colleague has the account's product lead."""
    why = "A colleague has the lead of this account; while it is open, product use makes no other."
    return OutcomeReason(kind="blocked", rule="account_lead", lead_id=lead_id, why=why)


def because_of_later_request(at: datetime) -> OutcomeReason:
    """Return that a request to talk counts from a later instant on."""
    why = f"They asked to talk to sales later: it counts from {_isodate(at)} on."
    return OutcomeReason(kind="later_request", until=at, why=why)


def because_not_cooled_yet(readiness: Readiness, line: float, until: datetime | None) -> OutcomeReason:
    """Return that a lead is below its line and has not cooled yet."""
    fades = "" if until is None else f", until {_isodate(until)} if nothing more happens"
    why = f"{readiness.points:g} points are below the line of {line:g}, but not far enough to cool{fades}."
    return OutcomeReason(kind="kept_warm", until=until, why=why)


def because_worked_on() -> OutcomeReason:
    """Return that a lead stays open because somebody works it."""
    return OutcomeReason(
        kind="kept_warm", rule="worked", why="Below the line, but a rep works the lead: it does not cool."
    )


def because_cooled(grade: Grade, points: float, thresholds: Thresholds, at: datetime) -> OutcomeReason:
    """Return that a lead fell below its line."""
    line = thresholds.lead_lines.get(grade)
    why = f"Fit {grade} is no lead by its score."
    if line is not None:
        below = thresholds.cools_below
        why = f"{points:g} points were left on {_isodate(at)}: more than {below:g} below the line of {line:g}."
    return OutcomeReason(kind="cooled", rule=grade, at=at, why=why)


def because_not_published_yet() -> OutcomeReason:
    """Return that what is known and the rules make a lead that is not published yet."""
    why = "By the rules in force this is a lead; it has not been evaluated since they changed."
    return OutcomeReason(kind="not_evaluated", why=why)


def because_waiting_for_enrichment(until: datetime) -> OutcomeReason:
    """Return that a lead waits for what the enrichment service says of its company."""
    at = until.isoformat(timespec="seconds")
    why = f"It waits for the enrichment service's answer about the company, until {at} at most."
    return OutcomeReason(kind="blocked", rule="enrichment", until=until, why=why)


def because_of_learned_facts(before: Grade, after: Grade, learned: Mapping[str, KnownFact]) -> list[OutcomeReason]:
    """Return which facts, learned since the lead was published, gave it another grade; none: the rules did."""
    changed = f"Fit was {before} and is {after}"
    if not learned:
        return [OutcomeReason(kind="knowledge", why=f"{changed}: by the rules in force now.")]
    return [OutcomeReason(kind="knowledge", why=f"{changed}: by what was learned since.")] + [
        OutcomeReason(
            kind="knowledge",
            rule=name,
            by=fact.source,
            at=fact.at,
            why=f"{name.replace('_', ' ')} is known from {fact.source} since {_isodate(fact.at)}.",
        )
        for name, fact in sorted(learned.items())
    ]


def describe_joined_person(person: AccountPerson) -> AccountPeopleChange:
    """Return that a further person of the account shows interest."""
    return AccountPeopleChange(kind="joined", why=f"{_describe_person(person)} of the same company shows interest too.")


def describe_new_roles(person: AccountPerson) -> AccountPeopleChange:
    """Return that a person of the account has other roles than were published."""
    roles = ", ".join(person.roles) or "no role of the buying group"
    return AccountPeopleChange(kind="role", why=f"{_describe_person(person, roles=False)} is known as: {roles}.")


def describe_people_who_left(people: int) -> AccountPeopleChange:
    """Return that people of the account show interest no more, or are no longer known."""
    why = f"{people} of the company {'shows' if people == 1 else 'show'} interest no more."
    return AccountPeopleChange(kind="left", why=why)


def describe_new_main_contact(person: AccountPerson) -> AccountPeopleChange:
    """Return that another person is the most senior who shows interest."""
    return AccountPeopleChange(
        kind="main_contact", why=f"Speak with the most senior: {_describe_person(person, roles=False)}."
    )


def _describe_person(person: AccountPerson, *, roles: bool = True) -> str:
    """Return how a person is called whose name is unknown here."""
    title = _without_personal_data(person.job_title) or "Somebody whose position is unknown"
    return f"{title} ({', '.join(person.roles)})" if roles and person.roles else title


def _without_personal_data(text: object) -> str | None:
    """Return what somebody wrote without addresses and numbers of people."""
    return None if text is None else _IDENTIFIER.sub("…", str(text))


def _id_as_text(name: str | None) -> str:
    """Return an id of the rules in words: `demo_request` as `demo request`."""
    return (name or "").replace("_", " ")


def _isodate(at: datetime) -> str:
    return at.date().isoformat()
