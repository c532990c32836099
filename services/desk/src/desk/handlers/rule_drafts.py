"""Numbers of the rules that are changed on a page: tried on last month's people, then proposed as the candidate."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from desk import store
from desk.domain import Viewer, orders
from desk.domain.agreement import Candidate
from desk.domain.facts import Fact
from desk.domain.orders import FormFault, Target
from desk.domain.rule_changes import RuleChange, list_rule_changes, read_terms
from desk.domain.rule_numbers import RuleNumber, find_rule_numbers, with_changed_numbers
from desk.handlers.errors import ActionRefused, NotForYou
from desk.handlers.rules import IN_PROGRESS, list_approvers, load_rules_in_force, propose_rules
from desk.handlers.upstream import UPSTREAM
from events.runtime.audit_log import record_action

if TYPE_CHECKING:
    from desk.settings import PageSettings
    from events.runtime import Service

DAYS = 30
"""On how many days a change of the scoring rules is tried."""
STALE = "These rules were changed meanwhile. Your numbers were not taken over: look at what stands here now."


class RuleTexts(NamedTuple):
    """What a change begins with: the texts in force, or those of the candidate that is being signed."""

    definitions: str
    bodies: Mapping[Target, str]
    """The candidate's files; empty where there is none."""
    before: str
    """The service's file in force."""
    text: str
    """The service's file as it would be by the candidate, or as it is."""
    now: datetime
    candidate_id: UUID | None
    """The candidate that is being signed."""

    @property
    def fingerprint(self) -> str:
        """What a form carries, so that nobody changes a text that they have not seen."""
        return sha256(self.text.encode()).hexdigest()[:16]


class RuleDraft(NamedTuple):
    """The numbers of a service's file, and what became of a change that was tried."""

    target: Target
    fingerprint: str
    numbers: list[RuleNumber]
    changed: frozenset[str]
    """The fields whose numbers are others than those that stood there."""
    changes: list[RuleChange]
    """What the draft would change of the rules in force."""
    problem: str | None
    """Why the service would not take it."""
    effect: Fact | None
    """How many leads of the last days there would be: scoring's answer; None where it has none."""
    tried: bool
    now: datetime
    is_unknown: bool = False
    """Whether scoring could not say the effect in time."""


async def open_draft(service: "Service[PageSettings]", viewer: Viewer, target: Target) -> RuleDraft:
    """Return the numbers of a service's file as they stand now, in the candidate where there is one."""
    texts = await _texts(service, viewer, target)
    return _draft(target, texts, texts.text)


async def try_draft(
    service: "Service[PageSettings]", viewer: Viewer, target: Target, form: Mapping[str, str]
) -> RuleDraft:
    """Return what other numbers would change: checked by their service, and tried by scoring on last month's people.

    Raises:
        ActionRefused: A field holds no number, the rules changed meanwhile, or a service does not answer.
    """
    texts, text = await _changed(service, viewer, target, form)
    draft = _draft(target, texts, text)._replace(tried=True)
    try:
        await _check(service, target, text)
    except ActionRefused as refused:
        return draft._replace(problem=refused.sentence)
    if target != "scoring" or text == texts.before:
        return draft
    try:
        return draft._replace(effect=await UPSTREAM.ask(service, orders.build_rules_comparison(text, DAYS)))
    except ActionRefused:
        return draft._replace(is_unknown=True)


async def propose_draft(
    service: "Service[PageSettings]", viewer: Viewer, target: Target, form: Mapping[str, str]
) -> UUID:
    """Propose a service's file with other numbers as the candidate that both teams sign; return its id.

    What a candidate that is being signed would change stays in it; it is signed anew.

    Raises:
        ActionRefused: As for trying it; or the service would not take the file, or nothing was changed.
    """
    texts, text = await _changed(service, viewer, target, form)
    if text == texts.text:
        raise ActionRefused("No number was changed.")
    await _check(service, target, text)
    async with service.transaction() as tx:
        await store.rules.lock_candidates(tx)
        current = await store.rules.load_open_candidate(tx)
        if (current and current.candidate_id) != texts.candidate_id:
            raise ActionRefused(STALE)
        candidate_id = await propose_rules(tx, texts.definitions, {**texts.bodies, target: text}, viewer.by)
        await record_action(tx.raw, None, "rules.proposed", candidate_id, target, by=viewer.user_id)
    return candidate_id


async def read_rule_file(service: "Service[PageSettings]", target: Target | None, *, candidate: bool) -> str | None:
    """Return a file of the rules as it is written, in force or in the candidate; `target` None: the definitions.

    Returns:
        None where the service does not answer, or there is no open candidate.
    """
    rules = await load_rules_in_force(service)
    if not candidate:
        return _in_force(rules, target)
    async with service.transaction() as tx:
        proposed = await store.rules.load_open_candidate(tx)
    return None if proposed is None else _text_of(proposed, target) or _in_force(rules, target)


def _text_of(candidate: Candidate, target: Target | None) -> str | None:
    return candidate.definitions if target is None else candidate.bodies.get(target)


def _in_force(rules: Mapping[Target, Fact | None], target: Target | None) -> str | None:
    found = next((each for each in rules.values() if each), None) if target is None else rules[target]
    return None if found is None else str(found["definitions" if target is None else "body"])


async def _texts(service: "Service[PageSettings]", viewer: Viewer, target: Target) -> RuleTexts:
    """Return what a change begins with, for whoever may propose one: an operator, or one of the approvers."""
    rules = await load_rules_in_force(service)
    found = rules[target]
    if found is None:
        raise ActionRefused(f"{target} does not answer just now. Try again in a moment.")
    async with service.transaction() as tx:
        candidate, now = await store.rules.load_open_candidate(tx), tx.now
    definitions = candidate.definitions if candidate else str(found["definitions"])
    if not viewer.decides_on_rules(list_approvers(definitions)):
        raise NotForYou
    if candidate and candidate.is_begun:
        raise ActionRefused(IN_PROGRESS)
    bodies = candidate.bodies if candidate else {}
    text = bodies.get(target, found["body"])
    return RuleTexts(definitions, bodies, found["body"], text, now, candidate.candidate_id if candidate else None)


async def _changed(
    service: "Service[PageSettings]", viewer: Viewer, target: Target, form: Mapping[str, str]
) -> tuple[RuleTexts, str]:
    """Return the texts, and the service's file with the numbers of a form."""
    texts = await _texts(service, viewer, target)
    if form.get("fingerprint") != texts.fingerprint:
        raise ActionRefused(STALE)
    try:
        return texts, with_changed_numbers(texts.text, form)
    except FormFault as fault:
        raise ActionRefused(str(fault)) from None


async def _check(service: "Service[PageSettings]", target: Target, text: str) -> None:
    """Ask the service whether it would take a file. Raises `ActionRefused` with what is wrong where it would not."""
    found: Fact = await UPSTREAM.ask(service, orders.build_rules_check(target, text))
    if fields := [fault["field"] for fault in found["faults"]]:
        raise ActionRefused(f"These numbers are not valid: {', '.join(fields)}.")
    if found["mistakes"]:
        raise ActionRefused(" ".join(f"{str(each).rstrip('.')}." for each in found["mistakes"]))


def _draft(target: Target, texts: RuleTexts, text: str) -> RuleDraft:
    changes = list_rule_changes(read_terms(texts.before), read_terms(text))
    numbers, stood = find_rule_numbers(text), find_rule_numbers(texts.text)
    changed = frozenset(each.field for each, was in zip(numbers, stood, strict=True) if each.text != was.text)
    return RuleDraft(target, texts.fingerprint, numbers, changed, changes, None, None, tried=False, now=texts.now)
