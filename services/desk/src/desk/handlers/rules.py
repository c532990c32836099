"""The agreement: what is in force, a candidate beside it, signing as oneself, putting it in force, going back."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from uuid import UUID, uuid4

import yaml

from desk import store
from desk.domain import Viewer, orders
from desk.domain.agreement import Candidate, KeptRules, Signature
from desk.domain.facts import Fact
from desk.domain.orders import Target
from desk.domain.rule_changes import RuleChange, rule_changes
from desk.handlers.errors import ActionRefused, NotForYou, TooFewApprovers
from desk.handlers.operating import TARGETS
from desk.handlers.upstream import UPSTREAM
from events.runtime import Transaction
from events.runtime.activation import read_rules
from events.runtime.audit_log import record
from events.runtime.playbooks import approvers_of

if TYPE_CHECKING:
    from desk.settings import PageSettings
    from events.runtime import Service

FEWEST = 2
"""Both teams must have agreed."""
ENDED = "Another candidate took its place meanwhile, or it is over. Look at the page again."


class ServiceRules(NamedTuple):
    """By which rules a service decides, None where it does not answer, and what its own file says."""

    found: Fact | None
    terms: Fact


class Agreement(NamedTuple):
    """What the page shows: the rules of each service, the candidate and what it would change, by file."""

    rules: Mapping[Target, ServiceRules]
    definitions: Fact
    approvers: list[str]
    candidate: Candidate | None
    changes: Mapping[str, list[RuleChange]]
    now: datetime


async def in_force(service: "Service[PageSettings]") -> Mapping[Target, Fact | None]:
    """Return by which rules each service decides now; None for one that does not answer."""
    found = await asyncio.gather(*(UPSTREAM.fetch(service, name, "/v1/playbook") for name in TARGETS))
    return dict(zip(TARGETS, found, strict=True))


async def agreement(service: "Service[PageSettings]") -> Agreement:
    """Return the rules in force, and the candidate with what it would change."""
    rules = await in_force(service)
    async with service.transaction() as tx:
        candidate = await store.rules.latest(tx)
        now = tx.now
    first = next((found for found in rules.values() if found), None)
    definitions = _terms(first["definitions"]) if first else {}
    return Agreement(
        {name: ServiceRules(found, _terms(found["body"]) if found else {}) for name, found in rules.items()},
        definitions,
        approvers_of(definitions),
        candidate,
        changes_of(candidate, rules) if candidate and candidate.is_open else {},
        now,
    )


def changes_of(candidate: Candidate, rules: Mapping[Target, Fact | None]) -> Mapping[str, list[RuleChange]]:
    """Return what a candidate would change, by file; what is meant by its words stands under `definitions`."""
    known = {name: found for name, found in rules.items() if found is not None}
    changed: dict[str, list[RuleChange]] = {}
    if known:
        before = next(iter(known.values()))["definitions"]
        changed["definitions"] = rule_changes(_parsed(before), _parsed(candidate.definitions))
    for name, found in known.items():
        if name in candidate.bodies:
            changed[name] = rule_changes(_parsed(found["body"]), _parsed(candidate.bodies[name]))
    return {name: each for name, each in changed.items() if each}


async def propose(tx: Transaction, definitions: str, bodies: Mapping[Target, str], by: str) -> UUID:
    """Keep rules as the candidate that both teams are asked to sign, and return its id.

    Raises:
        Problem: A file cannot be read.
        TooFewApprovers: The definitions name fewer than two.
    """
    defined = read_rules(definitions, "definitions")
    for name, body in bodies.items():
        read_rules(body, f"bodies.{name}")
    approvers = tuple(dict.fromkeys(approvers_of(defined if isinstance(defined, Mapping) else {})))
    if len(approvers) < FEWEST:
        raise TooFewApprovers(field="definitions")
    candidate = Candidate(uuid4(), definitions, bodies, approvers, by, tx.now)
    await store.rules.propose(tx, candidate)
    return candidate.candidate_id


async def sign(service: "Service[PageSettings]", viewer: Viewer, candidate_id: UUID) -> str:
    """Sign a candidate as oneself.

    Raises:
        NotForYou: The viewer is none of its approvers.
        ActionRefused: It is over, or they signed already.
    """
    async with service.transaction() as tx:
        candidate = await _locked(tx, candidate_id)
        if viewer.signs_as not in candidate.approvers:
            raise NotForYou
        if not candidate.may_sign(viewer):
            raise ActionRefused("It is signed for you already." if candidate.is_open else ENDED)
        signature = Signature(viewer.signs_as, viewer.user_id, tx.now.isoformat())
        await store.rules.save_signatures(tx, candidate_id, [*candidate.signatures, signature])
        await record(tx.raw, None, "rules.signed", candidate_id, viewer.signs_as, by=viewer.user_id)
    return "Signed."


async def activate(service: "Service[PageSettings]", viewer: Viewer, candidate_id: UUID) -> str:
    """Put a candidate in force in every service; asked again after a fault it goes on where it stopped.

    Raises:
        NotForYou: The viewer is neither an operator nor one of its approvers.
        ActionRefused: A signature is missing, a service does not answer or refuses its rules.
    """
    rules = await in_force(service)
    async with service.transaction() as tx:
        candidate = await _locked(tx, candidate_id)
        if not (viewer.may("operate") or viewer.signs_as in candidate.approvers):
            raise NotForYou
        if not candidate.may_activate(viewer):
            raise ActionRefused(ENDED if not candidate.is_open else f"Not signed yet: {', '.join(candidate.missing)}.")
        _check_all_answer(rules)
        before = {name: _kept(found) for name, found in rules.items() if found is not None}
        await store.rules.keep_before(tx, candidate_id, before)
    approvals = [each.name for each in candidate.signatures]
    for name, was in before.items():
        body = candidate.bodies.get(name, was.body)
        await UPSTREAM.send(service, orders.activate(name, (candidate.definitions, body), viewer.by, approvals), "")
    await _mark(service, viewer, candidate_id, "activated")
    return "In force in every service."


async def go_back(service: "Service[PageSettings]", viewer: Viewer, candidate_id: UUID) -> str:
    """Put the rules in force again that were before a candidate.

    Raises:
        NotForYou: The viewer is neither an operator nor one of its approvers.
        ActionRefused: It is not in force any more, or a service does not answer.
    """
    rules = await in_force(service)
    async with service.transaction() as tx:
        candidate = await _locked(tx, candidate_id)
    if not (viewer.may("operate") or viewer.signs_as in candidate.approvers):
        raise NotForYou
    if candidate.before is None or not candidate.may_go_back(viewer):
        raise ActionRefused(ENDED)
    _check_all_answer(rules)
    if not all(candidate.is_of(name, _kept(found)) for name, found in rules.items() if found is not None):
        raise ActionRefused("Other rules were put in force since. Put these in force by a candidate of their own.")
    for name, was in candidate.before.items():
        approvals = candidate.approvals_of(was)
        await UPSTREAM.send(service, orders.activate(name, (was.definitions, was.body), viewer.by, approvals), "")
    await _mark(service, viewer, candidate_id, "ended")
    return "The rules before it are in force again."


def _check_all_answer(rules: Mapping[Target, Fact | None]) -> None:
    if away := [name for name, found in rules.items() if found is None]:
        raise ActionRefused(f"Nothing was changed, for {', '.join(away)} does not answer just now.")


async def _locked(tx: Transaction, candidate_id: UUID) -> Candidate:
    candidate = await store.rules.lock(tx, candidate_id)
    if candidate is None:
        raise ActionRefused("There is no such candidate.")
    return candidate


async def _mark(
    service: "Service[PageSettings]", viewer: Viewer, candidate_id: UUID, state: Literal["activated", "ended"]
) -> None:
    async with service.transaction() as tx:
        await store.rules.mark(tx, candidate_id, state, tx.now)
        await record(tx.raw, None, f"rules.{state}", candidate_id, by=viewer.user_id)


def _kept(found: Fact) -> KeptRules:
    return KeptRules(found["definitions"], found["body"], tuple(found["approvals"]))


def _parsed(text: str) -> Any:
    return yaml.safe_load(text) or {}


def _terms(text: str) -> Fact:
    found = _parsed(text)
    return found if isinstance(found, Mapping) else {}
